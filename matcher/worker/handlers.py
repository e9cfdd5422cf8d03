"""What each kind of job does; a handler settles its job in the transaction of its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from flask import current_app, g

from matcher.extensions import db
from matcher.models.job import Job
from matcher.models.match import MatchRun, RunStatus
from matcher.services import jobs, outbox, ranking, settings
from matcher.services.jobs import Claim
from matcher.web import clock
from matcher.web.matching import get_index
from matcher.worker import daily, post
from matcher.worker.letter_facts import NotForThem
from matcher.worker.letters import write_letter

StopAsked = Callable[[], bool]
Handler = Callable[[Claim, StopAsked], None]


class HandlerFailed(Exception):
    """The job failed for good; the message is a code."""


class LeaseLost(Exception):
    """Another worker has taken the job over; what this one did is rolled back."""


def begin_writing() -> None:
    """Take SQLite's write lock before the first read of a transaction that will write."""
    db.session.rollback()
    db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


def read_clock() -> datetime:
    """Return the present moment: a long job outlives the one it began with."""
    g.pop("now", None)
    return clock.now()


def commit_if_held(held: bool) -> None:
    """Commit the work and its job together, or neither."""
    if not held:
        db.session.rollback()
        raise LeaseLost
    db.session.commit()


def send_letter(held: Claim, _stop_asked: StopAsked) -> None:
    """Write and send one letter.

    The text is made and its one-time link renewed in one transaction, the job is done in
    another: between the two the letter leaves, and no lock is held meanwhile. Who is killed
    right then sends it once more, under the same Message-ID.
    """
    begin_writing()
    now = clock.now()
    try:
        message = write_letter(db.session.get_one(Job, held.job_id), now=now)
    except NotForThem as error:
        begin_writing()
        commit_if_held(jobs.cancel(held, error.code, now=now))
        return
    demo = settings.is_demo()
    db.session.commit()
    try:
        post.send(message, held.job_id, demo=demo)
    except post.NotSent as error:
        begin_writing()
        commit_if_held(jobs.fail(held, str(error), now=now, for_good=error.for_good))
        return
    begin_writing()
    commit_if_held(jobs.finish(held, now=now))


def rank(held: Claim, stop_asked: StopAsked) -> None:
    """Run the engine over everything; its run row tells how far it is and takes the wish to stop.

    When the worker itself is asked to stop, the run goes back to the queue.
    """
    now = clock.now()
    run_id = int(held.payload["run_id"])
    if not start_run(held, run_id, now=now):
        return

    def progress(done: int, total: int) -> None:
        if stop_asked() or not jobs.note_progress(held, run_id, done, total, now=read_clock()):
            raise ranking.Cancelled("cancelled")

    try:
        ranking.run_ranking(
            get_index(),
            run_id,
            now=now,
            today=clock.today(),
            progress=progress,
            learns=current_app.config["LEARN_FROM_DECISIONS"],
        )
        commit_if_held(jobs.finish(held, now=read_clock()))
    except ranking.Cancelled:
        end_cancelled(held, run_id, stopping=stop_asked(), now=now)
    except LeaseLost:
        raise
    except Exception as error:
        begin_writing()
        set_run(run_id, RunStatus.FAILED, now)
        db.session.commit()
        raise HandlerFailed(type(error).__name__) from error


def start_run(held: Claim, run_id: int, *, now: datetime) -> bool:
    """Mark the run as running; drop the job when there is nothing to run any more."""
    begin_writing()
    run = db.session.get(MatchRun, run_id)
    if run is None or run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        commit_if_held(jobs.cancel(held, "too_late", now=now))
        return False
    run.status = RunStatus.RUNNING
    db.session.commit()
    return True


def end_cancelled(held: Claim, run_id: int, *, stopping: bool, now: datetime) -> None:
    """Settle a run that stopped half-way: by its own wish, or because the worker ends."""
    begin_writing()
    run = db.session.get_one(MatchRun, run_id)
    if stopping and not run.cancel_asked:
        run.status = RunStatus.QUEUED
        db.session.flush()
        commit_if_held(jobs.release(held))
        return
    set_run(run_id, RunStatus.CANCELLED, now)
    commit_if_held(jobs.cancel(held, "cancelled", now=now))


def set_run(run_id: int, status: RunStatus, now: datetime) -> None:
    """Write down how a run ended."""
    run = db.session.get_one(MatchRun, run_id)
    run.status, run.finished_at = status, now
    db.session.flush()


def do_daily(held: Claim, _stop_asked: StopAsked) -> None:
    """Do one task of the day; its changes and its job are one transaction."""
    begin_writing()
    now = clock.now()
    daily.TASKS[held.kind](now, clock.today())
    commit_if_held(jobs.finish(held, now=now))


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {outbox.LETTER: send_letter, "rank": rank, **dict.fromkeys(daily.TASKS, do_daily)}
)
