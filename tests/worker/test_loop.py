"""The loop: one job after the other, failures that stop nothing, ranking, days, SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.job import Job, JobStatus
from matcher.models.match import Match, MatchRun, MatchStatus, RunStatus
from matcher.models.profile import ProfileKind
from matcher.models.user import Role
from matcher.services import jobs, ranking
from matcher.worker import daily, handlers, loop
from matcher.worker.loop import Bell, Worker
from tests import factories
from tests.factories import NOW

ROOT = handlers.__file__.rpartition("/matcher/")[0]


def add_job(app, kind, payload=None, **values):
    with app.app_context():
        job = Job(kind=kind, payload=payload or {}, not_before=NOW, created_at=NOW, **values)
        factories.add(job)
        db.session.commit()
        return job.id


def read(app, model, row_id):
    with app.app_context():
        row = db.session.get(model, row_id)
        db.session.expunge(row)
        return row


def queue_run(app, **values):
    with app.app_context():
        run = ranking.start_run(factories.seat(Role.STAFF), now=NOW)
        for name, value in values.items():
            setattr(run, name, value)
        db.session.commit()
        job = db.session.scalars(sa.select(Job).where(Job.kind == "rank")).one()
        return run.id, job.id


# Failures


def test_a_fault_in_one_job_stops_no_other(app, worker, monkeypatch, caplog):
    def explode(_held, _stop):
        raise RuntimeError("a private text")

    monkeypatch.setattr(loop, "HANDLERS", {"bad": explode, "good": lambda *_: None})
    bad, _good = add_job(app, "bad"), add_job(app, "good")
    with caplog.at_level(logging.INFO):
        assert worker.run_until_idle() == 2
    job = read(app, Job, bad)
    assert job.status is JobStatus.WAITING
    assert job.not_before == NOW + timedelta(minutes=2)
    assert job.error.startswith("RuntimeError at test_loop.py:")
    assert "private" not in job.error + caplog.text


def test_a_kind_nobody_knows_fails_for_good(app, worker):
    job_id = add_job(app, "newsletter")
    worker.run_until_idle()
    job = read(app, Job, job_id)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert "unknown_kind" in job.error


def test_a_database_that_is_away_is_waited_for(app, worker, monkeypatch):
    pauses = []

    def away():
        raise OperationalError("select", {}, Exception("gone"))

    def sleep(seconds):
        pauses.append(seconds)
        worker.bell.is_rung = len(pauses) == 2

    monkeypatch.setattr(worker, "work_once", away)
    monkeypatch.setattr(worker.bell, "sleep", sleep)
    worker.run()
    assert pauses == [loop.DATABASE_PAUSE_S] * 2


def test_a_job_taken_over_meanwhile_changes_nothing(app, worker, monkeypatch):
    def taken_over(_now, _today):
        # Another worker claims the same job while this one is at it.
        statement = sa.update(Job).values(attempts=Job.attempts + 1)
        db.session.execute(statement)
        factories.organisation()

    monkeypatch.setattr(daily, "TASKS", {"lapse_closed_calls": taken_over})
    add_job(app, "lapse_closed_calls")
    worker.work_once()
    with app.app_context():
        count = sa.select(sa.func.count()).select_from(factories.Organisation)
        assert db.session.scalar(count) == 0


# Ranking


def test_a_run_started_from_the_page_is_done_by_the_worker(app, worker):
    with app.app_context():
        factories.idea()
        factories.profile()
        db.session.commit()
    run_id, job_id = queue_run(app)
    worker.run_until_idle()
    run = read(app, MatchRun, run_id)
    assert (run.status, run.figures["ideas"]) == (RunStatus.DONE, 1)
    assert read(app, Job, job_id).status is JobStatus.DONE
    with app.app_context():
        assert db.session.scalars(sa.select(Match.status)).all() == [MatchStatus.SUGGESTED]


def test_a_cancelled_run_stops_and_leaves_no_pairs(app, worker):
    with app.app_context():
        factories.idea()
        factories.profile()
        db.session.commit()
    run_id, job_id = queue_run(app, cancel_asked=True)
    worker.run_until_idle()
    assert read(app, MatchRun, run_id).status is RunStatus.CANCELLED
    assert read(app, Job, job_id).status is JobStatus.CANCELLED
    with app.app_context():
        assert db.session.scalars(sa.select(Match)).all() == []


def test_a_run_cancelled_while_it_waited_is_not_begun(app, worker):
    run_id, job_id = queue_run(app, status=RunStatus.CANCELLED)
    worker.run_until_idle()
    assert read(app, Job, job_id).status is JobStatus.CANCELLED
    assert read(app, MatchRun, run_id).status is RunStatus.CANCELLED


def test_a_worker_asked_to_stop_gives_the_run_back(app, worker, monkeypatch):
    def half_way(_index, run_id, *, progress, **_values):
        worker.bell.ring()
        progress(50, 100)

    monkeypatch.setattr(ranking, "run_ranking", half_way)
    run_id, job_id = queue_run(app)
    worker.work_once()
    assert read(app, MatchRun, run_id).status is RunStatus.QUEUED
    job = read(app, Job, job_id)
    assert (job.status, job.attempts) == (JobStatus.WAITING, 0)


def test_a_run_that_breaks_says_so(app, worker, monkeypatch):
    def explode(*_args, **_values):
        raise ValueError("no vocabulary")

    monkeypatch.setattr(ranking, "run_ranking", explode)
    run_id, job_id = queue_run(app)
    worker.work_once()
    assert read(app, MatchRun, run_id).status is RunStatus.FAILED
    job = read(app, Job, job_id)
    assert job.status is JobStatus.FAILED
    assert job.error.startswith("ValueError")


# The tasks of a day


def test_each_task_of_a_day_is_queued_once(app, clock):
    workers = [Worker(app), Worker(app)]
    for worker in workers:
        with app.app_context():
            worker.queue_day()
    with app.app_context():
        keys = db.session.scalars(sa.select(Job.unique_key)).all()
    assert sorted(keys) == sorted(f"{kind}:2026-11-22" for kind in daily.TASKS)
    clock.now = NOW + timedelta(hours=11, minutes=59)  # 23:59 in Kyiv
    with app.app_context():
        workers[0].queue_day()
        assert len(db.session.scalars(sa.select(Job.id)).all()) == len(daily.TASKS)
    clock.now = NOW + timedelta(hours=12)
    with app.app_context():
        workers[0].queue_day()
        assert len(db.session.scalars(sa.select(Job.id)).all()) == 2 * len(daily.TASKS)


def test_a_call_lapses_after_its_last_day_in_kyiv_and_both_sides_hear_once(app, clock):
    with app.app_context():
        profile = factories.profile(
            kind=ProfileKind.CALL, opens_on=date(2026, 11, 1), closes_on=date(2026, 11, 22)
        )
        match = factories.match(profile_row=profile, status=MatchStatus.RELEASED)
        people = [
            factories.seat(Role.EDITOR, match.idea.organisation).user_id,
            factories.seat(Role.DONOR, profile.organisation).user_id,
        ]
        db.session.commit()
        match_id = match.id
    for hours, status in ((0, MatchStatus.RELEASED), (12, MatchStatus.LAPSED)):
        clock.now = NOW + timedelta(hours=hours)
        with app.app_context():
            daily.lapse_closed_calls(clock.now, loop.clock.today())
            daily.lapse_closed_calls(clock.now, loop.clock.today())
            db.session.commit()
        assert read(app, Match, match_id).status is status
    with app.app_context():
        lapsed = [
            job.recipient_id
            for job in db.session.scalars(sa.select(Job))
            if job.payload.get("letter") == "match_lapsed"
        ]
    assert set(people) <= set(lapsed)
    assert len(lapsed) == len(set(lapsed))


def test_the_daily_tasks_run_and_are_done(app, clock):
    worker = Worker(app)
    assert worker.run_until_idle() == len(daily.TASKS)
    with app.app_context():
        assert set(db.session.scalars(sa.select(Job.status))) == {JobStatus.DONE}


def test_an_idea_is_asked_about_three_times_and_then_grows_stale(app, clock, worker):
    with app.app_context():
        author = factories.seat(Role.EDITOR)
        idea_id = factories.idea(author, review_by=NOW.date()).id
        db.session.commit()
    letters, states = [], []
    for day in range(23):
        clock.now = NOW + timedelta(days=day)
        with app.app_context():
            daily.ask_for_renewals(clock.now, loop.clock.today())
            db.session.commit()
            asked = [
                job
                for job in db.session.scalars(sa.select(Job))
                if job.payload["letter"] == "idea_renewal"
            ]
            letters.append(len(asked))
            states.append(db.session.get(Idea, idea_id).status)
    assert [letters.index(count) for count in (1, 2, 3)] == [0, 7, 14]
    assert letters[-1] == 3
    assert states.index(IdeaStatus.STALE) == 21


# Stopping


def test_the_bell_ends_a_sleep_and_those_after_it():
    bell = Bell()
    threading.Timer(0.05, bell.ring).start()
    started = time.monotonic()
    bell.sleep(30)
    bell.sleep(30)
    assert time.monotonic() - started < 5


def test_a_sleep_without_a_bell_ends_by_itself():
    bell = Bell()
    bell.sleep(0.01)
    assert not bell.is_rung


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_on_a_signal(app, tmp_path, number):
    job_id = add_job(app, "newsletter")
    environment = {
        **os.environ,
        "SECRET_KEY": app.config["SECRET_KEY"],
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "run"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        deadline = time.monotonic() + 30
        while read(app, Job, job_id).status is not JobStatus.FAILED:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def test_two_workers_never_share_a_job(app):
    done = []
    lock = threading.Lock()

    def note(held, _stop):
        with lock:
            done.append(held.job_id)
        handlers.begin_writing()
        handlers.commit_if_held(jobs.finish(held, now=NOW))

    ids = [add_job(app, "count") for _ in range(12)]
    workers = [Worker(app) for _ in range(3)]
    for worker in workers:
        worker.day_queued = NOW.date()
    original = loop.HANDLERS
    loop.HANDLERS = {"count": note}
    try:
        threads = [threading.Thread(target=worker.run_until_idle) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    finally:
        loop.HANDLERS = original
    assert sorted(done) == ids
