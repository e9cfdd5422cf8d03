"""What an idea form offers to choose from, and the names of the places that codes stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.idea import Idea
from matcher.models.organisation import (
    CommunityType,
    Organisation,
    OrganisationKind,
    Settlement,
    StrategyGoal,
)


class PlaceName(NamedTuple):
    """The name of a territory in both languages; ``type`` for communities alone."""

    name_uk: str
    name_en: str
    type: CommunityType | None = None


def territory_names() -> dict[str, PlaceName]:
    """Return the names of all communities and raions by code of the codifier."""
    statement = sa.select(
        Organisation.katottg,
        Organisation.name_uk,
        Organisation.name_en,
        Organisation.community_type,
        Organisation.raion_code,
        Organisation.raion_uk,
        Organisation.raion_en,
    ).where(Organisation.kind == OrganisationKind.COMMUNITY)
    names: dict[str, PlaceName] = {}
    for row in db.session.execute(statement):
        names[row.katottg] = PlaceName(row.name_uk, row.name_en, row.community_type)
        if row.raion_code:
            names[row.raion_code] = PlaceName(row.raion_uk or "", row.raion_en or "")
    return names


def settlement_names(codes: Iterable[str]) -> dict[str, PlaceName]:
    """Return the names of these settlements by code."""
    statement = sa.select(Settlement).where(Settlement.katottg.in_(list(codes)))
    return {
        row.katottg: PlaceName(row.name_uk, row.name_en) for row in db.session.scalars(statement)
    }


def list_settlements(idea: Idea) -> list[Settlement]:
    """Return the settlements of the community that leads the idea, by name."""
    statement = (
        sa.select(Settlement)
        .where(Settlement.community_katottg == idea.organisation.katottg)
        .order_by(Settlement.name_uk, Settlement.katottg)
    )
    return list(db.session.scalars(statement))


def list_communities(*, but: int) -> list[Organisation]:
    """Return the communities that may take part in an idea, all but its lead, by name."""
    statement = (
        sa.select(Organisation)
        .where(
            Organisation.kind == OrganisationKind.COMMUNITY,
            Organisation.is_active,
            Organisation.id != but,
        )
        .order_by(Organisation.name_uk, Organisation.id)
    )
    return list(db.session.scalars(statement))


def list_goals() -> list[StrategyGoal]:
    """Return the goals of strategies in use, by list and code."""
    statement = (
        sa.select(StrategyGoal)
        .where(StrategyGoal.is_active)
        .order_by(StrategyGoal.list_code, StrategyGoal.code)
    )
    return list(db.session.scalars(statement))
