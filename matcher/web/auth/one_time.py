"""Pages behind the links in letters: the invitation, the forgotten password."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_babel import refresh
from werkzeug.wrappers import Response

from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.user import LinkPurpose, OneTimeLink, User
from matcher.services import accounts, links, passwords, sessions
from matcher.services import signing_in as service
from matcher.web import access, clock, wording
from matcher.web.auth.addresses import home
from matcher.web.auth.blueprint import bp
from matcher.web.auth.forms import (
    ForgotPasswordForm,
    InvitationForm,
    NewPasswordForm,
    show_error,
)
from matcher.web.auth.signing_in import RETRY_AFTER_S, Answer


@bp.route("/auth/invitation/<token>", methods=["GET", "POST"])
def accept_invitation(token: str) -> Answer:
    """Show what the invitation is for; the sent form sets the password and opens the account."""
    link = links.find_valid(LinkPurpose.INVITATION, token, now=clock.now())
    if link is None:
        return show_dead_link()
    speak_language_of(link.user)
    form = InvitationForm(obj=link.user)
    if form.validate_on_submit():
        try:
            user = service.accept_invitation(
                token,
                password=form.password.data,
                name=form.name.data,
                post=form.post.data or "",
                phone=form.phone.data or "",
                now=clock.now(),
            )
        except Invalid as error:
            show_error(form, error)
        else:
            return enter(user, _("Your account is open. Welcome!"))
    return show_link_page("auth/invitation.html", form, link)


@bp.route("/auth/password/reset/<token>", methods=["GET", "POST"])
def reset_password(token: str) -> Answer:
    """Set a new password by the link of a letter."""
    link = links.find_valid(LinkPurpose.PASSWORD_RESET, token, now=clock.now())
    if link is None:
        return show_dead_link()
    speak_language_of(link.user)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            user = service.reset_password(token, password=form.password.data, now=clock.now())
        except Invalid as error:
            show_error(form, error)
        else:
            return enter(user, _("The new password is saved; you are signed in."))
    return show_link_page("auth/reset_password.html", form, link)


def show_link_page(
    template: str, form: InvitationForm | NewPasswordForm, link: OneTimeLink
) -> tuple[str, int]:
    """Render the page of a link that holds."""
    page = render_template(
        template,
        form=form,
        link=link,
        seats_of_link=sessions.active_seats(link.user),
        least=least_length(link.user),
    )
    return page, 422 if form.errors else 200


def least_length(user: User) -> int:
    """Return how many letters a password of this person needs."""
    in_office = accounts.is_in_office(user)
    return passwords.MIN_LENGTH_OFFICE if in_office else passwords.MIN_LENGTH


def show_dead_link() -> tuple[str, int]:
    """Say that the link works no more, and how to get a new one."""
    return render_template("auth/dead_link.html"), 404


def speak_language_of(user: User) -> None:
    """Speak the invited person's language, unless this reader has chosen one here."""
    if access.get_login() is None and "language" not in session:
        session["language"] = str(user.language)
        refresh()


def enter(user: User, message: str) -> Response:
    """Sign in the person who has proved to own the account by a letter's link."""
    access.sign_in(user)
    db.session.commit()
    flash(message, "success")
    return redirect(home())


@bp.route("/auth/password/forgot", methods=["GET", "POST"])
def forgot_password() -> Answer:
    """Send a link to the owner of an e-mail; the page says the same to everybody."""
    form = ForgotPasswordForm()
    if not form.validate_on_submit():
        page = render_template("auth/forgot_password.html", form=form)
        return page, 422 if form.errors else 200
    try:
        service.forgot_password(form.email.data, address=request.remote_addr or "", now=clock.now())
    except NotAllowed as error:
        form.form_errors.append(wording.error(error))
        page = render_template("auth/forgot_password.html", form=form)
        return page, 429, {"Retry-After": RETRY_AFTER_S}
    db.session.commit()
    return render_template("auth/forgot_password_sent.html", email=form.email.data)
