"""One's own account: name, language, seats, sessions, password, leaving."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.user import LoginSession
from matcher.services import accounts, people, sessions
from matcher.services import signing_in as service
from matcher.web import access, clock, wording
from matcher.web.auth.blueprint import bp
from matcher.web.auth.devices import device_name
from matcher.web.auth.forms import ChangePasswordForm, LeaveForm, ProfileForm, show_error
from matcher.web.auth.one_time import least_length
from matcher.web.auth.signing_in import RETRY_AFTER_S, Answer, get_own_login
from matcher.web.forms import ActForm


@bp.route("/auth/profile", methods=["GET", "POST"])
def view_profile() -> Answer:
    """Show the own account; the sent form changes name, post, telephone and language."""
    login = get_own_login()
    form = ProfileForm(obj=login.user)
    if request.method == "GET":
        form.language.data = login.user.language.value
    if form.validate_on_submit():
        people.update_profile(
            login.user,
            name=form.name.data,
            post=form.post.data or "",
            phone=form.phone.data or "",
            language=Language(form.language.data),
            now=clock.now(),
        )
        db.session.commit()
        flash(_("Your account is saved."), "success")
        return redirect(url_for(".view_profile"))
    page = render_template(
        "auth/profile.html",
        form=form,
        login=login,
        logins=[(row, device_name(row.device)) for row in live_sessions(login)],
    )
    return page, 422 if form.errors else 200


def live_sessions(login: LoginSession) -> list[LoginSession]:
    """Return the person's sessions that still open pages, the last used first."""
    prefix = "OFFICE" if accounts.is_in_office(login.user) else "OTHERS"
    idle = current_app.config[f"{prefix}_IDLE"]
    absolute = current_app.config[f"{prefix}_ABSOLUTE"]
    now = clock.now()
    return [
        row
        for row in sessions.list_sessions(login.user)
        if now - row.last_seen_at <= idle and now - row.created_at <= absolute
    ]


@bp.route("/auth/password", methods=["GET", "POST"])
def change_password() -> Answer:
    """Change the own password; all other sessions end."""
    login = get_own_login()
    form = ChangePasswordForm()
    status, headers = 200, {}
    if form.validate_on_submit():
        try:
            service.change_password(
                login.user,
                current=form.current.data,
                password=form.password.data,
                address=request.remote_addr or "",
                keep=login,
                now=clock.now(),
            )
        except Invalid as error:
            db.session.commit()  # a wrong present password is counted
            show_error(form, error)
        except NotAllowed as error:
            show_error(form, error, "current")
            status, headers = 429, {"Retry-After": RETRY_AFTER_S}
        else:
            db.session.commit()
            flash(_("The new password is saved. All your other sessions have ended."), "success")
            return redirect(url_for(".view_profile"))
    if form.errors and status == 200:
        status = 422
    least = least_length(login.user)
    page = render_template("auth/change_password.html", form=form, least=least)
    return page, status, headers


@bp.post("/auth/sessions/<id:session_id>/end")
def end_session(session_id: int) -> Answer:
    """End one of the own sessions, on this device or on another."""
    login = get_own_login()
    if not ActForm().validate_on_submit():
        return redirect(url_for(".view_profile"))
    if session_id == login.id:
        access.sign_out()
        db.session.commit()
        flash(_("You have signed out."))
        return redirect(url_for("public.start"))
    sessions.end_session(login.user, session_id, now=clock.now())
    db.session.commit()
    flash(_("That session has ended."), "success")
    return redirect(url_for(".view_profile"))


@bp.route("/auth/leave", methods=["GET", "POST"])
def leave() -> Answer:
    """Close the own account."""
    login = get_own_login()
    form = LeaveForm()
    status, headers = 200, {}
    if form.validate_on_submit():
        try:
            close_account(login, form.current.data)
        except Invalid as error:
            db.session.commit()  # a wrong present password is counted
            show_error(form, error, "current")
        except NotAllowed as error:
            show_error(form, error, "current")
            status, headers = 429, {"Retry-After": RETRY_AFTER_S}
        except WrongState as error:
            db.session.rollback()
            form.form_errors.append(wording.error(error))
            status = 409
        else:
            flash(_("Your account is closed. Thank you for your work."), "success")
            return redirect(url_for("public.start"))
    if form.errors and status == 200:
        status = 422
    return render_template("auth/leave.html", form=form), status, headers


def close_account(login: LoginSession, password: str) -> None:
    """Let the person prove who is there, leave, and forget this browser's session."""
    now = clock.now()
    service.confirm_password(login.user, password, address=request.remote_addr or "", now=now)
    people.leave(login.user, now=now)
    access.sign_out()
    db.session.commit()
