"""A new installation, and what its administrator does at the console, where nobody has a seat."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matcher.errors import Duplicate, Invalid, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import CURRENCIES, Language
from matcher.models.idea import Idea
from matcher.models.organisation import ExchangeRate, Organisation, OrganisationKind
from matcher.models.user import LinkPurpose, Membership, OneTimeLink, Role, User
from matcher.services import accounts, audit, links, reference, sessions, settings

EMAIL = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;.]+(\.[^@\s<>\"(),:;.]+)+")


@dataclass(frozen=True)
class Plan:
    """What the person who sets up an installation has chosen."""

    office_name_uk: str
    office_name_en: str
    sender: str
    admin_name: str
    admin_email: str
    territory: Path = reference.COMMUNITIES


def is_email(text: str) -> bool:
    """Tell whether the text looks like one e-mail address."""
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None


def has_office() -> bool:
    """Tell whether this database was set up or holds a demonstration."""
    return accounts.find_office() is not None


def has_real_rows() -> bool:
    """Tell whether the database holds people or ideas that nobody invented."""
    for table in (User, Idea):
        statement = sa.select(table.id).where(sa.not_(table.is_example)).limit(1)
        if db.session.scalars(statement).first() is not None:
            return True
    return has_office() and not settings.is_demo()


def set_up(plan: Plan, *, now: datetime) -> str:
    """Write the office, its first administrator and the reference data.

    Returns the secret of the administrator's one-time link. Raises Duplicate when there is
    an office already, Invalid when the plan or the territory file has a fault; the caller
    rolls back then, so that nothing half done stays.
    """
    if has_office():
        raise Duplicate("office")
    for field in ("office_name_uk", "office_name_en", "admin_name"):
        if not getattr(plan, field).strip():
            raise Invalid("missing", field=field)
    for field in ("sender", "admin_email"):
        if not is_email(getattr(plan, field)):
            raise Invalid("email", field=field)
    settings.write("office_name_uk", plan.office_name_uk.strip())
    settings.write("office_name_en", plan.office_name_en.strip())
    settings.write("sender", plan.sender)
    db.session.flush()
    reference.load_reference(now=now, territory=plan.territory)
    if not list_codes():
        raise Invalid("territory_empty", field="territory")
    user, secret = accounts.create_first_admin(plan.admin_name, plan.admin_email, now=now)
    audit.record(None, "office.set_up", user, now=now)
    db.session.flush()
    return secret


def list_codes() -> Collection[str]:
    """Return the codes of all communities."""
    statement = sa.select(Organisation.katottg).where(
        Organisation.kind == OrganisationKind.COMMUNITY
    )
    return {code for code in db.session.scalars(statement) if code}


# People, at the console


def list_people() -> list[User]:
    """Return everybody with an account, by e-mail, with seats."""
    statement = (
        sa.select(User)
        .options(selectinload(User.memberships).joinedload(Membership.organisation))
        .order_by(User.email)
    )
    return list(db.session.scalars(statement))


def get_person(email: str) -> User:
    """Return the person with this e-mail; raises NotFound."""
    user = accounts.find_user(email)
    if user is None:
        raise NotFound("user")
    return user


def find_organisation(role: Role, code: str) -> Organisation:
    """Return the organisation named by its number or codifier code; the office by nothing.

    Raises Invalid when there is none or the role does not fit it.
    """
    if role in sessions.OFFICE_ROLES and not code:
        found = accounts.find_office()
    else:
        same = Organisation.id == int(code) if code.isdecimal() else Organisation.katottg == code
        found = db.session.scalars(sa.select(Organisation).where(same)).one_or_none()
    if found is None:
        raise Invalid("organisation_missing", field="organisation")
    if found.kind not in accounts.KINDS[role]:
        raise Invalid("role_organisation", field="role")
    return found


def invite(
    *, email: str, name: str, role: Role, code: str, language: Language, now: datetime
) -> tuple[Membership, str | None]:
    """Give somebody a seat; return it and, for who has no password yet, the link's secret."""
    if not is_email(email):
        raise Invalid("email", field="email")
    organisation = find_organisation(role, code)
    user = accounts.find_user(email)
    if user is None:
        user = User(
            email=accounts.clean_email(email), name=name.strip(), language=language, created_at=now
        )
        db.session.add(user)
        db.session.flush()
    elif user.left_at is not None:
        user.left_at, user.password_hash = None, None
    seat = accounts.give_seat(None, user, organisation, role, now=now)
    if user.password_hash is not None:
        return seat, None
    _link, secret = links.create(LinkPurpose.INVITATION, user, now=now, membership=seat)
    return seat, secret


def lock(email: str, *, now: datetime) -> User:
    """Close an account at once; raises NotFound, WrongState."""
    user = get_person(email)
    if user.is_locked:
        raise WrongState("locked")
    user.is_locked = True
    sessions.end_all_sessions(user, now=now)
    audit.record(None, "user.locked", user, now=now)
    db.session.flush()
    return user


def unlock(email: str, *, now: datetime) -> User:
    """Open a locked account again; raises NotFound, WrongState."""
    user = get_person(email)
    if not user.is_locked:
        raise WrongState("not_locked")
    user.is_locked = False
    audit.record(None, "user.unlocked", user, now=now)
    db.session.flush()
    return user


def make_reset_link(email: str, *, now: datetime) -> tuple[OneTimeLink, str]:
    """Return a link that sets a new password, or the invitation of who never had one.

    Raises NotFound, or WrongState for an account that is locked or was left.
    """
    user = get_person(email)
    if user.is_locked or user.left_at is not None:
        raise WrongState("not_active")
    known = user.password_hash is not None
    purpose = LinkPurpose.PASSWORD_RESET if known else LinkPurpose.INVITATION
    link, secret = links.create(purpose, user, now=now)
    audit.record(None, "password.link_made", user, now=now)
    db.session.flush()
    return link, secret


# Lists, at the console


def set_rate(currency: str, uah: Decimal, day: date, *, source: str, now: datetime) -> ExchangeRate:
    """Enter how many hryvnias one unit cost on a day; a wrong one of that day is corrected."""
    if len(currency) != 3 or not currency.isalpha() or currency.upper() == CURRENCIES[0]:
        raise Invalid("currency", field="currency")
    if uah <= 0:
        raise Invalid("amount", field="uah")
    currency = currency.upper()
    statement = sa.select(ExchangeRate).where(
        ExchangeRate.currency == currency, ExchangeRate.day == day
    )
    rate = db.session.scalars(statement).one_or_none()
    old = {"uah": rate.uah} if rate else {}
    if rate is None:
        rate = ExchangeRate(currency=currency, day=day, uah=uah)
        db.session.add(rate)
    rate.uah, rate.source = uah, source
    db.session.flush()
    audit.record(
        None, "rate.set", rate, now=now, old=old, new={"currency": currency, "day": day, "uah": uah}
    )
    db.session.flush()
    return rate
