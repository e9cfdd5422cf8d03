"""The office's queue of pairs: which wait, in what order, and what stands before the next step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from matcher.errors import MatcherError, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaConfirmation, IdeaStatus
from matcher.models.match import Feedback, Match, MatchEvent, MatchStatus, Question
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile
from matcher.models.user import Membership
from matcher.services import access, decisions, freshness, moves, shortlist

S = MatchStatus
PAGE = 25
CHOICES = 300
OLD = timedelta(days=7)
CAME_BACK = frozenset({"reopened", "restored", "suggest_again", "taken_back", "undone"})
WAITING = frozenset({S.SUGGESTED, S.QUESTION, S.INTERESTED, S.APPROVED})
ANSWERED = WAITING - {S.SUGGESTED}
INTRODUCED = frozenset({S.INTRODUCED, S.IN_TALKS})
VIEWS = (
    "look",
    "waiting",
    "release",
    "answers",
    "approve",
    "introduce",
    "old",
    "returned",
    "mine",
    "seconding",
    "with_donor",
    "closed",
)
SORTS = ("fit", "wait", "amount", "title")


@dataclass(frozen=True)
class Filter:
    """What the reader asked to see; an empty value asks for nothing."""

    view: str = "look"
    words: str = ""
    donor_id: int | None = None
    community_id: int | None = None
    raion: str = ""
    band: str = ""
    eligibility: str = ""
    sector: str = ""
    sort: str = "fit"


@dataclass(frozen=True)
class Page:
    """One page of the queue; pairs of one idea stand together, its best donor first."""

    rows: list[Match]
    total: int
    page: int
    pages: int
    counts: Mapping[str, int]
    load: Mapping[int, int] = field(default_factory=dict)


# Which pairs


def view_condition(view: str, actor: Membership, *, now: datetime) -> sa.ColumnElement[bool]:
    """Return what a saved view asks of a pair."""
    waits = Match.status.in_(WAITING)
    confirmed = sa.exists().where(
        IdeaConfirmation.idea_id == Match.idea_id, IdeaConfirmation.revision == Idea.revision
    )
    event = sa.exists().where(MatchEvent.match_id == Match.id)
    conditions: dict[str, sa.ColumnElement[bool]] = {
        "look": sa.or_(Match.status.in_(ANSWERED), shortlist.worth_a_look(actor)),
        "release": Match.status == S.SUGGESTED,
        "answers": Match.status.in_([S.QUESTION, S.INTERESTED]),
        "approve": sa.and_(Match.status == S.INTERESTED, confirmed),
        "introduce": Match.status == S.APPROVED,
        "old": sa.and_(waits, Match.status_at < now - OLD),
        "returned": sa.and_(
            Match.status.in_(moves.BEFORE_APPROVAL), event.where(MatchEvent.act.in_(CAME_BACK))
        ),
        "mine": sa.and_(
            Match.status.in_(moves.OPEN), event.where(MatchEvent.by_id == actor.user_id)
        ),
        "seconding": Match.seconding_act.is_not(None),
        "with_donor": Match.status == S.RELEASED,
        "closed": Match.status.in_(moves.CLOSED),
    }
    return conditions.get(view, waits)


def narrow(statement: sa.Select[Match], asked: Filter) -> sa.Select[Match]:
    """Add the reader's filters to a guarded statement."""
    if asked.donor_id is not None:
        statement = statement.where(Profile.organisation_id == asked.donor_id)
    if asked.community_id is not None:
        statement = statement.where(Idea.organisation_id == asked.community_id)
    if asked.raion:
        places = sa.select(Organisation.id).where(Organisation.raion_code == asked.raion)
        statement = statement.where(Idea.organisation_id.in_(places))
    if asked.band:
        statement = statement.where(Match.band == asked.band)
    if asked.eligibility:
        statement = statement.where(Match.eligibility == asked.eligibility)
    if asked.sector:
        statement = statement.where(Idea.sector == asked.sector)
    for word in asked.words.split()[:5]:
        statement = statement.where(says(word))
    return statement


def says(word: str) -> sa.ColumnElement[bool]:
    """Return that a word stands in the names and titles of a pair, in either letter case.

    SQLite knows the case of Latin letters only, so that the usual spellings are asked for.
    """
    donor = sa.select(Organisation.id)
    fields = (Idea.code, Idea.title, Idea.title_en, Profile.title_uk, Profile.title_en)
    names = (Organisation.name_uk, Organisation.name_en)
    spellings = {word, word.lower(), word.capitalize(), word.upper()}
    named = donor.where(sa.or_(*(n.contains(s, autoescape=True) for n in names for s in spellings)))
    return sa.or_(
        *(column.contains(s, autoescape=True) for column in fields for s in spellings),
        Profile.organisation_id.in_(named),
        Idea.organisation_id.in_(named),
    )


def order(sort: str) -> list[Any]:
    """Return the order: groups of one idea as asked for, inside of them the best donor first."""
    score = sa.func.coalesce(Match.score, -1.0)
    best = sa.func.max(score).over(partition_by=Match.idea_id)
    waited = sa.func.min(Match.status_at).over(partition_by=Match.idea_id)
    by_sort: dict[str, list[Any]] = {
        "fit": [best.desc()],
        "wait": [waited],
        "amount": [sa.func.coalesce(Idea.amount, 0).desc()],
        "title": [Idea.title],
    }
    return [*by_sort.get(sort, by_sort["fit"]), Match.idea_id, score.desc(), Match.id]


# Reading


def list_queue(actor: Membership, asked: Filter, *, page: int, now: datetime) -> Page:
    """Return one page of the pairs that this office seat may see and asked for."""
    access.require(actor, access.OFFICE)
    counts = count_views(actor, asked, now=now)
    total = counts[asked.view]
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    statement = asked_for(actor, asked, now=now).options(
        contains_eager(Match.idea).joinedload(Idea.organisation),
        contains_eager(Match.profile).joinedload(Profile.organisation),
        joinedload(Match.seconding_by),
    )
    ordered = statement.order_by(*order(asked.sort)).limit(PAGE).offset((page - 1) * PAGE)
    rows = list(db.session.scalars(ordered))
    load = donor_load(actor, {row.profile.organisation_id for row in rows})
    return Page(rows, total, page, pages, counts, load)


def asked_for(actor: Membership, asked: Filter, *, now: datetime) -> sa.Select[Match]:
    """Return the statement of the pairs that were asked for, without an order."""
    statement = narrow(access.matches_seen_by(actor), asked)
    return statement.where(view_condition(asked.view, actor, now=now))


def count_views(actor: Membership, asked: Filter, *, now: datetime) -> dict[str, int]:
    """Return for each saved view how many pairs the other filters leave in it; one query."""
    parts = [
        sa.func.coalesce(
            sa.func.sum(sa.case((view_condition(view, actor, now=now), 1), else_=0)), 0
        ).label(view)
        for view in VIEWS
    ]
    statement = narrow(access.matches_seen_by(actor), asked).with_only_columns(
        *parts, maintain_column_froms=True
    )
    row = db.session.execute(statement).one()
    return {view: int(getattr(row, view)) for view in VIEWS}


def donor_load(actor: Membership, donor_ids: Collection[int]) -> dict[int, int]:
    """Return how many open introductions each of these donors has, as far as one may see."""
    statement = (
        access.matches_seen_by(actor)
        .where(Match.status.in_(INTRODUCED), Profile.organisation_id.in_(donor_ids))
        .with_only_columns(Profile.organisation_id, sa.func.count(), maintain_column_froms=True)
        .group_by(Profile.organisation_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def neighbours(
    actor: Membership, match_id: int, asked: Filter, *, now: datetime
) -> tuple[int | None, int | None, int, int]:
    """Return the pair before and after this one in the reader's queue, its place, the total.

    A pair that has left the view has place 0; what comes next is then the first of the rest.
    """
    statement = asked_for(actor, asked, now=now).with_only_columns(
        Match.id, maintain_column_froms=True
    )
    ids = list(db.session.scalars(statement.order_by(*order(asked.sort))))
    if match_id not in ids:
        return None, ids[0] if ids else None, 0, len(ids)
    at = ids.index(match_id)
    before = ids[at - 1] if at else None
    after = ids[at + 1] if at + 1 < len(ids) else None
    return before, after, at + 1, len(ids)


def parties(
    actor: Membership, asked: Filter, *, now: datetime
) -> tuple[list[Organisation], list[Organisation]]:
    """Return the donors and the communities that have a pair in this view, by name."""
    view = Filter(view=asked.view)

    def named(column: Any) -> list[Organisation]:
        ids = asked_for(actor, view, now=now).with_only_columns(column, maintain_column_froms=True)
        statement = sa.select(Organisation).where(Organisation.id.in_(ids))
        return list(db.session.scalars(statement.order_by(Organisation.name_uk, Organisation.id)))

    return named(Profile.organisation_id), named(Idea.organisation_id)


def list_pairs(actor: Membership, match_ids: Collection[int]) -> list[Match]:
    """Return those of these pairs that this seat may see, with their two sides."""
    statement = (
        access.matches_seen_by(actor)
        .where(Match.id.in_(match_ids))
        .options(
            contains_eager(Match.idea),
            contains_eager(Match.profile).joinedload(Profile.organisation),
        )
        .order_by(Match.id)
    )
    return list(db.session.scalars(statement))


def get_pair(actor: Membership, match_id: int) -> Match:
    """Return one pair with all that its page shows; raises NotFound."""
    access.require(actor, access.OFFICE)
    match = access.get_match(actor, match_id)
    statement = (
        sa.select(Match)
        .where(Match.id == match.id)
        .options(
            joinedload(Match.idea).joinedload(Idea.organisation),
            joinedload(Match.idea).selectinload(Idea.release_texts),
            joinedload(Match.profile).joinedload(Profile.organisation),
            joinedload(Match.idea_revision),
            joinedload(Match.profile_revision),
            joinedload(Match.run),
            joinedload(Match.seconding_by),
            selectinload(Match.events).joinedload(MatchEvent.by),
            selectinload(Match.questions),
        )
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).one()


def other_pairs(actor: Membership, match: Match) -> list[Match]:
    """Return the idea's other open pairs, best first: the best donor should win, not the first."""
    statement = (
        access.matches_seen_by(actor)
        .where(Match.idea_id == match.idea_id, Match.id != match.id, Match.status.in_(moves.OPEN))
        .options(contains_eager(Match.profile).joinedload(Profile.organisation))
        .order_by(sa.func.coalesce(Match.score, -1.0).desc(), Match.id)
        .limit(5)
    )
    return list(db.session.scalars(statement))


def find_feedback(actor: Membership, match: Match) -> Feedback | None:
    """Return what this person has said of the suggestion."""
    statement = sa.select(Feedback).where(
        Feedback.match_id == match.id, Feedback.by_id == actor.user_id
    )
    return db.session.scalars(statement).one_or_none()


def open_question(match: Match) -> Question | None:
    """Return the question that the pair waits for, if it waits for one."""
    if match.status is not S.QUESTION:
        return None
    waiting = (row for row in reversed(match.questions) if row.answer_relayed_at is None)
    return next(waiting, None)


# What may be done next


@dataclass(frozen=True)
class Steps:
    """The acts that fit the pair's state, and why some of them have to wait."""

    acts: frozenset[str]
    blocks: Mapping[str, MatcherError]

    def offers(self, *acts: str) -> bool:
        """Tell whether one of these acts fits the state."""
        return not self.acts.isdisjoint(acts)

    def is_open(self, act: str) -> bool:
        """Tell whether the act can be done now."""
        return act in self.acts and act not in self.blocks


def next_steps(actor: Membership, match: Match, *, now: datetime, today: date) -> Steps:
    """Return what this person may do with the pair now."""
    acts = {act for act, move in moves.MOVES.items() if match.status in move.sources}
    if match.status in moves.CLOSED:
        acts.add("reopen")
    if match.seconding_act is not None:
        acts.add("take_back")
    if moves.can_undo(actor, match, now=now):
        acts.add("undo")
    checks: dict[str, Callable[[], object]] = {
        "release": lambda: decisions.check_release(match, today=today),
        "approve": lambda: check_approval(actor, match, today=today),
        "introduce": lambda: check_introduction(match, now=now),
    }
    blocks: dict[str, MatcherError] = {}
    for act in acts & set(checks):
        try:
            checks[act]()
            check_second(actor, match, act)
        except MatcherError as error:
            blocks[act] = error
    return Steps(frozenset(acts), blocks)


def check_approval(actor: Membership, match: Match, *, today: date) -> None:
    """Raise what an approval would raise now."""
    if decisions.find_confirmation(match.idea) is None:
        raise WrongState("not_confirmed")
    decisions.check_four_eyes(actor, match, today=today)


def check_introduction(match: Match, *, now: datetime) -> None:
    """Raise what an introduction would raise now."""
    if now <= match.status_at + moves.UNDO_WINDOW:
        raise WrongState("undo_pending", until=match.status_at + moves.UNDO_WINDOW)


def check_second(actor: Membership, match: Match, act: str) -> None:
    """Raise when this person asked for the act alone and a second one has to second it."""
    restricted = decisions.is_restricted(match.idea)
    if restricted and match.seconding_act == act and match.seconding_by_id == actor.user_id:
        raise NotAllowed("same_person")


def pair_choices(
    actor: Membership, *, idea_id: int | None, profile_id: int | None, today: date
) -> tuple[list[Idea], list[Profile]]:
    """Return the ideas and profiles that may become a pair by hand, the chosen ones among them."""
    ideas = (
        access.ideas_seen_by(actor)
        .where(Idea.status == IdeaStatus.PUBLISHED)
        .options(joinedload(Idea.organisation))
        .order_by(sa.case((Idea.id == (idea_id or 0), 0), else_=1), Idea.title, Idea.id)
        .limit(CHOICES)
    )
    conflicts = access.conflicting_organisations(actor.user_id)
    profiles = (
        sa.select(Profile)
        .join(Organisation, Organisation.id == Profile.organisation_id)
        .where(*freshness.rankable(today), Profile.organisation_id.not_in(conflicts))
        .options(contains_eager(Profile.organisation))
        .order_by(
            sa.case((Profile.id == (profile_id or 0), 0), else_=1), Organisation.name_uk, Profile.id
        )
        .limit(CHOICES)
    )
    return list(db.session.scalars(ideas)), list(db.session.scalars(profiles))
