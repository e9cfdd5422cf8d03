"""The title and summary that outsiders read: proposed, cleared of places, then confirmed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from matcher.errors import Invalid, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import AcceptedMark, Idea, IdeaStatus, ReleaseText, TextOrigin
from matcher.models.organisation import Settlement
from matcher.models.user import Membership
from matcher.services import access, audit
from matcher.services.idea_moves import OPEN
from matcher.services.places import Mark, find_marks

WRITABLE = OPEN - {IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF}
IN_USE = frozenset({IdeaStatus.PUBLISHED, IdeaStatus.ON_HOLD, IdeaStatus.STALE})


@dataclass(frozen=True)
class Wording:
    """A title and a summary in one language, not yet stored."""

    title: str
    summary: str
    origin: TextOrigin = TextOrigin.HUMAN


@dataclass(frozen=True)
class TextMark:
    """A telling stretch of a title or summary and why the office lets it stand, if it does."""

    field: str
    mark: Mark
    reason: str

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has accepted the mark yet."""
        return not self.reason


# Reading


def settlement_names() -> frozenset[str]:
    """Return the names of all settlements that this installation knows."""
    return frozenset(db.session.scalars(sa.select(Settlement.name_uk)))


def find_text(idea: Idea, language: Language) -> ReleaseText | None:
    """Return the stored text in this language, confirmed or not."""
    return next((text for text in idea.release_texts if text.language == language), None)


def proposals(idea: Idea) -> dict[Language, Wording]:
    """Return what the community wrote itself, by language; a language without text is absent."""
    wordings = {
        Language.UK: Wording(idea.title, idea.summary),
        Language.EN: Wording(idea.title_en, idea.summary_en),
    }
    return {language: text for language, text in wordings.items() if text.title or text.summary}


def accepted_reasons(idea: Idea) -> dict[str, str]:
    """Return the fragments that the office lets stand in this idea, with the reasons."""
    statement = sa.select(AcceptedMark).where(AcceptedMark.idea_id == idea.id)
    return {row.fragment: row.reason for row in db.session.scalars(statement)}


def marks_in(wording: Wording | ReleaseText, accepted: Mapping[str, str]) -> list[TextMark]:
    """Return the marks of a title and a summary, each with its reason or none."""
    names = settlement_names()
    return [
        TextMark(field, mark, accepted.get(mark.fragment, "").strip())
        for field, text in (("title", wording.title), ("summary", wording.summary))
        for mark in find_marks(text, names)
    ]


def marks_of(idea: Idea, language: Language) -> list[TextMark]:
    """Return the marks of the stored text, or of the community's own words where none is."""
    wording = find_text(idea, language) or proposals(idea).get(language)
    return marks_in(wording, accepted_reasons(idea)) if wording else []


def digest(text: ReleaseText | None) -> str:
    """Return a short sign of a stored wording: a form says with it what its reader saw."""
    if text is None:
        return ""
    return hashlib.sha256(f"{text.title}\n{text.summary}".encode()).hexdigest()[:16]


def is_current(idea: Idea, text: ReleaseText) -> bool:
    """Tell whether the text was confirmed for the idea's present revision."""
    return text.reviewed_at is not None and text.revision == idea.revision


# Writing


def save(
    actor: Membership,
    idea_id: int,
    language: Language,
    *,
    title: str,
    summary: str,
    accepted: Mapping[str, str],
    confirm: bool,
    now: datetime,
    origin: TextOrigin = TextOrigin.HUMAN,
    seen: str | None = None,
) -> ReleaseText:
    """Store a wording; confirmed, outsiders read it.

    ``accepted`` says why a marked fragment may stand; ``seen`` is the digest of the wording
    that the writer started from. Raises WrongState while a mark of a text to be confirmed is
    neither removed nor accepted, and when a text that is read outside would go unconfirmed.
    """
    idea = get_writable(actor, idea_id)
    wording = Wording(title.strip(), summary.strip(), origin)
    for name in ("title", "summary"):
        if not getattr(wording, name):
            raise Invalid("release_text_empty", field=name)
    text = find_text(idea, language)
    if seen is not None and seen != digest(text):
        raise Stale("stale", idea_id=idea.id)
    is_read = text is not None and text.reviewed_at is not None and idea.status in IN_USE
    if is_read and not confirm:
        raise WrongState("release_text_read")
    reasons = accept_marks(actor, idea, wording, accepted, now=now)
    if confirm and any(mark.is_open for mark in marks_in(wording, reasons)):
        raise WrongState("release_text_marks")
    text = write(idea, text, language, wording)
    text.reviewed_at, text.reviewed_by_id = (now, actor.user_id) if confirm else (None, None)
    db.session.flush()
    record(actor, text, reasons, now=now)
    db.session.flush()
    return text


def get_writable(actor: Membership, idea_id: int) -> Idea:
    """Return an idea whose release text the office may write now."""
    access.require(actor, access.OFFICE)
    idea = access.get_idea(actor, idea_id)
    if idea.status not in WRITABLE:
        raise WrongState("move", status=idea.status)
    return idea


def write(
    idea: Idea, text: ReleaseText | None, language: Language, wording: Wording
) -> ReleaseText:
    """Put the wording into the idea's row of this language, for its present revision."""
    if text is None:
        text = ReleaseText(idea=idea, language=language)
        db.session.add(text)
    text.title, text.summary, text.origin = wording.title, wording.summary, wording.origin
    text.revision = idea.revision
    return text


def accept_marks(
    actor: Membership, idea: Idea, wording: Wording, given: Mapping[str, str], *, now: datetime
) -> dict[str, str]:
    """Store why marked fragments may stand; an emptied reason takes the consent back."""
    rows = {
        row.fragment: row
        for row in db.session.scalars(
            sa.select(AcceptedMark).where(AcceptedMark.idea_id == idea.id)
        )
    }
    for fragment in dict.fromkeys(found.mark.fragment for found in marks_in(wording, {})):
        if fragment not in given:
            continue
        reason, row = given[fragment].strip(), rows.get(fragment)
        if row is not None and not reason:
            db.session.delete(rows.pop(fragment))
        elif reason and (row is None or row.reason != reason):
            row = row or AcceptedMark(idea_id=idea.id, fragment=fragment)
            row.reason, row.accepted_by_id, row.accepted_at = reason, actor.user_id, now
            db.session.add(row)
            rows[fragment] = row
    db.session.flush()
    return {fragment: row.reason for fragment, row in rows.items()}


def record(
    actor: Membership, text: ReleaseText, reasons: Mapping[str, str], *, now: datetime
) -> None:
    """Note in the audit trail what was saved: sizes and codes, never the words."""
    marks = marks_in(text, reasons)
    audit.record(
        actor,
        "release_text.confirmed" if text.reviewed_at else "release_text.saved",
        text,
        now=now,
        new={
            "idea_id": text.idea_id,
            "language": text.language,
            "origin": text.origin,
            "revision": text.revision,
            "length": len(text.title) + len(text.summary),
            "marks_accepted": sum(not mark.is_open for mark in marks),
        },
    )
