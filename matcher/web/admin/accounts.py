"""The accounts: found, locked, unlocked, made administrator; seats ended."""

from __future__ import annotations

from enum import StrEnum
from math import ceil
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from matcher.extensions import db
from matcher.models.user import Role
from matcher.services import audit_trail, people, sessions
from matcher.services.people import AccountState
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.admin.acts import act_name
from matcher.web.admin.blueprint import bp
from matcher.web.auth.forms import one_line
from matcher.web.forms import ActForm

Code = TypeVar("Code", bound=StrEnum)
LAST_PAGE = 100_000
STATES = {
    AccountState.ACTIVE: _l("In use"),
    AccountState.INVITED: _l("Invited"),
    AccountState.LOCKED: _l("Locked"),
    AccountState.LEFT: _l("Closed by the person"),
}


def page_number() -> int:
    """Return the page asked for in the address; nonsense is the first page."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def chosen(kind: type[Code], name: str) -> Code | None:
    """Return the code that a filter of the address names, or None."""
    value = request.args.get(name, "")
    return kind(value) if value in set(kind) else None


@bp.get("/users")
def list_users() -> str:
    """List the accounts, with search and filters in the address."""
    page = page_number()
    users, total = people.list_users(
        get_actor(),
        text=one_line(request.args.get("q"))[:200],
        role=chosen(Role, "role"),
        state=chosen(AccountState, "state"),
        page=page,
    )
    return render_template(
        "admin/users.html",
        users=[(user, people.state_of(user), sessions.active_seats(user)) for user in users],
        total=total,
        page=page,
        pages=ceil(total / people.PER_PAGE),
        states=STATES,
        roles=list(Role),
    )


@bp.get("/users/<id:user_id>")
def view_user(user_id: int) -> str:
    """Show one account with its seats and what happened to it."""
    actor = get_actor()
    user = people.get_user(actor, user_id)
    done, _total = audit_trail.list_events(
        actor, audit_trail.Filters(subject_kind="user", subject_id=user.id)
    )
    return render_template(
        "admin/user.html",
        user=user,
        state=people.state_of(user),
        states=STATES,
        open_seats=sessions.active_seats(user),
        ended_seats=[seat for seat in user.memberships if seat.ended_at is not None],
        is_admin=any(seat.role is Role.ADMIN for seat in sessions.active_seats(user)),
        events=[(event, act_name(event.act)) for event in done[:10]],
    )


def back_to(user_id: int, message: str) -> Response:
    """Commit the act, say what was done and return to the account."""
    db.session.commit()
    flash(message, "success")
    return redirect(url_for(".view_user", user_id=user_id))


@bp.post("/users/<id:user_id>/lock")
def lock_user(user_id: int) -> Response:
    """Lock an account at once."""
    if not ActForm().validate_on_submit():
        return redirect(url_for(".view_user", user_id=user_id))
    people.lock_user(get_actor(), user_id, now=clock.now())
    return back_to(user_id, _("The account is locked and signed out everywhere."))


@bp.post("/users/<id:user_id>/unlock")
def unlock_user(user_id: int) -> Response:
    """Open a locked account again."""
    if not ActForm().validate_on_submit():
        return redirect(url_for(".view_user", user_id=user_id))
    people.unlock_user(get_actor(), user_id, now=clock.now())
    return back_to(user_id, _("The account is open again."))


@bp.post("/users/<id:user_id>/grant-admin")
def grant_admin(user_id: int) -> Response:
    """Make a person an administrator."""
    if not ActForm().validate_on_submit():
        return redirect(url_for(".view_user", user_id=user_id))
    people.grant_admin(get_actor(), user_id, now=clock.now())
    return back_to(user_id, _("This person is an administrator now and gets a letter about it."))


@bp.post("/users/<id:user_id>/seats/<id:membership_id>/end")
def end_seat(user_id: int, membership_id: int) -> Response:
    """End one seat of a person."""
    if not ActForm().validate_on_submit():
        return redirect(url_for(".view_user", user_id=user_id))
    people.end_seat(get_actor(), user_id, membership_id, now=clock.now())
    return back_to(user_id, _("The role has ended."))
