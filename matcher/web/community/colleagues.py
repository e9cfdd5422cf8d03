"""The people of one's own organisation; the head invites more."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from matcher.errors import Duplicate, NotAllowed
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.user import Role
from matcher.services import accounts, people
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.community.blueprint import bp
from matcher.web.community.forms import InviteForm

Answer = Any


@bp.get("/colleagues")
def list_colleagues() -> str:
    """Show who else may write for this organisation."""
    actor = get_actor()
    rows = [(seat, people.state_of(seat.user).value) for seat in people.list_colleagues(actor)]
    return render_template(
        "community/colleagues.html", rows=rows, may_invite=actor.role is Role.HEAD
    )


@bp.route("/colleagues/invite", methods=["GET", "POST"])
def invite_colleague() -> Answer:
    """Invite a colleague as an editor."""
    actor = get_actor()
    form = InviteForm()
    if form.validate_on_submit():
        try:
            accounts.invite(
                actor,
                email=form.email.data,
                name=form.name.data,
                post=form.post.data or "",
                role=Role.EDITOR,
                organisation_id=actor.organisation_id,
                language=Language(form.language.data),
                now=clock.now(),
            )
        except (Duplicate, NotAllowed) as error:
            db.session.rollback()
            form.email.errors = [wording.error(error)]
        else:
            db.session.commit()
            flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "success")
            return redirect(url_for(".list_colleagues"))
    page = render_template("community/invite.html", form=form)
    return page, 422 if form.errors else 200
