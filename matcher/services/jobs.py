"""The job table: who works on what until when, what went wrong, what is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matcher.errors import NotFound, WrongState
from matcher.extensions import db
from matcher.models.job import Job, JobStatus
from matcher.models.match import MatchEvent, MatchRun
from matcher.models.user import Membership
from matcher.services import access, audit

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 8
FIRST_DELAY = timedelta(minutes=2)
LONGEST_DELAY = timedelta(hours=12)
ERROR_LENGTH = 500


@dataclass(frozen=True)
class Claim:
    """A job in the hands of one worker; ``attempt`` fences off whoever held it before."""

    job_id: int
    kind: str
    attempt: int
    payload: Mapping[str, Any]


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Job that somebody may work on it now."""
    waits = sa.and_(Job.status == JobStatus.WAITING, Job.not_before <= now)
    abandoned = sa.and_(Job.status == JobStatus.RUNNING, Job.lease_until < now)
    return sa.or_(waits, abandoned)


def has_due(*, now: datetime) -> bool:
    """Tell whether there is work; reads only, so that an idle worker locks nothing."""
    return db.session.scalars(sa.select(Job.id).where(is_due(now)).limit(1)).first() is not None


def claim(*, now: datetime) -> Claim | None:
    """Take the job that is due longest, for the time of a lease; the caller commits at once.

    A job whose worker died is taken again when its lease has run out. One that has ended
    its workers too often is given up, or it would do so for ever.
    """
    give_up_abandoned(now=now)
    found = (
        sa.select(Job.id)
        .where(is_due(now))
        .order_by(Job.not_before, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job_id = db.session.scalars(found).first()
    if job_id is None:
        return None
    taken = (
        sa.update(Job)
        .where(Job.id == job_id, is_due(now))
        .values(status=JobStatus.RUNNING, lease_until=now + LEASE, attempts=Job.attempts + 1)
    )
    if _execute(taken) != 1:
        return None
    job = db.session.get_one(Job, job_id, populate_existing=True)
    return Claim(job.id, job.kind, job.attempts, dict(job.payload))


def give_up_abandoned(*, now: datetime) -> int:
    """Fail the jobs whose last permitted attempt never ended; return how many."""
    statement = (
        sa.update(Job)
        .where(
            Job.status == JobStatus.RUNNING,
            Job.lease_until < now,
            Job.attempts >= MAX_ATTEMPTS,
        )
        .values(status=JobStatus.FAILED, error="abandoned", lease_until=None, finished_at=now)
    )
    return _execute(statement)


def finish(held: Claim, *, now: datetime) -> bool:
    """Mark the job as done; False when somebody else holds it by now."""
    return _settle(held, status=JobStatus.DONE, error="", finished_at=now)


def cancel(held: Claim, why: str, *, now: datetime) -> bool:
    """Drop the job: what it was for is gone."""
    return _settle(held, status=JobStatus.CANCELLED, error=why[:ERROR_LENGTH], finished_at=now)


def fail(held: Claim, error: str, *, now: datetime, for_good: bool = False) -> bool:
    """Note what went wrong; try again later, each time later, unless it is ``for_good``."""
    error = error[:ERROR_LENGTH]
    if for_good or held.attempt >= MAX_ATTEMPTS:
        return _settle(held, status=JobStatus.FAILED, error=error, finished_at=now)
    later = now + retry_delay(held.attempt)
    return _settle(held, status=JobStatus.WAITING, error=error, not_before=later)


def release(held: Claim) -> bool:
    """Give the job back untouched: the worker is asked to stop; this was no attempt."""
    return _settle(held, status=JobStatus.WAITING, attempts=held.attempt - 1)


def retry_delay(attempt: int) -> timedelta:
    """Return the pause after this attempt: 2, 6, 18 minutes and so on, a day in all."""
    return min(FIRST_DELAY * 3 ** (attempt - 1), LONGEST_DELAY)


def _settle(held: Claim, **values: object) -> bool:
    """Change the job if this worker still holds it."""
    statement = (
        sa.update(Job)
        .where(
            Job.id == held.job_id,
            Job.status == JobStatus.RUNNING,
            Job.attempts == held.attempt,
        )
        .values(lease_until=None, **values)
    )
    return _execute(statement) == 1


def _execute(statement: sa.Update) -> int:
    """Run an update past the session's objects; return the number of rows."""
    options = statement.execution_options(synchronize_session=False)
    count: int = db.session.execute(options).rowcount  # type: ignore[attr-defined]
    return count


def note_progress(held: Claim, run_id: int, done: int, total: int, *, now: datetime) -> bool:
    """Write how far a run is and renew the lease, in a short transaction of its own.

    Returns False when the run is to stop: somebody asked for it, or the lease was lost.
    """
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        mine = (Job.id == held.job_id, Job.attempts == held.attempt)
        renewed = connection.execute(
            sa.update(Job)
            .where(*mine, Job.status == JobStatus.RUNNING)
            .values(lease_until=now + LEASE)
        ).rowcount
        connection.execute(
            sa.update(MatchRun).where(MatchRun.id == run_id).values(done=done, total=total)
        )
        asked = connection.scalar(sa.select(MatchRun.cancel_asked).where(MatchRun.id == run_id))
        connection.commit()
    return renewed == 1 and not asked


def was_undone(event_id: int | None) -> bool:
    """Tell whether the act that a letter belongs to has been taken back."""
    if event_id is None:
        return False
    statement = sa.select(MatchEvent.id).where(MatchEvent.undoes_id == event_id)
    return db.session.scalars(statement).first() is not None


def get_job(job_id: int) -> Job:
    """Return a job; raises NotFound."""
    job = db.session.get(Job, job_id)
    if job is None:
        raise NotFound("job")
    return job


def list_jobs(*, status: JobStatus | None = None, limit: int = 25) -> list[Job]:
    """Return the latest jobs, newest first, of one status or of all."""
    statement = sa.select(Job).order_by(Job.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(Job.status == status)
    return list(db.session.scalars(statement))


def retry(actor: Membership | None, job_id: int, *, now: datetime) -> Job:
    """Try a failed job again at once, as the office or (None) at the console.

    Raises NotFound, NotAllowed, or WrongState when it has not failed.
    """
    if actor is not None:
        access.require(actor, access.OFFICE)
    job = get_job(job_id)
    if job.status is not JobStatus.FAILED:
        raise WrongState("job", status=job.status)
    job.status, job.not_before, job.attempts = JobStatus.WAITING, now, 0
    job.error, job.finished_at, job.lease_until = "", None, None
    audit.record(actor, "job.retried", job, now=now, new={"kind": job.kind})
    db.session.flush()
    return job
