"""The batch kernel: one chunk of documents against all queries, both sides' best kept in one pass.

Importing this module starts numba, so only a batch does it. Scores of a query against a chunk stay
in the nearest cache while they are summed and looked through. Dimensions that most documents of
the chunk have are held as dense columns, since adding a whole column is cheaper than scattering.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

LEAST = np.float32(-3.0e38)  # below every score
STRIP = 64  # scores that are compared with their limits at once
_HALF = np.float32(0.5)
_ZERO = np.float32(0.0)


F = TypeVar("F", bound=Callable[..., object])


def _compiled(function: F) -> F:
    """Compile on the first call; kept on disk where there is a folder to write to."""
    try:
        return cast(F, njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no folder for the cache
        return cast(F, njit(nogil=True)(function))


class Queries(NamedTuple):
    """A CSR matrix of shape (n_queries, n_dimensions), dimensions ascending."""

    ends: NDArray[np.int32]
    dimensions: NDArray[np.int32]
    values: NDArray[np.float32]


class Chunk(NamedTuple):
    """Documents by dimension: a CSC matrix, and its commonest dimensions as dense columns.

    ``slots`` says which column a dimension is, -1 for none; ``columns`` has the shape
    (n_columns, n_documents padded to whole strips).
    """

    ends: NDArray[np.int32]
    rows: NDArray[np.int32]
    values: NDArray[np.float32]
    slots: NDArray[np.int32]
    columns: NDArray[np.float32]


class Values(NamedTuple):
    """Something of the queries and of the chunk's documents."""

    queries: NDArray[np.float32]
    documents: NDArray[np.float32]


class Places(NamedTuple):
    """Where the best stand, for the queries and for the chunk's documents."""

    queries: NDArray[np.int64]
    documents: NDArray[np.int64]


@_compiled
def _insert(
    scores: NDArray[np.float32], places: NDArray[np.int64], score: np.float32, place: int
) -> None:
    """Put a score that is above the last one in its place; equal ones stay before it."""
    slot = len(scores) - 1
    while slot > 0 and scores[slot - 1] < score:
        scores[slot] = scores[slot - 1]
        places[slot] = places[slot - 1]
        slot -= 1
    scores[slot] = score
    places[slot] = place


@_compiled
def _add_columns(
    sums: NDArray[np.float32],
    head: NDArray[np.float32],
    slots: NDArray[np.int64],
    factors: NDArray[np.float32],
    count: int,
) -> None:
    """Add up to four dense columns in their order; what is not there is added as zero."""
    one, two, three, four = head[slots[0]], head[slots[1]], head[slots[2]], head[slots[3]]
    for place in range(count, 4):
        factors[place] = _ZERO
    a, b, c, d = factors[0], factors[1], factors[2], factors[3]
    if count == 1:
        for at in range(len(sums)):
            sums[at] += a * one[at]
    else:
        for at in range(len(sums)):
            sums[at] = (((sums[at] + a * one[at]) + b * two[at]) + c * three[at]) + d * four[at]


@_compiled
def _add_query(
    sums: NDArray[np.float32],
    dimensions: NDArray[np.int32],
    values: NDArray[np.float32],
    chunk: Chunk,
    slots: NDArray[np.int64],
    factors: NDArray[np.float32],
) -> None:
    """Sum one query's products with each document of a chunk, dimension after dimension."""
    sums[:] = _ZERO
    waiting = 0
    for at in range(len(dimensions)):
        dimension, value = dimensions[at], values[at]
        slot = chunk.slots[dimension]
        if slot >= 0:
            slots[waiting] = slot
            factors[waiting] = value
            waiting += 1
            if waiting == 4:
                _add_columns(sums, chunk.columns, slots, factors, 4)
                waiting = 0
            continue
        if waiting:
            _add_columns(sums, chunk.columns, slots, factors, waiting)
            waiting = 0
        for posting in range(chunk.ends[dimension], chunk.ends[dimension + 1]):
            sums[chunk.rows[posting]] += value * chunk.values[posting]
    if waiting:
        _add_columns(sums, chunk.columns, slots, factors, waiting)


@_compiled
def _reaches(
    sums: NDArray[np.float32],
    own: np.float32,
    hubs: NDArray[np.float32],
    limit: np.float32,
    limits: NDArray[np.float32],
    start: int,
) -> int:
    """Tell whether a score of a strip is above either side's limit.

    No branch and a fixed length, so that the processor compares many at once.
    """
    found = 0
    for at in range(start, start + STRIP):
        score = sums[at] - _HALF * (hubs[at] + own)
        found |= (sums[at] != _ZERO) & ((score > limit) | (score > limits[at]))
    return found


@_compiled
def add_chunk(
    queries: Queries, chunk: Chunk, hubs: Values, first: int, scores: Values, places: Places
) -> None:
    """Bring one chunk of documents into the best of both sides.

    Parameters
    ----------
    queries, chunk
        Both sides.
    hubs : Values
        Half of both is subtracted from a product; the documents' padded to whole strips.
    first : int
        The number of the chunk's first document.
    scores, places : Values, Places
        The best so far, arrays of shape (n_queries, k) and (n_chunk, k), highest first, with
        ``LEAST`` and -1 where there is none; changed in place.
    """
    n_chunk = len(scores.documents)
    sums = np.zeros(len(hubs.documents), np.float32)
    limits = np.full(len(hubs.documents), LEAST)
    limits[:n_chunk] = scores.documents[:, -1]
    slots, factors = np.zeros(4, np.int64), np.zeros(4, np.float32)
    for query in range(len(queries.ends) - 1):
        begin, end = queries.ends[query], queries.ends[query + 1]
        dimensions, values = queries.dimensions[begin:end], queries.values[begin:end]
        _add_query(sums, dimensions, values, chunk, slots, factors)
        own, best = hubs.queries[query], scores.queries[query]
        for strip in range(0, n_chunk, STRIP):
            if not _reaches(sums, own, hubs.documents, best[-1], limits, strip):
                continue
            for at in range(strip, strip + STRIP):
                if sums[at] == _ZERO:
                    continue
                score = sums[at] - _HALF * (hubs.documents[at] + own)
                if score > best[-1]:
                    _insert(best, places.queries[query], score, first + at)
                if score > limits[at]:
                    _insert(scores.documents[at], places.documents[at], score, query)
                    limits[at] = scores.documents[at, -1]
