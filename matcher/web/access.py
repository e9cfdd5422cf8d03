"""Who may open which page: one table, closed by default, checked before each request."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from matcher.errors import NotAllowed
from matcher.extensions import db, login_manager
from matcher.models.user import LoginSession, Membership, Role, User
from matcher.services import sessions
from matcher.web.clock import now

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
EVERYBODY = frozenset({"everybody"})
SIGNED_IN = frozenset(Role) | {"no seat"}
ANY_SEAT = frozenset(Role)
AUTHOR = frozenset({Role.EDITOR, Role.HEAD})
HEAD = frozenset({Role.HEAD})
DONOR = frozenset({Role.DONOR})
OFFICE = frozenset({Role.STAFF, Role.LEAD})
LEAD = frozenset({Role.LEAD})
ADMIN = frozenset({Role.ADMIN})

ACCESS: dict[str, frozenset[str]] = {
    # Everybody
    "static": EVERYBODY,
    "public.start": EVERYBODY,
    "public.guidance": EVERYBODY,
    "public.example_idea": EVERYBODY,
    "public.list_ideas": EVERYBODY,
    "public.view_idea": EVERYBODY,
    "public.privacy": EVERYBODY,
    "public.accessibility": EVERYBODY,
    "public.confirm_idea": EVERYBODY,
    "public.healthz": EVERYBODY,
    "public.readyz": EVERYBODY,
    # Accounts
    "auth.sign_in": EVERYBODY,
    "auth.request_access": EVERYBODY,
    "auth.access_requested": EVERYBODY,
    "auth.accept_invitation": EVERYBODY,
    "auth.forgot_password": EVERYBODY,
    "auth.reset_password": EVERYBODY,
    "auth.set_language": EVERYBODY,
    "auth.sign_out": SIGNED_IN,
    "auth.choose_seat": SIGNED_IN,
    "auth.view_profile": SIGNED_IN,
    "auth.change_password": SIGNED_IN,
    "auth.end_session": SIGNED_IN,
    "auth.leave": SIGNED_IN,
    # Communities
    "community.list_ideas": AUTHOR,
    "community.create_idea": AUTHOR,
    "community.view_idea": AUTHOR,
    "community.edit_section": AUTHOR,
    "community.check_answers": AUTHOR,
    "community.submitted": AUTHOR,
    "community.recall_idea": AUTHOR,
    "community.withdraw_idea": AUTHOR,
    "community.sign_off_idea": HEAD,
    "community.send_back_idea": HEAD,
    "community.confirm_idea": AUTHOR,
    "community.renew_idea": AUTHOR,
    "community.copy_idea": AUTHOR,
    "community.view_revision": AUTHOR,
    "community.view_match": AUTHOR,
    "community.give_feedback": AUTHOR,
    "community.answer_question": AUTHOR,
    "community.list_colleagues": AUTHOR,
    "community.invite_colleague": HEAD,
    # Donors
    "donor.list_matches": DONOR,
    "donor.view_match": DONOR,
    "donor.express_interest": DONOR,
    "donor.ask_question": DONOR,
    "donor.decline_match": DONOR,
    "donor.restore_match": DONOR,
    "donor.undo": DONOR,
    "donor.report_outcome": DONOR,
    "donor.give_feedback": DONOR,
    "donor.list_profiles": DONOR,
    "donor.edit_profile": DONOR,
    # The office: ideas
    "staff.today": OFFICE,
    "staff.list_ideas": OFFICE,
    "staff.view_idea": OFFICE,
    "staff.open_idea": OFFICE,
    "staff.publish_idea": OFFICE,
    "staff.return_idea": OFFICE,
    "staff.reject_idea": OFFICE,
    "staff.edit_release_text": OFFICE,
    "staff.hold_idea": OFFICE,
    "staff.resume_idea": OFFICE,
    "staff.archive_idea": OFFICE,
    "staff.merge_idea": OFFICE,
    "staff.create_idea": OFFICE,
    "staff.edit_section": OFFICE,
    "staff.submit_idea": OFFICE,
    "staff.withdraw_idea": LEAD,
    "staff.send_confirmation": OFFICE,
    "staff.clear_person": LEAD,
    # The office: pairs
    "staff.queue": OFFICE,
    "staff.decide_selected": OFFICE,
    "staff.view_match": OFFICE,
    "staff.release_match": OFFICE,
    "staff.dismiss_match": OFFICE,
    "staff.approve_match": OFFICE,
    "staff.refuse_match": OFFICE,
    "staff.introduce_match": OFFICE,
    "staff.take_back_match": OFFICE,
    "staff.reopen_match": OFFICE,
    "staff.undo": OFFICE,
    "staff.record_answer": OFFICE,
    "staff.relay_question": OFFICE,
    "staff.relay_answer": OFFICE,
    "staff.record_outcome": OFFICE,
    "staff.give_feedback": OFFICE,
    "staff.add_pair": OFFICE,
    "staff.follow_up": OFFICE,
    "staff.snooze_match": OFFICE,
    # The office: donors, lists, people
    "staff.list_donors": OFFICE,
    "staff.view_donor": OFFICE,
    "staff.create_donor": OFFICE,
    "staff.edit_donor": OFFICE,
    "staff.verify_donor": OFFICE,
    "staff.add_contact_note": OFFICE,
    "staff.finish_contact_note": OFFICE,
    "staff.briefing_pack": OFFICE,
    "staff.list_calls": OFFICE,
    "staff.view_profile": OFFICE,
    "staff.create_profile": OFFICE,
    "staff.edit_profile": OFFICE,
    "staff.verify_profile": OFFICE,
    "staff.decide_proposal": OFFICE,
    "staff.end_profile": OFFICE,
    "staff.list_communities": OFFICE,
    "staff.edit_community": OFFICE,
    "staff.list_access_requests": OFFICE,
    "staff.decide_access_request": OFFICE,
    "staff.invite_person": OFFICE,
    "staff.list_conflicts": OFFICE,
    "staff.end_conflict": OFFICE,
    "staff.list_rates": OFFICE,
    "staff.list_goals": OFFICE,
    "staff.edit_goal": OFFICE,
    "staff.list_territories": OFFICE,
    "staff.add_territory_status": LEAD,
    "staff.end_territory_status": LEAD,
    "staff.list_restricted": LEAD,
    "staff.list_letters": OFFICE,
    "staff.view_letter": OFFICE,
    "staff.retry_letter": OFFICE,
    "staff.list_runs": OFFICE,
    "staff.start_run": OFFICE,
    "staff.cancel_run": OFFICE,
    "staff.view_quality": OFFICE,
    # Administrators
    "admin.list_users": ADMIN,
    "admin.view_user": ADMIN,
    "admin.lock_user": ADMIN,
    "admin.unlock_user": ADMIN,
    "admin.grant_admin": ADMIN,
    "admin.end_seat": ADMIN,
    "admin.edit_settings": ADMIN,
    "admin.list_audit": ADMIN,
}

HOME = {
    Role.EDITOR: "community.list_ideas",
    Role.HEAD: "community.list_ideas",
    Role.DONOR: "donor.list_matches",
    Role.STAFF: "staff.today",
    Role.LEAD: "staff.today",
    Role.ADMIN: "admin.list_users",
}


class SignedIn(UserMixin):
    """What Flask-Login carries: a live session of ours; its id is the session's secret."""

    def __init__(self, login: LoginSession, secret: str) -> None:
        self.login = login
        self.secret = secret

    def get_id(self) -> str:
        """Return the secret that the signed cookie holds."""
        return self.secret


@login_manager.user_loader
def load_signed_in(secret: str) -> SignedIn | None:
    """Return the live session of this secret, and note once a minute that it was used."""
    config = current_app.config
    limits = sessions.Limits(
        office_idle=config["OFFICE_IDLE"],
        office_absolute=config["OFFICE_ABSOLUTE"],
        others_idle=config["OTHERS_IDLE"],
        others_absolute=config["OTHERS_ABSOLUTE"],
    )
    login = sessions.find_session(secret, limits, now=now())
    return None if login is None else SignedIn(login, secret)


def sign_in(user: User) -> None:
    """Open a session for ``user`` under a new id, whatever the cookie held before."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    device = request.user_agent.string
    login, secret = sessions.open_session(user, device=device, now=now())
    login_user(SignedIn(login, secret))


def sign_out() -> None:
    """End this browser's session on the server and forget it here."""
    login = get_login()
    if login is not None:
        sessions.end_session(login.user, login.id, now=now())
    logout_user()
    session.clear()


def get_login() -> LoginSession | None:
    """Return the session of this browser, or None for a stranger."""
    return current_user.login if current_user.is_authenticated else None


def find_actor() -> Membership | None:
    """Return the seat this person acts for, or None."""
    login = get_login()
    return login.membership if login is not None else None


def get_actor() -> Membership:
    """Return the seat this person acts for; the access table has let nobody else in."""
    actor = find_actor()
    if actor is None:
        raise NotAllowed("seat")
    return actor


def check_access() -> Response | None:
    """Let the request through when the table names its reader; close every other page."""
    if request.endpoint is None:
        return None
    allowed = ACCESS.get(request.endpoint, frozenset())
    if allowed is EVERYBODY:
        return None
    if not allowed:
        abort(403)
    login = get_login()
    if login is None:
        return ask_to_sign_in()
    g.touch = login
    actor = login.membership
    if actor is None:
        if "no seat" in allowed:
            return None
        return redirect(url_for("auth.choose_seat", next=local_path()))
    if actor.role not in allowed:
        raise NotAllowed("role")
    return None


def ask_to_sign_in() -> Response:
    """Send a reader to the sign-in page; a posted text travels along (see auth views)."""
    if request.method == "POST":
        carry = current_app.view_functions["auth.sign_in"]
        return current_app.make_response(carry())
    if session.get("_user_id"):
        flash(_("Your session has ended. Sign in to continue."))
    return redirect(url_for("auth.sign_in", next=local_path()))


def local_path() -> str:
    """Return the path and query of this request, to come back to it."""
    return request.full_path.rstrip("?")


def touch_session(response: Response) -> Response:
    """After the answer is made, note that the person was here."""
    login = g.pop("touch", None)
    if login is not None and now() - login.last_seen_at > sessions.TOUCH_AFTER:
        session_id, user_id = login.id, login.user_id
        db.session.rollback()
        sessions.touch(session_id, user_id, now=now())
    return response


def refuse_control_characters() -> None:
    """Refuse what no keyboard writes: NUL and its like break pages, logs and PostgreSQL alike."""
    written = [request.path, *request.args.keys(), *request.args.values()]
    if request.method == "POST":
        written += [*request.form.keys(), *(v for vs in request.form.listvalues() for v in vs)]
    if any(CONTROL.search(text) for text in written):
        abort(400)


def refuse_other_sites() -> None:
    """Refuse a form that another site's page sent, whatever token it brings.

    A browser that hides the origin ("null") is left to the token.
    """
    if request.method != "POST":
        return
    origin = request.headers.get("Origin", "null")
    own = {host_of(f"//{request.host}"), host_of(current_app.config["PUBLIC_URL"])}
    foreign = origin != "null" and host_of(origin) not in own
    if foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(400)


def host_of(address: str) -> str | None:
    """Return the host that an address names, or None."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def begin_immediately() -> None:
    """Take SQLite's write lock before the first read of a request that will write."""
    if request.method == "POST":
        db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


def register(app: Flask) -> None:
    """Check every request against the table."""
    app.before_request(refuse_other_sites)
    app.before_request(refuse_control_characters)
    app.before_request(begin_immediately)
    app.before_request(check_access)
    app.after_request(touch_session)
