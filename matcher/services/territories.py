"""The official territory list by date: what it says of a community on a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.organisation import Organisation, TerritoryStatus, TerritoryStatusCode

GRAVITY = (
    TerritoryStatusCode.NONE,
    TerritoryStatusCode.POSSIBLE_HOSTILITIES,
    TerritoryStatusCode.ACTIVE_HOSTILITIES,
    TerritoryStatusCode.TEMPORARILY_OCCUPIED,
)


def statuses_on(
    day: date, organisations: Collection[Organisation]
) -> dict[int, TerritoryStatusCode]:
    """Return the status of each community on ``day``; the gravest of its own and its raion's."""
    statement = sa.select(TerritoryStatus).where(
        TerritoryStatus.valid_from <= day,
        sa.or_(TerritoryStatus.valid_to.is_(None), TerritoryStatus.valid_to >= day),
    )
    by_code: dict[str, TerritoryStatusCode] = {}
    for row in db.session.scalars(statement):
        known = by_code.get(row.katottg, TerritoryStatusCode.NONE)
        by_code[row.katottg] = max(known, row.status, key=GRAVITY.index)
    return {
        organisation.id: max(
            by_code.get(organisation.katottg or "", TerritoryStatusCode.NONE),
            by_code.get(organisation.raion_code or "", TerritoryStatusCode.NONE),
            key=GRAVITY.index,
        )
        for organisation in organisations
    }
