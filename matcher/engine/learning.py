"""Learning from decisions: a profile leans towards its accepted ideas and away from declined ones.

Rocchio 1971 (Relevance feedback in information retrieval) with the usual weights .75 and .15
(Manning, Raghavan and Schuetze 2008, ch. 9). Only words are learnt, no spellings; weights below
zero are cut; the words keep length 1, so scores stay on their scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from matcher.engine.metrics import Figure, figure
from matcher.engine.space import GRAM, Vocabulary

ACCEPTED, DECLINED = 0.75, 0.15


class Decision(NamedTuple):
    """What people decided about one pair."""

    idea_id: str
    profile_id: str
    is_accepted: bool


@dataclass(frozen=True)
class Gain:
    """Whether learning would help, tried on decisions that it was not taught.

    Attributes
    ----------
    before, after : Figure
        How often an accepted idea stands above a declined one of the same profile, averaged
        over profiles, without and with learning from the profile's other decisions; in [0, 1].
    gain : Figure
        Their difference by profile.
    """

    before: Figure
    after: Figure
    gain: Figure

    @property
    def is_proved(self) -> bool:
        """Whether the interval of the gain lies above zero."""
        return self.gain.n_queries > 1 and self.gain.low > 0.0


class Vectors(NamedTuple):
    """Documents of one side: identifiers and a matrix of shape (n_documents, n_dimensions)."""

    ids: Sequence[str]
    matrix: csr_matrix


class _Texts:
    """Vectors by identifier; words and spellings apart."""

    def __init__(self, vectors: Vectors, vocabulary: Vocabulary) -> None:
        self.place = {identifier: row for row, identifier in enumerate(vectors.ids)}
        self.matrix = vectors.matrix
        self.is_word = np.array([name[0] != GRAM for name in vocabulary.names], dtype=bool)

    def words(self, ids: Iterable[str]) -> csr_matrix:
        rows = self.matrix[[self.place[one] for one in ids]].copy()
        rows.data = rows.data * self.is_word[rows.indices]
        return rows


def _mean(rows: csr_matrix) -> csr_matrix:
    if not rows.shape[0]:
        return csr_matrix((1, rows.shape[1]), dtype=np.float64)
    return csr_matrix(rows.sum(axis=0) / rows.shape[0])


def _length(row: csr_matrix) -> float:
    return float(np.sqrt(row.multiply(row).sum()))


def leaned(words: csr_matrix, accepted: csr_matrix, declined: csr_matrix) -> csr_matrix:
    """Return the words of a profile after its decisions.

    Parameters
    ----------
    words : csr_matrix of shape (1, n_dimensions)
        Length 1, or empty: then it stays as it is.
    accepted, declined : csr_matrix of shape (n, n_dimensions)
        The words of ideas; n may be 0.

    Returns
    -------
    csr_matrix of shape (1, n_dimensions)
        No weight below zero; the length of ``words``.
    """
    moved = (words + ACCEPTED * _mean(accepted) - DECLINED * _mean(declined)).tocsr()
    moved.data = np.maximum(moved.data, 0.0)
    length = _length(moved)
    return moved * (_length(words) / length) if length > 0.0 else words


def known_decisions(
    decisions: Iterable[Decision], ideas: Iterable[str], profiles: Iterable[str]
) -> list[Decision]:
    """Return the decisions whose idea and profile are both there, in a fixed order."""
    idea_ids, profile_ids = set(ideas), set(profiles)
    return sorted(
        one for one in set(decisions) if one.idea_id in idea_ids and one.profile_id in profile_ids
    )


def lean_profiles(
    ideas: Vectors,
    profiles: Vectors,
    decisions: Sequence[Decision],
    vocabulary: Vocabulary,
) -> Vectors:
    """Return the vectors of the profiles after ``decisions``; others keep theirs bit by bit."""
    of_ideas, of_profiles = _Texts(ideas, vocabulary), _Texts(profiles, vocabulary)
    rows = []
    for profile_id in profiles.ids:
        row = of_profiles.matrix[of_profiles.place[profile_id]]
        own = [one for one in decisions if one.profile_id == profile_id]
        if own:
            words = of_profiles.words([profile_id])
            sides = (
                of_ideas.words(one.idea_id for one in own if one.is_accepted is accepted)
                for accepted in (True, False)
            )
            row = (leaned(words, *sides) + (row - words)).astype(np.float32).tocsr()
            row.eliminate_zeros()
        rows.append(row)
    matrix = vstack(rows, format="csr")
    matrix.sort_indices()
    return Vectors(profiles.ids, matrix)


def measure_gain(
    ideas: Vectors,
    profiles: Vectors,
    decisions: Sequence[Decision],
    vocabulary: Vocabulary,
) -> Gain:
    """Try learning on held-out decisions: each accepted and declined idea of a profile in turn.

    A profile needs two accepted ideas or two declined ones beside one of the other kind, so that
    something is left to learn from.
    """
    of_ideas, of_profiles = _Texts(ideas, vocabulary), _Texts(profiles, vocabulary)
    before, after = [], []
    for profile_id in profiles.ids:
        own = [one for one in decisions if one.profile_id == profile_id]
        accepted = [one.idea_id for one in own if one.is_accepted]
        declined = [one.idea_id for one in own if not one.is_accepted]
        if min(len(accepted), len(declined)) < 1 or len(accepted) + len(declined) < 3:
            continue
        words = of_profiles.words([profile_id])
        spelling = of_profiles.matrix[of_profiles.place[profile_id]] - words
        right: list[tuple[bool, bool]] = []
        for good, bad in product(accepted, declined):
            pair = of_ideas.matrix[[of_ideas.place[good], of_ideas.place[bad]]]
            rest = (
                of_ideas.words(one for one in group if one not in (good, bad))
                for group in (accepted, declined)
            )
            plain, moved = (
                np.asarray((pair @ (one + spelling).T).toarray()).ravel()
                for one in (words, leaned(words, *rest))
            )
            right.append((plain[0] > plain[1], moved[0] > moved[1]))
        shares: NDArray[np.float64] = np.array(right, dtype=np.float64).mean(axis=0)
        before.append(float(shares[0]))
        after.append(float(shares[1]))
    gains = [new - old for old, new in zip(before, after, strict=True)]
    return Gain(figure(before), figure(after), figure(gains))
