"""How good a ranking is against judged pairs, with intervals; ties count against the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grades = Mapping[str, int]


@dataclass(frozen=True)
class Figure:
    """A mean over queries with its 95 % bootstrap interval.

    ``n_queries`` were counted; ``n_without_relevant`` had no relevant document and were not.
    """

    mean: float
    low: float
    high: float
    n_queries: int
    n_without_relevant: int = 0

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}] (n = {self.n_queries})"


def ordered_against(scores: Mapping[str, float], grades: Grades) -> list[str]:
    """Return documents best first; among equal scores the less relevant come first."""
    return sorted(scores, key=lambda one: (-scores[one], grades.get(one, 0), one))


def ndcg_at_k(ranking: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return the normalised discounted cumulative gain (Jarvelin and Kekalainen 2002).

    Gain 2^grade - 1, discount log2(rank + 1); in [0, 1]; None without a relevant document.
    """
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    if not best:
        return None
    reached = [grades.get(one, 0) for one in ranking[:k]]
    return _gain(reached) / _gain(best)


def _gain(grades: Sequence[int]) -> float:
    return float(sum((2.0**grade - 1.0) / np.log2(rank + 2.0) for rank, grade in enumerate(grades)))


def recall_at_k(ranking: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return the share of the relevant documents within the first ``k``; None without any."""
    relevant = {one for one, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else None


def mrr(ranking: Sequence[str], grades: Grades) -> float | None:
    """Return 1 / rank of the first relevant document, 0 if it is missing; None without any."""
    if not any(grade > 0 for grade in grades.values()):
        return None
    ranks = (rank for rank, one in enumerate(ranking, start=1) if grades.get(one, 0) > 0)
    return 1.0 / next(ranks, float("inf"))


def accuracy_at_1(scores: NDArray[np.float32], targets: Sequence[int]) -> NDArray[np.float64]:
    """Return 1 for each query whose target alone has the highest score, else 0.

    Parameters
    ----------
    scores : array of shape (n_queries, n_documents)
    targets : sequence of int
        The right document of each query.
    """
    rows = np.arange(len(scores))
    right = scores[rows, list(targets)]
    others = np.array(scores, dtype=np.float64)
    others[rows, list(targets)] = -np.inf
    best = others.max(axis=1, initial=-np.inf)
    return np.asarray(right > best, dtype=np.float64)


def figure(values: Sequence[float | None], *, seed: int = 0, n_samples: int = 2000) -> Figure:
    """Return the mean of per-query values with a percentile bootstrap interval (Efron 1979).

    None stands for a query without a relevant document: counted apart. Deterministic.
    """
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    without = len(values) - len(known)
    if not len(known):
        return Figure(float("nan"), float("nan"), float("nan"), 0, without)
    means = bootstrap(known, lambda sample: float(sample.mean()), seed=seed, n_samples=n_samples)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(known.mean()), float(low), float(high), len(known), without)


def bootstrap(
    values: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], float],
    *,
    seed: int = 0,
    n_samples: int = 2000,
) -> NDArray[np.float64]:
    """Return a statistic of ``n_samples`` samples drawn with replacement, seeded."""
    random = np.random.default_rng(seed)
    picks = random.integers(0, len(values), size=(n_samples, len(values)))
    return np.array([statistic(values[pick]) for pick in picks])


def evaluate(
    rankings: Mapping[str, Sequence[str]], judgments: Mapping[str, Grades]
) -> dict[str, Figure]:
    """Return nDCG@5, nDCG@10, recall@20 and MRR over the judged queries.

    A judged query that was not ranked counts as an empty ranking.
    """
    measures: dict[str, Callable[[Sequence[str], Grades], float | None]] = {
        "nDCG@5": lambda ranking, grades: ndcg_at_k(ranking, grades, 5),
        "nDCG@10": lambda ranking, grades: ndcg_at_k(ranking, grades, 10),
        "recall@20": lambda ranking, grades: recall_at_k(ranking, grades, 20),
        "MRR": mrr,
    }
    queries = sorted(judgments)
    return {
        name: figure([measure(rankings.get(one, ()), judgments[one]) for one in queries])
        for name, measure in measures.items()
    }
