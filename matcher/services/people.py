"""People and their seats: one's own account, colleagues, and what administrators may do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matcher.errors import Duplicate, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.user import LinkPurpose, Membership, Role, User
from matcher.services import access, accounts, audit, links, outbox, sessions, signing_in

PER_PAGE = 25
KEEPERS = {Role.LEAD: "last_lead", Role.ADMIN: "last_admin"}
UNFINISHED = (IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF)


class AccountState(StrEnum):
    """What an account is good for now."""

    ACTIVE = "active"
    INVITED = "invited"
    LOCKED = "locked"
    LEFT = "left"


def state_of(user: User) -> AccountState:
    """Return the state of the account; a lock outweighs everything else."""
    if user.is_locked:
        return AccountState.LOCKED
    if user.left_at is not None:
        return AccountState.LEFT
    return AccountState.ACTIVE if user.password_hash is not None else AccountState.INVITED


def update_profile(
    user: User, *, name: str, post: str, phone: str, language: Language, now: datetime
) -> None:
    """Change one's own name, post, phone and language."""
    before = {"name": user.name, "post": user.post, "phone": user.phone}
    after = {"name": name.strip(), "post": post.strip(), "phone": phone.strip()}
    event = audit.record(
        None,
        "user.changed",
        user,
        now=now,
        old={"language": user.language},
        new={"language": language, "fields": sorted(k for k in after if after[k] != before[k])},
    )
    event.user_id = user.id
    user.name, user.post, user.phone = after["name"], after["post"], after["phone"]
    user.language = language
    db.session.flush()


def set_language(user: User, language: Language) -> None:
    """Change the language of one's own pages and letters."""
    user.language = language
    db.session.flush()


def leave(user: User, *, now: datetime) -> None:
    """Close one's own account: drafts pass to the head, seats and sessions end.

    What was submitted and decided stays, with the name of who did it. Raises WrongState
    for the last lead and the last administrator.
    """
    seats = [seat for seat in user.memberships if seat.ended_at is None]
    for seat in seats:
        _refuse_last_keeper(seat)
    for seat in seats:
        _end_seat(seat, now=now)
    for purpose in (LinkPurpose.INVITATION, LinkPurpose.PASSWORD_RESET):
        links.end_all(purpose, user, now=now)
    sessions.end_all_sessions(user, now=now)
    user.left_at = now
    signing_in.record_own(user, "user.left", now=now)
    db.session.flush()


def _refuse_last_keeper(seat: Membership) -> None:
    """Raise WrongState when nobody else could do the work of this seat."""
    code = KEEPERS.get(seat.role)
    if code is None:
        return
    others = (
        sa.select(Membership.id)
        .join(User, Membership.user_id == User.id)
        .where(
            Membership.role == seat.role,
            Membership.ended_at.is_(None),
            Membership.user_id != seat.user_id,
            User.password_hash.is_not(None),
            User.left_at.is_(None),
            sa.not_(User.is_locked),
        )
    )
    if db.session.scalars(others.limit(1)).first() is None:
        raise WrongState(code)


def _end_seat(seat: Membership, *, now: datetime) -> None:
    """End the seat; unfinished ideas of its holder pass to a head of the organisation."""
    seat.ended_at = now
    db.session.flush()
    heads = (
        sa.select(Membership.user_id)
        .join(User, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == seat.organisation_id,
            Membership.role == Role.HEAD,
            Membership.ended_at.is_(None),
            Membership.user_id != seat.user_id,
            sa.not_(User.is_locked),
        )
        # Somebody who has signed in before comes before somebody only invited.
        .order_by(User.password_hash.is_(None), Membership.id)
    )
    head_id = db.session.scalars(heads.limit(1)).first()
    if seat.role not in access.AUTHORS or head_id is None:
        return
    drafts = sa.select(Idea).where(
        Idea.organisation_id == seat.organisation_id,
        Idea.created_by_id == seat.user_id,
        Idea.status.in_(UNFINISHED),
    )
    for idea in db.session.scalars(drafts):
        idea.created_by_id = head_id
    db.session.flush()


def list_colleagues(actor: Membership) -> list[Membership]:
    """Return the seats of the actor's own organisation that hold now, by name."""
    statement = (
        sa.select(Membership)
        .join(User, Membership.user_id == User.id)
        .options(joinedload(Membership.user))
        .where(Membership.organisation_id == actor.organisation_id, Membership.ended_at.is_(None))
        .order_by(User.name, Membership.id)
    )
    return list(db.session.scalars(statement))


def list_users(
    actor: Membership,
    *,
    text: str = "",
    role: Role | None = None,
    state: AccountState | None = None,
    page: int = 1,
) -> tuple[list[User], int]:
    """Return one page of the accounts by name, and how many there are; for administrators."""
    access.require(actor, {Role.ADMIN})
    statement = sa.select(User)
    if text:
        statement = statement.where(is_called(text))
    if role is not None:
        holders = sa.select(Membership.user_id).where(
            Membership.role == role, Membership.ended_at.is_(None)
        )
        statement = statement.where(User.id.in_(holders))
    if state is not None:
        statement = statement.where(_in_state(state))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0
    rows = (
        statement.options(selectinload(User.memberships).joinedload(Membership.organisation))
        .order_by(User.name, User.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return list(db.session.scalars(rows)), total


def is_called(text: str) -> sa.ColumnElement[bool]:
    """Return the condition on User that the text is a part of the name or the e-mail."""
    # SQLite folds no Cyrillic letters, so several ways of writing are looked for.
    spellings = sorted({text, text.lower(), text.capitalize(), text.title()})
    return sa.or_(
        *(User.name.contains(spelling, autoescape=True) for spelling in spellings),
        User.email.contains(text.lower(), autoescape=True),
    )


def _in_state(state: AccountState) -> sa.ColumnElement[bool]:
    """Return the condition on User that `state_of` describes."""
    stays = sa.and_(sa.not_(User.is_locked), User.left_at.is_(None))
    conditions: dict[AccountState, sa.ColumnElement[bool]] = {
        AccountState.LOCKED: sa.true() & User.is_locked,
        AccountState.LEFT: sa.and_(sa.not_(User.is_locked), User.left_at.is_not(None)),
        AccountState.ACTIVE: sa.and_(stays, User.password_hash.is_not(None)),
        AccountState.INVITED: sa.and_(stays, User.password_hash.is_(None)),
    }
    return conditions[state]


def get_user(actor: Membership, user_id: int) -> User:
    """Return one account with its seats, for administrators; raises NotFound."""
    access.require(actor, {Role.ADMIN})
    statement = (
        sa.select(User)
        .where(User.id == user_id)
        .options(selectinload(User.memberships).joinedload(Membership.organisation))
    )
    user = db.session.scalars(statement).one_or_none()
    if user is None:
        raise NotFound("user")
    return user


def _get_other(actor: Membership, user_id: int) -> User:
    """Return somebody else's account: nobody decides on the own one."""
    user = get_user(actor, user_id)
    if user.id == actor.user_id:
        raise NotAllowed("oneself")
    return user


def lock_user(actor: Membership, user_id: int, *, now: datetime) -> User:
    """Close an account at once: its sessions end and its links work no more."""
    user = _get_other(actor, user_id)
    if user.is_locked:
        raise WrongState("locked")
    user.is_locked = True
    sessions.end_all_sessions(user, now=now)
    audit.record(actor, "user.locked", user, now=now)
    db.session.flush()
    return user


def unlock_user(actor: Membership, user_id: int, *, now: datetime) -> User:
    """Open a locked account again."""
    user = _get_other(actor, user_id)
    if not user.is_locked:
        raise WrongState("not_locked")
    user.is_locked = False
    audit.record(actor, "user.unlocked", user, now=now)
    db.session.flush()
    return user


def grant_admin(actor: Membership, user_id: int, *, now: datetime) -> Membership:
    """Make a person an administrator, by a seat in the office."""
    user = _get_other(actor, user_id)
    if state_of(user) is not AccountState.ACTIVE:
        raise WrongState("not_active")
    if any(seat.role is Role.ADMIN for seat in sessions.active_seats(user)):
        raise Duplicate("seat_exists")
    seat = accounts.give_seat(actor, user, actor.organisation, Role.ADMIN, now=now)
    outbox.queue_letter("seat_added", [user], now=now, subject={"membership_id": seat.id})
    db.session.flush()
    return seat


def end_seat(actor: Membership, user_id: int, membership_id: int, *, now: datetime) -> Membership:
    """End one seat of a person; raises NotFound, NotAllowed (oneself), WrongState (the last)."""
    user = _get_other(actor, user_id)
    seat = next(
        (row for row in user.memberships if row.id == membership_id and row.ended_at is None), None
    )
    if seat is None:
        raise NotFound("seat")
    _refuse_last_keeper(seat)
    _end_seat(seat, now=now)
    new = {"user_id": user.id, "organisation_id": seat.organisation_id, "role": seat.role}
    audit.record(actor, "seat.ended", seat, now=now, new=new)
    db.session.flush()
    return seat
