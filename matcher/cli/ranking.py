"""`flask rank` fits a new generation and ranks everything; `flask evaluate` asks the decisions."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from matcher.cli.saying import check_tables
from matcher.engine import ENGINE_VERSION
from matcher.extensions import db
from matcher.models.match import MatchRun, RunStatus
from matcher.services import judgements, ranking
from matcher.services.quality import RANKS
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
            get_index(),
            run_id,
            now=clock.now(),
            today=clock.today(),
            progress=progress,
            learns=current_app.config["LEARN_FROM_DECISIONS"],
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


@click.command("evaluate")
@with_appcontext
def evaluate() -> None:
    """Compare the ranking in force with the decisions and opinions of this installation."""
    check_tables()
    found = judgements.judged(judgements.all_pairs())
    good = sum(one.is_good for one in found)
    click.echo(f"Engine {ENGINE_VERSION}: {len(found)} judged pairs, {good} of them good.")
    order = judgements.order_kept(found)
    if order.n_queries:
        click.echo(f"good above refused, by profile: {order}")
    for band, figure in judgements.good_by_band(found).items():
        click.echo(f"good among {band:<16} {figure}")
    for limit, (accepted, refused) in judgements.good_by_rank(found, RANKS).items():
        place = f"up to place {limit}" if limit else "beyond"
        click.echo(f"{place:<16} {accepted} good, {refused} refused")
    report_learning()


def report_learning() -> None:
    """Say whether learning from the decisions would help."""
    corpus = ranking.read_documents(clock.today())
    generation = ranking.fit(corpus, lexicon=get_index().lexicon, progress=None)
    gain = generation.gain_from(judgements.learning_decisions())
    if not gain.gain.n_queries:
        click.echo("Learning: no profile has both accepted and refused ideas enough.")
        return
    click.echo(f"Learning: before {gain.before}, after {gain.after}, gain {gain.gain}.")
    state = "on" if current_app.config["LEARN_FROM_DECISIONS"] else "off"
    proved = "a proved gain" if gain.is_proved else "no proved gain, so it is not used"
    click.echo(f"That is {proved}; LEARN_FROM_DECISIONS is {state}.")
