"""One call makes one row with all it needs; arguments replace what a test cares about."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from matcher.extensions import db
from matcher.models.codes import ApplicantType, Language, Readiness
from matcher.models.idea import CONTENT_FIELDS, Idea, IdeaRevision, IdeaStatus, ReleaseText
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import CommunityType, DonorKind, Organisation, OrganisationKind
from matcher.models.profile import (
    PROFILE_FIELDS,
    Profile,
    ProfileKind,
    ProfileRevision,
    ProposalStatus,
)
from matcher.models.user import LoginSession, Membership, Role, User
from matcher.services import audit, sessions

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NUMBERS = itertools.count(1)
KIND_OF_ROLE = {
    Role.EDITOR: OrganisationKind.COMMUNITY,
    Role.HEAD: OrganisationKind.COMMUNITY,
    Role.DONOR: OrganisationKind.DONOR,
}


def add(row: Any) -> Any:
    """Store a row so that it has an id."""
    db.session.add(row)
    db.session.flush()
    return row


def organisation(
    kind: OrganisationKind = OrganisationKind.COMMUNITY, **values: Any
) -> Organisation:
    """Make an organisation of a kind."""
    number = next(NUMBERS)
    defaults: dict[str, Any] = {
        "kind": kind,
        "name_uk": f"Організація {number}",
        "name_en": f"Organisation {number}",
        "created_at": NOW,
    }
    if kind is OrganisationKind.COMMUNITY:
        defaults |= {
            "katottg": f"UA59{number:015d}",
            "community_type": CommunityType.RURAL,
            "raion_code": "UA59080000000021865",
            "raion_uk": "Сумський район",
            "raion_en": "Sumskyi raion",
        }
    if kind is OrganisationKind.DONOR:
        defaults |= {"donor_kind": DonorKind.INGO, "reads": Language.EN}
    return add(Organisation(**(defaults | values)))


def user(**values: Any) -> User:
    """Make a person."""
    number = next(NUMBERS)
    defaults = {"email": f"person{number}@demo.example", "name": f"Person {number}"}
    return add(User(**({"created_at": NOW, **defaults} | values)))


def office() -> Organisation:
    """Return the office, made once."""
    row = db.session.query(Organisation).filter_by(kind=OrganisationKind.OFFICE).first()
    return row or organisation(OrganisationKind.OFFICE)


def seat(role: Role, where: Organisation | None = None, person: User | None = None) -> Membership:
    """Make a seat; without an organisation, a fitting one of its own."""
    if where is None:
        where = organisation(KIND_OF_ROLE[role]) if role in KIND_OF_ROLE else office()
    return add(Membership(user=person or user(), organisation=where, role=role, created_at=NOW))


def open_session(membership: Membership, *, now: datetime) -> tuple[LoginSession, str]:
    """Open a session that acts for this seat."""
    login, secret = sessions.open_session(membership.user, device="test", now=now)
    login.membership = membership
    db.session.flush()
    return login, secret


def idea(author: Membership | None = None, **values: Any) -> Idea:
    """Make an idea with one revision, published unless told otherwise."""
    author = author or seat(Role.EDITOR)
    number = next(NUMBERS)
    defaults: dict[str, Any] = {
        "code": f"TEST-{number}",
        "organisation": author.organisation,
        "created_by": author.user,
        "status": IdeaStatus.PUBLISHED,
        "status_at": NOW,
        "revision": 1,
        "title": "Нова свердловина для лікарні",
        "summary": "Лікарня лишилася без питної води; потрібні свердловина та насос.",
        "problem": "Після обстрілів мережа не працює.",
        "activities": "Пробурити свердловину, встановити насос.",
        "result": "Пацієнти матимуть чисту воду.",
        "title_en": "A new well for the hospital",
        "summary_en": "The hospital has no drinking water; it needs a well and a pump.",
        "sector": "140",
        "sdg": 6,
        "beneficiaries": 7400,
        "beneficiary_groups": ["patients"],
        "place_katottg": author.organisation.katottg,
        "amount": Decimal(85000),
        "currency": "EUR",
        "own_share_pct": Decimal(10),
        "duration_months": 8,
        "applicant_type": ApplicantType.COMMUNITY,
        "readiness": Readiness.CONCEPT,
        "review_by": (NOW + timedelta(days=90)).date(),
        "created_at": NOW,
        "updated_at": NOW,
    }
    row = add(Idea(**(defaults | values)))
    if row.revision:
        snapshot(row, author)
    return row


def snapshot(row: Idea, author: Membership) -> IdeaRevision:
    """Make the revision that the idea's number names."""
    content = {name: audit.plain(getattr(row, name)) for name in CONTENT_FIELDS}
    revision = IdeaRevision(
        idea=row,
        number=row.revision,
        content=content,
        created_by=author.user,
        created_at=NOW,
    )
    return add(revision)


def release_text(row: Idea, language: Language = Language.EN, **values: Any) -> ReleaseText:
    """Make a confirmed release text."""
    defaults: dict[str, Any] = {
        "idea": row,
        "language": language,
        "title": row.title_en if language is Language.EN else row.title,
        "summary": row.summary_en if language is Language.EN else row.summary,
        "revision": row.revision,
        "reviewed_by": user(),
        "reviewed_at": NOW,
    }
    return add(ReleaseText(**(defaults | values)))


def profile(donor: Organisation | None = None, **values: Any) -> Profile:
    """Make a verified profile of a donor with one revision."""
    defaults: dict[str, Any] = {
        "organisation": donor or organisation(OrganisationKind.DONOR),
        "kind": ProfileKind.STANDING,
        "title_uk": "Безпечна вода",
        "title_en": "Safe water",
        "text_uk": "Відновлення водопостачання лікарень і шкіл.",
        "text_en": "Restoring the water supply of hospitals and schools: wells, pumps, networks.",
        "revision": 1,
        "verified_on": date(2026, 11, 1),
        "review_by": date(2027, 11, 1),
        "created_at": NOW,
        "updated_at": NOW,
    }
    row = add(Profile(**(defaults | values)))
    add(
        ProfileRevision(
            profile=row,
            number=row.revision,
            content={name: audit.plain(getattr(row, name)) for name in PROFILE_FIELDS},
            status=ProposalStatus.VERIFIED,
            proposed_at=NOW,
            decided_at=NOW,
        )
    )
    return row


def match(idea_row: Idea | None = None, profile_row: Profile | None = None, **values: Any) -> Match:
    """Make a pair in a state; what the state presupposes has to be said by the test."""
    idea_row = idea_row or idea()
    profile_row = profile_row or profile()
    status = values.get("status", MatchStatus.SUGGESTED)
    defaults: dict[str, Any] = {
        "idea": idea_row,
        "profile": profile_row,
        "idea_revision": idea_row.revisions[-1],
        "profile_revision": profile_row.revisions[-1],
        "status": status,
        "status_at": NOW,
        "score": 0.5,
        "cosine": 0.6,
        "band": "strong",
        "rank_for_idea": 1,
        "rank_for_profile": 1,
        "created_at": NOW,
    }
    if status not in (MatchStatus.SUGGESTED, MatchStatus.DISMISSED):
        defaults |= {"released_at": NOW - timedelta(days=3)}
    return add(Match(**(defaults | values)))
