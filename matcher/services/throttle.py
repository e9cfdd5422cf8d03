"""How often somebody may guess: failures counted in the database, over all processes."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from matcher.errors import NotAllowed
from matcher.extensions import db
from matcher.models.user import SignInFailure

WINDOW = timedelta(minutes=5)
KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """How many tries one account, one address and everybody together have in a window."""

    account: int
    address: int
    everybody: int


SIGN_IN = "sign_in"
RESET = "reset"
REQUEST = "request"
LIMITS = {
    SIGN_IN: Limits(account=10, address=30, everybody=1000),
    # Letters that a stranger can cause: few to one mailbox, some from one network.
    RESET: Limits(account=3, address=30, everybody=1000),
    REQUEST: Limits(account=3, address=30, everybody=1000),
}


def account_key(act: str, email: str) -> str:
    """Return the key under which tries for one account are counted, known or not."""
    return _digest(f"{act}|{email.strip().casefold()}")


def address_key(act: str, address: str) -> str:
    """Return the key of an address; IPv6 counts by /64, because one subscriber holds it all."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return _digest(f"{act}|address|unknown")
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        else:
            ip = ipaddress.ip_network((ip, 64), strict=False).network_address
    return _digest(f"{act}|address|{ip}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def check(act: str, email: str, address: str, *, now: datetime) -> None:
    """Raise NotAllowed("too_many_tries") when a limit is reached; called before verifying."""
    account, source = account_key(act, email), address_key(act, address)
    _one_at_a_time(account, source)
    failure, since = SignInFailure, now - WINDOW
    by_account = failure.account_key == account
    by_address = failure.address_key == source
    recent = sa.select(
        sa.func.count().filter(by_account), sa.func.count().filter(by_address), sa.func.count()
    ).where(failure.at > since, failure.at <= now)
    counts = db.session.execute(recent).one()
    limits = LIMITS[act]
    reached = (limits.account, limits.address, limits.everybody)
    if any(count >= limit for count, limit in zip(counts, reached, strict=True)):
        raise NotAllowed("too_many_tries")


def note(act: str, email: str, address: str, *, now: datetime) -> None:
    """Count one failure and forget the old ones."""
    db.session.add(
        SignInFailure(
            account_key=account_key(act, email), address_key=address_key(act, address), at=now
        )
    )
    old = sa.delete(SignInFailure).where(SignInFailure.at < now - KEPT_FOR)
    db.session.execute(old.execution_options(synchronize_session=False))
    db.session.flush()


def forget(act: str, email: str) -> None:
    """Forget the failures of one account, whose owner has proved to be there."""
    own = sa.delete(SignInFailure).where(SignInFailure.account_key == account_key(act, email))
    db.session.execute(own.execution_options(synchronize_session=False))


def _one_at_a_time(*keys: str) -> None:
    """Let one try after the other pass until the commit, or parallel guesses were uncounted.

    On SQLite the request holds the write lock already; PostgreSQL needs a lock by name.
    """
    if db.session.get_bind().dialect.name != "postgresql":
        return
    for key in sorted(keys):
        number = int(key[:15], 16)
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
