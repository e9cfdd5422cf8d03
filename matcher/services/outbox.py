"""Queues work for the worker: letters and computations, in the transaction of their act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.job import Job, JobStatus
from matcher.models.match import MatchEvent
from matcher.models.user import User

LETTER = "letter"


def queue_letter(
    letter: str,
    recipients: Iterable[User],
    *,
    now: datetime,
    subject: Mapping[str, int | str] | None = None,
    event: MatchEvent | None = None,
    not_before: datetime | None = None,
) -> list[Job]:
    """Queue one letter for each recipient: its kind and ids, never its text.

    The text is rendered when it is sent, after the recipient's rights are checked again. A
    letter that belongs to a match event is cancelled with it when the act is undone.
    """
    jobs = [
        Job(
            kind=LETTER,
            payload={"letter": letter, **(subject or {})},
            recipient_id=recipient.id,
            match_event_id=event.id if event else None,
            not_before=not_before or now,
            created_at=now,
        )
        for recipient in recipients
    ]
    db.session.add_all(jobs)
    return jobs


def queue_job(
    kind: str,
    payload: Mapping[str, int | str],
    *,
    now: datetime,
    unique_key: str | None = None,
    not_before: datetime | None = None,
) -> Job | None:
    """Queue a computation; with a unique key that is queued already, return None."""
    if unique_key is not None:
        known = sa.select(Job.id).where(Job.unique_key == unique_key)
        if db.session.scalars(known).first() is not None:
            return None
    job = Job(
        kind=kind,
        payload=dict(payload),
        unique_key=unique_key,
        not_before=not_before or now,
        created_at=now,
    )
    db.session.add(job)
    return job


def cancel_letters(event: MatchEvent, *, now: datetime) -> int:
    """Cancel the letters of an event that have not left yet; return how many."""
    statement = (
        sa.update(Job)
        .where(Job.match_event_id == event.id, Job.status == JobStatus.WAITING)
        .values(status=JobStatus.CANCELLED, finished_at=now)
    )
    return db.session.connection().execute(statement).rowcount
