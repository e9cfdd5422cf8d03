"""The worker's loop: one job after the other, until asked to stop."""

from __future__ import annotations

import logging
import queue
import signal
import types
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from matcher.extensions import db
from matcher.services import jobs
from matcher.services.jobs import Claim
from matcher.web import clock
from matcher.worker import daily
from matcher.worker.handlers import HANDLERS, HandlerFailed, LeaseLost, begin_writing

logger = logging.getLogger(__name__)
LOOK_EVERY_S = 2.0
DATABASE_PAUSE_S = 5.0


class Bell:
    """Wakes the sleeping worker.

    A SimpleQueue, because a signal handler may ring while the same thread holds the lock of
    the thing it rings: `threading.Event` would then wait for itself for ever.
    """

    def __init__(self) -> None:
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.is_rung = False

    def ring(self) -> None:
        """Ask the worker to stop after its present job."""
        self.is_rung = True
        self._rings.put(None)

    def sleep(self, seconds: float) -> None:
        """Sleep, or return at once when the bell rings."""
        if self.is_rung:
            return
        try:
            self._rings.get(timeout=seconds)
        except queue.Empty:
            return


class Worker:
    """Claims jobs and does them; every job has its own app context, session and moment."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.bell = Bell()
        self.day_queued: date | None = None

    def listen(self) -> None:
        """Stop on SIGTERM and SIGINT after the present job."""

        def ask(_number: int, _frame: types.FrameType | None) -> None:
            self.bell.ring()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask)

    def run(self) -> None:
        """Work until the bell rings; a database that is away is waited for."""
        logger.info("worker started")
        while not self.bell.is_rung:
            try:
                worked = self.work_once()
            except SQLAlchemyError as error:
                logger.warning("database: %s", type(error).__name__)
                self.bell.sleep(DATABASE_PAUSE_S)
                continue
            if not worked:
                self.bell.sleep(LOOK_EVERY_S)
        logger.info("worker stopped")

    def run_until_idle(self) -> int:
        """Do everything that is due now; return how many jobs that were."""
        count = 0
        while not self.bell.is_rung and self.work_once():
            count += 1
        return count

    def work_once(self) -> bool:
        """Do one job; tell whether there was one."""
        with self.app.app_context():
            self.queue_day()
            held = self.claim()
            if held is not None:
                self.do(held)
        return held is not None

    def queue_day(self) -> None:
        """Queue the tasks of a new day once."""
        today = clock.today()
        if self.day_queued != today:
            daily.queue_tasks(today, now=clock.now())
            self.day_queued = today

    def claim(self) -> Claim | None:
        """Take a job, in a transaction of its own."""
        due = jobs.has_due(now=clock.now())
        db.session.rollback()
        if not due:
            return None
        begin_writing()
        held = jobs.claim(now=clock.now())
        db.session.commit()
        return held

    def do(self, held: Claim) -> None:
        """Do one job; whatever goes wrong with it is noted on it and the worker lives on."""
        handler = HANDLERS.get(held.kind)
        try:
            if handler is None:
                raise HandlerFailed("unknown_kind")
            handler(held, lambda: self.bell.is_rung)
            logger.info("job %s %s: settled", held.job_id, held.kind)
        except LeaseLost:
            logger.warning("job %s %s: taken over", held.job_id, held.kind)
        except HandlerFailed as error:
            self.note_failure(held, error, for_good=True)
        except Exception as error:  # noqa: BLE001  # a fault in one job must not stop the others
            self.note_failure(held, error, for_good=False)

    def note_failure(self, held: Claim, error: Exception, *, for_good: bool) -> None:
        """Write the kind of the fault on the job; its message may hold texts and is left out."""
        db.session.rollback()
        place = where(error)
        code = str(error) if isinstance(error, HandlerFailed) else type(error).__name__
        logger.error("job %s %s: %s at %s", held.job_id, held.kind, code, place)
        begin_writing()
        jobs.fail(held, f"{code} at {place}", now=clock.now(), for_good=for_good)
        db.session.commit()


def where(error: BaseException) -> str:
    """Return the file and line in which the fault arose, of the innermost cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
