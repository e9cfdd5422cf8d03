"""The best k on both sides of a product of two sparse matrices, exact and in a total order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

_CELLS = 4_000_000  # dense scores held at once: 16 MB of float32


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
    n_queries, n_documents = queries.shape[0], documents.shape[0]
    row_indices = np.full((n_queries, k), -1, dtype=np.int64)
    row_values = np.full((n_queries, k), -np.inf, dtype=np.float32)
    column_indices = np.full((n_documents, k), -1, dtype=np.int64)
    column_values = np.full((n_documents, k), -np.inf, dtype=np.float32)
    turned = documents.T.tocsr()
    step = block_size(n_documents)
    for start in range(0, n_queries, step):
        block = np.asarray((queries[start : start + step] @ turned).toarray(), dtype=np.float32)
        block[block == 0.0] = -np.inf
        end = start + len(block)
        row_indices[start:end], row_values[start:end] = best_of_rows(block, k)
        found, scores = best_of_rows(np.ascontiguousarray(block.T), k)
        found[found >= 0] += start
        column_indices, column_values = merge_best(column_indices, column_values, found, scores)
    for values in (row_values, column_values):
        values[np.isinf(values)] = 0.0
    return TopK(row_indices, row_values, column_indices, column_values)
