"""Finds what gives a place away in a text: settlements, addresses, coordinates, institutions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import simplemma

from matcher.engine.text import TOKEN, Piece, pieces_of, romanise
from matcher.services.place_forms import (
    adjective_stems,
    compound_stems,
    fold,
    forms_of,
    is_adjective_of,
    is_ordinary,
)
from matcher.services.place_patterns import NUMBERED, PAPER, PAPER_BEFORE, PATTERNS, MarkKind

LONGEST_FRAGMENT = 200
BLANKS = " \t\r\n\u00a0,;"
SHORTEST_LATIN_CASE = 5

# "с. Зелене" is a village however it is written; after "село" the capital letter decides.
_ABBREVIATED = re.compile(r"(?:\b(?:с|м|смт|с-ще|х|v)\.|\bсмт)[\s\u00a0]*[«“\"]?$", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:сел[оаіу]|селом|селами|селах|сіл|селищ\w+|міст[оаі]|місту|містом|містечк\w+|хутор\w*"
    r"|хутір|(?:village|town|city|settlement)(?:\s+of)?)[\s\u00a0]*[«“\"]?$",
    re.IGNORECASE,
)
# After these words an adjective names a community or a district, which everybody may read.
_COMMUNITY = re.compile(
    r"(?:\s*(?:,|та|і|й|and)\s+[\w’'ʼ-]+(?:ськ|цьк|зьк|sk|tsk)\w*)*[\s\u00a0]*"
    r"(?:(?:міськ|сільськ|селищн|urban|rural|settlement|territorial)\w*\s+)*"
    r"(?:(?:об[’'ʼ]єднан\w+\s+)?територіальн\w+\s+)?"
    r"(?:громад\w*|[ОСМ]?ТГ\b|район\w*|р-н|обл(?:аст\w+|\.)|рад[аиіою]+\b|hromadas?\b|oblast\b|raion\b"
    r"|region\b|district\b|council\b|(?:communit(?:y|ies)|municipality)\b"
    r"(?!\s+(?:cent|hall|house|school|kitchen|garden|club|librar|clinic|shelter)))",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;•…«“„\"(\n–—-])\s*$")


@dataclass(frozen=True)
class Mark:
    """A stretch of a text, in characters, that gives a place away."""

    start: int
    end: int
    fragment: str
    kind: MarkKind


@dataclass(frozen=True)
class Gazetteer:
    """Place names ready for comparison; the values of ``single`` say "is an ordinary word too"."""

    single: dict[str, bool]
    several: dict[str, list[list[frozenset[str]]]]
    stems: frozenset[str]


@dataclass(frozen=True)
class Word:
    """A word of a text with its place in it."""

    start: int
    end: int
    raw: str
    folded: str


def find_marks(text: str, settlement_names: Collection[str]) -> list[Mark]:
    """Return what gives a place away in ``text``, by position; marks never overlap.

    ``settlement_names`` are nominatives, Ukrainian or English; cases, adjectives and the
    official romanisation are made here. Names of communities, districts and the oblast are
    no marks.
    """
    found = [
        Mark(hit.start(), hit.end(), hit.group(), kind)
        for kind, pattern in PATTERNS
        for hit in pattern.finditer(text)
    ]
    found += find_numbered(text)
    found += find_settlements(text, gazetteer(frozenset(settlement_names)))
    return merge(text, found)


def merge(text: str, found: list[Mark]) -> list[Mark]:
    """Return the marks in order; those that overlap become one of the first one's kind."""
    kept: list[Mark] = []
    for mark in sorted(found, key=lambda mark: (mark.start, -mark.end)):
        if kept and mark.start < kept[-1].end:
            first = kept.pop()
            end = max(first.end, mark.end)
            mark = Mark(first.start, end, text[first.start : end], first.kind)
        kept.append(mark)
    return [trimmed for trimmed in map(trim, kept) if trimmed.fragment]


def trim(mark: Mark) -> Mark:
    """Return the mark without blanks and commas at its ends, no longer than can be stored."""
    fragment = mark.fragment[:LONGEST_FRAGMENT]
    start = mark.start + len(fragment) - len(fragment.lstrip(BLANKS))
    fragment = fragment.strip(BLANKS)
    return Mark(start, start + len(fragment), fragment, mark.kind)


def find_numbered(text: str) -> list[Mark]:
    """Return numbered things that are no papers: an institution, a well, a boiler house."""
    return [
        Mark(hit.start(), hit.end(), hit.group(), MarkKind.INSTITUTION)
        for hit in NUMBERED.finditer(text)
        if not PAPER.match(hit.group())
        and not PAPER_BEFORE.search(text[max(0, hit.start() - 60) : hit.start()])
    ]


@lru_cache(maxsize=4)
def gazetteer(names: frozenset[str]) -> Gazetteer:
    """Return the names with all their forms; a name of one letter is no name."""
    single: dict[str, bool] = {}
    several: dict[str, list[list[frozenset[str]]]] = {}
    stems: set[str] = set()
    for name in sorted(names):
        words = [fold(piece) for piece in re.split(r"[\s\u00a0-]+", name) if len(piece) > 1]
        if not words:
            continue
        if len(words) > 1:
            parts = [frozenset(both_scripts(forms_of(word))) for word in words]
            for form in parts[0]:
                several.setdefault(form, []).append(parts)
            stems |= compound_stems(words)
            continue
        word = words[0]
        ordinary = is_ordinary(word)
        for form in both_scripts(forms_of(word)) | {romanise(word)}:
            single[form] = single.get(form, True) and ordinary
        stems |= adjective_stems(word)
    return Gazetteer(single, several, frozenset(stems | {romanise(stem) for stem in stems}))


def both_scripts(forms: set[str]) -> set[str]:
    """Return the forms and their romanisations; short ones would meet English words."""
    latin = {romanise(form) for form in forms}
    return forms | {form for form in latin if len(form) >= SHORTEST_LATIN_CASE}


def words_of(text: str) -> list[Word]:
    """Return the words of a text; hyphened words come as their pieces."""
    words: list[Word] = []
    for token in TOKEN.finditer(text):
        if token.lastgroup == "word":
            pieces: list[Piece] = pieces_of(token.group())
            words += [
                Word(token.start() + p.start, token.start() + p.end, p.form, fold(p.form))
                for p in pieces
            ]
    return words


def find_settlements(text: str, names: Gazetteer) -> Iterator[Mark]:
    """Yield the settlements of a text: names of several words first, then single ones."""
    words = words_of(text)
    position = 0
    while position < len(words):
        length = match_several(text, words, position, names)
        if not length and is_place(text, words[position], names):
            length = 1
        if length:
            start, end = words[position].start, words[position + length - 1].end
            yield Mark(start, end, text[start:end], MarkKind.SETTLEMENT)
        position += length or 1


def match_several(text: str, words: list[Word], position: int, names: Gazetteer) -> int:
    """Return how many words make a name of several words here; each is written large."""
    best = 0
    for parts in names.several.get(words[position].folded, []):
        chosen = words[position : position + len(parts)]
        fits = len(chosen) == len(parts) and all(
            word.folded in part for word, part in zip(chosen, parts, strict=True)
        )
        if fits and joined(text, chosen) and is_proper(text, chosen):
            best = max(best, len(parts))
    return best


def joined(text: str, words: list[Word]) -> bool:
    """Tell whether only a blank or a hyphen stands between the words."""
    gaps = (text[a.end : b.start] for a, b in pairwise(words))
    return all(re.fullmatch(r"[ \t\u00a0]+|[-‐‑–]", gap) for gap in gaps)


def is_proper(text: str, words: list[Word]) -> bool:
    """Tell whether the words are written as a name or stand after "village"."""
    if all(word.raw[0].isupper() for word in words):
        return True
    if not any(is_everyday(word) for word in words):
        return True
    before = text[max(0, words[0].start - 24) : words[0].start]
    return bool(_BEFORE.search(before) or _ABBREVIATED.search(before))


def is_place(text: str, word: Word, names: Gazetteer) -> bool:
    """Tell whether a single word names a settlement here, or is the adjective of one."""
    ordinary = names.single.get(word.folded)
    is_adjective = is_adjective_of(word.folded, names.stems)
    if (is_adjective or word.raw.isascii()) and _COMMUNITY.match(text, word.end):
        return False
    if ordinary is None and not is_adjective:
        return False
    before = text[max(0, word.start - 24) : word.start]
    if _ABBREVIATED.search(before):
        return True
    if ordinary is None:
        known = simplemma.is_known(word.folded, lang="uk")
        return not known or (word.raw[0].isupper() and not starts_sentence(text, word))
    if word.raw[0].isupper() and _BEFORE.search(before):
        return True
    return reads_as_name(text, word, ordinary=ordinary)


def reads_as_name(text: str, word: Word, *, ordinary: bool) -> bool:
    """Tell whether the way a word is written makes it a name."""
    if not word.raw[0].isupper():
        return not ordinary and not is_everyday(word)
    if word.raw.isascii() and simplemma.is_known(word.folded, lang="en"):
        return not starts_sentence(text, word)
    if ordinary and starts_sentence(text, word):
        # "Зелене:" and "Мирне, Садки" are names, "Зелене будівництво" is not.
        return not re.match(r"[\s\u00a0]+[^\W\d_A-ZА-ЯҐЄІЇ]", text[word.end :])
    return not (ordinary and word.raw.isupper() and len(word.raw) > 1)


def is_everyday(word: Word) -> bool:
    """Tell whether a word in small letters belongs to the everyday language."""
    language = "en" if word.raw.isascii() else "uk"
    return len(word.folded) < SHORTEST_LATIN_CASE or simplemma.is_known(word.folded, lang=language)


def starts_sentence(text: str, word: Word) -> bool:
    """Tell whether a capital letter is due here anyway."""
    return bool(_SENTENCE_START.search(text[max(0, word.start - 6) : word.start]))
