"""From units to TF-IDF vectors in the space that both languages share."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.engine.analysis import Analysis
from matcher.engine.lexicon import JOIN, Lexicon
from matcher.engine.text import is_cyrillic, romanise

GRAM = "~"  # first letter of a dimension that is a character gram, not a word


@dataclass(frozen=True)
class Parameters:
    """The numbers of the method; each was chosen on the development halves (see README.md).

    Attributes
    ----------
    spelling_weight : float
        Weight of the spelling cosine beside the word cosine.
    grams : tuple of int
        Shortest and longest character gram.
    back_off_weight, back_off_letters, back_off_share : float, int, float
        A key that is in no lexicon takes the nearest headword at this weight, if they share so
        many first letters and such a share of the longer one's letters.
    phrase_words : float
        Share of an English phrase's weight that its words receive when it is a translation.
    synonym_weight : float
        Weight of the synonyms of an English word (the words it shares lexicon lines with)
        beside the word itself.
    covered_headwords : int
        Below so many headwords the word part is scaled by the root of the covered share.
    max_repeats : int
        A unit counts at most so often in one text.
    hub_size : int
        Neighbours in a hub mean, on sets large enough for them.
    known_terms : int
        Fewer known terms than this are too little text for a word about the fit.
    """

    spelling_weight: float = 0.5
    grams: tuple[int, int] = (2, 4)
    back_off_weight: float = 0.7
    back_off_letters: int = 4
    back_off_share: float = 0.5
    phrase_words: float = 0.7
    synonym_weight: float = 0.5
    covered_headwords: int = 4000
    max_repeats: int = 3
    hub_size: int = 10
    known_terms: int = 3


class Projection(NamedTuple):
    """Where a unit lies in the shared space; ``covered`` says that the lexicon knows it."""

    ids: NDArray[np.int64]
    weights: NDArray[np.float64]
    covered: bool


class Counts(NamedTuple):
    """Counts of one text in the shared space, before weighting.

    ``ids`` ascend and are unique; ``covered`` is the part of ``values`` from units that the
    lexicon knows; ``known_terms`` counts those units.
    """

    ids: NDArray[np.int64]
    values: NDArray[np.float64]
    covered: NDArray[np.float64]
    gram_ids: NDArray[np.int64]
    gram_values: NDArray[np.float64]
    known_terms: int


class Vector(NamedTuple):
    """A weighted text: word dimensions and grams together, ids ascending."""

    ids: NDArray[np.int64]
    values: NDArray[np.float64]


def sublinear(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Damp counts: 1 + ln(c) above one (Salton and Buckley 1988), c itself below.

    Counts here may be fractions of a word; ln would turn them negative.
    """
    return np.where(counts > 1.0, 1.0 + np.log(np.maximum(counts, 1.0)), counts)


def grams_of(word: str, sizes: tuple[int, int]) -> list[str]:
    """Return the character grams of one word, padded by blanks, repeated ones repeated."""
    padded = f" {word} "
    shortest, longest = sizes
    return [
        padded[start : start + size]
        for size in range(shortest, longest + 1)
        for start in range(len(padded) - size + 1)
    ]


class Vocabulary:
    """Names of dimensions; grows at the end, so that a stored vector never changes its meaning."""

    def __init__(self, names: list[str] | None = None) -> None:
        self.names: list[str] = list(names or [])
        self._ids = {name: number for number, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def id_of(self, name: str) -> int:
        """Return the number of a dimension, a new one if it was never seen."""
        number = self._ids.get(name)
        if number is None:
            number = self._ids[name] = len(self.names)
            self.names.append(name)
        return number


class Space:
    """Places units in the shared space: words of the English side, phrases, numbers and grams."""

    def __init__(self, lexicon: Lexicon, parameters: Parameters, names: list[str] | None = None):
        self.lexicon = lexicon
        self.parameters = parameters
        self.vocabulary = Vocabulary(names)
        self._projections: dict[str, Projection] = {}
        self._grams: dict[str, NDArray[np.int64]] = {}
        ukrainian = sorted(unit for unit in lexicon.translations if JOIN not in unit)
        english = sorted(unit for unit in lexicon.english if JOIN not in unit)
        self._headwords = {True: ukrainian, False: english}

    @property
    def is_small_lexicon(self) -> bool:
        """Tell whether texts are scaled by the share of them that the lexicon covers."""
        return 0 < self.lexicon.headwords < self.parameters.covered_headwords

    def nearest_headword(self, key: str) -> str | None:
        """Return the headword of the key's language that begins like it, if one is near enough.

        Near enough: ``back_off_letters`` common first letters and ``back_off_share`` of the
        longer word. The longest common beginning wins, then the shorter headword.
        """
        headwords = self._headwords[is_cyrillic(key)]
        place = bisect_left(headwords, key)
        best, best_rank = None, (0, 0)
        # The longest common beginning is always next to the place where the key would stand.
        for candidate in headwords[max(place - 1, 0) : place + 1]:
            common = _common_prefix(key, candidate)
            longer = max(len(key), len(candidate))
            letters, share = self.parameters.back_off_letters, self.parameters.back_off_share
            rank = (common, -longer)
            if common >= max(letters, share * longer) and (best is None or rank > best_rank):
                best, best_rank = candidate, rank
        return best

    def targets(self, unit: str) -> tuple[dict[str, float], bool]:
        """Return the dimensions of a unit with weights, and whether the lexicon knows it."""
        if unit[0] == "#":
            return {unit: 1.0}, True
        known = self._known_targets(unit)
        if known is not None:
            return known, True
        own = romanise(unit)
        near = self.nearest_headword(unit) if JOIN not in unit else None
        near_targets = self._known_targets(near) if near is not None else None
        if near_targets is None:
            return {own: 1.0}, False
        weight = self.parameters.back_off_weight
        targets = {own: (1.0 - weight * weight) ** 0.5}
        for name, share in near_targets.items():
            targets[name] = targets.get(name, 0.0) + weight * share
        return targets, True

    def _known_targets(self, unit: str) -> dict[str, float] | None:
        lexicon = self.lexicon
        if is_cyrillic(unit) or unit not in lexicon.english:
            row = lexicon.translations.get(unit)
            return None if row is None else self._spread(row)
        targets = {unit: 1.0}
        for other, weight in lexicon.related.get(unit, ()):
            share = self.parameters.synonym_weight * weight
            targets[other] = targets.get(other, 0.0) + share
        return _unit_length(targets)

    def _spread(self, row: tuple[tuple[str, float], ...]) -> dict[str, float]:
        """Weights of a headword's translations; a phrase also gives to the words it is made of."""
        targets: dict[str, float] = {}
        for target, weight in row:
            targets[target] = max(targets.get(target, 0.0), weight)
            words = target.split(JOIN)
            if len(words) > 1:
                share = weight * self.parameters.phrase_words / len(words) ** 0.5
                for word in words:
                    targets[word] = max(targets.get(word, 0.0), share)
        return _unit_length(targets)

    def project(self, unit: str) -> Projection:
        """Return the place of a unit, from a table where possible."""
        found = self._projections.get(unit)
        if found is None:
            targets, covered = self.targets(unit)
            ids = np.array([self.vocabulary.id_of(name) for name in targets], dtype=np.int64)
            found = Projection(ids, np.array(list(targets.values()), dtype=np.float64), covered)
            self._projections[unit] = found
        return found

    def gram_ids(self, spelling: str) -> NDArray[np.int64]:
        """Return the dimensions of a word's character grams."""
        found = self._grams.get(spelling)
        if found is None:
            names = grams_of(spelling, self.parameters.grams)
            found = np.array([self.vocabulary.id_of(GRAM + name) for name in names], np.int64)
            self._grams[spelling] = found
        return found

    def counts(self, analysis: Analysis) -> Counts:
        """Return the counts of one text in the shared space."""
        limit = self.parameters.max_repeats
        places = [self.project(unit) for unit in analysis.units]
        repeats = [min(count, limit) for count in analysis.units.values()]
        ids, values, covered = _summed(places, repeats)
        grams = [self.gram_ids(word) for word in analysis.spellings]
        gram_repeats = [min(count, limit) for count in analysis.spellings.values()]
        gram_ids, gram_values = _summed_grams(grams, gram_repeats)
        known = sum(
            1
            for unit, place in zip(analysis.units, places, strict=True)
            if place.covered and unit[0] != "#" and JOIN not in unit
        )
        return Counts(ids, values, covered, gram_ids, gram_values, known)

    def sort_dimensions(self, counts: list[Counts]) -> list[Counts]:
        """Number the dimensions by name, so that no order of documents shows in a score.

        Returns the same counts under the new numbers; called once, when a generation is fitted.
        """
        names = self.vocabulary.names
        order = sorted(range(len(names)), key=names.__getitem__)
        moved = np.empty(len(names), dtype=np.int64)
        moved[order] = np.arange(len(names))
        self.vocabulary = Vocabulary([names[number] for number in order])
        self._projections.clear()
        self._grams.clear()
        return [_moved(one, moved) for one in counts]


def _moved(counts: Counts, moved: NDArray[np.int64]) -> Counts:
    ids, gram_ids = moved[counts.ids], moved[counts.gram_ids]
    order, gram_order = np.argsort(ids), np.argsort(gram_ids)
    return Counts(
        ids[order],
        counts.values[order],
        counts.covered[order],
        gram_ids[gram_order],
        counts.gram_values[gram_order],
        counts.known_terms,
    )


def _unit_length(targets: dict[str, float]) -> dict[str, float]:
    length = sum(weight * weight for weight in targets.values()) ** 0.5
    return {target: weight / length for target, weight in targets.items()}


def _common_prefix(left: str, right: str) -> int:
    common = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        common += 1
    return common


def _summed(
    places: list[Projection], repeats: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    if not places:
        empty = np.zeros(0)
        return np.zeros(0, np.int64), empty, empty
    ids, where = np.unique(np.concatenate([place.ids for place in places]), return_inverse=True)
    shares = np.concatenate(
        [place.weights * count for place, count in zip(places, repeats, strict=True)]
    )
    known = np.concatenate([np.full(len(place.ids), float(place.covered)) for place in places])
    return ids, _binned(where, shares, len(ids)), _binned(where, shares * known, len(ids))


def _summed_grams(
    grams: list[NDArray[np.int64]], repeats: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if not grams:
        return np.zeros(0, np.int64), np.zeros(0)
    lengths = [len(word) for word in grams]
    ids, where = np.unique(np.concatenate(grams), return_inverse=True)
    weights = np.repeat(np.asarray(repeats, dtype=np.float64), lengths)
    return ids, _binned(where, weights, len(ids))


def _binned(
    where: NDArray[np.int64], weights: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    return np.asarray(np.bincount(where, weights=weights, minlength=size), dtype=np.float64)


class Weights:
    """Frozen inverse document frequencies; a dimension unseen at fitting gets the largest one."""

    def __init__(self, idf: NDArray[np.float64], n_documents: int) -> None:
        self.idf = idf
        self.n_documents = n_documents
        self._unseen = float(np.log(1.0 + n_documents) + 1.0)

    @classmethod
    def fit(cls, counts: list[Counts], size: int) -> Weights:
        """Fit on the counts of all texts; smooth idf as in scikit-learn: ln((1+n)/(1+df)) + 1."""
        frequency: NDArray[np.float64] = np.zeros(size)
        for one in counts:
            frequency[one.ids] += np.minimum(one.values, 1.0)
            frequency[one.gram_ids] += 1.0
        n_documents = len(counts)
        return cls(np.log((1.0 + n_documents) / (1.0 + frequency)) + 1.0, n_documents)

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the idf of dimensions, known or not."""
        known = ids < len(self.idf)
        result = np.full(len(ids), self._unseen)
        result[known] = self.idf[ids[known]]
        return result


def weigh(counts: Counts, weights: Weights, space: Space) -> Vector:
    """Return the vector of a text: unit-length words, grams of length sqrt(spelling weight).

    The dot product of two such vectors is the engine's cosine, in [0, 1 + spelling weight].
    """
    words = sublinear(counts.values) * weights.of(counts.ids)
    length = float(np.sqrt(words @ words))
    if length > 0.0:
        words /= length
    if space.is_small_lexicon and length > 0.0:
        share = counts.covered / np.maximum(counts.values, 1e-12)
        words *= np.sqrt(float((words * words) @ share))
    grams = sublinear(counts.gram_values) * weights.of(counts.gram_ids)
    gram_length = float(np.sqrt(grams @ grams))
    if gram_length > 0.0:
        grams *= np.sqrt(space.parameters.spelling_weight) / gram_length
    ids = np.concatenate([counts.ids, counts.gram_ids])
    order = np.argsort(ids, kind="stable")
    return Vector(ids[order], np.concatenate([words, grams])[order])
