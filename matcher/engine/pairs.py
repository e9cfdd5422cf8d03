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
from matcher.engine.topk import best_of_rows, block_size, merge_best

_FEWEST_PAIRS = 200  # fewer say nothing about what is usual
_MOST_PAIRS = 1_000_000


class Block(NamedTuple):
    """Consecutive ideas against all profiles: first row, cosines and scores."""

    start: int
    cosines: NDArray[np.float32]
    scores: NDArray[np.float32]


def corrected(
    cosines: NDArray[np.float32],
    own_hub: NDArray[np.float32] | np.float32,
    hubs: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return cosine - half of both hub means; the same bits whichever side asks."""
    return cosines - np.float32(0.5) * (hubs + own_hub)


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


def score_blocks(ideas: Side, profiles: Side) -> Iterator[Block]:
    """Yield the scores of all pairs, rows and columns in the order of the identifiers."""
    width = max(ideas.matrix.shape[1], profiles.matrix.shape[1])
    turned = _widened(profiles.matrix, width).T.tocsr()
    rows = _widened(ideas.matrix, width)
    step = block_size(turned.shape[1])
    for start in range(0, rows.shape[0], step):
        cosines = np.asarray((rows[start : start + step] @ turned).toarray(), dtype=np.float32)
        own = ideas.current_hubs[start : start + step, None]
        yield Block(start, cosines, corrected(cosines, own, profiles.current_hubs[None, :]))


def _best_ideas(ideas: Side, profiles: Side, k: int) -> NDArray[np.bool_]:
    """Tell for each pair whether the idea is among the ``k`` best of the profile."""
    n_ideas, n_profiles = len(ideas.ids), len(profiles.ids)
    best = np.full((n_profiles, k), -1, dtype=np.int64)
    values = np.full((n_profiles, k), -np.inf, dtype=np.float32)
    for block in score_blocks(ideas, profiles):
        found, scores = best_of_rows(np.ascontiguousarray(block.scores.T), k)
        found[found >= 0] += block.start
        best, values = merge_best(best, values, found, scores)
    wanted = np.zeros((n_ideas, n_profiles), dtype=bool)
    columns, _ = np.nonzero(best >= 0)
    wanted[best[best >= 0], columns] = True
    return wanted


def kept_pairs(
    ideas: Side,
    profiles: Side,
    *,
    best_profiles: int,
    best_ideas: int,
    limits: Limits,
    known_terms: int,
) -> list[tuple[str, str, Hit]]:
    """Return the union of both sides' best pairs above the floor; see ``Generation``."""
    n_profiles = len(profiles.ids)
    if not n_profiles or not ideas.ids:
        return []
    by_profile = _best_ideas(ideas, profiles, best_ideas)
    numbers = np.arange(1, n_profiles + 1)[None, :]
    kept: list[tuple[str, str, Hit]] = []
    for block in score_blocks(ideas, profiles):
        ranks = np.empty(block.scores.shape, dtype=np.int64)
        order = np.argsort(-block.scores, axis=1, kind="stable")
        np.put_along_axis(ranks, order, numbers, axis=1)
        end = block.start + len(ranks)
        wanted = (ranks <= best_profiles) | by_profile[block.start : end]
        wanted &= (block.scores >= limits.floor) & (block.cosines > 0.0)
        enough = np.minimum.outer(
            ideas.current_known_terms[block.start : end], profiles.current_known_terms
        )
        kept += _hits(block, ranks, wanted, enough >= known_terms, (ideas, profiles), limits)
    return kept


def _hits(
    block: Block,
    ranks: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    enough: NDArray[np.bool_],
    sides: tuple[Side, Side],
    limits: Limits,
) -> list[tuple[str, str, Hit]]:
    rows, columns = np.nonzero(wanted)
    order = np.lexsort((ranks[rows, columns], rows))
    where = rows[order], columns[order]
    ideas, profiles = sides[0].ids, sides[1].ids
    values = (array[where].tolist() for array in (ranks, block.scores, block.cosines, enough))
    result = []
    for row, column, rank, score, cosine, text in zip(
        where[0].tolist(), where[1].tolist(), *values, strict=True
    ):
        band = band_of(score, limits=limits, enough_text=text)
        hit = Hit(profiles[column], rank, score, cosine, band, above_floor=True)
        result.append((ideas[row + block.start], profiles[column], hit))
    return result
