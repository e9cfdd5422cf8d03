"""The matching engine: texts in two languages in, rankings with reasons out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.engine.bands import ENGINE_VERSION, LIMITS, Band, Limits, band_of
from matcher.engine.documents import Document, Hit
from matcher.engine.explain import Explanation, Part
from matcher.engine.index import Generation
from matcher.engine.learning import Decision, Gain
from matcher.engine.lexicon import (
    Concept,
    Fault,
    Lexicon,
    LexiconError,
    default_lexicon,
    load_lexicon,
)
from matcher.engine.space import Parameters
from matcher.engine.storage import IndexCorrupt
from matcher.engine.topk import TopK, top_k

__all__ = [
    "ENGINE_VERSION",
    "LIMITS",
    "Band",
    "Concept",
    "Decision",
    "Document",
    "Explanation",
    "Fault",
    "Gain",
    "Generation",
    "Hit",
    "IndexCorrupt",
    "Lexicon",
    "LexiconError",
    "Limits",
    "Parameters",
    "Part",
    "TopK",
    "band_of",
    "default_lexicon",
    "load_lexicon",
    "similarity",
    "top_k",
]


def similarity(queries: Sequence[str], documents: Sequence[str]) -> NDArray[np.float32]:
    """Return the ordering value of the whole pipeline, fitted on what it is given.

    Parameters
    ----------
    queries, documents : sequences of str
        Texts in Ukrainian or English or both; no language tags.

    Returns
    -------
    array of float32, shape (n_queries, n_documents)
        Hub-corrected; any sign; the higher, the nearer.
    """
    width = len(str(max(len(queries), len(documents))))
    generation = Generation.fit(
        [Document(f"{number:0{width}}", "", text) for number, text in enumerate(queries)],
        [Document(f"{number:0{width}}", "", text) for number, text in enumerate(documents)],
    )
    return generation.score_matrix()
