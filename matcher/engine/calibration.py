"""Fitting the limits of the words on judged pairs: a word promises a precision."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from matcher.engine.bands import Band, Limits, band_of
from matcher.engine.index import Generation
from matcher.engine.metrics import Figure, figure

# The chance that a pair with exactly the limit's score is relevant, and the share of all relevant
# pairs that must stay above the floor. Chosen for reading: one in two, one in three, one in six.
TARGETS = {Band.VERY_STRONG: 0.50, Band.STRONG: 0.33, Band.MODERATE: 0.16}
FLOOR_RECALL = 0.90


@dataclass(frozen=True)
class JudgedPair:
    """A score and whether the pair is relevant."""

    idea_id: str
    score: float
    relevant: bool


def half_of(identifier: str) -> int:
    """Return 0 or 1: the fixed half that an idea belongs to, for choosing and for reporting."""
    return zlib.crc32(identifier.encode("utf-8", "surrogatepass")) % 2


def judged_pairs(
    generation: Generation, judgments: Mapping[str, Mapping[str, int]]
) -> list[JudgedPair]:
    """Return every pair of a judged idea; a pair that is not listed counts as not relevant.

    Scores are in spreads above the generation's median, as ``STANDARD_LIMITS``.
    """
    standard = generation.background.standard
    return [
        JudgedPair(idea_id, standard(hit.score), grades.get(hit.id, 0) > 0)
        for idea_id, grades in sorted(judgments.items())
        if generation.has_idea(idea_id)
        for hit in generation.rank_profiles(idea_id)
    ]


def fit_limits(pairs: Sequence[JudgedPair]) -> Limits:
    """Return limits from which the chance of being relevant reaches ``TARGETS``.

    The chance is the isotonic regression of relevance on the score (Zadrozny and Elkan 2002):
    it never falls as the score grows, and needs no shape.

    Parameters
    ----------
    pairs : sequence of JudgedPair
        ValueError if none is relevant.
    """
    ordered = sorted(pairs, key=lambda pair: (pair.score, pair.relevant))
    relevant = np.array([pair.relevant for pair in ordered], dtype=np.float64)
    scores = np.array([pair.score for pair in ordered])
    if not relevant.any():
        raise ValueError("no judged pair is relevant: limits cannot be fitted")
    chance = isotonic_regression(relevant).x
    values = {band: _first_score(scores, chance >= target) for band, target in TARGETS.items()}
    lost = np.cumsum(relevant) / relevant.sum()
    floor = float(scores[int(np.searchsorted(lost, 1.0 - FLOOR_RECALL))])
    return Limits(
        very_strong=round(values[Band.VERY_STRONG], 3),
        strong=round(values[Band.STRONG], 3),
        moderate=round(values[Band.MODERATE], 3),
        floor=round(min(floor, values[Band.MODERATE]), 3),
    )


def _first_score(scores: NDArray[np.float64], holds: NDArray[np.bool_]) -> float:
    return float(scores[np.argmax(holds)] if holds.any() else scores[-1])


def precision_per_band(pairs: Sequence[JudgedPair], limits: Limits) -> dict[str, Figure]:
    """Return the share of relevant pairs per word, and below the floor, with its interval."""
    groups: dict[str, list[float]] = {
        name: [] for name in ("very_strong", "strong", "moderate", "weak", "below the floor")
    }
    for pair in pairs:
        below = pair.score < limits.floor
        name = "below the floor" if below else band_of(pair.score, limits=limits).value
        groups[name].append(float(pair.relevant))
    return {name: figure(values) for name, values in groups.items()}
