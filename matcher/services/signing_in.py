"""How a person proves to own an account: by a password or by the link in a letter."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.user import LinkPurpose, LoginSession, User
from matcher.services import (
    accounts,
    audit,
    links,
    outbox,
    passwords,
    sessions,
    settings,
    throttle,
)


def authenticate(email: str, password: str, *, address: str, now: datetime) -> User:
    """Return the person whom e-mail and password prove.

    Raises NotAllowed: "too_many_tries" before anything is verified, else "credentials",
    alike for a wrong password, an unknown e-mail, a locked account and one not opened yet.
    A refusal leaves a counted failure behind, so the caller commits in both cases.
    """
    throttle.check(throttle.SIGN_IN, email, address, now=now)
    user = accounts.find_user(email)
    may_enter = user is not None and not user.is_locked and user.left_at is None
    password_hash = user.password_hash if user is not None and may_enter else None
    fits = passwords.verify(password_hash, password)
    if user is None or password_hash is None or not fits:
        throttle.note(throttle.SIGN_IN, email, address, now=now)
        audit.record(None, "user.sign_in_failed", user, now=now)
        db.session.flush()
        raise NotAllowed("credentials")
    if passwords.needs_rehash(password_hash):
        user.password_hash = passwords.hash_password(password)
    record_own(user, "user.signed_in", now=now)
    db.session.flush()
    return user


def confirm_password(user: User, password: str, *, address: str, now: datetime) -> None:
    """Let a signed-in person prove once more who is there; raises and counts as a sign-in."""
    throttle.check(throttle.SIGN_IN, user.email, address, now=now)
    if not passwords.verify(user.password_hash, password):
        throttle.note(throttle.SIGN_IN, user.email, address, now=now)
        audit.record(None, "user.sign_in_failed", user, now=now)
        db.session.flush()
        raise Invalid("current_password", field="current")


def accept_invitation(
    secret: str, *, password: str, name: str, post: str = "", phone: str = "", now: datetime
) -> User:
    """Set the first password; raises NotFound (the link) and Invalid (the password)."""
    link = links.get_valid(LinkPurpose.INVITATION, secret, now=now)
    user = link.user
    check_new_password(user, password, extra=[name])
    links.use(link, now=now)
    user.name = name.strip() or user.name
    user.post = post.strip()
    user.phone = phone.strip()
    user.password_hash = passwords.hash_password(password)
    throttle.forget(throttle.SIGN_IN, user.email)
    record_own(user, "invitation.accepted", now=now)
    db.session.flush()
    return user


def forgot_password(email: str, *, address: str, now: datetime) -> None:
    """Queue a letter with a link to the owner of the account; a stranger learns nothing.

    Somebody who was invited and has not come yet gets a fresh invitation instead. The
    caller commits also when NotAllowed("too_many_tries") is raised.
    """
    throttle.check(throttle.RESET, email, address, now=now)
    throttle.note(throttle.RESET, email, address, now=now)
    user = accounts.find_user(email)
    if user is None or user.is_locked or user.left_at is not None:
        _write_in_vain(now)
        user = None
    elif user.password_hash is not None:
        _queue_reset(user, now=now)
    else:
        _invite_again(user, now=now)
    audit.record(None, "password.reset_asked", user, now=now)
    db.session.flush()


def _queue_reset(user: User, *, now: datetime) -> None:
    """Make a link for a new password and queue its letter."""
    link, _secret = links.create(LinkPurpose.PASSWORD_RESET, user, now=now)
    outbox.queue_letter("password_reset", [user], now=now, subject={"link_id": link.id})
    db.session.flush()


def _invite_again(user: User, *, now: datetime) -> None:
    """Queue a fresh invitation for somebody who has none that works, perhaps."""
    seats = sessions.active_seats(user)
    if seats:
        accounts.queue_invitation(user, seats[0], now=now)


def _write_in_vain(now: datetime) -> None:
    """Write and take back what a known person's letter needs, so that it takes as long."""
    somebody = db.session.scalars(sa.select(User).order_by(User.id).limit(1)).first()
    if somebody is None:
        return
    with db.session.begin_nested() as trial:
        _queue_reset(somebody, now=now)
        trial.rollback()


def reset_password(secret: str, *, password: str, now: datetime) -> User:
    """Set a new password by the link of a letter and end every session of the account.

    This is also the owner's way in while a stranger's guesses have closed the sign-in.
    """
    link = links.get_valid(LinkPurpose.PASSWORD_RESET, secret, now=now)
    user = link.user
    check_new_password(user, password)
    links.use(link, now=now)
    _set_password(user, password, now=now)
    sessions.end_all_sessions(user, now=now)
    throttle.forget(throttle.SIGN_IN, user.email)
    return user


def change_password(
    user: User,
    *,
    current: str,
    password: str,
    address: str,
    keep: LoginSession | None,
    now: datetime,
) -> None:
    """Change one's own password and end all other sessions; raises Invalid, NotAllowed."""
    confirm_password(user, current, address=address, now=now)
    check_new_password(user, password)
    _set_password(user, password, now=now)
    sessions.end_all_sessions(user, now=now, keep_id=keep.id if keep else None)


def _set_password(user: User, password: str, *, now: datetime) -> None:
    """Store the new password, tell its owner and make waiting reset links useless."""
    user.password_hash = passwords.hash_password(password)
    links.end_all(LinkPurpose.PASSWORD_RESET, user, now=now)
    outbox.queue_letter("password_changed", [user], now=now)
    record_own(user, "password.changed", now=now)
    db.session.flush()


def check_new_password(user: User, password: str, *, extra: list[str] | None = None) -> None:
    """Raise Invalid unless the password is good enough for this person's seats."""
    texts = [user.name, user.email, user.phone, *(extra or [])]
    for seat in sessions.active_seats(user):
        texts += [seat.organisation.name_uk, seat.organisation.name_en]
    office = settings.read_all()
    texts += [office["office_name_uk"], office["office_name_en"]]
    passwords.check(password, in_office=accounts.is_in_office(user), words=texts)


def record_own(user: User, act: str, *, now: datetime) -> None:
    """Record an act of a person upon the own account, which needs no seat."""
    event = audit.record(None, act, user, now=now)
    event.user_id = user.id
