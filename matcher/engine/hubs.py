"""Hub correction: what fits everything says little about any one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.engine.topk import best_pairs

_PEAKED = 0.55  # flatness up to which the correction is applied in full
_FLAT = 0.64  # flatness from which there is none


@dataclass(frozen=True)
class Correction:
    """How hub means become the values that are subtracted; frozen with a generation.

    Attributes
    ----------
    strength : float
        From 0 to 1, see ``correction_strength``.
    idea_centre, profile_centre : float
        Average hub means of the fitted ideas and profiles: a text that fits as many others as
        the average is not moved, so scores stay on the scale of the cosine.
    """

    strength: float = 0.0
    idea_centre: float = 0.0
    profile_centre: float = 0.0

    def of_ideas(self, means: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what is subtracted, twice over, for ideas of these hub means."""
        return np.float32(self.strength) * (means - np.float32(self.idea_centre))

    def of_profiles(self, means: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what is subtracted, twice over, for profiles of these hub means."""
        return np.float32(self.strength) * (means - np.float32(self.profile_centre))


def hub_size(n_neighbours: int, largest: int) -> int:
    """Return how many neighbours a hub mean is taken over: fewer on small sets.

    The root of the set's size, at most ``largest``, at least one.
    """
    return max(1, min(largest, round(n_neighbours**0.5)))


def correction_strength(peaks: Sequence[float]) -> float:
    """Return how much of the hub correction is right for these sets, from 0 to 1.

    The correction supposes that a text has few true partners, so that many near neighbours are
    noise: true of translations, false of donors and ideas, where a theme has many partners and
    a popular donor would be pushed down for being popular. What tells the two apart is how far
    the best neighbour stands out from the mean of its neighbourhood (see README.md).

    Parameters
    ----------
    peaks : sequence of float
        ``neighbourhood_flatness`` of both sides.
    """
    flatness = float(np.mean(peaks)) if len(peaks) else 1.0
    return float(np.clip((_FLAT - flatness) / (_FLAT - _PEAKED), 0.0, 1.0))


def neighbourhood_flatness(hubs: NDArray[np.float32], best: NDArray[np.float32]) -> float:
    """Return the median of hub mean / best neighbour over the texts that have a neighbour."""
    some = best > 0.0
    return float(np.median(hubs[some] / best[some])) if some.any() else 1.0


def hub_means(cosines: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return the mean of the ``size`` largest values of each row.

    This is the neighbourhood mean r of cross-domain similarity local scaling (Conneau et al.
    2018, Word translation without parallel data): score = cosine - r(idea)/2 - r(profile)/2.

    Parameters
    ----------
    cosines : array of shape (n_rows, n_neighbours)
    size : int
        Positive; shortened to ``n_neighbours``.

    Returns
    -------
    array of shape (n_rows,)
        Zero where there are no neighbours.
    """
    n_neighbours = cosines.shape[1]
    kept = min(size, n_neighbours)
    if kept == 0:
        return np.zeros(len(cosines), dtype=np.float32)
    best = np.partition(cosines, n_neighbours - kept, axis=1)[:, n_neighbours - kept :]
    # Sorted first: the sum of the same values in another order may differ in the last bit.
    return np.sort(best, axis=1).astype(np.float64).mean(axis=1).astype(np.float32)


def fit_hubs(
    ideas: csr_matrix, profiles: csr_matrix, largest: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], Correction]:
    """Return the hub values of both sides over each other, and the correction they follow.

    Parameters
    ----------
    ideas, profiles : csr_matrix of shapes (n_ideas, n_dimensions), (n_profiles, n_dimensions)
    largest : int
        Neighbours in a mean on large sets.

    Returns
    -------
    of_ideas, of_profiles : arrays of shape (n_ideas,), (n_profiles,)
        Half of each is subtracted from a pair's cosine.
    correction : Correction
    """
    sides = ideas.shape[0], profiles.shape[0]
    if not min(sides):
        return np.zeros(sides[0], np.float32), np.zeros(sides[1], np.float32), Correction()
    sizes = hub_size(sides[1], largest), hub_size(sides[0], largest)
    # A text that shares something with too few others has neighbours at zero.
    near = [np.maximum(best.scores, 0.0) for best in best_pairs(ideas, profiles, sizes)]
    of_ideas, of_profiles = (hub_means(one, size) for one, size in zip(near, sizes, strict=True))
    flatness = [
        neighbourhood_flatness(means, one.max(axis=1))
        for means, one in zip((of_ideas, of_profiles), near, strict=True)
    ]
    centres = [float(means.mean(dtype=np.float64)) for means in (of_ideas, of_profiles)]
    correction = Correction(correction_strength(flatness), *centres)
    return correction.of_ideas(of_ideas), correction.of_profiles(of_profiles), correction
