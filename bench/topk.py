"""Both sides' best ten of a product, and the best ten for one new text, against the peers."""

from __future__ import annotations

from itertools import pairwise

import bm25s
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics.pairwise import linear_kernel
from sparse_dot_topn import sp_matmul_topn

from bench.corpora import real_vectors, weighed, zipf_counts
from bench.measure import costs, table
from matcher.engine import top_k
from matcher.engine.sides import Row, Side

K = 10
_STEP = 500  # rows that the chunked way holds at once, the fastest of those tried


def chunked(queries: csr_matrix, documents: csr_matrix) -> NDArray[np.float32]:
    """Dense blocks of scikit-learn, both sides' best kept in one pass."""
    best = np.zeros((documents.shape[0], 0), np.float32)
    rows = []
    for start in range(0, queries.shape[0], _STEP):
        block = linear_kernel(queries[start : start + _STEP], documents, dense_output=False)
        block = block.toarray()
        rows.append(-np.partition(-block, K, axis=1)[:, :K])
        best = np.concatenate([best, -np.partition(-block.T, K, axis=1)[:, :K]], axis=1)
        best = -np.partition(-best, K - 1, axis=1)[:, :K]
    return np.concatenate(rows)


def naive(queries: csr_matrix, documents: csr_matrix) -> NDArray[np.float32]:
    """The whole matrix of scikit-learn at once."""
    scores = linear_kernel(queries, documents, dense_output=True)
    np.partition(-scores.T, K, axis=1)
    return -np.partition(-scores, K, axis=1)[:, :K]


def scipy_product(queries: csr_matrix, documents: csr_matrix) -> NDArray[np.float32]:
    """The sparse product, then the best of each row, both ways."""
    scores = (queries @ documents.T.tocsr()).toarray()
    np.partition(-scores.T, K, axis=1)
    return -np.partition(-scores, K, axis=1)[:, :K]


def sparse_dot_topn(queries: csr_matrix, documents: csr_matrix) -> tuple[csr_matrix, csr_matrix]:
    """The peer in C++, once for each side."""
    return (
        sp_matmul_topn(queries, documents.T.tocsr(), top_n=K, n_threads=1),
        sp_matmul_topn(documents, queries.T.tocsr(), top_n=K, n_threads=1),
    )


def bm25_index(documents: csr_matrix) -> bm25s.BM25:
    """Another ranking of the same words, for its speed alone."""
    tokens = [documents.indices[a:b].tolist() for a, b in _rows(documents)]
    index = bm25s.BM25(backend="numba")
    vocabulary = {str(n): n for n in range(documents.shape[1])}
    index.index((tokens, vocabulary), show_progress=False)
    return index


def _rows(matrix: csr_matrix) -> list[tuple[int, int]]:
    return list(pairwise(matrix.indptr.tolist()))


def recall(queries: csr_matrix, documents: csr_matrix) -> float:
    """Share of the true best scores that top_k finds, on both sides."""
    found = top_k(queries, documents, K)
    scores = (queries @ documents.T.tocsr()).toarray()
    shares = []
    for truth, ours in ((scores, found.scores_of_query), (scores.T, found.scores_of_document)):
        best = -np.sort(-truth, axis=1)[:, :K]
        shares.append(np.isclose(best, ours, atol=1e-5).mean())
    return float(min(shares))


def both_sides(rounds: int) -> None:
    """Print the table of the batch."""
    sets = {
        "Zipf, 100 words": weighed(zipf_counts(5000, 100, 1), zipf_counts(10_000, 100, 2)),
        "Zipf, 20 words": weighed(zipf_counts(5000, 20, 1), zipf_counts(10_000, 20, 2)),
        "real texts of 60 words": real_vectors(4000, 60),
    }
    for name, sides in sets.items():
        if not sides:
            print(f"\n{name}: left out, no folder of real texts is named")
            continue
        queries, documents = sides
        peer = bm25_index(queries), bm25_index(documents)
        ways = {
            "ours": lambda q=queries, d=documents: top_k(q, d, K),
            "sparse_dot_topn, two calls": lambda q=queries, d=documents: sparse_dot_topn(q, d),
            "scikit-learn, blocks of 500": lambda q=queries, d=documents: chunked(q, d),
            "scikit-learn, naive": lambda q=queries, d=documents: naive(q, d),
            "scipy product": lambda q=queries, d=documents: scipy_product(q, d),
            "bm25s (another ranking), two calls": lambda p=peer, q=queries, d=documents: (
                bm25_search(p[1], q),
                bm25_search(p[0], d),
            ),
        }
        title = f"{name}: best {K} of both sides, {queries.shape[0]:,} x {documents.shape[0]:,}"
        table(title, costs(ways, rounds=rounds), base="sparse_dot_topn, two calls")
        print(f"recall of ours: {recall(queries, documents):.5f}")


def bm25_search(index: bm25s.BM25, queries: csr_matrix) -> object:
    """Ask for the best ten of every query."""
    tokens = [[str(word) for word in queries.indices[a:b].tolist()] for a, b in _rows(queries)]
    return index.retrieve(tokens, k=K, show_progress=False, n_threads=1)


def one_query(rounds: int) -> None:
    """Print the table of one new text against 100,000."""
    documents, queries = weighed(zipf_counts(100_000, 60, 1), zipf_counts(20, 60, 2))
    turned = documents.T.tocsr()
    ids = [f"{n:06}" for n in range(documents.shape[0])]
    nothing = np.zeros(documents.shape[0])
    side = Side(ids, documents, nothing.astype(np.float32), nothing.astype(np.int64), ids)
    rows = [Row(queries[n].indices, queries[n].data, np.float32(0.0), 3, "") for n in range(20)]

    def best(scores: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.argpartition(-scores, K)[:K]

    ways = {
        "ours": lambda: [best(side.cosines(row)) for row in rows],
        "scipy, transpose kept": lambda: [
            best((queries[n] @ turned).toarray().ravel()) for n in range(20)
        ],
        "sparse_dot_topn": lambda: [
            sp_matmul_topn(queries[n], turned, top_n=K, n_threads=1) for n in range(20)
        ],
        "scikit-learn": lambda: [
            best(linear_kernel(queries[n], documents).ravel()) for n in range(20)
        ],
    }
    table(
        "20 new texts, one after the other, against 100,000",
        costs(ways, rounds=rounds),
        base="scipy, transpose kept",
        unit_s=1e-3,
    )
