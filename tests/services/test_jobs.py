"""The job table: one worker at a time, retries, giving up, trying again by hand."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.errors import NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.job import Job, JobStatus
from matcher.models.match import MatchEvent, MatchRun, MatchStatus, RunStatus
from matcher.models.user import Role
from matcher.services import jobs, outbox
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")
LATER = NOW + jobs.LEASE + timedelta(seconds=1)


def queue(**values):
    job = Job(kind="letter", not_before=NOW, created_at=NOW, **values)
    return factories.add(job)


def stored(job):
    db.session.flush()
    db.session.refresh(job)
    return job


def test_a_due_job_is_claimed_once():
    job = queue()
    held = jobs.claim(now=NOW)
    assert (held.job_id, held.kind, held.attempt) == (job.id, "letter", 1)
    assert jobs.claim(now=NOW) is None
    assert stored(job).status is JobStatus.RUNNING


def test_the_job_that_waits_longest_comes_first():
    queue()
    older = queue()
    older.not_before = NOW - timedelta(hours=1)
    assert jobs.claim(now=NOW).job_id == older.id


def test_a_letter_held_back_is_not_due():
    job = queue()
    job.not_before = NOW + timedelta(minutes=15)
    db.session.flush()
    assert not jobs.has_due(now=NOW)
    assert jobs.claim(now=NOW) is None
    assert jobs.has_due(now=NOW + timedelta(minutes=15))


def test_a_job_whose_worker_died_is_taken_again():
    job = queue()
    first = jobs.claim(now=NOW)
    assert jobs.claim(now=NOW + jobs.LEASE) is None
    second = jobs.claim(now=LATER)
    assert (second.job_id, second.attempt) == (job.id, 2)
    assert not jobs.finish(first, now=LATER), "the dead worker must not settle it any more"
    assert jobs.finish(second, now=LATER)
    assert stored(job).status is JobStatus.DONE
    assert job.finished_at == LATER


def test_a_job_that_ends_its_workers_is_given_up():
    job = queue(attempts=jobs.MAX_ATTEMPTS - 1)
    jobs.claim(now=NOW)
    assert jobs.claim(now=LATER) is None
    assert (stored(job).status, job.error) == (JobStatus.FAILED, "abandoned")


def test_a_failure_is_tried_again_ever_later_and_then_given_up():
    job, now, pauses = queue(), NOW, []
    for _ in range(jobs.MAX_ATTEMPTS):
        held = jobs.claim(now=now)
        jobs.fail(held, "smtp 451", now=now)
        pauses.append(stored(job).not_before - now)
        now = job.not_before
    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (2, 6, 18, 54)]
    assert pauses == [*sorted(pauses[:-1]), pauses[-1]]
    assert now - NOW > timedelta(hours=20), "a mail server may be away for a day"
    assert (job.status, job.error, job.attempts) == (JobStatus.FAILED, "smtp 451", 8)
    assert jobs.claim(now=now + timedelta(days=9)) is None


def test_a_failure_for_good_is_not_tried_again():
    job = queue()
    jobs.fail(jobs.claim(now=NOW), "smtp 550", now=NOW, for_good=True)
    assert stored(job).status is JobStatus.FAILED


def test_a_job_given_back_lost_no_attempt():
    job = queue()
    jobs.release(jobs.claim(now=NOW))
    assert (stored(job).status, job.attempts, job.lease_until) == (JobStatus.WAITING, 0, None)


def test_a_cancelled_job_says_why():
    job = queue()
    jobs.cancel(jobs.claim(now=NOW), "no_right", now=NOW)
    assert (stored(job).status, job.error) == (JobStatus.CANCELLED, "no_right")


@pytest.mark.parametrize("role", [Role.STAFF, Role.LEAD])
def test_the_office_tries_a_failed_job_again(role):
    job = queue(status=JobStatus.FAILED, attempts=8, error="smtp 550", finished_at=NOW)
    jobs.retry(factories.seat(role), job.id, now=LATER)
    assert (job.status, job.attempts, job.error) == (JobStatus.WAITING, 0, "")
    assert jobs.claim(now=LATER).job_id == job.id
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.act == "job.retried")).one()
    assert event.subject_id == job.id


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_nobody_else_may_try_again(role):
    job = queue(status=JobStatus.FAILED)
    with pytest.raises(NotAllowed):
        jobs.retry(factories.seat(role), job.id, now=NOW)


@pytest.mark.parametrize("status", [s for s in JobStatus if s is not JobStatus.FAILED])
def test_only_a_failed_job_is_tried_again(status):
    job = queue(status=status)
    with pytest.raises(WrongState):
        jobs.retry(factories.seat(Role.STAFF), job.id, now=NOW)


def test_an_unknown_job_is_not_found():
    with pytest.raises(NotFound):
        jobs.retry(None, 4711, now=NOW)


def test_progress_renews_the_lease_and_tells_the_wish_to_stop():
    run = factories.add(MatchRun(engine_version="1", created_at=NOW, status=RunStatus.RUNNING))
    job = queue()
    held = jobs.claim(now=NOW)
    db.session.commit()
    assert jobs.note_progress(held, run.id, 50, 200, now=LATER)
    db.session.rollback()  # leave the snapshot of before
    assert (run.done, run.total, job.lease_until) == (50, 200, LATER + jobs.LEASE)
    run.cancel_asked = True
    db.session.commit()
    assert not jobs.note_progress(held, run.id, 100, 200, now=LATER)


def test_progress_tells_that_the_job_is_in_other_hands():
    run = factories.add(MatchRun(engine_version="1", created_at=NOW))
    queue()
    first = jobs.claim(now=NOW)
    jobs.claim(now=LATER)
    db.session.commit()
    assert not jobs.note_progress(first, run.id, 1, 2, now=LATER)


def test_a_dated_job_is_queued_once():
    key = "lapse_closed_calls:2026-11-22"
    assert outbox.queue_job("lapse_closed_calls", {}, now=NOW, unique_key=key) is not None
    db.session.flush()
    assert outbox.queue_job("lapse_closed_calls", {}, now=NOW, unique_key=key) is None


def test_an_undone_act_is_known():
    match = factories.match()

    def event(**values):
        return factories.add(
            MatchEvent(
                match=match,
                act="release",
                from_status=MatchStatus.SUGGESTED,
                to_status=MatchStatus.RELEASED,
                at=NOW,
                **values,
            )
        )

    released = event()
    assert not jobs.was_undone(released.id)
    assert not jobs.was_undone(None)
    event(undoes_id=released.id)
    assert jobs.was_undone(released.id)


def test_jobs_are_listed_newest_first_and_by_status():
    first, second = queue(), queue(status=JobStatus.FAILED)
    assert jobs.list_jobs() == [second, first]
    assert jobs.list_jobs(status=JobStatus.FAILED) == [second]
