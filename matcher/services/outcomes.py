"""What became of an introduced pair, and what ends pairs by itself: closing, withdrawal, money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaEvent, IdeaStatus
from matcher.models.match import Match, MatchStatus
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role
from matcher.services import access, audit, decisions, moves, outbox, rates
from matcher.services.moves import check_version, make_move


def get_for_outcome(actor: Membership, match_id: int, version: int | None) -> Match:
    """Return an introduced pair: the donor's own, or one the office may see."""
    access.require(actor, access.OFFICE | {Role.DONOR})
    match = access.get_match(actor, match_id)
    check_version(match, version)
    return match


def record_talks(
    actor: Membership, match_id: int, *, now: datetime, note: str = "", version: int | None = None
) -> Match:
    """The two sides are talking."""
    match = get_for_outcome(actor, match_id, version)
    make_move(match, "talks", actor, now=now, note=note)
    return match


def record_funding(
    actor: Membership,
    match_id: int,
    *,
    amount: Decimal,
    currency: str,
    day: date,
    in_full: bool,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Match:
    """The donor funds the idea; in full it goes to the archive, in part it stays with the rest.

    Raises Invalid when the amount is not positive or no rate leads to the idea's currency.
    """
    match = get_for_outcome(actor, match_id, version)
    if amount <= 0:
        raise Invalid("amount", field="amount")
    moves.check_move(match, "fund")
    match.funded_amount, match.funded_currency, match.funded_on = amount, currency, day
    make_move(match, "fund", actor, now=now, note=note)
    idea = match.idea
    idea.secured = rates.secured_amount(idea)
    audit.record(
        actor,
        "match.funded",
        match,
        now=now,
        new={"amount": amount, "currency": currency, "on": day, "in_full": in_full},
    )
    if in_full:
        archive_funded(idea, actor, now=now)
    db.session.flush()
    return match


def archive_funded(idea: Idea, actor: Membership, *, now: datetime) -> None:
    """Put a funded idea into the archive and end its other open pairs."""
    db.session.add(
        IdeaEvent(
            idea=idea,
            act="funded",
            from_status=idea.status,
            to_status=IdeaStatus.ARCHIVED,
            revision=idea.revision,
            reason=Reason.ALREADY_FUNDED,
            by_id=actor.user_id,
            at=now,
        )
    )
    audit.record(
        actor,
        "idea.archived",
        idea,
        now=now,
        old={"status": idea.status},
        new={"status": IdeaStatus.ARCHIVED},
    )
    idea.status, idea.status_at, idea.reason = IdeaStatus.ARCHIVED, now, Reason.ALREADY_FUNDED
    lapse_pairs_of_idea(idea, Reason.ALREADY_FUNDED, actor, now=now)


def record_no_funding(
    actor: Membership,
    match_id: int,
    reason: Reason,
    *,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Match:
    """The talks ended without money; the idea stays open for others."""
    match = get_for_outcome(actor, match_id, version)
    decisions.check_reason(reason, note)
    make_move(match, "not_funded", actor, now=now, reason=reason, note=note)
    return match


def lapse_match(
    actor: Membership, match_id: int, *, now: datetime, note: str = "", version: int | None = None
) -> Match:
    """End a pair that nobody pursues any more."""
    access.require(actor, access.OFFICE)
    match = get_for_outcome(actor, match_id, version)
    if match.status is MatchStatus.APPROVED:
        # Both sides said yes: the office introduces them or refuses with a reason.
        raise WrongState("move", act="lapse", status=match.status)
    lapse([match], None, actor, now=now, note=note)
    return match


def lapse_pairs_of_idea(
    idea: Idea, reason: Reason | None, actor: Membership | None, *, now: datetime
) -> list[Match]:
    """End all open pairs of an idea that was withdrawn, archived or funded."""
    statement = sa.select(Match).where(Match.idea_id == idea.id, Match.status.in_(moves.OPEN))
    pairs = list(db.session.scalars(statement.order_by(Match.id)))
    lapse(pairs, reason, actor, now=now)
    return pairs


def lapse_closed_calls(*, today: date, now: datetime) -> list[Match]:
    """End the pairs of calls that closed before today and of programmes that ended, once.

    What was approved before the call closed goes on: the donor has it already.
    """
    closed = sa.select(Profile.id).where(
        sa.or_(Profile.ended, sa.and_(Profile.closes_on.is_not(None), Profile.closes_on < today))
    )
    statement = sa.select(Match).where(
        Match.profile_id.in_(closed), Match.status.in_(moves.BEFORE_APPROVAL)
    )
    pairs = list(db.session.scalars(statement.order_by(Match.id)))
    lapse(pairs, Reason.DEADLINE_IMPOSSIBLE, None, now=now)
    return pairs


def lapse(
    pairs: list[Match],
    reason: Reason | None,
    actor: Membership | None,
    *,
    now: datetime,
    note: str = "",
) -> None:
    """End pairs; of those that had reached a donor each person is told once for each idea."""
    told: set[tuple[int, int]] = set()
    for match in pairs:
        seen_outside = match.released_at is not None
        event = make_move(match, "lapse", actor, now=now, reason=reason, note=note)
        if not seen_outside:
            continue
        sides = (match.idea.organisation_id, match.profile.organisation_id)
        people = {one.id: one for side in sides for one in access.people_of(side)}
        fresh = [one for one in people.values() if (one.id, match.idea_id) not in told]
        told |= {(one.id, match.idea_id) for one in fresh}
        outbox.queue_letter(
            "match_lapsed", fresh, now=now, subject={"match_id": match.id}, event=event
        )
    db.session.flush()


def forget_seconding(idea: Idea) -> None:
    """A new revision takes back every request for a second person: it was for another text."""
    statement = sa.select(Match).where(Match.idea_id == idea.id, Match.seconding_act.is_not(None))
    for match in db.session.scalars(statement):
        match.seconding_act = match.seconding_by_id = match.seconding_at = None
