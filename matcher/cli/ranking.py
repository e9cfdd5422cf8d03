"""`flask rank`: fits a new generation of the engine and ranks everything, with a bar."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from matcher.cli.saying import check_tables
from matcher.extensions import db
from matcher.models.match import MatchRun, RunStatus
from matcher.services import ranking
from matcher.services.ranking import Progress
from matcher.web import clock
from matcher.web.matching import get_index
from matcher.worker.handlers import begin_writing


@click.command("rank")
@with_appcontext
def rank() -> None:
    """Rank all published ideas against all profiles."""
    check_tables()
    begin_writing()
    run = ranking.new_run(clock.now())
    run.status = RunStatus.RUNNING
    db.session.commit()
    run_id = run.id
    with click.progressbar(length=1, label="Ranking", show_pos=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        run = run_to_end(run_id, progress)
        bar.update((bar.length or 1) - bar.pos)
    figures = run.figures
    click.echo(
        f"Run {run_id}: {figures['ideas']} ideas, {figures['profiles']} profiles, "
        f"{figures['seconds']} s."
    )


def run_to_end(run_id: int, progress: Progress) -> MatchRun:
    """Run and commit; what stops half-way leaves no suggestions, only its row."""
    try:
        run = ranking.run_ranking(
            get_index(), run_id, now=clock.now(), today=clock.today(), progress=progress
        )
        db.session.commit()
    except BaseException as error:
        begin_writing()
        run = ranking.get_run(run_id)
        stopped = isinstance(error, KeyboardInterrupt | ranking.Cancelled)
        run.status = RunStatus.CANCELLED if stopped else RunStatus.FAILED
        run.finished_at = clock.now()
        db.session.commit()
        if isinstance(error, ranking.Cancelled):
            raise click.ClickException("Somebody cancelled this run.") from error
        raise
    return run
