"""Scores of all pairs in blocks, and the pairs that are worth storing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.engine.bands import USUAL_BACKGROUND, Background, Limits, band_of
from matcher.engine.documents import Hit
from matcher.engine.sides import Side
from matcher.engine.topk import Hubs, best_pairs, block_size, corrected

_FEWEST_PAIRS = 200  # fewer say nothing about what is usual
_MOST_PAIRS = 1_000_000


class Block(NamedTuple):
    """Consecutive ideas against all profiles: first row, cosines and scores."""

    start: int
    cosines: NDArray[np.float32]
    scores: NDArray[np.float32]


def _widened(matrix: csr_matrix, width: int) -> csr_matrix:
    shape = (matrix.shape[0], width)
    return csr_matrix((matrix.data, matrix.indices, matrix.indptr), shape=shape)


def fit_background(ideas: Side, profiles: Side) -> Background:
    """Return the background of the fitted pairs; of evenly spaced ideas where there are many."""
    n_pairs = len(ideas.fitted_ids) * len(profiles.fitted_ids)
    if n_pairs < _FEWEST_PAIRS:
        return USUAL_BACKGROUND
    every = -(-n_pairs // _MOST_PAIRS)
    rows = ideas.fitted[::every]
    cosines = np.asarray((rows @ profiles.fitted.T.tocsr()).toarray(), dtype=np.float32)
    scores = corrected(cosines, ideas.hubs[::every, None], profiles.hubs[None, :])
    low, median, high = np.quantile(scores.astype(np.float64), [0.25, 0.5, 0.75]).tolist()
    return Background(median, high - low) if high > low else USUAL_BACKGROUND


def _both(ideas: Side, profiles: Side) -> tuple[csr_matrix, csr_matrix]:
    """Return both matrices in the same width."""
    width = max(ideas.matrix.shape[1], profiles.matrix.shape[1])
    return _widened(ideas.matrix, width), _widened(profiles.matrix, width)


def score_blocks(ideas: Side, profiles: Side) -> Iterator[Block]:
    """Yield the scores of all pairs, rows and columns in the order of the identifiers."""
    rows, columns = _both(ideas, profiles)
    turned = columns.T.tocsr()
    step = block_size(turned.shape[1])
    for start in range(0, rows.shape[0], step):
        cosines = np.asarray((rows[start : start + step] @ turned).toarray(), dtype=np.float32)
        own = ideas.current_hubs[start : start + step, None]
        yield Block(start, cosines, corrected(cosines, own, profiles.current_hubs[None, :]))


def _wanted(ideas: Side, profiles: Side, k: tuple[int, int]) -> csr_matrix:
    """Mark the union of both sides' best pairs, shape (n_ideas, n_profiles)."""
    hubs = Hubs(ideas.current_hubs, profiles.current_hubs)
    of_ideas, of_profiles = best_pairs(*_both(ideas, profiles), k, hubs)
    (rows, one), (columns, other) = (
        np.nonzero(best.places >= 0) for best in (of_ideas, of_profiles)
    )
    places = (
        np.concatenate([rows, of_profiles.places[columns, other]]),
        np.concatenate([of_ideas.places[rows, one], columns]),
    )
    marks = np.ones(len(places[0]), dtype=np.int8)
    return csr_matrix((marks, places), shape=(len(ideas.ids), len(profiles.ids)))


def kept_pairs(
    ideas: Side,
    profiles: Side,
    *,
    best_profiles: int,
    best_ideas: int,
    limits: Limits,
    known_terms: int,
) -> Iterator[tuple[str, str, Hit]]:
    """Yield the union of both sides' best pairs above the floor; see ``Generation``."""
    if not profiles.ids or not ideas.ids:
        return
    wanted = _wanted(ideas, profiles, (best_profiles, best_ideas))
    enough = [side.current_known_terms >= known_terms for side in (ideas, profiles)]
    for block in score_blocks(ideas, profiles):
        for row, (cosines, scores) in enumerate(zip(block.cosines, block.scores, strict=True)):
            idea = block.start + row
            columns = wanted.indices[wanted.indptr[idea] : wanted.indptr[idea + 1]]
            ranks = ranks_of(scores, cosines, columns)
            for place in np.argsort(ranks).tolist():
                column, score = int(columns[place]), float(scores[columns[place]])
                if score < limits.floor:
                    continue
                is_enough = bool(enough[0][idea] and enough[1][column])
                band = band_of(score, limits=limits, enough_text=is_enough)
                profile_id = profiles.ids[column]
                hit = Hit(profile_id, int(ranks[place]), score, float(cosines[column]), band)
                yield ideas.ids[idea], profile_id, hit


def ranks_of(
    scores: NDArray[np.float32], cosines: NDArray[np.float32], columns: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the ranks of some profiles among all for one idea, 1 for the best.

    Profiles that share nothing with the idea come after all that do.
    """
    sharing = np.where(cosines > 0.0, scores, np.float32(-np.inf))
    values = sharing[columns]
    ordered = np.sort(sharing)
    last = np.searchsorted(ordered, values, side="right")
    ranks = len(ordered) - last + 1
    ties = last - np.searchsorted(ordered, values, side="left") > 1
    for place in np.flatnonzero(ties):
        ranks[place] += np.count_nonzero(sharing[: columns[place]] == values[place])
    return np.asarray(ranks, dtype=np.int64)
