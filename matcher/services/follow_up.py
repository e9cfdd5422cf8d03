"""What comes after an introduction: whom to ask next, and one line about each contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.codes import Channel
from matcher.models.idea import Idea
from matcher.models.match import ContactNote, Match, MatchEvent, MatchStatus
from matcher.models.profile import Profile
from matcher.models.user import Membership
from matcher.services import access, audit, form_keys

PAGE = 25
SILENT_AFTER = timedelta(days=30)
FOLLOWED = frozenset({MatchStatus.INTRODUCED, MatchStatus.IN_TALKS})


@dataclass(frozen=True)
class FollowUp:
    """An introduced pair: when somebody was last heard, and whether that is too long ago."""

    match: Match
    last_event_at: datetime
    last_note: ContactNote | None
    is_silent: bool
    is_due: bool


def list_follow_ups(
    actor: Membership, *, page: int, now: datetime, today: date
) -> tuple[list[FollowUp], int]:
    """Return one page of introduced pairs and how many there are.

    Silent ones first, then those whose next contact is due, then those without a date; what
    somebody put off comes last.
    """
    access.require(actor, access.OFFICE)
    last_event, silent, due, group = standing(now=now, today=today)
    guarded = access.matches_seen_by(actor).where(Match.status.in_(FOLLOWED))
    total = db.session.scalar(
        guarded.with_only_columns(sa.func.count(), maintain_column_froms=True).order_by(None)
    )
    statement = (
        guarded.add_columns(last_event, silent, due)
        .options(
            contains_eager(Match.idea).joinedload(Idea.organisation),
            contains_eager(Match.profile).joinedload(Profile.organisation),
        )
        .order_by(group, Match.next_contact_on, Match.status_at, Match.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    rows = db.session.execute(statement).all()
    notes = last_notes([row[0].id for row in rows])
    found = [
        FollowUp(match, heard, notes.get(match.id), bool(is_silent), bool(is_due))
        for match, heard, is_silent, is_due in rows
    ]
    return found, total or 0


def standing(*, now: datetime, today: date) -> tuple[Any, Any, Any, Any]:
    """Return the columns of a pair's standing: last act, silent, due, and its group in the list."""
    last_event = sa.func.coalesce(
        sa.select(sa.func.max(MatchEvent.at))
        .where(MatchEvent.match_id == Match.id)
        .scalar_subquery(),
        Match.status_at,
    )
    last_note = (
        sa.select(sa.func.max(ContactNote.on))
        .where(ContactNote.match_id == Match.id)
        .correlate(Match)
        .scalar_subquery()
    )
    put_off = sa.func.coalesce(Match.next_contact_on > today, sa.false())
    silent = sa.and_(
        last_event < now - SILENT_AFTER,
        sa.or_(last_note.is_(None), last_note < today - SILENT_AFTER),
        sa.not_(put_off),
    )
    due = sa.func.coalesce(Match.next_contact_on <= today, sa.false())
    group = sa.case((silent, 0), (due, 1), (Match.next_contact_on.is_(None), 2), else_=3)
    return last_event, silent, due, group


def last_notes(match_ids: list[int]) -> dict[int, ContactNote]:
    """Return the latest line of the log of each pair that has one."""
    statement = (
        sa.select(ContactNote)
        .where(ContactNote.match_id.in_(match_ids))
        .order_by(ContactNote.on, ContactNote.id)
    )
    return {note.match_id: note for note in db.session.scalars(statement) if note.match_id}


def list_notes(actor: Membership, match_id: int) -> list[ContactNote]:
    """Return the log of one pair, newest first."""
    match = access.get_match(actor, match_id)
    statement = (
        sa.select(ContactNote)
        .where(ContactNote.match_id == match.id)
        .order_by(ContactNote.on.desc(), ContactNote.id.desc())
    )
    return list(db.session.scalars(statement))


def check_line(said: str, on: date, *, today: date) -> None:
    """Raise Invalid for a line without words or of a day to come."""
    if not said.strip():
        raise Invalid("reason_text", field="said")
    if on > today:
        raise Invalid("day_future", field="on")


def log_contact(
    actor: Membership,
    match_id: int,
    *,
    key: str,
    on: date,
    channel: Channel,
    said: str,
    next_step: str = "",
    due_on: date | None = None,
    now: datetime,
    today: date,
) -> ContactNote:
    """Write one line about a contact on a pair; the day of the next one goes to the pair.

    The same form sent twice makes one line.
    """
    access.require(actor, access.OFFICE)
    match = access.get_match(actor, match_id)
    content = {"match": match.id, "on": on, "channel": channel, "said": said.strip()}
    content |= {"next_step": next_step.strip(), "due_on": due_on}
    known = form_keys.find_subject(actor, key, "contact_note", content)
    note = db.session.get(ContactNote, known) if known is not None else None
    if note is not None:
        return note
    check_line(said, on, today=today)
    note = ContactNote(
        organisation_id=match.profile.organisation_id, match_id=match.id, by_id=actor.user_id
    )
    note.on, note.channel, note.due_on, note.created_at = on, channel, due_on, now
    note.said, note.next_step = said.strip(), next_step.strip()
    db.session.add(note)
    if match.status in FOLLOWED:
        match.next_contact_on = due_on
    db.session.flush()
    form_keys.remember(actor, key, "contact_note", content, note.id, now=now)
    audit.record(actor, "contact.noted", match, now=now, new={"on": on, "due_on": due_on})
    db.session.flush()
    return note
