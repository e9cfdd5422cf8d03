"""A donor's file: the log of talks, open pairs, the last answer, and the packs to take along."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from matcher.errors import Invalid, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Channel, Language
from matcher.models.idea import Idea, ReleaseText
from matcher.models.match import ContactNote, Match, MatchEvent, MatchStatus
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile
from matcher.models.user import Membership, User
from matcher.services import access, audit, decisions, form_keys
from matcher.services.donors import INTRODUCED, WITH_DONOR, get_donor

ANSWERS = frozenset({"interested", "ask", "decline", "restored", "talks", "fund", "not_funded"})
LONGEST_NOTE, LONGEST_STEP = 4000, 500


@dataclass(frozen=True)
class Overview:
    """What stands beside a donor's contact log."""

    pairs: list[Match]
    introduced: int
    people: list[User]
    notes: list[ContactNote]
    last_answer: MatchEvent | None
    next_step: ContactNote | None


@dataclass(frozen=True)
class BriefedPair:
    """One pair of a briefing pack, in the words that outsiders may read."""

    match: Match
    texts: Mapping[Language, ReleaseText]


# Reading


def view_donor(actor: Membership, organisation_id: int) -> tuple[Organisation, Overview]:
    """Return a donor with its log, its open pairs and its people; raises NotFound."""
    donor = get_donor(actor, organisation_id)
    pairs = list_pairs(actor, donor.id, statuses=WITH_DONOR)
    notes = list_notes(actor, donor.id)
    waiting = [note for note in notes if note.done_at is None and note.due_on is not None]
    return donor, Overview(
        pairs=pairs,
        introduced=sum(pair.status in INTRODUCED for pair in pairs),
        people=access.people_of(donor.id),
        notes=notes,
        last_answer=find_last_answer(actor, donor.id),
        next_step=min(waiting, key=lambda note: (note.due_on, note.id), default=None),
    )


def list_pairs(
    actor: Membership, organisation_id: int, *, statuses: Collection[MatchStatus]
) -> list[Match]:
    """Return this donor's pairs in these states, best first, as far as one may see."""
    statement = (
        access.matches_seen_by(actor)
        .where(Profile.organisation_id == organisation_id, Match.status.in_(statuses))
        .options(
            contains_eager(Match.idea).options(
                joinedload(Idea.organisation), selectinload(Idea.release_texts)
            ),
            contains_eager(Match.profile),
        )
        .order_by(sa.func.coalesce(Match.score, -1.0).desc(), Match.id)
    )
    return list(db.session.scalars(statement))


def find_last_answer(actor: Membership, organisation_id: int) -> MatchEvent | None:
    """Return the latest thing the donor said about a pair, itself or through the office."""
    seen = (
        access.matches_seen_by(actor)
        .where(Profile.organisation_id == organisation_id)
        .with_only_columns(Match.id, maintain_column_froms=True)
    )
    statement = (
        sa.select(MatchEvent)
        .where(MatchEvent.match_id.in_(seen), MatchEvent.act.in_(ANSWERS))
        .options(joinedload(MatchEvent.match).joinedload(Match.idea), joinedload(MatchEvent.by))
        .order_by(MatchEvent.id.desc())
        .limit(1)
    )
    return db.session.scalars(statement).one_or_none()


def list_notes(actor: Membership, organisation_id: int) -> list[ContactNote]:
    """Return the log of a donor as far as one may see it, newest first."""
    statement = (
        access.notes_seen_by(actor)
        .where(ContactNote.organisation_id == organisation_id)
        .options(joinedload(ContactNote.by))
        .order_by(ContactNote.on.desc(), ContactNote.id.desc())
    )
    return list(db.session.scalars(statement))


# The log


def add_note(
    actor: Membership,
    organisation_id: int,
    *,
    on: date,
    channel: Channel,
    said: str,
    next_step: str = "",
    due_on: date | None = None,
    match_id: int | None = None,
    now: datetime,
    today: date,
    key: str = "",
) -> ContactNote:
    """Write down a talk or letter, with the next step and its day; once for each form key."""
    donor = get_donor(actor, organisation_id)
    content = {
        "organisation_id": donor.id,
        "match_id": match_id,
        "on": on,
        "channel": channel,
        "said": said.strip(),
        "next_step": next_step.strip(),
        "due_on": due_on,
    }
    known = form_keys.find_subject(actor, key, "contact.noted", content) if key else None
    if known is not None:
        return db.session.get_one(ContactNote, known)
    check_note(actor, content, donor, today=today)
    note = ContactNote(**content, by_id=actor.user_id, created_at=now)
    db.session.add(note)
    db.session.flush()
    if key:
        form_keys.remember(actor, key, "contact.noted", content, note.id, now=now)
    new = {"on": on, "channel": channel, "due_on": due_on, "organisation_id": donor.id}
    audit.record(actor, "contact.noted", note, now=now, new=new)
    db.session.flush()
    return note


def check_note(
    actor: Membership, content: Mapping[str, object], donor: Organisation, *, today: date
) -> None:
    """A talk has taken place and says something; a next step has a day; a pair is this donor's."""
    said, step, on = str(content["said"]), str(content["next_step"]), content["on"]
    if not said:
        raise Invalid("note_empty", field="said")
    if len(said) > LONGEST_NOTE:
        raise Invalid("text_long", field="said")
    if len(step) > LONGEST_STEP:
        raise Invalid("text_long", field="next_step")
    if isinstance(on, date) and on > today:
        raise Invalid("day_ahead", field="on")
    if bool(step) != (content["due_on"] is not None):
        raise Invalid("step_and_day", field="due_on" if step else "next_step")
    match_id = content["match_id"]
    if isinstance(match_id, int):
        match = access.get_match(actor, match_id)
        if match.profile.organisation_id != donor.id:
            raise NotFound("match")


def finish_note(
    actor: Membership, organisation_id: int, note_id: int, *, now: datetime
) -> ContactNote:
    """Tick a next step off; raises NotFound, WrongState when it is done already."""
    donor = get_donor(actor, organisation_id)
    seen = access.notes_seen_by(actor).where(
        ContactNote.id == note_id, ContactNote.organisation_id == donor.id
    )
    note = db.session.scalars(seen).one_or_none()
    if note is None:
        raise NotFound("note")
    if note.done_at is not None or not note.next_step:
        raise WrongState("step_done")
    note.done_at = now
    audit.record(actor, "contact.step_done", note, now=now, old={"due_on": note.due_on})
    db.session.flush()
    return note


# Briefing packs


def list_briefable(actor: Membership, organisation_id: int) -> list[Match]:
    """Return the open pairs of a donor that were released: what a pack may be made of."""
    pairs = list_pairs(actor, organisation_id, statuses=WITH_DONOR)
    return [pair for pair in pairs if pair.released_at is not None]


def brief(actor: Membership, organisation_id: int, match_ids: Collection[int]) -> list[BriefedPair]:
    """Return the chosen pairs with their confirmed release texts in both languages, best first.

    Whatever is not released to this donor, or not for this reader, is left out.
    """
    chosen = [row for row in list_briefable(actor, organisation_id) if row.id in set(match_ids)]
    pack = []
    for match in chosen:
        found = {code: decisions.find_release_text(match.idea, code) for code in Language}
        texts = {code: text for code, text in found.items() if text is not None}
        if texts:
            pack.append(BriefedPair(match, texts))
    return pack
