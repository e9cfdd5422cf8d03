"""One-time links: made for one purpose, found by the secret in their address, used once."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.user import LinkPurpose, Membership, OneTimeLink, User
from matcher.services.sessions import hash_secret, new_secret

LIFETIME = {
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.PASSWORD_RESET: timedelta(hours=1),
    LinkPurpose.CONFIRM_IDEA: timedelta(days=7),
}


def create(
    purpose: LinkPurpose,
    user: User,
    *,
    now: datetime,
    created_by: User | None = None,
    membership: Membership | None = None,
    subject_id: int | None = None,
    keep_others: bool = False,
) -> tuple[OneTimeLink, str]:
    """Make a link and return it with its secret, which is stored nowhere.

    The new link makes the older ones of the same purpose (and subject) useless, unless it
    is ``keep_others``: the same invitation by letter and in the hand of the office.
    """
    if not keep_others:
        end_all(purpose, user, now=now, subject_id=subject_id)
    secret = new_secret()
    link = OneTimeLink(
        secret_hash=hash_secret(secret),
        purpose=purpose,
        user=user,
        membership_id=membership.id if membership else None,
        subject_id=subject_id,
        created_by_id=created_by.id if created_by else None,
        created_at=now,
        expires_at=now + LIFETIME[purpose],
    )
    db.session.add(link)
    db.session.flush()
    return link, secret


def end_all(
    purpose: LinkPurpose, user: User, *, now: datetime, subject_id: int | None = None
) -> None:
    """Make all unused links of this purpose (and subject) useless."""
    statement = sa.select(OneTimeLink).where(
        OneTimeLink.user_id == user.id,
        OneTimeLink.purpose == purpose,
        OneTimeLink.subject_id.is_(None)
        if subject_id is None
        else OneTimeLink.subject_id == subject_id,
        OneTimeLink.used_at.is_(None),
    )
    for link in db.session.scalars(statement):
        link.used_at = now
    db.session.flush()


def find_valid(purpose: LinkPurpose, secret: str, *, now: datetime) -> OneTimeLink | None:
    """Return the unused link of this secret while it holds; a locked person has none."""
    statement = sa.select(OneTimeLink).where(
        OneTimeLink.secret_hash == hash_secret(secret), OneTimeLink.purpose == purpose
    )
    link = db.session.scalars(statement).one_or_none()
    if link is None or link.used_at is not None or now >= link.expires_at:
        return None
    return None if link.user.is_locked else link


def get_valid(purpose: LinkPurpose, secret: str, *, now: datetime) -> OneTimeLink:
    """Return the link of this secret; raises NotFound when it holds no more."""
    link = find_valid(purpose, secret, now=now)
    if link is None:
        raise NotFound("link")
    return link


def use(link: OneTimeLink, *, now: datetime) -> None:
    """Use the link and end its twins; of two at the same moment the second gets NotFound."""
    statement = (
        sa.update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if db.session.connection().execute(statement).rowcount != 1:
        raise NotFound("link")
    db.session.refresh(link)
    end_all(link.purpose, link.user, now=now, subject_id=link.subject_id)


def renew_secret(link_id: int, now: datetime) -> str:
    """Give an unused link a fresh secret and return it; raises NotFound.

    A letter is queued with the id of its link. Its secret is made when the letter is
    written, so that no secret waits in the database, and a letter that is sent again
    carries the only one that works.
    """
    link = db.session.get(OneTimeLink, link_id)
    if link is None or link.used_at is not None or now >= link.expires_at:
        raise NotFound("link")
    secret = new_secret()
    link.secret_hash = hash_secret(secret)
    db.session.flush()
    return secret
