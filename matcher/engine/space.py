"""The space that both languages share: which dimensions a unit of text lies in."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.engine.lexicon import JOIN, NUMBER, Lexicon
from matcher.engine.stopwords import FUNCTION
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
    prior_texts : int
        Texts of everyday language that are counted into the document frequencies.
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
    prior_texts: int = 100
    hub_size: int = 10
    known_terms: int = 3


def is_word(unit: str) -> bool:
    """Tell whether a unit is a single word with a subject: no number, phrase, function word."""
    return unit[0] not in (NUMBER, FUNCTION) and JOIN not in unit


class Projection(NamedTuple):
    """Where a unit lies in the shared space; ``covered`` says that the lexicon knows it."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float64]
    covered: bool


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
        self._grams: dict[str, NDArray[np.int32]] = {}
        self._headwords = {
            True: sorted(unit for unit in lexicon.translations if is_word(unit)),
            False: sorted(unit for unit in lexicon.english if is_word(unit)),
        }

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
        if unit[0] == NUMBER:
            return {unit: 1.0}, True
        known = self._known_targets(unit)
        if known is not None:
            return known, True
        own = romanise(unit)
        near = self.nearest_headword(unit) if is_word(unit) else None
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
            ids = np.array([self.vocabulary.id_of(name) for name in targets], dtype=np.int32)
            found = Projection(ids, np.array(list(targets.values()), dtype=np.float64), covered)
            self._projections[unit] = found
        return found

    def gram_ids(self, spelling: str) -> NDArray[np.int32]:
        """Return the dimensions of a word's character grams."""
        found = self._grams.get(spelling)
        if found is None:
            names = grams_of(spelling, self.parameters.grams)
            found = np.array([self.vocabulary.id_of(GRAM + name) for name in names], np.int32)
            self._grams[spelling] = found
        return found

    def sort_dimensions(self, frequency: NDArray[np.int64]) -> None:
        """Number the dimensions by falling frequency, then name.

        No order of documents shows in a score then, and the commonest come first, as the batch
        kernel likes them. Called once, when a generation is fitted.
        """
        names = self.vocabulary.names
        order = sorted(range(len(names)), key=lambda number: (-frequency[number], names[number]))
        moved = np.empty(len(names), dtype=np.int32)
        moved[order] = np.arange(len(names), dtype=np.int32)
        self.vocabulary = Vocabulary([names[number] for number in order])
        for unit, place in self._projections.items():
            self._projections[unit] = place._replace(ids=moved[place.ids])
        for spelling, ids in self._grams.items():
            self._grams[spelling] = moved[ids]


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
