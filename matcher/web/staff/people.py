"""People: requests for accounts, invitations, interests that bind colleagues."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.errors import Duplicate, Invalid, NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.user import AccessRequestStatus, Role
from matcher.services import access, accounts, conflicts
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.auth.forms import show_error
from matcher.web.forms import ActForm
from matcher.web.staff.blueprint import bp
from matcher.web.staff.list_forms import ConflictForm, InviteForm, RequestForm
from matcher.web.staff.list_pages import chosen_code, status_of

Answer = Any


# Requests for accounts


@bp.get("/access-requests")
def list_access_requests() -> str:
    """List the requests that wait, or those decided."""
    actor = get_actor()
    status = chosen_code(AccessRequestStatus, "status") or AccessRequestStatus.REQUESTED
    rows = accounts.list_requests(actor, status=status)
    if status is not AccessRequestStatus.REQUESTED:
        rows = rows[::-1][:50]
    return render_template("staff/access_requests.html", rows=rows, status=status)


@bp.route("/access-requests/<id:request_id>", methods=["GET", "POST"])
def decide_access_request(request_id: int) -> Answer:
    """Confirm that somebody is who they say, or decline."""
    actor = get_actor()
    asked = accounts.get_request(actor, request_id)
    form = RequestForm(
        data={"role": asked.role.value, "organisation_id": str(asked.organisation_id or "")}
    )
    form.prepare(conflicts.list_sides())
    if form.validate_on_submit():
        try:
            return decide(form, request_id)
        except (Invalid, Duplicate, NotAllowed) as error:
            db.session.rollback()
            asked = accounts.get_request(actor, request_id)
            show_error(form, error, "organisation_id")
    page = render_template("staff/access_request.html", form=form, asked=asked)
    return page, status_of(form)


def decide(form: RequestForm, request_id: int) -> Response | str:
    """Do what the form says; a new person's link is shown once."""
    actor = get_actor()
    if form.decision.data == "decline":
        accounts.decline_request(actor, request_id, now=clock.now())
        db.session.commit()
        flash(_("Declined. No letter is sent; telephone if an answer is due."), "success")
        return redirect(url_for(".list_access_requests"))
    chosen = form.organisation_id.data
    invitation = accounts.confirm_request(
        actor,
        request_id,
        organisation_id=int(chosen) if chosen else None,
        role=Role(form.role.data),
        now=clock.now(),
    )
    db.session.commit()
    return show_invitation(invitation, url_for(".list_access_requests"))


def show_invitation(invitation: accounts.Invitation, onward: str) -> Response | str:
    """Say what was sent; a link that may be handed over is on this one page alone."""
    if invitation.secret is None:
        flash(_("The letter is on its way to %(email)s.", email=invitation.user.email), "success")
        return redirect(onward)
    return render_template(
        "staff/invited.html",
        invitation=invitation,
        link=url_for("auth.accept_invitation", token=invitation.secret, _external=True),
        onward=onward,
    )


@bp.route("/people/invite", methods=["GET", "POST"])
def invite_person() -> Answer:
    """Invite somebody to a community, an agency or a donor; a lead also to the office."""
    actor = get_actor()
    form = InviteForm(data=wanted_seat())
    office = accounts.find_office()
    rows = conflicts.list_sides()
    form.prepare(actor, [*([office] if office and actor.role is Role.LEAD else []), *rows])
    if form.validate_on_submit():
        try:
            invitation = accounts.invite(
                actor,
                email=form.email.data,
                name=form.name.data,
                post=form.post.data or "",
                role=Role(form.role.data),
                organisation_id=int(form.organisation_id.data),
                language=Language(form.language.data),
                now=clock.now(),
            )
        except (Duplicate, Invalid, NotAllowed) as error:
            db.session.rollback()
            show_error(form, error, "email")
        except NotFound:
            db.session.rollback()
            show_error(form, Invalid("organisation_missing"), "organisation_id")
        else:
            db.session.commit()
            return show_invitation(invitation, url_for(".invite_person"))
    return render_template("staff/invite.html", form=form), status_of(form)


def wanted_seat() -> dict[str, str]:
    """Return what the address says of the seat: ?role=donor&organisation=5."""
    return {
        "role": request.args.get("role", ""),
        "organisation_id": request.args.get("organisation", ""),
    }


# Interests


@bp.route("/conflicts", methods=["GET", "POST"])
def list_conflicts() -> Answer:
    """List the declared interests and declare one."""
    actor = get_actor()
    form = ConflictForm(data={"user_id": actor.user_id})
    form.prepare(actor, access.office_people(), conflicts.list_sides())
    if form.validate_on_submit():
        try:
            conflicts.declare(
                actor,
                int(form.organisation_id.data),
                user_id=form.user_id.data if form.user_id is not None else None,
                note=form.note.data or "",
                now=clock.now(),
            )
        except Invalid as error:
            show_error(form, error, "organisation_id")
        else:
            db.session.commit()
            flash(
                _("Declared. The pairs and ideas of this organisation are hidden from now on."),
                "success",
            )
            return redirect(url_for(".list_conflicts"))
    page = render_template(
        "staff/conflicts.html",
        form=form,
        rows=conflicts.list_conflicts(actor),
        is_lead=actor.role is Role.LEAD,
    )
    return page, status_of(form)


@bp.post("/conflicts/<id:conflict_id>/end")
def end_conflict(conflict_id: int) -> Response:
    """End an interest of a colleague."""
    if ActForm().validate_on_submit():
        conflicts.end_conflict(get_actor(), conflict_id, now=clock.now())
        db.session.commit()
        flash(_("The interest has ended."), "success")
    return redirect(url_for(".list_conflicts"))
