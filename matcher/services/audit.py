"""The audit trail: one entry for each act, written in the act's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from matcher.extensions import Base, db
from matcher.models.audit import AuditEvent
from matcher.models.user import Membership


def record(
    actor: Membership | None,
    act: str,
    subject: Base | None,
    *,
    now: datetime,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Add one entry: ``actor`` is None for the system itself; values are codes, never texts."""
    event = AuditEvent(
        at=now,
        act=act,
        user_id=actor.user_id if actor else None,
        membership_id=actor.id if actor else None,
        role=actor.role if actor else None,
        subject_kind=subject.__tablename__ if subject is not None else "",
        subject_id=getattr(subject, "id", None),
        old={key: plain(value) for key, value in (old or {}).items()},
        new={key: plain(value) for key, value in (new or {}).items()},
    )
    db.session.add(event)
    return event


def plain(value: object) -> Any:
    """Return ``value`` as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        # 90000.00 as typed and 90000 as stored are one amount and must read the same.
        return format(value.normalize(), "f")
    return value
