"""Signing in and out, the language of the pages, the seat one acts for."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.errors import MatcherError, NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.user import LoginSession
from matcher.services import people, sessions
from matcher.services import signing_in as service
from matcher.web import access, clock, wording
from matcher.web.auth import carry
from matcher.web.auth.addresses import local_path, next_page
from matcher.web.auth.blueprint import bp
from matcher.web.auth.carry import Carried
from matcher.web.auth.forms import SignInForm
from matcher.web.forms import ActForm

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
RETRY_AFTER_S = "300"


@bp.route("/auth/login", methods=["GET", "POST"])
def sign_in() -> Answer:
    """Ask for e-mail and password; also the answer to a form whose session has ended."""
    if request.endpoint != "auth.sign_in":
        return receive_late_form()
    if request.method == "GET" and access.get_login() is not None:
        return redirect(next_page(request.args.get("next")))
    form = SignInForm()
    carried = carry.from_own_form()
    if request.method == "GET":
        form.next.data = local_path(request.args.get("next")) or ""
    if not form.validate_on_submit():
        return show_sign_in(form, carried, 422 if form.errors else 200)
    try:
        user = service.authenticate(
            form.email.data,
            form.password.data,
            address=request.remote_addr or "",
            now=clock.now(),
        )
    except NotAllowed as error:
        db.session.commit()  # the failure is counted
        return refuse(form, carried, error)
    access.sign_in(user)
    db.session.commit()
    if carried is not None:
        return offer_text(carried)
    return redirect(next_page(form.next.data))


def refuse(form: SignInForm, carried: Carried | None, error: MatcherError) -> Answer:
    """Show the page again with one sentence that is the same for known and unknown people."""
    form.form_errors.append(wording.error(error))
    if error.code == "too_many_tries":
        page, status = show_sign_in(form, carried, 429)
        return page, status, {"Retry-After": RETRY_AFTER_S}
    return show_sign_in(form, carried, 422)


def show_sign_in(
    form: SignInForm, carried: Carried | None, status: int, *, lost: bool = False
) -> tuple[str, int]:
    """Render the sign-in page with what it carries."""
    page = render_template("auth/sign_in.html", form=form, carried=carried, lost=lost)
    return page, status


def receive_late_form() -> Answer:
    """Ask somebody whose session has ended to sign in; the text of the form stays in the page."""
    db.session.rollback()
    carried, lost = carry.from_late_form()
    form = SignInForm(formdata=None)
    if carried is None:
        here = local_path(access.local_path())
        form.next.data = here or local_path(path_of_referrer()) or ""
    flash(_("Your session has ended. Sign in to continue."))
    return show_sign_in(form, carried, 401, lost=lost)


def path_of_referrer() -> str:
    """Return the path of the page of this site that the reader comes from, or nothing."""
    referrer = request.referrer or ""
    return referrer.removeprefix(request.host_url.rstrip("/")) if referrer else ""


def offer_text(carried: Carried) -> Answer:
    """After the sign-in: hand the text back, or first ask for whom the person acts."""
    # The token of this request belongs to the session that the sign-in has replaced.
    g.pop("csrf_token", None)
    if access.find_actor() is None:
        return show_seats(carried, 200)
    return render_template("auth/restored.html", carried=carried)


@bp.post("/auth/logout")
def sign_out() -> Answer:
    """End this browser's session."""
    if ActForm().validate_on_submit():
        access.sign_out()
        db.session.commit()
        flash(_("You have signed out."))
    return redirect(url_for("public.start"))


@bp.post("/auth/language")
def set_language() -> Answer:
    """Change the language of the pages and stay on the page."""
    chosen = request.form.get("language", "")
    if not ActForm().validate_on_submit() or chosen not in set(Language):
        abort(400)
    session["language"] = chosen
    login = access.get_login()
    if login is not None:
        people.set_language(login.user, Language(chosen))
        db.session.commit()
    return redirect(local_path(request.form.get("next")) or url_for("public.start"))


@bp.route("/auth/seat", methods=["GET", "POST"])
def choose_seat() -> Answer:
    """Choose the organisation one acts for."""
    login = get_own_login()
    carried = carry.from_own_form()
    if not ActForm().validate_on_submit():
        return show_seats(carried, 200)
    membership_id = request.form.get("membership", type=int)
    if membership_id is None:
        return show_seats(carried, 422)
    sessions.choose_seat(login, membership_id)
    db.session.commit()
    if carried is not None:
        return offer_text(carried)
    return redirect(next_page(request.values.get("next")))


def show_seats(carried: Carried | None, status: int) -> tuple[str, int]:
    """Render the choice of seats."""
    next_path = local_path(request.values.get("next")) or ""
    page = render_template("auth/seats.html", form=ActForm(), carried=carried, next=next_path)
    return page, status


def get_own_login() -> LoginSession:
    """Return the session of this browser; the access table has let in nobody without one."""
    login = access.get_login()
    if login is None:
        raise NotFound("session")
    return login
