"""Reading the audit trail: who did what, filtered, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.user import Membership, Role, User
from matcher.services import access, people

PER_PAGE = 25


@dataclass(frozen=True)
class Filters:
    """What to show: empty fields let everything through; ``until`` is not included."""

    act: str = ""
    person: str = ""
    subject_kind: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_events(
    actor: Membership, filters: Filters, *, page: int = 1
) -> tuple[list[AuditEvent], int]:
    """Return one page of the trail, newest first, and how many entries there are."""
    access.require(actor, {Role.ADMIN})
    statement = sa.select(AuditEvent).where(*_conditions(filters))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0
    rows = (
        statement.options(joinedload(AuditEvent.user))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return list(db.session.scalars(rows)), total


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that the filters name."""
    event = AuditEvent
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.act:
        conditions.append(event.act == filters.act)
    if filters.person:
        persons = sa.select(User.id).where(people.is_called(filters.person))
        conditions.append(event.user_id.in_(persons))
    if filters.subject_kind:
        conditions.append(event.subject_kind == filters.subject_kind)
    if filters.subject_id is not None:
        conditions.append(event.subject_id == filters.subject_id)
    if filters.since is not None:
        conditions.append(event.at >= filters.since)
    if filters.until is not None:
        conditions.append(event.at < filters.until)
    return conditions


def list_acts(actor: Membership) -> list[str]:
    """Return the acts that the trail holds, by name."""
    access.require(actor, {Role.ADMIN})
    return list(db.session.scalars(sa.select(AuditEvent.act).distinct().order_by(AuditEvent.act)))


def list_subject_kinds(actor: Membership) -> list[str]:
    """Return the kinds of subject that the trail holds, by name."""
    access.require(actor, {Role.ADMIN})
    kinds = sa.select(AuditEvent.subject_kind).distinct().order_by(AuditEvent.subject_kind)
    return [kind for kind in db.session.scalars(kinds) if kind]
