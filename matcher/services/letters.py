"""Letters as the office sees them: what waits, what left, what failed, and the text that left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.idea import Idea
from matcher.models.job import Job, JobStatus
from matcher.models.match import Match
from matcher.models.profile import Profile
from matcher.models.user import Membership
from matcher.services import access, jobs, outbox, profiles

PAGE = 25
LARGEST_FILE = 1_000_000
SECRET = re.compile(r"(https?://\S*?/)[A-Za-z0-9_-]{20,}")


@dataclass(frozen=True)
class Letter:
    """A letter that was written to a file: its head and its texts, all of them plain."""

    subject: str
    to: str
    sender: str
    date: str
    texts: tuple[str, ...]


def letters(actor: Membership) -> sa.Select[Job]:
    """Return the statement of the letters that this person may know of.

    A letter is written with the rights of its recipient: one about a pair, an idea or a
    profile that is hidden from this reader is hidden with it, in lists and counts as well.
    """
    access.require(actor, access.OFFICE)
    matches = access.matches_seen_by(actor).with_only_columns(Match.id, maintain_column_froms=True)
    ideas = access.ideas_seen_by(actor).with_only_columns(Idea.id, maintain_column_froms=True)
    own_profiles = profiles.profiles_seen_by(actor).with_only_columns(
        Profile.id, maintain_column_froms=True
    )
    statement = sa.select(Job).where(Job.kind == outbox.LETTER)
    for name, seen in (("match_id", matches), ("idea_id", ideas), ("profile_id", own_profiles)):
        subject = Job.payload[name].as_integer()
        statement = statement.where(sa.or_(subject.is_(None), subject.in_(seen)))
    return statement


def list_letters(
    actor: Membership, *, status: JobStatus | None = None, page: int = 1
) -> tuple[list[Job], int]:
    """Return one page of the letters, newest first, and how many there are."""
    statement = letters(actor)
    if status is not None:
        statement = statement.where(Job.status == status)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0
    rows = (
        statement.options(joinedload(Job.recipient))
        .order_by(Job.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return list(db.session.scalars(rows)), total


def count_letters(actor: Membership) -> Mapping[JobStatus, int]:
    """Return how many letters are in each state."""
    statement = letters(actor).with_only_columns(Job.status, sa.func.count()).group_by(Job.status)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def get_letter(actor: Membership, job_id: int) -> Job:
    """Return one letter that this person may know of; raises NotFound."""
    statement = letters(actor).where(Job.id == job_id).options(joinedload(Job.recipient))
    job = db.session.scalars(statement).one_or_none()
    if job is None:
        raise NotFound("letter")
    return job


def retry_letter(actor: Membership, job_id: int, *, now: datetime) -> Job:
    """Try a failed letter again; raises NotFound, WrongState."""
    get_letter(actor, job_id)
    return jobs.retry(actor, job_id, now=now)


def read_letter(folder: Path, job_id: int) -> Letter | None:
    """Return the letter that the worker wrote to a file, or None when there is none."""
    path = folder / f"{job_id}.eml"
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    message = BytesParser(policy=policy.default).parsebytes(data)
    assert isinstance(message, EmailMessage)
    return Letter(
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        sender=str(message["From"] or ""),
        date=str(message["Date"] or ""),
        texts=tuple(plain_texts(message)),
    )


def plain_texts(message: EmailMessage) -> list[str]:
    """Return the plain parts in their order; markup is never shown as such."""
    texts = []
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            try:
                texts.append(hide_secrets(str(part.get_content())))
            except (LookupError, MessageError, ValueError):
                continue
    return texts


def hide_secrets(text: str) -> str:
    """Return the text without the secret of a one-time link: it is its recipient's alone."""
    return SECRET.sub("\\1•••", text)
