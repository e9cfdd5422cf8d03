"""The link by which a head confirms an idea that the office has entered, without signing in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from matcher.errors import NotFound
from matcher.extensions import db
from matcher.services import checking
from matcher.web import clock
from matcher.web.forms import ActForm
from matcher.web.public.blueprint import bp


@bp.route("/confirm/<token>", methods=["GET", "POST"])
def confirm_idea(token: str) -> Any:
    """Show what the link confirms and a button; the button uses the link.

    Opening the address changes nothing: mail scanners open every link.
    """
    form = ActForm()
    try:
        if form.validate_on_submit():
            checking.confirm_by_link(token, now=clock.now())
            db.session.commit()
            flash(_("Thank you. The office now knows that the idea is current."), "success")
            return redirect(url_for(".start"))
        idea = checking.idea_of_link(token, now=clock.now())
    except NotFound:
        db.session.rollback()
        return render_template("public/dead_link.html"), 404
    content = next(row.content for row in idea.revisions if row.number == idea.revision)
    return render_template("public/confirm.html", form=form, idea=idea, content=content)
