"""Lists that staff keep: goals of strategies, communities and what is set for each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from matcher.errors import Invalid, NotFound, Stale
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.match import Match
from matcher.models.organisation import (
    Organisation,
    OrganisationKind,
    StrategyGoal,
    TerritoryStatusCode,
)
from matcher.models.user import Membership, Role
from matcher.services import access, alphabet, audit, moves, territories

GOAL_TEXT, GOAL_CODE = 500, 40
KINDS = (OrganisationKind.COMMUNITY, OrganisationKind.AGENCY)


@dataclass(frozen=True)
class Goal:
    """What a goal of a strategy is made of."""

    list_code: str
    code: str
    text_uk: str
    text_en: str
    source_url: str = ""
    is_active: bool = True


@dataclass(frozen=True)
class CommunityRow:
    """A community or agency as the list shows it on a day, over what its reader may see."""

    organisation: Organisation
    status: TerritoryStatusCode
    people: int
    has_head: bool
    ideas: int
    published: int
    pairs: int


# Goals of strategies


def list_goals(actor: Membership) -> list[StrategyGoal]:
    """Return all goals by list and code, those out of use last in their list."""
    access.require(actor, access.OFFICE)
    statement = sa.select(StrategyGoal).order_by(
        StrategyGoal.list_code, StrategyGoal.is_active.desc(), StrategyGoal.code, StrategyGoal.id
    )
    return list(db.session.scalars(statement))


def get_goal(actor: Membership, goal_id: int) -> StrategyGoal:
    """Return one goal; raises NotFound."""
    access.require(actor, access.OFFICE)
    goal = db.session.get(StrategyGoal, goal_id)
    if goal is None:
        raise NotFound("goal")
    return goal


def save_goal(
    actor: Membership, goal: Goal, *, goal_id: int | None = None, now: datetime
) -> StrategyGoal:
    """Add a goal or change one; a retired goal stays with the ideas that name it."""
    access.require(actor, access.OFFICE)
    row = get_goal(actor, goal_id) if goal_id is not None else StrategyGoal()
    check_goal(goal, row.id)
    values = {
        "list_code": goal.list_code.strip(),
        "code": goal.code.strip(),
        "text_uk": goal.text_uk.strip(),
        "text_en": goal.text_en.strip(),
        "source_url": goal.source_url.strip(),
        "is_active": goal.is_active,
    }
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    act = "goal.added" if goal_id is None else "goal.changed"
    new = {"list": row.list_code, "code": row.code, "fields": changed, "is_active": row.is_active}
    audit.record(actor, act, row, now=now, new=new)
    db.session.flush()
    return row


def check_goal(goal: Goal, own_id: int | None) -> None:
    """A goal has a list, a code that is new in it, and its text in both languages."""
    needed = ("list_code", "code", "text_uk", "text_en")
    for name in needed:
        text = str(getattr(goal, name)).strip()
        if not text:
            raise Invalid("goal_empty", field=name)
        if len(text) > (GOAL_CODE if name in ("list_code", "code") else GOAL_TEXT):
            raise Invalid("text_long", field=name)
    address = goal.source_url.strip()
    if address and not address.startswith(("https://", "http://")):
        raise Invalid("source_url", field="source_url")
    same = sa.select(StrategyGoal.id).where(
        StrategyGoal.list_code == goal.list_code.strip(),
        StrategyGoal.code == goal.code.strip(),
        StrategyGoal.id != (own_id or 0),
    )
    if db.session.scalars(same).first() is not None:
        raise Invalid("goal_exists", field="code")


# Communities and agencies


def list_communities(actor: Membership, *, today: date) -> list[CommunityRow]:
    """Return communities by raion and name, then agencies, with counts over what one may see."""
    access.require(actor, access.OFFICE)
    statement = sa.select(Organisation).where(Organisation.kind.in_(KINDS))
    rows = sorted(db.session.scalars(statement), key=order_key)
    statuses = territories.statuses_on(today, rows)
    people, heads = count_seats([row.id for row in rows])
    ideas = count_ideas(actor)
    pairs = count_pairs(actor)
    return [
        CommunityRow(
            organisation=row,
            status=statuses[row.id],
            people=people.get(row.id, 0),
            has_head=row.id in heads,
            ideas=ideas.get(row.id, (0, 0))[0],
            published=ideas.get(row.id, (0, 0))[1],
            pairs=pairs.get(row.id, 0),
        )
        for row in rows
    ]


def order_key(row: Organisation) -> tuple[bool, tuple[int, ...], tuple[int, ...], int]:
    """Order communities by raion and name, then agencies."""
    raion, name = alphabet.sort_key(row.raion_uk or ""), alphabet.sort_key(row.name_uk)
    return row.kind is not OrganisationKind.COMMUNITY, raion, name, row.id


def count_seats(organisation_ids: Collection[int]) -> tuple[dict[int, int], set[int]]:
    """Return how many people each organisation has, and which have a head."""
    is_head = sa.func.sum(sa.case((Membership.role == Role.HEAD, 1), else_=0))
    statement = (
        sa.select(
            Membership.organisation_id, sa.func.count(sa.distinct(Membership.user_id)), is_head
        )
        .where(Membership.organisation_id.in_(organisation_ids), Membership.ended_at.is_(None))
        .group_by(Membership.organisation_id)
    )
    rows = list(db.session.execute(statement))
    return {row[0]: row[1] for row in rows}, {row[0] for row in rows if row[2]}


def count_ideas(actor: Membership) -> dict[int, tuple[int, int]]:
    """Return for each organisation its ideas and its published ones, as this person sees them."""
    published = sa.func.sum(sa.case((Idea.status == IdeaStatus.PUBLISHED, 1), else_=0))
    statement = (
        access.ideas_seen_by(actor)
        .with_only_columns(
            Idea.organisation_id, sa.func.count(), published, maintain_column_froms=True
        )
        .group_by(Idea.organisation_id)
    )
    return {row[0]: (row[1], row[2] or 0) for row in db.session.execute(statement)}


def count_pairs(actor: Membership) -> dict[int, int]:
    """Return for each organisation its open pairs that reached a donor."""
    statement = (
        access.matches_seen_by(actor)
        .where(Match.status.in_(moves.OPEN), Match.released_at.is_not(None))
        .with_only_columns(Idea.organisation_id, sa.func.count(), maintain_column_froms=True)
        .group_by(Idea.organisation_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def get_community(actor: Membership, organisation_id: int) -> Organisation:
    """Return one community or agency; raises NotFound."""
    access.require(actor, access.OFFICE)
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None or organisation.kind not in KINDS:
        raise NotFound("organisation")
    return organisation


def edit_community(
    actor: Membership,
    organisation_id: int,
    *,
    needs_signoff: bool,
    is_active: bool,
    now: datetime,
    version: int | None = None,
) -> Organisation:
    """Set whether the head signs each idea, and whether the organisation may still apply."""
    community = get_community(actor, organisation_id)
    if version is not None and community.version != version:
        raise Stale("stale", organisation_id=community.id)
    old = {"needs_signoff": community.needs_signoff, "is_active": community.is_active}
    community.needs_signoff, community.is_active = needs_signoff, is_active
    new = {"needs_signoff": needs_signoff, "is_active": is_active}
    audit.record(actor, "community.changed", community, now=now, old=old, new=new)
    db.session.flush()
    return community
