"""The best k on both sides of a product of two sparse matrices, exact and in a total order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

_CELLS = 4_000_000  # dense scores held at once: 16 MB of float32
_BATCH_WORK = 50_000_000  # multiplications from which starting the kernel pays
# Tried on Zipf corpora and real texts: a chunk's scores and its dense columns stay in the cache.
_CHUNK = 2048  # documents
_DENSE = 0.08  # share of a chunk's documents from which a dimension is a dense column
_MOST_COLUMNS = 1024


@dataclass(frozen=True)
class TopK:
    """Best matches of both sides.

    Attributes
    ----------
    documents_of_query, scores_of_query : arrays of shape (n_queries, k)
        Highest score first, equal scores by smaller index. Where a query has fewer than ``k``
        documents with a score, the index is -1 and the score 0.
    queries_of_document, scores_of_document : arrays of shape (n_documents, k)
        The same, seen from the other side.
    """

    documents_of_query: NDArray[np.int64]
    scores_of_query: NDArray[np.float32]
    queries_of_document: NDArray[np.int64]
    scores_of_document: NDArray[np.float32]


def best_of_rows(
    scores: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the ``k`` best columns of each row of a dense block.

    Parameters
    ----------
    scores : array of shape (n_rows, n_columns)
        Cells of minus infinity are left out.
    k : int
        Positive; shortened to the number of columns, then filled up again with -1.

    Returns
    -------
    indices, scores : arrays of shape (n_rows, k)
        Highest first, equal scores by smaller column: a total order.
    """
    n_rows, n_columns = scores.shape
    indices = np.full((n_rows, k), -1, dtype=np.int64)
    values = np.full((n_rows, k), -np.inf, dtype=np.float32)
    kept = min(k, n_columns)
    if kept == 0 or n_rows == 0:
        return indices, values
    # All cells that reach the k-th best value, ties included; sorting them settles the ties.
    limit = np.partition(scores, n_columns - kept, axis=1)[:, n_columns - kept]
    rows, columns = np.nonzero((scores >= limit[:, None]) & (scores > -np.inf))
    found = scores[rows, columns]
    order = np.lexsort((columns, -found, rows))
    rows, columns, found = rows[order], columns[order], found[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left")
    within = place < kept
    indices[rows[within], place[within]] = columns[within]
    values[rows[within], place[within]] = found[within]
    return indices, values


def merge_best(
    indices: NDArray[np.int64],
    values: NDArray[np.float32],
    more_indices: NDArray[np.int64],
    more_values: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the best of two lists per row, same order; -1 with minus infinity is no entry."""
    k = indices.shape[1]
    both = np.concatenate([indices, more_indices], axis=1)
    scores = np.concatenate([values, more_values], axis=1)
    order = np.lexsort((both, -scores), axis=1)[:, :k]
    return np.take_along_axis(both, order, axis=1), np.take_along_axis(scores, order, axis=1)


def block_size(n_columns: int) -> int:
    """Return how many rows of ``n_columns`` dense scores are held at once."""
    return max(1, _CELLS // max(n_columns, 1))


def corrected(
    cosines: NDArray[np.float32],
    own_hub: NDArray[np.float32] | np.float32,
    hubs: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return cosine - half of both hub means; the same bits whichever side asks."""
    return cosines - np.float32(0.5) * (hubs + own_hub)


class Hubs(NamedTuple):
    """Half of both is subtracted from a product: arrays of shape (n_queries,), (n_documents,)."""

    queries: NDArray[np.float32]
    documents: NDArray[np.float32]


class Best(NamedTuple):
    """The best of each row, highest first; a place without an entry is -1 with minus infinity."""

    places: NDArray[np.int64]
    scores: NDArray[np.float32]


def _none(n_rows: int, k: int) -> Best:
    return Best(np.full((n_rows, k), -1), np.full((n_rows, k), -np.inf, dtype=np.float32))


def best_pairs(
    queries: csr_matrix, documents: csr_matrix, k: tuple[int, int], hubs: Hubs | None = None
) -> tuple[Best, Best]:
    """Return the best documents of each query and the best queries of each document.

    Parameters
    ----------
    queries, documents : csr_matrix of shapes (n_queries, n), (n_documents, n)
        Float32, dimensions ascending; the commonest dimensions first are the fastest.
    k : (for queries, for documents)
        Positive.
    hubs : Hubs, optional
        None subtracts nothing.

    Returns
    -------
    (Best, Best)
        Exact; pairs with a product of zero left out; equal scores by smaller index.
    """
    n_queries, n_documents = queries.shape[0], documents.shape[0]
    if hubs is None:
        hubs = Hubs(np.zeros(n_queries, np.float32), np.zeros(n_documents, np.float32))
    is_batch = multiplications(queries, documents) >= _BATCH_WORK
    return (_in_batch if is_batch else _in_blocks)(queries, documents, k, hubs)


def multiplications(queries: csr_matrix, documents: csr_matrix) -> int:
    """Return how many products of two values that are not zero a whole run takes."""
    counts = [frequency_of(side) for side in (queries, documents)]
    return int(counts[0] @ counts[1])


def frequency_of(matrix: csr_matrix) -> NDArray[np.int64]:
    """Return how many rows have each column; a slice at a time, because it widens the indices."""
    found = np.zeros(matrix.shape[1], dtype=np.int64)
    for start in range(0, matrix.nnz, _CELLS):
        found += np.bincount(matrix.indices[start : start + _CELLS], minlength=len(found))
    return found


def _in_blocks(
    queries: csr_matrix, documents: csr_matrix, k: tuple[int, int], hubs: Hubs
) -> tuple[Best, Best]:
    """The reference: dense blocks of the product."""
    n_queries, n_documents = queries.shape[0], documents.shape[0]
    of_queries, of_documents = _none(n_queries, k[0]), _none(n_documents, k[1])
    turned = documents.T.tocsr()
    step = block_size(n_documents)
    for start in range(0, n_queries, step):
        block = np.asarray((queries[start : start + step] @ turned).toarray(), dtype=np.float32)
        end = start + len(block)
        scores = corrected(block, hubs.queries[start:end, None], hubs.documents[None, :])
        scores[block == 0.0] = -np.inf
        of_queries.places[start:end], of_queries.scores[start:end] = best_of_rows(scores, k[0])
        found, values = best_of_rows(np.ascontiguousarray(scores.T), k[1])
        found[found >= 0] += start
        of_documents = Best(*merge_best(*of_documents, found, values))
    return of_queries, of_documents


def _in_batch(
    queries: csr_matrix, documents: csr_matrix, k: tuple[int, int], hubs: Hubs
) -> tuple[Best, Best]:
    """The kernel, chunk by chunk of the documents."""
    from matcher.engine import kernel  # noqa: PLC0415 - starts numba, which no request needs

    of_queries, of_documents = _none(queries.shape[0], k[0]), _none(documents.shape[0], k[1])
    for best in (of_queries, of_documents):
        best.scores[:] = kernel.LEAST
    for first in range(0, documents.shape[0], _CHUNK):
        chunk = documents[first : first + _CHUNK].tocsc()
        end = first + chunk.shape[0]
        padding = -chunk.shape[0] % kernel.STRIP
        columns = np.flatnonzero(np.diff(chunk.indptr) >= _DENSE * chunk.shape[0])[:_MOST_COLUMNS]
        slots = np.full(chunk.shape[1], -1, dtype=np.int32)
        slots[columns] = np.arange(len(columns))
        head = np.zeros((max(len(columns), 1), chunk.shape[0] + padding), dtype=np.float32)
        head[: len(columns), : chunk.shape[0]] = chunk[:, columns].toarray().T
        chunk_hubs = np.pad(hubs.documents[first:end], (0, padding))
        kernel.add_chunk(
            kernel.Queries(queries.indptr, queries.indices, queries.data),
            kernel.Chunk(chunk.indptr, chunk.indices, chunk.data, slots, head),
            kernel.Values(hubs.queries, chunk_hubs),
            first,
            kernel.Values(of_queries.scores, of_documents.scores[first:end]),
            kernel.Places(of_queries.places, of_documents.places[first:end]),
        )
    for best in (of_queries, of_documents):
        best.scores[best.places < 0] = -np.inf
    return of_queries, of_documents


def _by_frequency(queries: csr_matrix, documents: csr_matrix) -> tuple[csr_matrix, csr_matrix]:
    """Number the dimensions by falling frequency in the documents."""
    frequency = frequency_of(documents)
    moved = np.empty(documents.shape[1], dtype=np.int32)
    moved[np.argsort(-frequency, kind="stable")] = np.arange(len(moved), dtype=np.int32)
    queries, documents = (
        csr_matrix((one.data.astype(np.float32), moved[one.indices], one.indptr), one.shape)
        for one in (queries, documents)
    )
    queries.sort_indices()
    return queries, documents


def top_k(queries: csr_matrix, documents: csr_matrix, k: int) -> TopK:
    """Return the ``k`` largest dot products of every query and of every document.

    Parameters
    ----------
    queries : csr_matrix of shape (n_queries, n_dimensions)
    documents : csr_matrix of shape (n_documents, n_dimensions)
    k : int
        Positive.

    Returns
    -------
    TopK
        Exact; zero scores left out; order by score, then index.

    Raises
    ------
    ValueError
        If ``k`` is not positive or the dimensions differ.
    """
    if k < 1:
        raise ValueError(f"k must be positive, not {k}")
    if queries.shape[1] != documents.shape[1]:
        raise ValueError(
            f"queries have {queries.shape[1]} dimensions, documents {documents.shape[1]}"
        )
    queries, documents = _by_frequency(_canonical(queries), _canonical(documents))
    most = max(1, min(k, documents.shape[0])), max(1, min(k, queries.shape[0]))
    of_queries, of_documents = best_pairs(queries, documents, most)
    return TopK(*_filled(of_queries, k), *_filled(of_documents, k))


def _canonical(matrix: csr_matrix) -> csr_matrix:
    """Return a CSR matrix without repeated cells; the caller's own stays as it is."""
    matrix = csr_matrix(matrix)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    return matrix


def _filled(best: Best, k: int) -> Best:
    """Fill up to k places: -1 with score 0 where there is nothing."""
    more = ((0, 0), (0, k - best.places.shape[1]))
    scores = np.where(best.places < 0, np.float32(0.0), best.scores)
    return Best(np.pad(best.places, more, constant_values=-1), np.pad(scores, more))
