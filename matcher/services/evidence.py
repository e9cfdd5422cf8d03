"""Why a pair fits: its strongest word pairs, numbered, with their places in both texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from matcher.engine import Document, Explanation, Lexicon, Part
from matcher.engine.lexicon import term_keys
from matcher.models.codes import Language
from matcher.models.match import Match
from matcher.services import decisions, documents, ranking
from matcher.services.corpus import idea_document_of, profile_document_of
from matcher.services.index import Index

Marks = dict[str, list[dict[str, int]]]
FindPlaces = Callable[[Mapping[str, Any], int, int], list[documents.Place]]


@dataclass(frozen=True)
class Notion:
    """A numbered word pair; ``words`` are the lexicon's own for it, Ukrainian and English."""

    number: int
    idea: str
    profile: str
    contribution: float
    words: tuple[str, str] | None


@dataclass(frozen=True)
class Evidence:
    """Why a pair fits: the explanation and, by field, the numbered stretches to mark."""

    explanation: Explanation
    idea_marks: Marks
    profile_marks: Marks
    shared: list[Notion]


def evidence(index: Index, match: Match, *, now: datetime, today: date, best: int = 12) -> Evidence:
    """Explain a pair to the office, on the full texts of its revisions."""
    ranking.ensure_generation(index, now=now, today=today)
    content = match.idea_revision.content
    return explain(
        index,
        idea_document_of(match.idea_revision),
        match,
        content,
        documents.idea_places,
        best=best,
    )


def outside_evidence(
    index: Index,
    match: Match,
    language: Language,
    *,
    now: datetime,
    today: date,
    best: int = 8,
) -> Evidence | None:
    """Explain a pair to its donor or community, on the release text alone."""
    text = decisions.find_release_text(match.idea, language)
    if text is None:
        return None
    ranking.ensure_generation(index, now=now, today=today)
    content = {"title": text.title, "summary": text.summary}
    document = documents.release_document(text)
    return explain(index, document, match, content, documents.release_places, best=best)


def explain(
    index: Index,
    document: Document,
    match: Match,
    content: Mapping[str, Any],
    find_places: FindPlaces,
    *,
    best: int,
) -> Evidence:
    """Number the strongest word pairs and find their places in both texts."""
    profile = match.profile_revision
    explanation = index.read(
        lambda generation: generation.explain(document, profile_document_of(profile))
    )
    idea_marks: Marks = {}
    profile_marks: Marks = {}
    shared: list[Notion] = []
    named = [part for part in explanation.parts if part.kind == "word" and part.idea_word]
    for number, part in enumerate(named[:best], start=1):
        words = notion_words(index.lexicon, part)
        one, other = part.idea_word, part.profile_word
        shared.append(Notion(number, one, other, part.contribution, words))
        for start, end in part.idea_spans:
            add_marks(idea_marks, find_places(content, start, end), number)
        for start, end in part.profile_spans:
            add_marks(profile_marks, documents.profile_places(profile.content, start, end), number)
    return Evidence(explanation, idea_marks, profile_marks, shared)


def notion_words(lexicon: Lexicon, part: Part) -> tuple[str, str] | None:
    """Return the lexicon's words for a Ukrainian word of a pair, where they say more than it does.

    Its English is the one that stands in the other text, else the first. Two English words need
    none: an English word alone does not tell which of its Ukrainian notions is meant.
    """
    concept = lexicon.concept(part.concept)
    if concept is None:
        return None
    said = [term_keys(word, lexicon.table) for word in (part.idea_word, part.profile_word)]
    ukrainian, english = (
        [term for term in terms if term_keys(term, lexicon.table) in said]
        for terms in (concept.ukrainian, concept.english)
    )
    if not ukrainian:
        return None
    words = ukrainian[0], english[0] if english else concept.english[0]
    shown = {part.idea_word.casefold(), part.profile_word.casefold()}
    return None if {word.casefold() for word in words} <= shown else words


def add_marks(marks: Marks, places: Sequence[documents.Place], number: int) -> None:
    """Add numbered stretches in order; a stretch that overlaps an earlier one is left out."""
    for place in places:
        row = marks.setdefault(place.field, [])
        if all(place.end <= mark["start"] or place.start >= mark["end"] for mark in row):
            row.append({"start": place.start, "end": place.end, "number": number})
            row.sort(key=lambda mark: mark["start"])
