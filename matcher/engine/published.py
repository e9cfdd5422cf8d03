"""The figures of this release on judged sets, as measured before it was published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FIGURES = Path(__file__).with_name("data") / "figures.json"


@dataclass(frozen=True)
class PublishedFigure:
    """One measured figure.

    Attributes
    ----------
    judged_set : str
        Which set: "own", "silver_en", "silver_uk", "sentences_uk_en", "sentences_en_uk",
        "donors_uk_en", "donors_en_uk" or "gold_10".
    measure : str
        "nDCG@10", "A@1" or "first 10".
    mean, low, high : float
        With the limits of its 95 % bootstrap interval, in [0, 1].
    queries : int
        How many questions were counted.
    """

    judged_set: str
    measure: str
    mean: float
    low: float
    high: float
    queries: int


@lru_cache(maxsize=1)
def published_figures() -> list[PublishedFigure]:
    """Return the figures of this release, in the order in which they are shown."""
    rows = json.loads(FIGURES.read_text(encoding="utf-8"))["figures"]
    return [PublishedFigure(**row) for row in rows]
