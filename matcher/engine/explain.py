"""Which words make a score: parts that sum to it, with their places in both texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.engine.analysis import Analyser, Analysis, Span
from matcher.engine.bands import LIMITS, Band, Limits, band_of
from matcher.engine.lexicon import JOIN, NUMBER, Lexicon
from matcher.engine.sides import Row
from matcher.engine.space import GRAM, Space
from matcher.engine.stopwords import FUNCTION
from matcher.engine.weighting import Weights, damped, vectors

Kind = Literal["word", "spelling", "learnt", "hub"]
_SOURCES = 400  # words of one text that are looked at; those that give most
_WORD_PAIRS = 300  # word pairs that are named; the rest is one part
_SPELLING_PAIRS = 12  # pairs of similar spelling that are named; the rest is one part
_LIKE = 0.4  # share of common grams from which two spellings are called alike


@dataclass(frozen=True)
class Part:
    """One reason for a score.

    Attributes
    ----------
    kind : "word", "spelling", "learnt" or "hub"
        A word pair; two words that are spelt alike; what the profile has learnt from decisions
        about other ideas, if learning is on; the adjustment for a text that fits more
        (negative) or fewer (positive) others than the average, ``concept`` being "idea" or
        "profile". With both words empty: what the named words or spellings leave over, the
        function words (who, not, can) among it.
    idea_word, profile_word : str
        As they stand in the texts, at their first place.
    concept : str
        The lexicon's concept that ties them, or the word that both share.
    contribution : float
        What it adds to the score; any sign.
    idea_spans, profile_spans : tuple of (start, end)
        Character places in ``Document.content``.
    """

    kind: Kind
    idea_word: str
    profile_word: str
    concept: str
    contribution: float
    idea_spans: tuple[Span, ...] = ()
    profile_spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """A score taken apart.

    ``parts`` are ordered by kind (words, spelling, learnt, hub), then by contribution, largest
    first; their sum is ``score`` within 1e-5, the sum without the hub parts is ``cosine``.
    """

    score: float
    cosine: float
    parts: tuple[Part, ...]
    band: Band

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self) | {
            "parts": [_plain(part) for part in self.parts],
            "band": self.band.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Explanation:
        """Return what ``to_json`` was called on."""
        parts = tuple(
            Part(
                part["kind"],
                part["idea_word"],
                part["profile_word"],
                part["concept"],
                part["contribution"],
                tuple((start, end) for start, end in part["idea_spans"]),
                tuple((start, end) for start, end in part["profile_spans"]),
            )
            for part in data["parts"]
        )
        return cls(data["score"], data["cosine"], parts, Band(data["band"]))


def _plain(part: Part) -> dict[str, Any]:
    values = asdict(part)
    for name in ("idea_spans", "profile_spans"):
        values[name] = [list(span) for span in values[name]]
    return values


class _Side(NamedTuple):
    text: str
    analysis: Analysis
    vector: csr_matrix


class _Mass(NamedTuple):
    """The sources that give most, and their shares of the common dimensions, one row each."""

    sources: list[str]
    shares: csr_matrix


def explain_pair(
    texts: tuple[str, str],
    hubs: tuple[float, float],
    analyser: Analyser,
    space: Space,
    weights: Weights,
    *,
    limits: Limits = LIMITS,
    enough_text: bool = True,
    leaned: Row | None = None,
) -> Explanation:
    """Take the score of one pair apart.

    Parameters
    ----------
    texts : (idea, profile)
        ``Document.content`` of both.
    hubs : (idea, profile)
        Their hub means.
    analyser, space, weights
        Those of the generation.
    limits : Limits
        Those of the generation.
    enough_text : bool
        False where the pair gets no word for its fit.
    leaned : Row, optional
        The profile's vector where it differs from that of its text, by what it has learnt.

    Returns
    -------
    Explanation
        Contributions in float64. The value of a dimension is split over its source words in
        proportion to what they gave to it.
    """
    sides = []
    for text in texts:
        analysis = analyser.analyse(text, with_spans=True)
        vector, _ = vectors([analysis], weights, space)
        sides.append(_Side(text, analysis, vector))
    idea, profile = sides
    common, products = _products(idea.vector, profile.vector)
    is_gram = np.array(
        [space.vocabulary.names[number].startswith(GRAM) for number in common.tolist()], dtype=bool
    )
    words = _word_parts(idea, profile, space, common[~is_gram], products[~is_gram])
    spelling = _spelling_parts(idea, profile, space, common[is_gram], products[is_gram])
    cosine = float(products.sum())
    learnt: list[Part] = []
    if leaned is not None:
        cells = leaned.values.astype(np.float64), leaned.ids, [0, len(leaned.ids)]
        vector = csr_matrix(cells, shape=(1, int(leaned.ids[-1]) + 1 if len(leaned.ids) else 1))
        whole = float(_products(idea.vector, vector)[1].sum())
        learnt = [Part("learnt", "", "", "decisions", whole - cosine)]
        cosine = whole
    score = cosine - (hubs[0] + hubs[1]) / 2
    hub_parts = [
        Part("hub", "", "", side, -hub / 2)
        for side, hub in zip(("idea", "profile"), hubs, strict=True)
    ]
    parts = tuple([*words, *spelling, *learnt, *(part for part in hub_parts if part.contribution)])
    return Explanation(score, cosine, parts, band_of(score, limits=limits, enough_text=enough_text))


def _products(
    idea: csr_matrix, profile: csr_matrix
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    common, left, right = np.intersect1d(
        idea.indices, profile.indices, assume_unique=True, return_indices=True
    )
    return common, idea.data[left] * profile.data[right]


def _mass(
    sources: Mapping[str, int],
    limit: int,
    common: NDArray[np.int32],
    products: NDArray[np.float64],
    place: Callable[[str], tuple[NDArray[np.int32], NDArray[np.float64]]],
) -> _Mass:
    """Split each common dimension over its sources; all sources together have a share of one."""
    names = list(sources)
    placed = [place(name) for name in names]
    lengths = [len(ids) for ids, _ in placed]
    if not sum(lengths) or not len(common):
        return _Mass([], csr_matrix((0, len(common))))
    ids = np.concatenate([ids for ids, _ in placed])
    rows = np.repeat(np.arange(len(names)), lengths)
    capped = np.array([min(count, limit) for count in sources.values()], dtype=np.float64)
    repeats = np.repeat(damped(capped), lengths)
    values = np.concatenate([weights for _, weights in placed]) * repeats
    columns = np.minimum(np.searchsorted(common, ids), len(common) - 1)
    within = common[columns] == ids
    rows, columns, values = rows[within], columns[within], values[within]
    totals = np.bincount(columns, weights=values, minlength=len(common))
    shares = values / totals[columns]
    mass = np.bincount(rows, weights=shares * products[columns], minlength=len(names))
    kept = np.sort(np.argsort(-mass, kind="stable")[:_SOURCES])
    kept = kept[mass[kept] > 0.0]
    matrix = csr_matrix((shares, (rows, columns)), shape=(len(names), len(common)))
    return _Mass([names[row] for row in kept.tolist()], matrix[kept])


def _pairs(left: _Mass, right: _Mass, products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Contributions of source pairs, shape (n_left, n_right)."""
    return np.asarray((left.shares.multiply(products[None, :]).tocsr() @ right.shares.T).toarray())


def _best(pairs: NDArray[np.float64], most: int) -> list[tuple[int, int]]:
    """Rows and columns of the largest positive cells, largest first."""
    order = np.argsort(-pairs, axis=None, kind="stable")[:most]
    order = order[pairs.ravel()[order] > 0.0]
    return [(flat // pairs.shape[1], flat % pairs.shape[1]) for flat in order.tolist()]


def _with_rest(kind: Kind, parts: list[Part], total: float) -> list[Part]:
    """Add what the named parts leave over, so that all parts sum to ``total``."""
    rest = total - sum(part.contribution for part in parts)
    return [*parts, Part(kind, "", "", "", rest)] if abs(rest) > 1e-9 else parts


def _word_parts(
    idea: _Side,
    profile: _Side,
    space: Space,
    common: NDArray[np.int32],
    products: NDArray[np.float64],
) -> list[Part]:
    def place(unit: str) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        projection = space.project(unit)
        return projection.ids, projection.weights

    limit = space.parameters.max_repeats
    left = _mass(idea.analysis.units, limit, common, products, place)
    right = _mass(profile.analysis.units, limit, common, products, place)
    pairs = _pairs(left, right, products)
    parts = []
    for row, column in _best(pairs, _WORD_PAIRS):
        one, other = left.sources[row], right.sources[column]
        if FUNCTION in (one[0], other[0]):
            continue
        spans = tuple(idea.analysis.unit_spans[one]), tuple(profile.analysis.unit_spans[other])
        parts.append(
            Part(
                "word",
                _at(idea.text, spans[0]),
                _at(profile.text, spans[1]),
                _concept(one, other, space.lexicon),
                float(pairs[row, column]),
                *spans,
            )
        )
    return _with_rest("word", parts, float(products.sum()))


def _at(text: str, spans: tuple[Span, ...]) -> str:
    start, end = spans[0]
    return text[start:end]


def _concept(one: str, other: str, lexicon: Lexicon) -> str:
    for unit in (one, other):
        if unit in lexicon.concept_of:
            return lexicon.concept_of[unit]
    for unit in (one, other):
        if unit in lexicon.english:
            return lexicon.english[unit]
    return one.replace(JOIN, " ").lstrip(NUMBER)


def _spelling_parts(
    idea: _Side,
    profile: _Side,
    space: Space,
    common: NDArray[np.int32],
    products: NDArray[np.float64],
) -> list[Part]:
    def place(word: str) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        ids = space.gram_ids(word)
        return ids, np.ones(len(ids))

    limit = space.parameters.max_repeats
    left = _mass(idea.analysis.spellings, limit, common, products, place)
    right = _mass(profile.analysis.spellings, limit, common, products, place)
    pairs = _pairs(left, right, products)
    parts: list[Part] = []
    for row, column in _best(pairs, 20 * _SPELLING_PAIRS):
        one, other = left.sources[row], right.sources[column]
        if len(parts) == _SPELLING_PAIRS:
            break
        if not _alike(set(place(one)[0].tolist()), set(place(other)[0].tolist())):
            continue
        spans = idea.analysis.spelling_spans[one], profile.analysis.spelling_spans[other]
        places = tuple(spans[0]), tuple(spans[1])
        part = Part(
            "spelling",
            _at(idea.text, places[0]),
            _at(profile.text, places[1]),
            one if one == other else "",
            float(pairs[row, column]),
            *places,
        )
        parts.append(part)
    return _with_rest("spelling", parts, float(products.sum()))


def _alike(one: set[int], other: set[int]) -> bool:
    return len(one & other) >= _LIKE * min(len(one), len(other))
