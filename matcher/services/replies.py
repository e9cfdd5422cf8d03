"""What a donor answers: interested, a question, not for us; said itself or told to the office."""

from __future__ import annotations

from datetime import date, datetime

from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.codes import Language, Reason
from matcher.models.match import Match, MatchEvent, MatchStatus, Question
from matcher.models.user import Membership, Role
from matcher.services import access, decisions, moves, outbox
from matcher.services.freshness import is_open
from matcher.services.moves import UNDO_WINDOW, Behalf, check_version, make_move

RESTORABLE = frozenset({MatchStatus.DECLINED})


def get_for_reply(
    actor: Membership, match_id: int, behalf: Behalf | None, version: int | None = None
) -> Match:
    """Return a pair to answer on: the donor's own, or any for staff who say on whose behalf."""
    if actor.role is not Role.DONOR:
        access.require(actor, access.OFFICE)
        if behalf is None:
            raise NotAllowed("role")
    match = access.get_match(actor, match_id)
    check_version(match, version)
    return match


def tell_office(match: Match, letter: str, event: MatchEvent, *, now: datetime) -> None:
    """Queue a letter for the office people who may see this pair, once undo is past."""
    outbox.queue_letter(
        letter,
        access.office_people(),
        now=now,
        not_before=now + UNDO_WINDOW,
        subject={"match_id": match.id},
        event=event,
    )


def express_interest(
    actor: Membership,
    match_id: int,
    *,
    now: datetime,
    note: str = "",
    behalf: Behalf | None = None,
    version: int | None = None,
) -> Match:
    """Say yes; the community is asked to confirm that the idea is current."""
    match = get_for_reply(actor, match_id, behalf, version)
    event = make_move(match, "interested", actor, now=now, note=note, behalf=behalf)
    tell_office(match, "donor_interested", event, now=now)
    if decisions.find_confirmation(match.idea) is None:
        outbox.queue_letter(
            "confirmation_wanted",
            access.people_of(match.idea.organisation_id),
            now=now,
            not_before=now + UNDO_WINDOW,
            subject={"match_id": match.id, "idea_id": match.idea_id},
            event=event,
        )
    return match


def ask_question(
    actor: Membership,
    match_id: int,
    text: str,
    *,
    language: Language,
    now: datetime,
    behalf: Behalf | None = None,
    version: int | None = None,
) -> Question:
    """Ask the community something; the office relays it."""
    match = get_for_reply(actor, match_id, behalf, version)
    if not text.strip():
        raise Invalid("reason_text", field="text")
    event = make_move(match, "ask", actor, now=now, behalf=behalf)
    question = Question(
        match=match,
        text=text,
        language=language,
        asked_by_id=actor.user_id,
        asked_at=now,
    )
    db.session.add(question)
    tell_office(match, "question_asked", event, now=now)
    db.session.flush()
    return question


def decline_match(
    actor: Membership,
    match_id: int,
    reason: Reason,
    *,
    now: datetime,
    note: str = "",
    behalf: Behalf | None = None,
    version: int | None = None,
) -> Match:
    """Say no with a reason; the idea stays open for other donors."""
    match = get_for_reply(actor, match_id, behalf, version)
    decisions.check_reason(reason, note)
    event = make_move(match, "decline", actor, now=now, reason=reason, note=note, behalf=behalf)
    tell_office(match, "donor_declined", event, now=now)
    outbox.queue_letter(
        "match_declined",
        access.people_of(match.idea.organisation_id),
        now=now,
        not_before=now + UNDO_WINDOW,
        subject={"match_id": match.id},
        event=event,
    )
    return match


def restore_match(actor: Membership, match_id: int, *, now: datetime, today: date) -> Match:
    """Take back one's own organisation's decline while the profile is open."""
    access.require(actor, {Role.DONOR})
    match = access.get_match(actor, match_id)
    if match.status not in RESTORABLE:
        raise WrongState("move", status=match.status)
    if not is_open(match.profile, today=today):
        raise WrongState("profile_closed")
    before = decisions.closing_event(match).from_status
    moves.check_return(match, before)
    moves.add_event(match, "restored", before, actor, now=now)
    moves.lift_suppression(match)
    db.session.flush()
    return match
