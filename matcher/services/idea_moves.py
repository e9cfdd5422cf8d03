"""The one table of moves an idea can make, and the making of a move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from matcher.errors import Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaEvent, IdeaStatus
from matcher.models.user import Membership
from matcher.services import access, audit

S = IdeaStatus
OPEN = frozenset(
    {
        S.DRAFT,
        S.AWAITING_SIGNOFF,
        S.SUBMITTED,
        S.CHANGES_REQUESTED,
        S.PUBLISHED,
        S.ON_HOLD,
        S.STALE,
    }
)


class IdeaMove(NamedTuple):
    """One act: the states it starts from and the state it leads to."""

    sources: frozenset[IdeaStatus]
    target: IdeaStatus


MOVES: Mapping[str, IdeaMove] = MappingProxyType(
    {
        "ask_signoff": IdeaMove(frozenset({S.DRAFT}), S.AWAITING_SIGNOFF),
        "send_back": IdeaMove(frozenset({S.AWAITING_SIGNOFF}), S.DRAFT),
        "submit": IdeaMove(frozenset({S.DRAFT, S.AWAITING_SIGNOFF}), S.SUBMITTED),
        "resubmit": IdeaMove(frozenset({S.CHANGES_REQUESTED}), S.SUBMITTED),
        "recall": IdeaMove(frozenset({S.SUBMITTED}), S.DRAFT),
        "return": IdeaMove(frozenset({S.SUBMITTED}), S.CHANGES_REQUESTED),
        "publish": IdeaMove(frozenset({S.SUBMITTED}), S.PUBLISHED),
        "reject": IdeaMove(frozenset({S.SUBMITTED}), S.REJECTED),
        "revise": IdeaMove(frozenset({S.PUBLISHED}), S.PUBLISHED),
        "hold": IdeaMove(frozenset({S.PUBLISHED}), S.ON_HOLD),
        "grow_stale": IdeaMove(frozenset({S.PUBLISHED}), S.STALE),
        "resume": IdeaMove(frozenset({S.ON_HOLD, S.STALE}), S.PUBLISHED),
        "withdraw": IdeaMove(OPEN, S.WITHDRAWN),
        "archive": IdeaMove(OPEN - {S.DRAFT, S.AWAITING_SIGNOFF}, S.ARCHIVED),
    }
)


def check_version(idea: Idea, version: int | None) -> None:
    """Raise Stale when the reader saw another version of the idea than the present one."""
    if version is not None and idea.version != version:
        raise Stale("stale", idea_id=idea.id)


def check_move(idea: Idea, act: str) -> IdeaMove:
    """Return the move of ``act``; raises WrongState when the idea is not where it starts."""
    move = MOVES[act]
    if idea.status not in move.sources:
        raise WrongState("move", act=act, status=idea.status)
    return move


def move_idea(
    idea: Idea,
    act: str,
    actor: Membership | None,
    *,
    now: datetime,
    reason: Reason | None = None,
    note: str = "",
) -> IdeaEvent:
    """Move the idea along the table: state, event and audit entry together."""
    move = check_move(idea, act)
    event = IdeaEvent(
        idea=idea,
        act=act,
        from_status=idea.status,
        to_status=move.target,
        revision=idea.revision,
        reason=reason,
        note=note,
        on_behalf=bool(actor and actor.role in access.OFFICE and act in ("submit", "withdraw")),
        by_id=actor.user_id if actor else None,
        at=now,
    )
    db.session.add(event)
    audit.record(
        actor,
        f"idea.{act}",
        idea,
        now=now,
        old={"status": idea.status},
        new={"status": move.target, "reason": reason, "revision": idea.revision},
    )
    idea.status, idea.status_at, idea.updated_at = move.target, now, now
    idea.reason, idea.reason_note = reason, note if reason else ""
    db.session.flush()
    return event
