"""After the introduction: whom to ask next, one line about each contact, putting it off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.codes import Channel
from matcher.models.user import Membership
from matcher.services import access, decisions, follow_up
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.evidence_words import text_language
from matcher.web.filters import day
from matcher.web.staff import pair_words
from matcher.web.staff.blueprint import bp
from matcher.web.staff.pair_forms import ContactForm, SnoozeForm
from matcher.web.staff.queue import row_id

Answer = Any


@bp.route("/follow-up", methods=["GET", "POST"], endpoint="follow_up")
def list_follow_ups() -> Answer:
    """Show the introduced pairs, silent ones first; take one line for the log of a pair."""
    actor = get_actor()
    match_id = row_id(request.form.get("match_id"))
    if request.method != "POST" or match_id is None:
        return show_follow_ups(actor)
    match = access.get_match(actor, match_id)
    form = ContactForm(prefix=f"m{match_id}-")
    if form.validate_on_submit():
        try:
            log(actor, match_id, form)
        except Invalid as error:
            db.session.rollback()
            field = form[str(error.details["field"])]
            field.errors = [*field.errors, wording.error(error)]
        else:
            flash(_("%(pair)s: written down.", pair=pair_words.pair_name(match)), "success")
            db.session.commit()
            return redirect(url_for(".follow_up", page=request.args.get("page")))
    return show_follow_ups(actor, match_id, form), 422 if form.errors else 200


def log(actor: Membership, match_id: int, form: ContactForm) -> None:
    """Keep the line."""
    follow_up.log_contact(
        actor,
        match_id,
        key=form.key.data,
        on=form.on.data,
        channel=Channel(form.channel.data),
        said=form.said.data,
        next_step=form.next_step.data or "",
        due_on=form.due_on.data,
        now=clock.now(),
        today=clock.today(),
    )


def show_follow_ups(
    actor: Membership, match_id: int | None = None, form: ContactForm | None = None
) -> str:
    """Render the list; a line that could not be kept stays in its form."""
    page = row_id(request.args.get("page")) or 1
    rows, total = follow_up.list_follow_ups(actor, page=page, now=clock.now(), today=clock.today())
    pages = max(1, -(-total // follow_up.PAGE))
    forms = {
        row.match.id: ContactForm(
            prefix=f"m{row.match.id}-", formdata=None, data={"on": clock.today()}
        )
        for row in rows
    }
    if match_id is not None and form is not None:
        forms[match_id] = form
    return render_template(
        "staff/follow_up.html",
        rows=rows,
        forms=forms,
        sent=match_id,
        snooze=SnoozeForm(formdata=None),
        total=total,
        page=min(page, pages),
        pages=pages,
        has_errors=bool(form and form.errors),
        sent_form=form,
        text_language=text_language,
    )


@bp.post("/matches/<id:match_id>/snooze")
def snooze_match(match_id: int) -> Answer:
    """Put the next contact off."""
    form = SnoozeForm()
    actor = get_actor()
    match = access.get_match(actor, match_id)
    if not form.validate_on_submit():
        flash(_("Choose when to be reminded."), "warning")
        return redirect(url_for(".follow_up"))
    until = clock.today() + timedelta(days=int(form.days.data))
    decisions.snooze_match(actor, match_id, until, now=clock.now())
    text = _("%(pair)s: next contact on %(day)s.", pair=pair_words.pair_name(match), day=day(until))
    db.session.commit()
    flash(text, "success")
    return redirect(url_for(".follow_up"))
