"""Runs of the engine: started, watched, stopped."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.extensions import db
from matcher.models.match import RunStatus
from matcher.services import ranking
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.forms import ActForm
from matcher.web.staff.blueprint import bp

BUSY = (RunStatus.QUEUED, RunStatus.RUNNING)


@bp.get("/runs")
def list_runs() -> str:
    """Show the latest runs and how far the present one is."""
    get_actor()
    runs = ranking.list_runs()
    busy = next((run for run in runs if run.status in BUSY), None)
    return render_template(
        "staff/runs.html", runs=runs, busy=busy, done=[run for run in runs if run is not busy]
    )


@bp.post("/runs/start")
def start_run() -> Response:
    """Queue a run; one that waits or runs already goes on."""
    if ActForm().validate_on_submit():
        ranking.start_run(get_actor(), now=clock.now())
        db.session.commit()
        flash(_("The ranking is queued: it starts within a minute."), "success")
    return redirect(url_for(".list_runs"))


@bp.post("/runs/<id:run_id>/cancel")
def cancel_run(run_id: int) -> Response:
    """Ask a run to stop."""
    if ActForm().validate_on_submit():
        ranking.cancel_run(get_actor(), run_id, now=clock.now())
        db.session.commit()
        flash(_("The run is asked to stop; the pairs stay as they were."), "success")
    return redirect(url_for(".list_runs"))
