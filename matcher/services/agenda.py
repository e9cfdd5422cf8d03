"""What waits for the office today: how much of each kind, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.job import Job, JobStatus
from matcher.models.match import ContactNote, Match, MatchRun, MatchStatus
from matcher.models.profile import Profile, ProfileRevision, ProposalStatus
from matcher.models.user import AccessRequest, AccessRequestStatus, Membership
from matcher.services import access, letters, shortlist
from matcher.services.idea_moves import OPEN


class Kind(StrEnum):
    """A kind of work that waits."""

    IDEAS_TO_CHECK = "ideas_to_check"
    PAIRS_TO_RELEASE = "pairs_to_release"
    QUESTIONS = "questions"
    INTERESTED = "interested"
    TO_INTRODUCE = "to_introduce"
    SECONDING = "seconding"
    FOLLOW_UPS = "follow_ups"
    CONTACTS_DUE = "contacts_due"
    ACCESS_REQUESTS = "access_requests"
    FAILED_LETTERS = "failed_letters"
    PROPOSALS = "proposals"
    STALE_PROFILES = "stale_profiles"
    RENEWALS = "renewals"


@dataclass(frozen=True)
class Waiting:
    """How many of a kind wait, and since when the oldest does."""

    kind: Kind
    count: int
    since: datetime | None


OF_STATUS = {
    MatchStatus.QUESTION: Kind.QUESTIONS,
    MatchStatus.INTERESTED: Kind.INTERESTED,
    MatchStatus.APPROVED: Kind.TO_INTRODUCE,
}


def list_waiting(actor: Membership, *, today: date) -> list[Waiting]:
    """Return every kind of which something waits, the longest wait first."""
    access.require(actor, access.OFFICE)
    rows = [
        *ideas_waiting(actor, today=today),
        *pairs_waiting(actor),
        *follow_ups_waiting(actor, today=today),
        *profiles_waiting(actor, today=today),
        *others_waiting(actor),
    ]
    latest = datetime.max.replace(tzinfo=UTC)
    return sorted(
        (row for row in rows if row.count), key=lambda row: (row.since or latest, row.kind)
    )


def as_moment(value: datetime | date | None) -> datetime | None:
    """Return a day as its first moment, so that days and moments sort together."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), tzinfo=UTC)


def one(kind: Kind, statement: Any) -> Waiting:
    """Return the row of a statement of a count and the oldest moment."""
    count, since = db.session.execute(statement.order_by(None)).one()
    return Waiting(kind, count, as_moment(since))


def ideas_waiting(actor: Membership, *, today: date) -> list[Waiting]:
    """Return submissions to check and published ideas whose renewal nobody has answered."""
    seen = access.ideas_seen_by(actor)
    submitted = seen.where(Idea.status == IdeaStatus.SUBMITTED)
    overdue = sa.and_(Idea.status == IdeaStatus.PUBLISHED, Idea.review_by < today)
    renewals = seen.where(sa.or_(Idea.status == IdeaStatus.STALE, overdue))
    count = sa.func.count(Idea.id)
    return [
        one(
            Kind.IDEAS_TO_CHECK,
            submitted.with_only_columns(count, sa.func.min(Idea.status_at)),
        ),
        one(Kind.RENEWALS, renewals.with_only_columns(count, sa.func.min(Idea.review_by))),
    ]


def pairs_waiting(actor: Membership) -> list[Waiting]:
    """Return the pairs that wait for the office, by what they wait for."""
    seen = access.matches_seen_by(actor).where(Idea.status.in_(OPEN))
    columns = (sa.func.count(Match.id), sa.func.min(Match.status_at))
    by_status = seen.where(Match.status.in_(OF_STATUS)).with_only_columns(
        Match.status, *columns, maintain_column_froms=True
    )
    suggested = seen.where(shortlist.worth_a_look(actor)).with_only_columns(
        *columns, maintain_column_froms=True
    )
    rows = [
        Waiting(OF_STATUS[status], count, since)
        for status, count, since in db.session.execute(by_status.group_by(Match.status))
    ]
    asked = seen.where(Match.seconding_act.is_not(None)).with_only_columns(
        sa.func.count(Match.id), sa.func.min(Match.seconding_at), maintain_column_froms=True
    )
    return [one(Kind.PAIRS_TO_RELEASE, suggested), *rows, one(Kind.SECONDING, asked)]


def follow_ups_waiting(actor: Membership, *, today: date) -> list[Waiting]:
    """Return introduced pairs and lines of the donors' log whose next contact is due."""
    pairs = access.matches_seen_by(actor).where(
        Match.status.in_([MatchStatus.INTRODUCED, MatchStatus.IN_TALKS]),
        Match.next_contact_on <= today,
    )
    notes = sa.select(sa.func.count(ContactNote.id), sa.func.min(ContactNote.due_on)).where(
        ContactNote.due_on <= today,
        ContactNote.done_at.is_(None),
        ContactNote.match_id.is_(None),
        ContactNote.organisation_id.not_in(access.conflicting_organisations(actor.user_id)),
    )
    counted = pairs.with_only_columns(
        sa.func.count(Match.id), sa.func.min(Match.next_contact_on), maintain_column_froms=True
    )
    return [one(Kind.FOLLOW_UPS, counted), one(Kind.CONTACTS_DUE, notes)]


def profiles_waiting(actor: Membership, *, today: date) -> list[Waiting]:
    """Return donors' proposals to verify and profiles past their day of review."""
    conflicts = access.conflicting_organisations(actor.user_id)
    proposals = (
        sa.select(sa.func.count(ProfileRevision.id), sa.func.min(ProfileRevision.proposed_at))
        .join(Profile, Profile.id == ProfileRevision.profile_id)
        .where(
            ProfileRevision.status == ProposalStatus.PROPOSED,
            Profile.organisation_id.not_in(conflicts),
        )
    )
    stale = sa.select(sa.func.count(Profile.id), sa.func.min(Profile.review_by)).where(
        Profile.review_by < today,
        sa.not_(Profile.ended),
        sa.or_(Profile.closes_on.is_(None), Profile.closes_on >= today),
        Profile.organisation_id.not_in(conflicts),
    )
    return [one(Kind.PROPOSALS, proposals), one(Kind.STALE_PROFILES, stale)]


def others_waiting(actor: Membership) -> list[Waiting]:
    """Return requests for access and letters that could not be sent."""
    requests = sa.select(
        sa.func.count(AccessRequest.id), sa.func.min(AccessRequest.created_at)
    ).where(AccessRequest.status == AccessRequestStatus.REQUESTED)
    failed = letters.letters(actor).where(Job.status == JobStatus.FAILED)
    failed_since = failed.with_only_columns(sa.func.count(Job.id), sa.func.min(Job.created_at))
    return [one(Kind.ACCESS_REQUESTS, requests), one(Kind.FAILED_LETTERS, failed_since)]


def last_run() -> MatchRun | None:
    """Return the latest matching run, whatever became of it."""
    return db.session.scalars(sa.select(MatchRun).order_by(MatchRun.id.desc()).limit(1)).first()
