"""Letters: what waits, what left, what failed; the text where it was kept as a file."""

from __future__ import annotations

from pathlib import Path

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from matcher.extensions import db
from matcher.models.job import Job, JobStatus
from matcher.services import letters
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.forms import ActForm
from matcher.web.staff.blueprint import bp
from matcher.web.staff.list_pages import chosen_code, page_number

LETTER_WORDS = {
    "invitation": _l("Invitation"),
    "password_reset": _l("New password"),
    "password_changed": _l("The password was changed"),
    "seat_added": _l("A new role"),
    "access_requested": _l("Somebody asks for an account"),
    "idea_submitted": _l("A new idea"),
    "idea_revised": _l("An idea was changed"),
    "idea_confirmed": _l("The idea is current"),
    "idea_awaits_signoff": _l("An idea waits for the head"),
    "idea_sent_back": _l("The head sent an idea back"),
    "idea_published": _l("The idea is published"),
    "idea_returned": _l("Changes are asked for"),
    "idea_rejected": _l("The idea was not accepted"),
    "idea_renewal": _l("Is the idea still current?"),
    "idea_stale": _l("The idea needs a check"),
    "idea_confirm_link": _l("Link to confirm an idea"),
    "confirmation_wanted": _l("Please confirm the idea"),
    "match_released": _l("A new idea for the donor"),
    "donor_interested": _l("The donor is interested"),
    "donor_declined": _l("The donor declined"),
    "match_declined": _l("A donor’s answer"),
    "match_approved": _l("The pair is approved"),
    "match_refused": _l("The pair was refused"),
    "match_introduced": _l("Introduction"),
    "match_lapsed": _l("The pair has lapsed"),
    "question_asked": _l("The donor asks"),
    "question_relayed": _l("A donor’s question"),
    "question_answered": _l("The answer to a question"),
    "answer_relayed": _l("The community’s answer"),
    "profile_proposed": _l("A donor proposes new priorities"),
    "profile_decided": _l("Decision on the priorities"),
    "profiles_stale": _l("Priorities to check"),
}
VIEWS = (JobStatus.FAILED, JobStatus.WAITING, JobStatus.DONE, JobStatus.CANCELLED)


def letter_name(job: Job) -> str:
    """Return what a letter is about, in a few words; never more than its kind."""
    return str(LETTER_WORDS.get(str(job.payload.get("letter")), _("Letter")))


@bp.get("/letters")
def list_letters() -> str:
    """List the letters; those that failed have a button to try again."""
    actor = get_actor()
    page = page_number()
    status = chosen_code(JobStatus, "status")
    rows, total = letters.list_letters(actor, status=status, page=page)
    counts = letters.count_letters(actor)
    return render_template(
        "staff/letters.html",
        rows=[(job, letter_name(job)) for job in rows],
        counts=[("", _("All"), sum(counts.values()))]
        + [(code.value, chip_word(code), counts.get(code, 0)) for code in VIEWS],
        page=page,
        pages=max(1, -(-total // letters.PAGE)),
        total=total,
    )


def chip_word(code: JobStatus) -> str:
    """Return the name of a saved view of letters."""
    words = {
        JobStatus.FAILED: _("Failed"),
        JobStatus.WAITING: _("Waiting"),
        JobStatus.DONE: _("Sent"),
        JobStatus.CANCELLED: _("Not needed any more"),
    }
    return words[code]


@bp.get("/letters/<id:job_id>")
def view_letter(job_id: int) -> str:
    """Show one letter; its text where it was kept as a file."""
    job = letters.get_letter(get_actor(), job_id)
    folder = Path(current_app.config["INSTANCE_PATH"]) / "outbox"
    return render_template(
        "staff/letter.html",
        job=job,
        name=letter_name(job),
        letter=letters.read_letter(folder, job.id),
    )


@bp.post("/letters/<id:job_id>/retry")
def retry_letter(job_id: int) -> Response:
    """Try a failed letter again at once."""
    if ActForm().validate_on_submit():
        letters.retry_letter(get_actor(), job_id, now=clock.now())
        db.session.commit()
        flash(_("The letter is queued again."), "success")
    return redirect(url_for(".list_letters"))
