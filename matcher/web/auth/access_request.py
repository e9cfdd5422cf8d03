"""Asking for access: the form for people without an account, and what happens next."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.user import Role
from matcher.services import accounts
from matcher.web import clock, wording
from matcher.web.auth.blueprint import bp
from matcher.web.auth.forms import OTHER, AccessRequestForm, show_error
from matcher.web.auth.signing_in import RETRY_AFTER_S, Answer
from matcher.web.context import current_language
from matcher.web.filters import localised


@bp.route("/access/request", methods=["GET", "POST"])
def request_access() -> Answer:
    """Ask for an account; staff confirm that the person is who they say."""
    form = AccessRequestForm()
    form.organisation.choices = organisation_choices()
    if form.validate_on_submit():
        try:
            send_request(form)
        except NotAllowed as error:
            form.form_errors.append(wording.error(error))
            page = render_template("auth/request_access.html", form=form)
            return page, 429, {"Retry-After": RETRY_AFTER_S}
        except Invalid as error:
            show_error(form, error, "organisation")
        else:
            db.session.commit()
            return redirect(url_for(".access_requested"))
    page = render_template("auth/request_access.html", form=form)
    return page, 422 if form.errors else 200


def send_request(form: AccessRequestForm) -> None:
    """Hand the form to the service."""
    accounts.request_access(
        email=form.email.data,
        name=form.name.data,
        post=form.post.data,
        role=Role(form.role.data),
        language=Language(current_language()),
        organisation_id=form.organisation_id,
        organisation_name=form.organisation_name.data if form.organisation_id is None else "",
        note=form.note.data or "",
        address=request.remote_addr or "",
        now=clock.now(),
    )


def organisation_choices() -> list[SelectChoice]:
    """Return the communities and agencies with type and raion: two of them share one name."""
    rows = accounts.list_askable_organisations()
    return [
        SelectChoice("", _("Choose")),
        *(SelectChoice(str(row.id), describe(row)) for row in rows),
        SelectChoice(OTHER, _("Another organisation")),
    ]


def describe(row: Organisation) -> str:
    """Return the name of an organisation as nobody can mistake it."""
    name = localised(row, "name")
    if row.kind is not OrganisationKind.COMMUNITY:
        return name
    kind = wording.word(row.community_type)
    return ", ".join(part for part in (f"{name} {kind}".strip(), localised(row, "raion")) if part)


@bp.get("/access/request/sent")
def access_requested() -> Answer:
    """Say what happens after a request for access."""
    return render_template("auth/access_requested.html")
