"""What the people of an idea see after its submission: steps, acts that wait for them, pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matcher.errors import NotAllowed
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaConfirmation, IdeaStatus
from matcher.models.match import Feedback, Match, MatchStatus, Question
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role, User
from matcher.services import access, decisions, form_keys, ideas, moves

S = MatchStatus
# A pair that was put aside again is no business of the community.
SHOWN = frozenset(S) - {S.SUGGESTED, S.DISMISSED}
WANTED = frozenset({S.INTERESTED, S.APPROVED, S.INTRODUCED, S.IN_TALKS, S.FUNDED, S.NOT_FUNDED})
INTRODUCED = frozenset({S.INTRODUCED, S.IN_TALKS, S.FUNDED, S.NOT_FUNDED})
RENEW_BEFORE = timedelta(days=14)


class Step(StrEnum):
    """A step on the way of an idea, in order."""

    SUBMITTED = "submitted"
    CHECK = "check"
    PAIRS = "pairs"
    INTEREST = "interest"
    INTRODUCTION = "introduction"
    DECISION = "decision"


class StepState(StrEnum):
    """Where a step stands; the words are those of the timeline."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    BAD = "bad"


@dataclass(frozen=True)
class StepRow:
    """One step with its state and, when it is done, its moment."""

    step: Step
    state: StepState
    when: datetime | None = None


class Need(StrEnum):
    """An act that waits for the people of an idea."""

    SIGN_OFF = "sign_off"
    CHANGE = "change"
    CONFIRM = "confirm"
    ANSWER = "answer"
    RENEW = "renew"
    RESUBMIT = "resubmit"


@dataclass(frozen=True)
class NeedRow:
    """One act that waits, with the question it answers where it is one."""

    need: Need
    question: Question | None = None


@dataclass(frozen=True)
class Standing:
    """Where an idea stands: what waits for the reader, the state of its furthest open pair."""

    needs: list[NeedRow]
    furthest: MatchStatus | None


def list_pairs(actor: Membership, idea: Idea) -> list[Match]:
    """Return the idea's pairs that its community may see, the furthest first."""
    statement = (
        access.matches_seen_by(actor)
        .where(Match.idea_id == idea.id, Match.status.in_(SHOWN))
        .options(
            joinedload(Match.profile).joinedload(Profile.organisation),
            selectinload(Match.events),
            selectinload(Match.questions),
        )
    )
    order = {status: place for place, status in enumerate(reversed(list(MatchStatus)))}
    pairs = db.session.scalars(statement.order_by(Match.id)).unique()
    closed = {S.NOT_FUNDED, S.DECLINED, S.REFUSED, S.LAPSED}
    return sorted(pairs, key=lambda pair: (pair.status in closed, order[pair.status], pair.id))


def find_pair(actor: Membership, match_id: int) -> Match | None:
    """Return a pair that its community may see, or None for one put aside again."""
    match = access.get_match(actor, match_id)
    return match if match.status in SHOWN else None


# Steps


def steps(idea: Idea, pairs: list[Match]) -> list[StepRow]:
    """Return the six steps: those behind are done, one is now, the others are ahead."""
    moments = _moments(idea, pairs)
    reached = [step for step in Step if moments[step] is not None]
    last = reached[-1] if reached else None
    rows = []
    ended = idea.status in (IdeaStatus.REJECTED, IdeaStatus.WITHDRAWN, IdeaStatus.ARCHIVED)
    current_found = False
    behind = list(Step).index(last) if last else -1
    for place, step in enumerate(Step):
        if place <= behind:
            rows.append(StepRow(step, StepState.DONE, moments[step]))
        elif not current_found:
            current_found = True
            rows.append(StepRow(step, StepState.BAD if ended else StepState.NOW))
        else:
            rows.append(StepRow(step, StepState.NEXT))
    return rows


def _moments(idea: Idea, pairs: list[Match]) -> dict[Step, datetime | None]:
    """Return when each step was reached; a submission that was recalled does not count."""
    waits = idea.status in (IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF)
    released = [pair.released_at for pair in pairs if pair.released_at]
    funded = [pair for pair in pairs if pair.status in (S.FUNDED, S.NOT_FUNDED)]
    return {
        Step.SUBMITTED: None if waits else _event_at(idea, {"submit", "resubmit"}),
        Step.CHECK: _event_at(idea, {"publish"}),
        Step.PAIRS: min(released, default=None),
        Step.INTEREST: _first_reached(pairs, WANTED, S.INTERESTED),
        Step.INTRODUCTION: _first_reached(pairs, INTRODUCED, S.INTRODUCED),
        Step.DECISION: max((pair.status_at for pair in funded), default=None),
    }


def _event_at(idea: Idea, acts: set[str]) -> datetime | None:
    return next((event.at for event in reversed(idea.events) if event.act in acts), None)


def _first_reached(
    pairs: list[Match], states: frozenset[MatchStatus], target: MatchStatus
) -> datetime | None:
    """Return when a pair that is now in one of ``states`` first reached ``target``."""
    moments = [
        event.at
        for pair in pairs
        if pair.status in states
        for event in pair.events
        if event.to_status == target and event.from_status != target
    ]
    return min(moments, default=None)


# What waits


def needs(
    actor: Membership,
    idea: Idea,
    pairs: list[Match],
    *,
    today: date,
    confirmed: Collection[int] | None = None,
) -> list[NeedRow]:
    """Return what waits for this reader; a partner community can only look."""
    if actor.organisation_id != idea.organisation_id:
        return []
    rows: list[NeedRow] = []
    if idea.status is IdeaStatus.AWAITING_SIGNOFF and actor.role is Role.HEAD:
        rows.append(NeedRow(Need.SIGN_OFF))
    if idea.status is IdeaStatus.CHANGES_REQUESTED:
        rows.append(NeedRow(Need.CHANGE))
    rows += [NeedRow(Need.ANSWER, question) for question in open_questions(pairs)]
    if wants_confirmation(idea, pairs, confirmed):
        rows.append(NeedRow(Need.CONFIRM))
    if wants_renewal(idea, today=today):
        rows.append(NeedRow(Need.RENEW))
    changeable = idea.status in (IdeaStatus.PUBLISHED, IdeaStatus.STALE)
    if changeable and ideas.has_unsubmitted_changes(idea):
        rows.append(NeedRow(Need.RESUBMIT))
    return rows


def open_questions(pairs: list[Match]) -> list[Question]:
    """Return the questions that the office has passed on and nobody has answered."""
    return [
        question
        for pair in pairs
        if pair.status is S.QUESTION
        for question in pair.questions
        if question.relayed_at and not question.answered_at
    ]


def wants_confirmation(
    idea: Idea, pairs: list[Match], confirmed: Collection[int] | None = None
) -> bool:
    """Tell whether a donor's interest waits for the word that the idea is current.

    ``confirmed`` holds the ideas that are, where they are known for a whole list.
    """
    if idea.status is not IdeaStatus.PUBLISHED:
        return False
    interested = any(pair.status is S.INTERESTED for pair in pairs)
    if confirmed is not None:
        return interested and idea.id not in confirmed
    return interested and decisions.find_confirmation(idea) is None


def standings(actor: Membership, rows: Sequence[Idea], *, today: date) -> dict[int, Standing]:
    """Return for each of these ideas what waits for this reader and how far its best pair is."""
    ids = [idea.id for idea in rows]
    loaded = sa.select(Idea).where(Idea.id.in_(ids))
    # One query each for all ideas, which otherwise are asked for one by one below.
    db.session.scalars(
        loaded.options(selectinload(Idea.revisions), selectinload(Idea.partners_involved))
    ).all()
    pairs: dict[int, list[Match]] = {key: [] for key in ids}
    statement = access.matches_seen_by(actor).where(
        Match.idea_id.in_(ids), Match.status.in_(SHOWN & moves.OPEN)
    )
    for pair in db.session.scalars(statement.options(selectinload(Match.questions))):
        pairs[pair.idea_id].append(pair)
    current = sa.select(Idea.id).join(
        IdeaConfirmation,
        sa.and_(IdeaConfirmation.idea_id == Idea.id, IdeaConfirmation.revision == Idea.revision),
    )
    confirmed = set(db.session.scalars(current.where(Idea.id.in_(ids))))
    order = list(MatchStatus)
    return {
        idea.id: Standing(
            needs(actor, idea, pairs[idea.id], today=today, confirmed=confirmed),
            max((pair.status for pair in pairs[idea.id]), key=order.index, default=None),
        )
        for idea in rows
    }


def wants_renewal(idea: Idea, *, today: date) -> bool:
    """Tell whether the question "still current?" is due."""
    if idea.status is IdeaStatus.STALE:
        return True
    due = idea.review_by
    return idea.status is IdeaStatus.PUBLISHED and due is not None and due - RENEW_BEFORE <= today


def has_changed_since(match: Match) -> bool:
    """Tell whether the idea has a newer revision than the one the donor was shown."""
    return match.idea_revision.number < match.idea.revision


def donor_people(match: Match) -> list[User]:
    """Return the donor's people, whom the community knows since the introduction."""
    if match.status not in INTRODUCED:
        return []
    return access.people_of(match.profile.organisation_id)


def find_feedback(actor: Membership, match: Match) -> Feedback | None:
    """Return what this reader said of the pair."""
    statement = sa.select(Feedback).where(
        Feedback.match_id == match.id, Feedback.by_id == actor.user_id
    )
    return db.session.scalars(statement).one_or_none()


# Submitting once


def submit_once(actor: Membership, idea_id: int, *, key: str, version: int, now: datetime) -> Idea:
    """Submit through a keyed form: the second click of a double click changes nothing."""
    content = {"idea": idea_id}
    if form_keys.find_subject(actor, key, "idea.submitted", content) is not None:
        return access.get_idea(actor, idea_id)
    idea = ideas.get_editable(actor, idea_id)
    if idea.status is IdeaStatus.AWAITING_SIGNOFF and actor.role is Role.EDITOR:
        raise NotAllowed("signoff")
    idea = ideas.submit_idea(actor, idea_id, now=now, version=version)
    form_keys.remember(actor, key, "idea.submitted", content, idea.id, now=now)
    return idea
