"""What decisions say about the ranking: pairs that people took or refused for their subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from matcher.engine import Decision
from matcher.engine.metrics import Figure, figure
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaStatus, Sensitivity
from matcher.models.match import Feedback, FeedbackValue, Match, MatchEvent
from matcher.models.profile import Profile
from matcher.models.user import Membership
from matcher.services import access
from matcher.services.corpus import documents_id

TAKEN = frozenset({"interested", "approve", "introduce", "talks", "fund"})
REFUSED = frozenset({"dismiss", "decline", "refuse", "not_funded"})


@dataclass(frozen=True)
class Judgement:
    """A pair that people judged by its subject."""

    match: Match
    is_good: bool


def list_judgements(actor: Membership) -> list[Judgement]:
    """Return the judged pairs that this seat may see, by id."""
    access.require(actor, access.OFFICE)
    return judged(access.matches_seen_by(actor))


def judged(statement: sa.Select[Match]) -> list[Judgement]:
    """Return the judged pairs of a statement of matches joined to ideas and profiles.

    The latest decision counts; a refusal counts only if the subject was its reason, because a
    wrong amount says nothing about the texts. Where nobody decided, the latest feedback counts.
    """
    loaded = statement.options(contains_eager(Match.idea), contains_eager(Match.profile))
    matches = {match.id: match for match in db.session.scalars(loaded)}
    verdicts = {**feedback_verdicts(), **decision_verdicts()}
    return [
        Judgement(matches[match_id], verdicts[match_id])
        for match_id in sorted(set(matches) & set(verdicts))
    ]


def standing_events() -> sa.Select[MatchEvent]:
    """Return the statement of all acts that were not undone, oldest first."""
    undone = sa.select(MatchEvent.undoes_id).where(MatchEvent.undoes_id.is_not(None))
    return (
        sa.select(MatchEvent)
        .where(MatchEvent.id.not_in(undone), MatchEvent.undoes_id.is_(None))
        .order_by(MatchEvent.id)
    )


def decision_verdicts() -> dict[int, bool]:
    """Return what the latest decision says about the subject of each decided pair."""
    columns = standing_events().with_only_columns(
        MatchEvent.match_id, MatchEvent.act, MatchEvent.reason
    )
    verdicts: dict[int, bool] = {}
    for match_id, act, reason in db.session.execute(columns):
        if act in TAKEN:
            verdicts[match_id] = True
        elif act in REFUSED and reason is Reason.NOT_OUR_THEME:
            verdicts[match_id] = False
    return verdicts


def feedback_verdicts() -> dict[int, bool]:
    """Return what the latest feedback says about each pair; a wrong profile says nothing."""
    statement = sa.select(Feedback.match_id, Feedback.value).order_by(Feedback.at, Feedback.id)
    said = {FeedbackValue.GOOD: True, FeedbackValue.NOT_RELEVANT: False}
    rows = db.session.execute(statement)
    return {match_id: said[value] for match_id, value in rows if value in said}


def all_pairs() -> sa.Select[Match]:
    """Return the statement of all pairs, for what no person reads: figures and learning."""
    return (
        sa.select(Match)
        .join(Idea, Match.idea_id == Idea.id)
        .join(Profile, Match.profile_id == Profile.id)
    )


def learning_decisions() -> list[Decision]:
    """Return what profiles may learn from; restricted ideas never contribute."""
    statement = all_pairs().where(
        Idea.sensitivity != Sensitivity.RESTRICTED, Idea.status == IdeaStatus.PUBLISHED
    )
    return [
        Decision(documents_id(one.match.idea), documents_id(one.match.profile), one.is_good)
        for one in judged(statement)
    ]


# Against the ranks


def order_kept(judgements: Iterable[Judgement]) -> Figure:
    """Return how often a good idea stands above a refused one of the same profile.

    Averaged over profiles that have both kinds, in [0, 1], chance being one half; ties count
    against the engine, and so do pairs that it has not scored.
    """
    scores: dict[int, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})
    for one in judgements:
        lowest = float("-inf") if one.is_good else float("inf")
        score = lowest if one.match.score is None else one.match.score
        scores[one.match.profile_id][one.is_good].append(score)
    shares: list[float | None] = []
    for profile_id in sorted(scores):
        pairs = list(product(scores[profile_id][True], scores[profile_id][False]))
        if pairs:
            shares.append(sum(good > bad for good, bad in pairs) / len(pairs))
    return figure(shares)


def good_by_band(judgements: Iterable[Judgement]) -> dict[str, Figure]:
    """Return the share of good pairs among the judged ones of each word for the fit."""
    values: dict[str, list[float | None]] = defaultdict(list)
    for one in judgements:
        if one.match.band:
            values[one.match.band].append(float(one.is_good))
    return {band: figure(rows) for band, rows in values.items()}


def good_by_rank(
    judgements: Iterable[Judgement], limits: tuple[int, ...]
) -> dict[int | None, tuple[int, int]]:
    """Return good and refused pairs by the idea's ranks, up to each limit and beyond (None)."""
    counts: dict[int | None, list[int]] = {limit: [0, 0] for limit in (*limits, None)}
    for one in judgements:
        rank = one.match.rank_for_idea
        if rank is not None:
            place = next((limit for limit in limits if rank <= limit), None)
            counts[place][0 if one.is_good else 1] += 1
    return {limit: (good, refused) for limit, (good, refused) in counts.items()}
