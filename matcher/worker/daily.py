"""The tasks of each day in Kyiv: queued once under the day's date, whoever is first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy.exc import IntegrityError

from matcher.extensions import db
from matcher.services import outbox, outcomes, upkeep

Task = Callable[[datetime, date], None]


def lapse_closed_calls(now: datetime, today: date) -> None:
    """End the pairs of calls that closed yesterday."""
    outcomes.lapse_closed_calls(today=today, now=now)


def ask_for_renewals(now: datetime, today: date) -> None:
    """Ask whether ideas are still current."""
    upkeep.ask_for_renewals(today=today, now=now)


def remind_of_profiles(now: datetime, today: date) -> None:
    """Tell the office about profiles that wait for a check."""
    upkeep.remind_of_profiles(today=today, now=now)


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "lapse_closed_calls": lapse_closed_calls,
        "ask_for_renewals": ask_for_renewals,
        "remind_of_profiles": remind_of_profiles,
    }
)


def queue_tasks(today: date, *, now: datetime) -> int:
    """Queue and commit the day's tasks; those queued by another worker are left to it."""
    queued = 0
    for kind in TASKS:
        key = f"{kind}:{today.isoformat()}"
        try:
            job = outbox.queue_job(kind, {"day": today.isoformat()}, now=now, unique_key=key)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            continue
        queued += job is not None
    return queued
