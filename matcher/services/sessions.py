"""Signed-in browsers: opened, found, touched and ended by a secret that only the cookie holds."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.user import LoginSession, Membership, Role, User

OFFICE_ROLES = frozenset({Role.STAFF, Role.LEAD, Role.ADMIN})
TOUCH_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Limits:
    """How long a session may idle and live, for the office and for all others."""

    office_idle: timedelta
    office_absolute: timedelta
    others_idle: timedelta
    others_absolute: timedelta


def hash_secret(secret: str) -> str:
    """Return the SHA-256 under which a secret is stored, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """Return 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def active_seats(user: User) -> list[Membership]:
    """Return the person's seats that hold now, oldest first."""
    return [
        seat for seat in user.memberships if seat.ended_at is None and seat.organisation.is_active
    ]


def open_session(user: User, *, device: str, now: datetime) -> tuple[LoginSession, str]:
    """Open a session and return it with its secret; a single seat is taken at once."""
    secret = new_secret()
    seats = active_seats(user)
    session = LoginSession(
        secret_hash=hash_secret(secret),
        user=user,
        membership=seats[0] if len(seats) == 1 else None,
        created_at=now,
        last_seen_at=now,
        device=device[:200],
    )
    db.session.add(session)
    db.session.flush()
    return session, secret


def find_session(secret: str, limits: Limits, *, now: datetime) -> LoginSession | None:
    """Return the live session of this secret; idle, ended, locked or too old ones are None."""
    statement = sa.select(LoginSession).where(LoginSession.secret_hash == hash_secret(secret))
    session = db.session.scalars(statement).one_or_none()
    if session is None or session.ended_at is not None or session.user.is_locked:
        return None
    in_office = any(seat.role in OFFICE_ROLES for seat in active_seats(session.user))
    idle = limits.office_idle if in_office else limits.others_idle
    absolute = limits.office_absolute if in_office else limits.others_absolute
    if now - session.last_seen_at > idle or now - session.created_at > absolute:
        return None
    if session.membership is not None and session.membership.ended_at is not None:
        return None
    return session


def touch(session_id: int, user_id: int, *, now: datetime) -> None:
    """Note that the person was here, in a short transaction of its own.

    Reading pages change nothing else, so this does not ride on the request's transaction.
    """
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        for table, row_id in ((LoginSession, session_id), (User, user_id)):
            connection.execute(sa.update(table).where(table.id == row_id).values(last_seen_at=now))
        connection.commit()


def choose_seat(session: LoginSession, membership_id: int) -> Membership:
    """Act for another of one's own seats from now on; raises NotFound."""
    for seat in active_seats(session.user):
        if seat.id == membership_id:
            session.membership = seat
            db.session.flush()
            return seat
    raise NotFound("seat")


def list_sessions(user: User) -> list[LoginSession]:
    """Return the person's sessions that were not ended, the last used first."""
    statement = (
        sa.select(LoginSession)
        .where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    return list(db.session.scalars(statement))


def end_session(user: User, session_id: int, *, now: datetime) -> None:
    """End one of the person's own sessions; raises NotFound."""
    session = db.session.get(LoginSession, session_id)
    if session is None or session.user_id != user.id:
        raise NotFound("session")
    session.ended_at = session.ended_at or now
    db.session.flush()


def end_all_sessions(user: User, *, now: datetime, keep_id: int | None = None) -> None:
    """End all sessions of the person but ``keep_id``."""
    for session in list_sessions(user):
        if session.id != keep_id:
            session.ended_at = now
    db.session.flush()
