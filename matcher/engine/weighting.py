"""From units to TF-IDF vectors, many texts at once: one row a text, the same bits in any batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.engine.analysis import Analysis
from matcher.engine.space import GRAM, Space, is_word
from matcher.engine.stopwords import FUNCTION

# How many everyday texts hold a given function word, or a given gram of so many letters: orders of
# magnitude for texts of some sixty words. They matter in small collections alone.
_PRIOR: dict[str | int, float] = {FUNCTION: 0.25, 2: 0.3, 3: 0.05, 4: 0.01}


def damped(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Damp whole counts, 1 + ln(c) (Salton and Buckley 1988).

    Before the counts are spread over the shared space: what repeats a whole text multiplies
    every unit alike and changes no direction.
    """
    return 1.0 + np.log(counts)


class Table:
    """How often each text holds each name: a sparse matrix that grows by texts.

    Entries of a row stand in the order in which the names were met, so that products over them
    are added in an order that does not depend on other texts.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self._columns: list[NDArray[np.int32]] = []
        self._counts: list[NDArray[np.int32]] = []
        self._ends: list[int] = [0]

    def extend(self, rows: Sequence[dict[str, int]], most: int) -> None:
        """Add texts; a name counts at most ``most`` times in one."""
        names = self.names
        columns = [names.setdefault(name, len(names)) for row in rows for name in row]
        counts = [count for row in rows for count in row.values()]
        self._columns.append(np.array(columns, dtype=np.int32))
        self._counts.append(np.minimum(np.array(counts, dtype=np.int32), most))
        for row in rows:
            self._ends.append(self._ends[-1] + len(row))

    def matrix(self) -> csr_matrix:
        """Return damped counts of shape (n_texts, n_names), float64, rows not sorted."""
        n_texts = len(self._ends) - 1
        if not n_texts:
            return csr_matrix((0, len(self.names)))
        columns, counts = np.concatenate(self._columns), np.concatenate(self._counts)
        parts = damped(counts.astype(np.float64)), columns, np.array(self._ends)
        return csr_matrix(parts, shape=(n_texts, len(self.names)))


class Texts:
    """Units and spellings of many texts, collected before they are placed in the space."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.units = Table()
        self.spellings = Table()

    def extend(self, analyses: Sequence[Analysis]) -> None:
        """Add analysed texts."""
        most = self.space.parameters.max_repeats
        self.units.extend([analysis.units for analysis in analyses], most)
        self.spellings.extend([analysis.spellings for analysis in analyses], most)


class Counts(NamedTuple):
    """Counts of texts in the shared space before weighting, one row a text.

    Attributes
    ----------
    words, grams : csr_matrix of shape (n_texts, n_dimensions)
        Float64, ascending dimensions; no dimension is in both.
    covered : csr_matrix or None
        The part of ``words`` from units that the lexicon knows; None where nobody asks.
    """

    words: csr_matrix
    grams: csr_matrix
    covered: csr_matrix | None


@dataclass(frozen=True)
class Placed:
    """Texts with the rows of their names in the space; ``counts`` takes some of them at a time."""

    units: csr_matrix
    spellings: csr_matrix
    unit_rows: csr_matrix
    spelling_rows: csr_matrix
    covered: NDArray[np.bool_]
    is_term: NDArray[np.bool_]
    with_covered: bool

    def __len__(self) -> int:
        return int(self.units.shape[0])

    @property
    def width(self) -> int:
        """The number of dimensions."""
        return int(self.unit_rows.shape[1])

    @property
    def known_terms(self) -> NDArray[np.int64]:
        """How many single words of each text the lexicon knows."""
        return _row_sums(self.units, self.is_term[self.units.indices]).astype(np.int64)

    def counts(self, start: int, end: int) -> Counts:
        """Return the counts of the texts from ``start`` to ``end``."""
        units, spellings = self.units[start:end], self.spellings[start:end]
        words, grams = units @ self.unit_rows, spellings @ self.spelling_rows
        words.sort_indices()
        grams.sort_indices()
        covered = None
        if self.with_covered:
            known = units.data * self.covered[units.indices]
            covered = csr_matrix((known, units.indices, units.indptr), units.shape) @ self.unit_rows
        return Counts(words, grams, covered)


def placed(texts: Texts) -> Placed:
    """Place the units and spellings of texts; new dimensions are numbered at the end."""
    space, units = texts.space, list(texts.units.names)
    places = [space.project(unit) for unit in units]
    grams = [space.gram_ids(spelling) for spelling in texts.spellings.names]
    width = len(space.vocabulary)
    covered = np.array([place.covered for place in places], dtype=bool)
    words = np.array([is_word(unit) for unit in units], dtype=bool)
    return Placed(
        texts.units.matrix(),
        texts.spellings.matrix(),
        _stacked([place.ids for place in places], [place.weights for place in places], width),
        _stacked(grams, [np.ones(len(one)) for one in grams], width),
        covered,
        covered & words,
        space.is_small_lexicon,
    )


def _stacked(
    ids: list[NDArray[np.int32]], weights: list[NDArray[np.float64]], width: int
) -> csr_matrix:
    if not ids:
        return csr_matrix((0, width))
    indptr = np.cumsum([0, *map(len, ids)])
    parts = np.concatenate(weights), np.concatenate(ids), indptr
    return csr_matrix(parts, shape=(len(ids), width))


def _row_sums(matrix: csr_matrix, values: NDArray[Any]) -> NDArray[np.float64]:
    """Sum values that stand at the cells of ``matrix`` by row.

    One after the other, so that the last bit of a sum never tells of other rows.
    """
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    sums = np.bincount(rows, weights=values, minlength=matrix.shape[0])
    return np.asarray(sums, dtype=np.float64)


def _prior(name: str) -> float:
    """Return the share of everyday texts in which a dimension is expected."""
    if name[0] == GRAM:
        return _PRIOR.get(len(name) - 1, 0.0)
    return _PRIOR[FUNCTION] if name[0] == FUNCTION else 0.0


class Weights:
    """Frozen inverse document frequencies; a dimension unseen at fitting gets the largest one."""

    def __init__(self, idf: NDArray[np.float64], n_documents: int) -> None:
        self.idf = idf
        self.n_documents = n_documents
        self._unseen = float(np.log(1.0 + n_documents) + 1.0)

    @classmethod
    def fit(cls, counts: Iterable[Counts], space: Space) -> Weights:
        """Fit on the counts of all texts; smooth idf as in scikit-learn: ln((1+n)/(1+df)) + 1.

        A fraction of a word counts as that fraction of a document. ``parameters.prior_texts``
        texts of everyday language are counted in, so that in a handful of ideas and profiles
        "who" and "re" are not as telling as "hospital".
        """
        size, n_documents = len(space.vocabulary), space.parameters.prior_texts
        frequency = n_documents * np.array([_prior(name) for name in space.vocabulary.names])
        for one in counts:
            shares = np.minimum(one.words.data, 1.0)
            frequency += np.bincount(one.words.indices, weights=shares, minlength=size)
            frequency += np.bincount(one.grams.indices, minlength=size)
            n_documents += one.words.shape[0]
        return cls(np.log((1.0 + n_documents) / (1.0 + frequency)) + 1.0, n_documents)

    def of(self, ids: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the idf of dimensions, known or not."""
        known = ids < len(self.idf)
        result = np.full(len(ids), self._unseen)
        result[known] = self.idf[ids[known]]
        return result


def _with_values(matrix: csr_matrix, values: NDArray[np.float64]) -> csr_matrix:
    return csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def _scaled(matrix: csr_matrix, factors: NDArray[np.float64]) -> csr_matrix:
    """Multiply each row by its factor."""
    return _with_values(matrix, matrix.data * np.repeat(factors, np.diff(matrix.indptr)))


def _weighed(counts: csr_matrix, weights: Weights, length: float) -> csr_matrix:
    """Return tf x idf, each row that is not empty scaled to ``length``."""
    values = counts.data * weights.of(counts.indices)
    lengths = np.sqrt(_row_sums(counts, values * values))
    factors = np.divide(length, lengths, out=np.zeros_like(lengths), where=lengths > 0.0)
    return _scaled(_with_values(counts, values), factors)


def weigh(counts: Counts, weights: Weights, space: Space) -> csr_matrix:
    """Return the vectors of texts: unit-length words, grams of length sqrt(spelling weight).

    The dot product of two such vectors is the engine's cosine, in [0, 1 + spelling weight].

    Returns
    -------
    csr_matrix of shape (n_texts, n_dimensions)
        Float64, ascending dimensions.
    """
    words = _weighed(counts.words, weights, 1.0)
    if counts.covered is not None:
        # Only the share of each count that the lexicon knows; what it misses has no cell there.
        shares = counts.covered.multiply(_with_values(counts.words, 1.0 / counts.words.data))
        squares = _with_values(words, words.data * words.data)
        known = squares.multiply(shares).tocsr()
        words = _scaled(words, np.sqrt(_row_sums(known, known.data)))
    grams = _weighed(counts.grams, weights, space.parameters.spelling_weight**0.5)
    return (words + grams).tocsr()


def vectors(
    analyses: Sequence[Analysis], weights: Weights, space: Space
) -> tuple[csr_matrix, NDArray[np.int64]]:
    """Return the vectors of a few texts and how many terms of each the lexicon knows."""
    texts = Texts(space)
    texts.extend(analyses)
    found = placed(texts)
    return weigh(found.counts(0, len(found)), weights, space), found.known_terms
