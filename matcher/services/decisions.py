"""What the office decides on a pair: release, dismiss, approve, refuse, introduce, reopen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

import sqlalchemy as sa

from matcher.errors import Invalid, MatcherError, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Language, Reason
from matcher.models.idea import Idea, IdeaConfirmation, IdeaStatus, ReleaseText, Sensitivity
from matcher.models.match import Feedback, FeedbackValue, Match, MatchEvent, MatchStatus
from matcher.models.user import Membership, Role
from matcher.services import access, moves, outbox, rates, settings
from matcher.services.freshness import is_open
from matcher.services.moves import UNDO_WINDOW, check_move, check_version, make_move

SECONDED = frozenset({"release", "approve"})
NO_VERSIONS: Mapping[int, int] = MappingProxyType({})


def get_for_decision(actor: Membership, match_id: int, version: int | None = None) -> Match:
    """Return a pair that this office seat may decide on; raises NotFound, NotAllowed, Stale."""
    access.require(actor, access.OFFICE)
    match = access.get_match(actor, match_id)
    check_version(match, version)
    return match


def check_reason(reason: Reason, note: str) -> None:
    """The code "other" says nothing by itself: it needs words."""
    if reason is Reason.OTHER and not note.strip():
        raise Invalid("reason_text", field="note")


# Release and dismissal


def release_match(
    actor: Membership, match_id: int, *, now: datetime, today: date, version: int | None = None
) -> Match:
    """Show the pair to its donor; a restricted idea needs a second cleared person first."""
    match = get_for_decision(actor, match_id, version)
    check_move(match, "release")
    check_release(match, today=today)
    if needs_second(actor, match, "release", now=now):
        return match
    event = make_move(match, "release", actor, now=now)
    match.released_at, match.released_by_id = now, actor.user_id
    outbox.queue_letter(
        "match_released",
        access.people_of(match.profile.organisation_id),
        now=now,
        not_before=now + UNDO_WINDOW,
        subject={"match_id": match.id},
        event=event,
    )
    db.session.flush()
    return match


def check_release(match: Match, *, today: date) -> None:
    """Refuse to release what the donor could not read or not fund."""
    if match.idea.status is not IdeaStatus.PUBLISHED:
        raise WrongState("not_published")
    if not is_open(match.profile, today=today):
        raise WrongState("profile_closed")
    language = match.profile.organisation.reads
    if find_release_text(match.idea, language) is None:
        raise WrongState("release_text_missing", language=language)


def find_release_text(idea: Idea, language: Language) -> ReleaseText | None:
    """Return the idea's confirmed release text in this language."""
    texts = (text for text in idea.release_texts if text.reviewed_at is not None)
    return next((text for text in texts if text.language == language), None)


def dismiss_match(
    actor: Membership,
    match_id: int,
    reason: Reason,
    *,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Match:
    """Put a suggestion aside; it comes back when the idea or the profile changes."""
    match = get_for_decision(actor, match_id, version)
    check_reason(reason, note)
    make_move(match, "dismiss", actor, now=now, reason=reason, note=note)
    return match


def decide_many(
    actor: Membership,
    match_ids: Iterable[int],
    act: str,
    *,
    now: datetime,
    today: date,
    reason: Reason | None = None,
    note: str = "",
    versions: Mapping[int, int] = NO_VERSIONS,
) -> tuple[list[Match], list[tuple[int, MatcherError]]]:
    """Release or dismiss several pairs; return those that went and, with cause, those that not.

    Each pair stands for itself: one that cannot go does not hold up the others. ``versions``
    says which version of each pair the reader saw.
    """
    done: list[Match] = []
    refused: list[tuple[int, MatcherError]] = []
    for match_id in match_ids:
        try:
            with db.session.begin_nested():
                seen = versions.get(match_id)
                if act == "release":
                    done.append(release_match(actor, match_id, now=now, today=today, version=seen))
                elif reason is not None:
                    dismissed = dismiss_match(
                        actor, match_id, reason, now=now, note=note, version=seen
                    )
                    done.append(dismissed)
                else:
                    raise Invalid("reason", field="reason")
        except MatcherError as error:
            refused.append((match_id, error))
    return done, refused


# Approval


def approve_match(
    actor: Membership,
    match_id: int,
    *,
    now: datetime,
    today: date,
    note: str = "",
    version: int | None = None,
) -> Match:
    """Approve a pair that its donor wants and whose community has confirmed the idea."""
    match = get_for_decision(actor, match_id, version)
    check_move(match, "approve")
    if match.idea.status is not IdeaStatus.PUBLISHED:
        raise WrongState("not_published")
    if find_confirmation(match.idea) is None:
        raise WrongState("not_confirmed")
    check_four_eyes(actor, match, today=today)
    if needs_second(actor, match, "approve", now=now):
        return match
    event = make_move(match, "approve", actor, now=now, note=note)
    outbox.queue_letter(
        "match_approved",
        access.people_of(match.idea.organisation_id),
        now=now,
        not_before=now + UNDO_WINDOW,
        subject={"match_id": match.id},
        event=event,
    )
    return match


def find_confirmation(idea: Idea) -> IdeaConfirmation | None:
    """Return the latest confirmation of the idea's current revision."""
    statement = (
        sa.select(IdeaConfirmation)
        .where(IdeaConfirmation.idea_id == idea.id, IdeaConfirmation.revision == idea.revision)
        .order_by(IdeaConfirmation.at.desc())
        .limit(1)
    )
    return db.session.scalars(statement).one_or_none()


def check_four_eyes(actor: Membership, match: Match, *, today: date) -> None:
    """Above the office's limit the approver must not be the one who released the pair."""
    if is_restricted(match.idea):
        return
    if match.idea.amount is None or match.idea.currency is None:
        raise Invalid("amount_unknown", field="amount")
    limit, currency = settings.four_eyes_above()
    amounts = [(match.idea.amount, match.idea.currency), *sent_amounts(match.idea)]
    amount = max(rates.convert(one, code, currency, day=today) for one, code in amounts)
    if amount > limit and match.released_by_id == actor.user_id:
        raise NotAllowed("same_person")


def is_restricted(idea: Idea) -> bool:
    """Tell whether two persons have to decide: an unsent change of the class lifts nothing."""
    classes = {idea.sensitivity, *(row.content.get("sensitivity") for row in idea.revisions[-1:])}
    return Sensitivity.RESTRICTED in classes


def sent_amounts(idea: Idea) -> list[tuple[Decimal, str]]:
    """Return the sum of the last revision that was sent, if it names one."""
    contents = [row.content for row in idea.revisions[-1:]]
    return [
        (Decimal(str(content["amount"])), str(content["currency"]))
        for content in contents
        if content.get("amount") is not None and content.get("currency")
    ]


def refuse_match(
    actor: Membership,
    match_id: int,
    reason: Reason,
    *,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Match:
    """Refuse a pair that the donor wants; both sides are told."""
    match = get_for_decision(actor, match_id, version)
    check_reason(reason, note)
    event = make_move(match, "refuse", actor, now=now, reason=reason, note=note)
    tell_both_sides(match, "match_refused", event, now=now)
    return match


def tell_both_sides(
    match: Match,
    letter: str,
    event: MatchEvent,
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """Queue one letter for everybody of the community and of the donor."""
    outbox.queue_letter(
        letter,
        access.people_of(match.idea.organisation_id)
        + access.people_of(match.profile.organisation_id),
        now=now,
        not_before=not_before or now + UNDO_WINDOW,
        subject={"match_id": match.id},
        event=event,
    )


def introduce_match(
    actor: Membership,
    match_id: int,
    *,
    now: datetime,
    send_at: datetime | None = None,
    version: int | None = None,
) -> Match:
    """Introduce the two sides: from now on they see each other's contacts."""
    match = get_for_decision(actor, match_id, version)
    check_move(match, "introduce")
    if now <= match.status_at + UNDO_WINDOW:
        raise WrongState("undo_pending", until=match.status_at + UNDO_WINDOW)
    event = make_move(match, "introduce", actor, now=now)
    tell_both_sides(match, "match_introduced", event, now=now, not_before=send_at or now)
    return match


# Two persons


def needs_second(actor: Membership, match: Match, act: str, *, now: datetime) -> bool:
    """Hold a restricted idea's act until two different cleared people, one a lead, asked for it.

    The first act stores who asks; the second, by somebody else, returns False: go on.
    """
    if not is_restricted(match.idea):
        return False
    first = match.seconding_by_id
    if first is not None and not may_decide(first, match):
        first = None
    if match.seconding_act != act or first is None:
        moves.add_event(match, f"{act}_asked", match.status, actor, now=now)
        match.seconding_act, match.seconding_by_id, match.seconding_at = act, actor.user_id, now
        db.session.flush()
        return True
    if first == actor.user_id:
        raise NotAllowed("same_person")
    if actor.role is not Role.LEAD and not is_lead(first):
        raise NotAllowed("second_person")
    return False


def may_decide(user_id: int, match: Match) -> bool:
    """Tell whether a person of the office may see the pair now.

    Without a seat, or with an interest declared meanwhile, an earlier word counts no more.
    """
    seats = sa.select(Membership).where(
        Membership.user_id == user_id,
        Membership.role.in_(access.OFFICE),
        Membership.ended_at.is_(None),
    )
    return any(
        db.session.scalars(access.matches_seen_by(seat).where(Match.id == match.id)).first()
        for seat in db.session.scalars(seats)
    )


def is_lead(user_id: int) -> bool:
    """Tell whether the person holds a lead's seat now."""
    statement = sa.select(Membership.id).where(
        Membership.user_id == user_id,
        Membership.role == Role.LEAD,
        Membership.ended_at.is_(None),
    )
    return db.session.scalars(statement.limit(1)).first() is not None


def take_back_match(actor: Membership, match_id: int, *, now: datetime) -> Match:
    """Withdraw a request for seconding; either of the cleared people may."""
    match = get_for_decision(actor, match_id)
    if match.seconding_act is None:
        raise WrongState("seconding")
    moves.add_event(match, "taken_back", match.status, actor, now=now)
    return match


# Afterwards


def undo(actor: Membership, match_id: int, *, now: datetime) -> Match:
    """Take back one's own latest act on the pair within 15 minutes."""
    match = access.get_match(actor, match_id)
    moves.undo(actor, match, now=now)
    return match


def reopen_match(
    actor: Membership, match_id: int, note: str, *, now: datetime, version: int | None = None
) -> Match:
    """Bring a closed pair back to the state before it was closed, with a reason in words."""
    match = get_for_decision(actor, match_id, version)
    if match.status not in moves.CLOSED:
        raise WrongState("move", status=match.status)
    if not note.strip():
        raise Invalid("reason_text", field="note")
    closing = closing_event(match)
    moves.check_return(match, closing.from_status)
    moves.add_event(match, "reopened", closing.from_status, actor, now=now, note=note)
    if match.funded_amount is not None:
        match.funded_amount = match.funded_currency = match.funded_on = None
        match.idea.secured = rates.secured_amount(match.idea)
    moves.lift_suppression(match)
    db.session.flush()
    return match


def closing_event(match: Match) -> MatchEvent:
    """Return the event that brought the pair into its present state."""
    for event in reversed(match.events):
        if event.to_status == match.status and event.from_status != match.status:
            return event
    raise WrongState("move", status=match.status)


def give_feedback(
    actor: Membership, match_id: int, value: FeedbackValue, *, now: datetime
) -> Feedback:
    """Keep what the reader thinks of a suggestion, with the engine's version."""
    match = access.get_match(actor, match_id)
    statement = sa.select(Feedback).where(
        Feedback.match_id == match.id, Feedback.by_id == actor.user_id
    )
    feedback = db.session.scalars(statement).one_or_none()
    if feedback is None:
        feedback = Feedback(match_id=match.id, by_id=actor.user_id)
        db.session.add(feedback)
    feedback.role, feedback.value, feedback.at = actor.role, value, now
    feedback.engine_version = match.run.engine_version if match.run else ""
    db.session.flush()
    return feedback


def snooze_match(actor: Membership, match_id: int, until: date, *, now: datetime) -> Match:
    """Set the day of the next contact about an introduced pair."""
    match = get_for_decision(actor, match_id)
    if match.status not in (MatchStatus.INTRODUCED, MatchStatus.IN_TALKS):
        raise NotFound("match")
    match.next_contact_on = until
    db.session.flush()
    return match
