"""Ranks one idea or one profile at once in the generation in force; rows in, rows out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matcher.engine import Band, Document, Generation, Hit
from matcher.errors import Duplicate, Invalid, NotFound, WrongState
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus, Sensitivity
from matcher.models.match import Match
from matcher.models.profile import Profile
from matcher.models.user import Membership
from matcher.services import access, documents, freshness, moves, ranking, verdicts
from matcher.services.corpus import (
    documents_id,
    ensure,
    published_ideas,
    published_revisions,
    rankable_profiles,
)
from matcher.services.index import Index

BEST_PROFILES = 15
BEST_IDEAS = 30
FITS = frozenset({Band.VERY_STRONG, Band.STRONG, Band.MODERATE})
STEPS = ((10, "10+"), (5, "5-9"), (1, "1-4"), (0, "0"))


def rank_idea(index: Index, idea: Idea, *, now: datetime, today: date) -> list[Match]:
    """Rank the profiles for a published idea in the generation in force; best first."""
    run = ranking.ensure_generation(index, now=now, today=today)
    profiles = rankable_profiles(today)
    ensure(index, ideas=[idea], profiles=profiles)
    among = {documents_id(profile): profile for profile in profiles}
    own = documents_id(idea)
    hits = index.read(
        lambda generation: generation.rank_profiles(own, among=among, k=BEST_PROFILES)
    )
    pairs = [(idea, among[hit.id], hit) for hit in hits if hit.above_floor]
    matches = ranking.keep_pairs(pairs, run, now=now, today=today)
    ranking.drop_suggestions(Match.idea_id == idea.id, keep={match.id for match in matches})
    return matches


def rank_profile(index: Index, profile: Profile, *, now: datetime, today: date) -> list[Match]:
    """Rank the published ideas for a new or changed profile; best first."""
    run = ranking.ensure_generation(index, now=now, today=today)
    condition = Match.profile_id == profile.id
    profiles = rankable_profiles(today)
    if profile not in profiles:
        ranking.drop_suggestions(condition, keep=set())
        return []
    revisions = published_revisions()
    ensure(index, ideas=revisions, profiles=profiles)
    names = {documents_id(row) for row in revisions}
    own, rivals = documents_id(profile), {documents_id(row) for row in profiles}
    found = index.read(lambda generation: generation.rank_ideas(own, among=names, k=BEST_IDEAS))
    hits = [hit for hit in found if hit.above_floor]
    places = index.read(lambda generation: places_for_ideas(generation, own, hits, rivals))
    among = {
        documents_id(idea): idea
        for idea in published_ideas([documents.row_id(hit.id) for hit in hits])
    }
    pairs = [
        (among[hit.id], profile, replace(hit, rank=place))
        for hit, place in zip(hits, places, strict=True)
    ]
    matches = ranking.keep_pairs(pairs, run, now=now, today=today)
    ranking.rank_for_profiles(matches)
    ranking.drop_suggestions(condition, keep={match.id for match in matches})
    return matches


def places_for_ideas(
    generation: Generation, profile_id: str, hits: Sequence[Hit], rivals: Collection[str]
) -> list[int]:
    """Return which place the profile takes among all profiles for each of these ideas."""
    return [
        next(
            rival.rank
            for rival in generation.rank_profiles(hit.id, among=rivals)
            if rival.id == profile_id
        )
        for hit in hits
    ]


def similar_ideas(
    index: Index,
    actor: Membership,
    document: Document,
    *,
    own_id: int | None,
    now: datetime,
    today: date,
    k: int = 5,
) -> list[tuple[Idea, Hit]]:
    """Return ideas near to a text among those this reader may see, restricted ones left out."""
    ranking.ensure_generation(index, now=now, today=today)
    # The office sees what is open anyway, except where somebody has an interest.
    open_to_all = sa.and_(
        sa.true() if actor.role in access.AUTHORS else sa.false(),
        Idea.status == IdeaStatus.PUBLISHED,
        Idea.sensitivity == Sensitivity.OPEN,
    )
    own = sa.select(access.ideas_seen_by(actor).subquery().c.id)
    statement = sa.select(Idea).where(
        sa.or_(open_to_all, Idea.id.in_(own)),
        Idea.revision > 0,
        Idea.sensitivity != Sensitivity.RESTRICTED,
        Idea.id != (own_id or 0),
    )
    ideas = list(db.session.scalars(statement.options(selectinload(Idea.organisation))))
    ensure(index, ideas=ideas, profiles=[])
    among = {documents_id(idea): idea for idea in ideas}
    hits = index.read(lambda generation: generation.similar_ideas(document, among=among, k=k))
    return [(among[hit.id], hit) for hit in hits if hit.band in FITS]


def possible_donors_step(index: Index, idea: Idea, *, now: datetime, today: date) -> str:
    """Return how many profiles may fit, in steps without names; nothing for a restricted idea."""
    if idea.sensitivity is Sensitivity.RESTRICTED or not idea.title:
        return ""
    ranking.ensure_generation(index, now=now, today=today)
    profiles = rankable_profiles(today)
    ensure(index, ideas=[], profiles=profiles)
    content = {name: getattr(idea, name) for name in ("title", *documents.IDEA_FIELDS)}
    document = documents.idea_document(idea.id, idea.revision, content)
    bench = verdicts.Bench(today, [idea])
    among = {documents_id(profile): profile for profile in profiles}
    count = sum(
        1
        for hit in index.try_idea(document, among)
        if hit.band in FITS and not verdicts.excludes(bench.judge(idea, among[hit.id]))
    )
    return next(step for least, step in STEPS if count >= least)


def add_pair(
    actor: Membership,
    index: Index,
    *,
    idea_id: int,
    profile_id: int,
    reason: str,
    now: datetime,
    today: date,
) -> Match:
    """Add a pair that the engine missed, with a reason; it is counted as a miss."""
    access.require(actor, access.OFFICE)
    idea = access.get_idea(actor, idea_id)
    profile = db.session.get(Profile, profile_id)
    if profile is None or access.has_conflict(actor, idea, profile):
        raise NotFound("profile")
    if not reason.strip():
        raise Invalid("reason_text", field="reason")
    if idea.status is not IdeaStatus.PUBLISHED:
        raise WrongState("not_published")
    if not freshness.is_open(profile, today=today) or profile.revision == 0:
        raise WrongState("profile_closed")
    known = sa.select(Match).where(Match.idea_id == idea.id, Match.profile_id == profile.id)
    match = db.session.scalars(known).one_or_none()
    if match is not None:
        # What the engine or a colleague has found before is no miss of the engine.
        code = "suppressed" if match.status in moves.CLOSED else "pair_exists"
        raise Duplicate(code, match_id=match.id)
    match = score_pair(index, idea, profile, now=now, today=today)
    match.is_manual, match.manual_reason = True, reason.strip()
    db.session.flush()
    moves.add_event(match, "added_by_hand", match.status, actor, now=now, note=reason.strip())
    return match


def score_pair(index: Index, idea: Idea, profile: Profile, *, now: datetime, today: date) -> Match:
    """Make the row of one pair, scored in the generation in force."""
    run = ranking.ensure_generation(index, now=now, today=today)
    ensure(index, ideas=[idea], profiles=[profile])
    own = documents_id(idea)
    hits = index.read(lambda generation: generation.rank_profiles(own))
    hit = next(hit for hit in hits if hit.id == documents_id(profile))
    return ranking.keep_pairs([(idea, profile, hit)], run, now=now, today=today)[0]
