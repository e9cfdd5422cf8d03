"""How good the matching is here: figures of the engine, decisions, and what falls out of sight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from matcher.engine import ENGINE_VERSION
from matcher.engine.metrics import Figure
from matcher.engine.published import PublishedFigure, published_figures
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.match import Feedback, FeedbackValue, Match, MatchRun
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role
from matcher.services import access, freshness, judgements
from matcher.services.index import Index

T = TypeVar("T")
RANKS = (3, 10, 30)
SHOWN = 10  # rows of each list on the page
TOP = 3  # ranks that a hub takes
UNVERIFIED_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Rows(Generic[T]):
    """The first rows of a list and how many there are."""

    first: list[T]
    total: int


@dataclass(frozen=True)
class Hub:
    """A profile that stands high on many ideas' lists."""

    profile: Profile
    ideas: int


@dataclass(frozen=True)
class Quality:
    """What the page shows; ranks and lists are those of the latest whole run."""

    engine_version: str
    run: MatchRun | None
    published: list[PublishedFigure]
    judged: int
    order_kept: Figure
    by_band: dict[str, Figure]
    by_rank: dict[int | None, tuple[int, int]]
    reasons: list[tuple[Reason, int]]
    feedback: dict[tuple[Role, FeedbackValue], int]
    ranked_ideas: int
    hubs: list[Hub]
    unmet: Rows[Profile]
    unseen: Rows[Idea]
    unverified: Rows[Profile]
    by_hand: Rows[Match]


def report(actor: Membership, index: Index, *, today: date) -> Quality:
    """Return the figures over what this seat may see."""
    access.require(actor, access.OFFICE)
    run = index.latest_run()
    found = judgements.list_judgements(actor)
    hubs, ranked = list_hubs(actor)
    return Quality(
        engine_version=ENGINE_VERSION,
        run=run,
        published=published_figures(),
        judged=len(found),
        order_kept=judgements.order_kept(found),
        by_band=judgements.good_by_band(found),
        by_rank=judgements.good_by_rank(found, RANKS),
        reasons=count_reasons(actor),
        feedback=count_feedback(actor),
        ranked_ideas=ranked,
        hubs=hubs,
        unmet=list_unmet(actor, today=today),
        unseen=list_unseen(actor),
        unverified=list_unverified(actor, today=today),
        by_hand=list_by_hand(actor),
    )


def match_ids(actor: Membership) -> sa.Select[int]:
    """Return the ids of the pairs that this seat may see."""
    return access.matches_seen_by(actor).with_only_columns(Match.id, maintain_column_froms=True)


def count_reasons(actor: Membership) -> list[tuple[Reason, int]]:
    """Return how often each reason was given for a no, the commonest first."""
    seen = match_ids(actor)
    statement = judgements.standing_events().subquery()
    events = sa.select(statement.c.reason).where(
        statement.c.act.in_(judgements.REFUSED),
        statement.c.reason.is_not(None),
        statement.c.match_id.in_(seen),
    )
    counts = Counter(Reason(reason) for reason in db.session.scalars(events))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def count_feedback(actor: Membership) -> dict[tuple[Role, FeedbackValue], int]:
    """Return how often each role said what about the suggestions of this engine's version."""
    seen = match_ids(actor)
    statement = (
        sa.select(Feedback.role, Feedback.value, sa.func.count())
        .where(Feedback.match_id.in_(seen), Feedback.engine_version == ENGINE_VERSION)
        .group_by(Feedback.role, Feedback.value)
    )
    return {(role, value): count for role, value, count in db.session.execute(statement)}


def list_hubs(actor: Membership) -> tuple[list[Hub], int]:
    """Return the profiles that stand among the first of the most ideas, and all ranked ideas."""
    ranked = access.matches_seen_by(actor).where(Match.rank_for_idea <= TOP)
    ideas = sa.func.count(Match.idea_id.distinct())
    counts = ranked.with_only_columns(Match.profile_id, ideas, maintain_column_froms=True)
    rows = db.session.execute(
        counts.group_by(Match.profile_id).order_by(ideas.desc(), Match.profile_id).limit(SHOWN)
    ).all()
    whole = ranked.with_only_columns(ideas, maintain_column_froms=True)
    total = db.session.scalar(whole.order_by(None)) or 0
    statement = (
        sa.select(Profile)
        .where(Profile.id.in_([profile_id for profile_id, _ in rows]))
        .options(joinedload(Profile.organisation))
    )
    profiles = {profile.id: profile for profile in db.session.scalars(statement)}
    return [Hub(profiles[profile_id], count) for profile_id, count in rows], total


def profiles_seen_by(actor: Membership) -> sa.Select[Profile]:
    """Return the statement of the profiles of donors in which this person has no interest."""
    conflicts = access.conflicting_organisations(actor.user_id)
    return (
        sa.select(Profile)
        .join(Organisation, Organisation.id == Profile.organisation_id)
        .where(Profile.organisation_id.not_in(conflicts))
        .options(contains_eager(Profile.organisation))
        .order_by(Organisation.name_uk, Profile.id)
    )


def first_rows(statement: sa.Select[T]) -> Rows[T]:
    """Return the first rows of a statement and how many there are."""
    count = sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
    total = db.session.scalar(count) or 0
    return Rows(list(db.session.scalars(statement.limit(SHOWN))), total)


def list_unmet(actor: Membership, *, today: date) -> Rows[Profile]:
    """Return the open profiles that no idea meets."""
    met = access.matches_seen_by(actor).with_only_columns(
        Match.profile_id, maintain_column_froms=True
    )
    return first_rows(
        profiles_seen_by(actor).where(*freshness.rankable(today), Profile.id.not_in(met))
    )


def list_unverified(actor: Membership, *, today: date) -> Rows[Profile]:
    """Return the open profiles that nobody has verified for a year."""
    late = sa.or_(Profile.verified_on.is_(None), Profile.verified_on < today - UNVERIFIED_AFTER)
    return first_rows(profiles_seen_by(actor).where(*freshness.rankable(today), late))


def list_unseen(actor: Membership) -> Rows[Idea]:
    """Return the published ideas that were never released to any donor, the oldest first."""
    released = sa.select(Match.idea_id).where(Match.released_at.is_not(None))
    return first_rows(
        access.ideas_seen_by(actor)
        .where(Idea.status == IdeaStatus.PUBLISHED, Idea.id.not_in(released))
        .options(joinedload(Idea.organisation))
        .order_by(Idea.status_at, Idea.id)
    )


def list_by_hand(actor: Membership) -> Rows[Match]:
    """Return the pairs that people added because the engine had missed them, newest first."""
    return first_rows(
        access.matches_seen_by(actor)
        .where(Match.is_manual)
        .options(
            contains_eager(Match.idea).joinedload(Idea.organisation),
            contains_eager(Match.profile).joinedload(Profile.organisation),
        )
        .order_by(Match.created_at.desc(), Match.id.desc())
    )
