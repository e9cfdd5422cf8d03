"""`flask worker run` and `flask jobs`: the work that is done after the answer."""

from __future__ import annotations

import logging

import click
from flask import current_app
from flask.cli import AppGroup

from matcher.cli.saying import all_or_nothing, check_tables
from matcher.models.job import JobStatus
from matcher.services import jobs
from matcher.web import clock
from matcher.worker.loop import Worker

worker_group = AppGroup("worker", help="Sends letters, ranks, does the tasks of the day.")
jobs_group = AppGroup("jobs", help="Letters and computations: list, retry.")


@worker_group.command("run")
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@click.option("--verbose", is_flag=True, help="Log a line for each job, not for failures alone.")
def run(once: bool, verbose: bool) -> None:
    """Work until told to stop (SIGTERM, Ctrl-C); the present job is finished first."""
    check_tables()
    current_app.logger.setLevel(logging.INFO if verbose else logging.WARNING)
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    worker.listen()
    if once:
        count = worker.run_until_idle()
        click.echo(f"{count} done.")
    else:
        worker.run()


@jobs_group.command("list")
@click.option("--status", type=click.Choice([status.value for status in JobStatus]))
@click.option("--limit", type=click.IntRange(1, 1000), default=25)
def list_jobs(status: str | None, limit: int) -> None:
    """List the latest jobs: number, state, tries, what they are, what went wrong."""
    check_tables()
    for job in jobs.list_jobs(status=JobStatus(status) if status else None, limit=limit):
        what = str(job.payload.get("letter", job.kind))
        tries = f"{job.attempts} of {jobs.MAX_ATTEMPTS}"
        click.echo(f"{job.id:>7}  {job.status.value:<10}{tries:<8}{what:<22}{job.error}")


@jobs_group.command("retry")
@click.argument("job_id", type=click.IntRange(1, 2**31 - 1))
def retry(job_id: int) -> None:
    """Try a failed job again at once."""
    with all_or_nothing():
        jobs.retry(None, job_id, now=clock.now())
    click.echo(f"Job {job_id} waits for the worker.")
