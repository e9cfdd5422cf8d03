"""From documents to weighted matrices: the part of a fit that takes the time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.engine.analysis import Analyser
from matcher.engine.bands import ENGINE_VERSION
from matcher.engine.documents import Document
from matcher.engine.learning import Decision, Vectors
from matcher.engine.sides import Side
from matcher.engine.space import Space
from matcher.engine.weighting import Counts, Placed, Texts, Weights, placed, weigh

Progress = Callable[[int, int], None]
_BATCH = 500  # texts that are analysed or weighed at once; bounds the memory, changes no value


class Placing(NamedTuple):
    """Texts in the space, and how many cells the vector of each has at most."""

    texts: Placed
    cells: NDArray[np.int64]


def place_documents(
    space: Space, documents: Sequence[Document], progress: Progress | None
) -> Placing:
    """Analyse all documents, then number the dimensions by frequency and name."""
    analyser, texts = Analyser(space.lexicon), Texts(space)
    for start in range(0, len(documents), _BATCH):
        batch = documents[start : start + _BATCH]
        texts.extend([analyser.analyse(document.content) for document in batch])
        if progress is not None:
            progress(start + len(batch), len(documents))
    unsorted = placed(texts)
    frequency = np.zeros(len(space.vocabulary), dtype=np.int64)
    cells = [np.zeros(0, dtype=np.int64)]
    for counts in count_blocks(unsorted):
        for matrix in (counts.words, counts.grams):
            frequency += np.bincount(matrix.indices, minlength=len(frequency))
        cells.append(np.diff(counts.words.indptr) + np.diff(counts.grams.indptr))
    space.sort_dimensions(frequency)
    return Placing(placed(texts), np.concatenate(cells))


def count_blocks(texts: Placed) -> Iterator[Counts]:
    """Yield the counts of all texts, some at a time."""
    for start in range(0, len(texts), _BATCH):
        yield texts.counts(start, min(start + _BATCH, len(texts)))


def _weighed(placing: Placing, start: int, end: int, weights: Weights, space: Space) -> csr_matrix:
    """Return the vectors of some texts in the precision that is stored."""
    texts, cells = placing
    # Room for all at once, so that a large collection is never held twice.
    room = int(cells[start:end].sum())
    data, indices = np.empty(room, dtype=np.float32), np.empty(room, dtype=np.int32)
    indptr = np.zeros(end - start + 1, dtype=np.int64)
    for first in range(start, end, _BATCH):
        block = weigh(texts.counts(first, min(first + _BATCH, end)), weights, space)
        row, filled = first - start, int(indptr[first - start])
        data[filled : filled + block.nnz] = block.data
        indices[filled : filled + block.nnz] = block.indices
        indptr[row + 1 : row + 1 + block.shape[0]] = filled + block.indptr[1:]
    used = int(indptr[-1])  # less where a weight came out as zero
    return csr_matrix((data[:used], indices[:used], indptr), shape=(end - start, texts.width))


def vectors_of_sides(
    sides: tuple[list[Document], list[Document]], placing: Placing, weights: Weights, space: Space
) -> tuple[Vectors, Vectors]:
    """Return the vectors of ideas and profiles, whose texts were placed in this order."""
    ids = [[document.id for document in side] for side in sides]
    split = len(ids[0])
    return (
        Vectors(ids[0], _weighed(placing, 0, split, weights, space)),
        Vectors(ids[1], _weighed(placing, split, len(placing.texts), weights, space)),
    )


def sides_of(
    vectors: tuple[Vectors, Vectors],
    documents: tuple[list[Document], list[Document]],
    hubs: Sequence[NDArray[np.float32]],
    known_terms: NDArray[np.int64],
) -> tuple[Side, Side]:
    """Put together what a generation keeps of its ideas and of its profiles."""
    split = len(documents[0])
    known = known_terms[:split], known_terms[split:]
    ideas, profiles = (
        Side(list(one.ids), one.matrix, hub, terms, [row.content_digest for row in rows])
        for one, rows, hub, terms in zip(vectors, documents, hubs, known, strict=True)
    )
    return ideas, profiles


def in_order(documents: Sequence[Document], kind: str) -> list[Document]:
    ordered = sorted(documents, key=lambda document: document.id)
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise ValueError(f"two documents have the {kind} id {one.id!r}")
    return ordered


def inputs_digest(sides: Sequence[Side], space: Space, learnt: Sequence[Decision]) -> str:
    digest = hashlib.sha256(f"{ENGINE_VERSION} {space.lexicon.digest}".encode())
    digest.update(repr(space.parameters).encode())
    for decision in learnt:
        digest.update(repr(tuple(decision)).encode())
    for side in sides:
        for identifier, content in zip(side.fitted_ids, side.content_digests, strict=True):
            digest.update(repr((identifier, content)).encode())
        digest.update(b"|")
    return digest.hexdigest()
