"""The few numbers in the menu: what waits for this reader, over what this reader may see."""

from __future__ import annotations

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.match import Match, MatchStatus
from matcher.models.user import AccessRequest, AccessRequestStatus, Membership, Role
from matcher.services import access

# Suggestions wait too, by the thousand: the queue has its own view of the best of them.
WAITS_FOR_OFFICE = (
    MatchStatus.QUESTION,
    MatchStatus.INTERESTED,
    MatchStatus.APPROVED,
)


def count(statement: sa.Select[Idea] | sa.Select[Match]) -> int:
    """Return how many rows a guarded statement has."""
    rows = statement.order_by(None).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def menu_counts(actor: Membership) -> dict[str, int]:
    """Return the counts of this reader's menu by name."""
    if actor.role in access.AUTHORS:
        waiting = [IdeaStatus.CHANGES_REQUESTED]
        if actor.role is Role.HEAD:
            waiting.append(IdeaStatus.AWAITING_SIGNOFF)
        ideas = access.ideas_seen_by(actor).where(Idea.status.in_(waiting))
        return {"needs_action": count(ideas)}
    if actor.role is Role.DONOR:
        matches = access.matches_seen_by(actor).where(Match.status == MatchStatus.RELEASED)
        return {"matches": count(matches)}
    if actor.role in access.OFFICE:
        ideas = access.ideas_seen_by(actor).where(Idea.status == IdeaStatus.SUBMITTED)
        pairs = access.matches_seen_by(actor).where(Match.status.in_(WAITS_FOR_OFFICE))
        requests = sa.select(sa.func.count()).where(
            AccessRequest.status == AccessRequestStatus.REQUESTED
        )
        return {
            "ideas": count(ideas),
            "pairs": count(pairs),
            "requests": db.session.scalar(requests) or 0,
        }
    return {}
