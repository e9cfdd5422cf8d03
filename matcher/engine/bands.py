"""The words that stand for a score, and the limits they were fitted with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ENGINE_VERSION = "2.0"


class Band(StrEnum):
    """How well a pair fits, in a word."""

    VERY_STRONG = "very_strong"
    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    TOO_LITTLE_TEXT = "too_little_text"


@dataclass(frozen=True)
class Limits:
    """Smallest value of each word; a pair below ``floor`` is not proposed at all."""

    very_strong: float
    strong: float
    moderate: float
    floor: float


@dataclass(frozen=True)
class Background:
    """What scores of unrelated pairs look like in one generation.

    Long texts share more chance words than short ones, so a limit counts from here: nearly all
    pairs of a collection are unrelated, the median and the distance of the quartiles are theirs.

    Attributes
    ----------
    median, spread : float
        Median and interquartile range of the scores of all fitted pairs; ``spread`` positive.
    """

    median: float
    spread: float

    def standard(self, score: float) -> float:
        """Return how many spreads a score lies above the median."""
        return (score - self.median) / self.spread

    def limits(self, standard: Limits) -> Limits:
        """Return limits for scores, given limits in spreads above the median."""
        return Limits(
            self.median + standard.very_strong * self.spread,
            self.median + standard.strong * self.spread,
            self.median + standard.moderate * self.spread,
            self.median + standard.floor * self.spread,
        )


# Fitted with `python -m matcher.engine bands` (README.md says on what), in spreads.
STANDARD_LIMITS = Limits(very_strong=2.88, strong=1.47, moderate=0.88, floor=-0.01)
# Where a collection is too small to show its own: that of our own judged texts, which are as long
# as what people enter.
USUAL_BACKGROUND = Background(median=0.064, spread=0.040)
LIMITS = USUAL_BACKGROUND.limits(STANDARD_LIMITS)


def band_of(score: float, *, limits: Limits = LIMITS, enough_text: bool = True) -> Band:
    """Return the word for a score; ``enough_text`` is false where either text is too short."""
    if not enough_text:
        return Band.TOO_LITTLE_TEXT
    if score >= limits.very_strong:
        return Band.VERY_STRONG
    if score >= limits.strong:
        return Band.STRONG
    return Band.MODERATE if score >= limits.moderate else Band.WEAK
