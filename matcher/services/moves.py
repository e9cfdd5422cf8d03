"""The one table of moves a pair can make, the making of a move and the undoing of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from matcher.errors import NotAllowed, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Channel, Reason
from matcher.models.idea import IdeaStatus
from matcher.models.match import Match, MatchEvent, MatchStatus, Suppression
from matcher.models.user import Membership
from matcher.services import audit, outbox

S = MatchStatus
UNDO_WINDOW = timedelta(minutes=15)
OPEN = frozenset(
    {S.SUGGESTED, S.RELEASED, S.QUESTION, S.INTERESTED, S.APPROVED, S.INTRODUCED, S.IN_TALKS}
)
BEFORE_APPROVAL = frozenset({S.SUGGESTED, S.RELEASED, S.QUESTION, S.INTERESTED})
CLOSED = frozenset(set(S) - OPEN)
LIVE_IDEA = frozenset({IdeaStatus.PUBLISHED, IdeaStatus.ON_HOLD, IdeaStatus.STALE})


@dataclass(frozen=True)
class Move:
    """One act: the states it starts from, the state it leads to, whether it can be undone."""

    sources: frozenset[MatchStatus]
    target: MatchStatus
    can_be_undone: bool = False
    suppresses: bool = False


MOVES: Mapping[str, Move] = MappingProxyType(
    {
        "release": Move(frozenset({S.SUGGESTED}), S.RELEASED, can_be_undone=True),
        "dismiss": Move(frozenset({S.SUGGESTED}), S.DISMISSED, True, suppresses=True),
        "interested": Move(frozenset({S.RELEASED, S.QUESTION}), S.INTERESTED, True),
        "ask": Move(frozenset({S.RELEASED}), S.QUESTION, can_be_undone=True),
        "answered": Move(frozenset({S.QUESTION}), S.RELEASED),
        "decline": Move(
            frozenset({S.RELEASED, S.QUESTION, S.INTERESTED}), S.DECLINED, True, suppresses=True
        ),
        "approve": Move(frozenset({S.INTERESTED}), S.APPROVED, can_be_undone=True),
        "refuse": Move(frozenset({S.INTERESTED, S.APPROVED}), S.REFUSED, True, suppresses=True),
        # Contacts are seen at once, so an introduction cannot be taken back.
        "introduce": Move(frozenset({S.APPROVED}), S.INTRODUCED),
        "talks": Move(frozenset({S.INTRODUCED}), S.IN_TALKS, can_be_undone=True),
        "fund": Move(frozenset({S.IN_TALKS}), S.FUNDED),
        "not_funded": Move(frozenset({S.INTRODUCED, S.IN_TALKS}), S.NOT_FUNDED, True),
        "lapse": Move(OPEN, S.LAPSED),
        # The idea or the profile has changed, so a closed pair may be looked at again.
        "suggest_again": Move(frozenset({S.DISMISSED, S.DECLINED, S.LAPSED}), S.SUGGESTED),
    }
)


@dataclass(frozen=True)
class Behalf:
    """Staff record what somebody without an account said: how, when, and who in what role."""

    channel: Channel
    on: date
    of: str


def check_version(match: Match, version: int | None) -> None:
    """Raise Stale when the reader saw another version of the pair than the present one."""
    if version is not None and match.version != version:
        raise Stale("stale", match_id=match.id)


def check_move(match: Match, act: str) -> Move:
    """Return the move of ``act``; raises WrongState when the pair is not where it starts."""
    move = MOVES[act]
    if match.status not in move.sources:
        raise WrongState("move", act=act, status=match.status)
    return move


def check_return(match: Match, target: MatchStatus) -> None:
    """Refuse to bring a pair back before its introduction when its idea has been closed."""
    if target in BEFORE_APPROVAL | {S.APPROVED} and match.idea.status not in LIVE_IDEA:
        raise WrongState("not_published")


def make_move(
    match: Match,
    act: str,
    actor: Membership | None,
    *,
    now: datetime,
    reason: Reason | None = None,
    note: str = "",
    behalf: Behalf | None = None,
) -> MatchEvent:
    """Move the pair along the table: state, event, suppression and audit entry together."""
    move = check_move(match, act)
    event = add_event(match, act, move.target, actor, now=now, reason=reason, note=note)
    if behalf is not None:
        event.behalf_channel, event.behalf_on, event.behalf_of = (
            behalf.channel,
            behalf.on,
            behalf.of,
        )
    if move.suppresses and reason is not None:
        suppress(match, reason, now=now)
    db.session.flush()
    return event


def add_event(
    match: Match,
    act: str,
    target: MatchStatus,
    actor: Membership | None,
    *,
    now: datetime,
    reason: Reason | None = None,
    note: str = "",
) -> MatchEvent:
    """Append the event and audit entry of an act and put the pair in its new state."""
    event = MatchEvent(
        match=match,
        act=act,
        from_status=match.status,
        to_status=target,
        reason=reason,
        note=note,
        role=actor.role if actor else None,
        by_id=actor.user_id if actor else None,
        engine_version=match.run.engine_version if match.run else "",
        at=now,
    )
    db.session.add(event)
    audit.record(
        actor,
        f"match.{act}",
        match,
        now=now,
        old={"status": match.status},
        new={"status": target, "reason": reason},
    )
    if target != match.status:
        match.status, match.status_at = target, now
    match.seconding_act = match.seconding_by_id = match.seconding_at = None
    # A pair whose event changes nothing else still counts as changed for other readers.
    flag_modified(match, "status")
    db.session.flush()
    return event


def suppress(match: Match, reason: Reason, *, now: datetime) -> None:
    """Keep the pair away until the idea or the profile changes."""
    idea_revision, profile_revision = match.idea.revision, match.profile.revision
    row = find_suppression(match)
    if row is None:
        row = Suppression(idea_id=match.idea_id, profile_id=match.profile_id, created_at=now)
        db.session.add(row)
    row.idea_revision, row.profile_revision = idea_revision, profile_revision
    row.reason = reason


def find_suppression(match: Match) -> Suppression | None:
    """Return the suppression of this pair, if there is one."""
    statement = sa.select(Suppression).where(
        Suppression.idea_id == match.idea_id, Suppression.profile_id == match.profile_id
    )
    return db.session.scalars(statement).one_or_none()


def lift_suppression(match: Match) -> None:
    """Let the pair be suggested again."""
    row = find_suppression(match)
    if row is not None:
        db.session.delete(row)


def last_event(match: Match) -> MatchEvent | None:
    """Return the pair's latest event."""
    statement = (
        sa.select(MatchEvent)
        .where(MatchEvent.match_id == match.id)
        .order_by(MatchEvent.id.desc())
        .limit(1)
    )
    return db.session.scalars(statement).one_or_none()


def undo_until(event: MatchEvent | None) -> datetime | None:
    """Return until when the act can be undone, or None if it never can."""
    if event is None or event.undoes_id is not None:
        return None
    move = MOVES.get(event.act)
    if move is None or not move.can_be_undone:
        return None
    return event.at + UNDO_WINDOW


def can_undo(actor: Membership, match: Match, *, now: datetime) -> bool:
    """Tell whether this person may undo the pair's latest act now."""
    event = last_event(match)
    until = undo_until(event)
    return event is not None and until is not None and event.by_id == actor.user_id and now <= until


def undo(actor: Membership, match: Match, *, now: datetime) -> MatchEvent:
    """Take back one's own latest act; its waiting letters are cancelled.

    Raises NotAllowed when the act is another person's, too old or cannot be undone.
    """
    event = last_event(match)
    if event is None or not can_undo(actor, match, now=now):
        raise NotAllowed("undo_late")
    check_return(match, event.from_status)
    undone = add_event(match, "undone", event.from_status, actor, now=now)
    undone.undoes_id = event.id
    outbox.cancel_letters(event, now=now)
    if MOVES[event.act].suppresses:
        lift_suppression(match)
    if event.act == "release":
        match.released_at = match.released_by_id = None
    db.session.flush()
    return undone
