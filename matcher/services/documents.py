"""Turns ideas and profiles into the engine's documents, and places in them back into fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from matcher.engine import Document
from matcher.models.idea import ReleaseText

IDEA_FIELDS = ("summary", "problem", "activities", "result", "title_en", "summary_en")
PROFILE_FIELDS = ("text_en", "title_uk", "text_uk")
RELEASE_FIELDS = ("summary",)
BREAK = "\n"


class Place(NamedTuple):
    """A stretch of one field of an idea or a profile, in characters."""

    field: str
    start: int
    end: int


def idea_document(idea_id: int, revision: int, content: Mapping[str, Any]) -> Document:
    """Return the document of one revision of an idea: all its texts, in both languages."""
    return _document(f"{idea_id}:{revision}", "title", IDEA_FIELDS, content)


def profile_document(profile_id: int, revision: int, content: Mapping[str, Any]) -> Document:
    """Return the document of one revision of a profile; what it excludes is no part of it."""
    return _document(f"{profile_id}:{revision}", "title_en", PROFILE_FIELDS, content)


def release_document(text: ReleaseText) -> Document:
    """Return the document of what outsiders read of an idea in one language."""
    content = {"title": text.title, "summary": text.summary}
    return _document(f"release:{text.id}", "title", RELEASE_FIELDS, content)


def _document(
    identifier: str, title: str, fields: tuple[str, ...], content: Mapping[str, Any]
) -> Document:
    text = BREAK.join(str(content.get(name) or "") for name in fields)
    return Document(identifier, str(content.get(title) or ""), text)


def row_id(document_id: str) -> int:
    """Return the idea's or profile's id from a document's identifier."""
    return int(document_id.partition(":")[0])


def idea_places(content: Mapping[str, Any], start: int, end: int) -> list[Place]:
    """Return where a stretch of an idea's document stands in the idea's fields."""
    return _places(("title", *IDEA_FIELDS), content, start, end)


def profile_places(content: Mapping[str, Any], start: int, end: int) -> list[Place]:
    """Return where a stretch of a profile's document stands in the profile's fields."""
    return _places(("title_en", *PROFILE_FIELDS), content, start, end)


def release_places(content: Mapping[str, Any], start: int, end: int) -> list[Place]:
    """Return where a stretch of a release document stands in its title or summary."""
    return _places(("title", *RELEASE_FIELDS), content, start, end)


def _places(
    fields: tuple[str, ...], content: Mapping[str, Any], start: int, end: int
) -> list[Place]:
    found: list[Place] = []
    offset = 0
    for name in fields:
        length = len(str(content.get(name) or ""))
        first, last = max(start, offset), min(end, offset + length)
        if first < last:
            found.append(Place(name, first - offset, last - offset))
        offset += length + len(BREAK)
    return found
