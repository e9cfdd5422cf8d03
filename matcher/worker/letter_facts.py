"""What a letter may say to its recipient, found anew at sending with the rights of that moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matcher.errors import MatcherError, NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, Sensitivity
from matcher.models.match import Match, Question
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile, ProfileRevision, ProposalStatus
from matcher.models.user import AccessRequest, Membership, OneTimeLink, User
from matcher.services import access, decisions, questions, sessions, upkeep
from matcher.web import clock
from matcher.worker.letter_kinds import ROLES, About, Kind, Side, is_too_late


class NotForThem(MatcherError):
    """The recipient has no right to this letter any more, or it has come too late."""


@dataclass
class Facts:
    """The rows that a letter speaks of; those it does not speak of are None."""

    recipient: User
    side: Side | None = None
    seat: Membership | None = None
    idea: Idea | None = None
    match: Match | None = None
    question: Question | None = None
    profile: Profile | None = None
    revision: ProfileRevision | None = None
    request: AccessRequest | None = None
    link: OneTimeLink | None = None
    overdue: int = 0

    @property
    def language(self) -> Language:
        """The language the recipient reads letters in."""
        return self.recipient.language


def gather(kind: Kind, recipient: User, payload: Mapping[str, Any], *, now: datetime) -> Facts:
    """Return what the letter is about; raises NotForThem."""
    if recipient.is_locked or recipient.left_at is not None:
        raise NotForThem("no_account")
    facts = Facts(recipient)
    if kind.link is not None:
        facts.link = get_link(kind, recipient, payload, now=now)
    FINDERS[kind.about](kind, facts, payload)
    if kind.about is About.OFFICE:
        today = now.astimezone(clock.KYIV).date()
        facts.overdue = upkeep.count_overdue_profiles(today=today)
        if not facts.overdue:
            raise NotForThem("too_late")
    if is_too_late(kind, facts.idea, facts.match):
        raise NotForThem("too_late")
    return facts


def get_link(
    kind: Kind, recipient: User, payload: Mapping[str, Any], *, now: datetime
) -> OneTimeLink:
    """Return the recipient's own unused link of the right purpose."""
    link = db.session.get(OneTimeLink, payload.get("link_id", 0))
    if link is None or link.user_id != recipient.id or link.purpose is not kind.link:
        raise NotForThem("no_link")
    if link.used_at is not None or now >= link.expires_at:
        raise NotForThem("no_link")
    return link


def seats_for(kind: Kind, recipient: User) -> list[tuple[Side, Membership]]:
    """Return the seats in which the recipient may get a letter of this kind."""
    found = [
        (side, seat)
        for side in kind.sides
        for seat in sessions.active_seats(recipient)
        if seat.role in ROLES[side] and (kind.roles is None or seat.role in kind.roles)
    ]
    if not found:
        raise NotForThem("no_right")
    return found


def find_account(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """The letter concerns nothing but the account, which is open."""


def find_own_seat(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """Find the recipient's own seat, which still holds."""
    for seat in sessions.active_seats(facts.recipient):
        if seat.id == payload.get("membership_id"):
            facts.seat = seat
            return
    raise NotForThem("no_right")


def find_request(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """Find a request for access that waits for a decision."""
    facts.side, facts.seat = seats_for(kind, facts.recipient)[0]
    facts.request = db.session.get(AccessRequest, payload.get("request_id", 0))
    if facts.request is None or facts.request.decided_at is not None:
        raise NotForThem("too_late")


def find_office(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """The letter concerns the office as a whole."""
    facts.side, facts.seat = seats_for(kind, facts.recipient)[0]


def find_idea(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """Find the idea through the first seat that sees it; a community's own, not a partner's."""
    idea_id = facts.link.subject_id if facts.link is not None else payload.get("idea_id")
    for side, seat in seats_for(kind, facts.recipient):
        statement = access.ideas_seen_by(seat).where(Idea.id == idea_id)
        idea = db.session.scalars(statement).one_or_none()
        if idea is None:
            continue
        if side is Side.COMMUNITY and idea.organisation_id != seat.organisation_id:
            continue
        facts.side, facts.seat, facts.idea = side, seat, idea
        return
    raise NotForThem("no_right")


def find_match(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """Find the pair through the first seat that sees it; a community's own, not a partner's."""
    for side, seat in seats_for(kind, facts.recipient):
        statement = access.matches_seen_by(seat).where(Match.id == payload.get("match_id"))
        match = db.session.scalars(statement).one_or_none()
        if match is None:
            continue
        if side is Side.COMMUNITY and match.idea.organisation_id != seat.organisation_id:
            continue
        facts.side, facts.seat, facts.match, facts.idea = side, seat, match, match.idea
        facts.profile = match.profile
        return
    raise NotForThem("no_right")


def find_question(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """Find the question on a pair that the recipient sees."""
    find_match(kind, facts, payload)
    assert facts.seat is not None
    try:
        facts.question = questions.get_question(facts.seat, int(payload.get("question_id", 0)))
    except NotFound as error:
        raise NotForThem("no_right") from error
    wants_answer = facts.side is Side.COMMUNITY
    if wants_answer and facts.question.answered_at is not None:
        raise NotForThem("too_late")


def find_profile(kind: Kind, facts: Facts, payload: Mapping[str, Any]) -> None:
    """Find the profile: the office sees all but those of a conflict, donors their own."""
    profile = db.session.get(Profile, payload.get("profile_id", 0))
    if profile is None:
        raise NotForThem("no_right")
    for side, seat in seats_for(kind, facts.recipient):
        if may_see_profile(side, seat, profile):
            facts.side, facts.seat, facts.profile = side, seat, profile
            facts.revision = latest_decision(profile)
            return
    raise NotForThem("no_right")


def may_see_profile(side: Side, seat: Membership, profile: Profile) -> bool:
    """Tell whether this seat may hear of the profile."""
    if side is Side.DONOR:
        return profile.organisation_id == seat.organisation_id
    conflicts = access.conflicting_organisations(seat.user_id)
    statement = sa.select(Organisation.id).where(
        Organisation.id == profile.organisation_id, Organisation.id.in_(conflicts)
    )
    return db.session.scalars(statement).first() is None


def latest_decision(profile: Profile) -> ProfileRevision | None:
    """Return the proposal that was decided last."""
    decided = [
        row
        for row in profile.revisions
        if row.status is not ProposalStatus.PROPOSED and row.decided_at is not None
    ]
    return max(decided, key=lambda row: (row.decided_at, row.number), default=None)


FINDERS = {
    About.ACCOUNT: find_account,
    About.SEAT: find_own_seat,
    About.REQUEST: find_request,
    About.OFFICE: find_office,
    About.IDEA: find_idea,
    About.MATCH: find_match,
    About.QUESTION: find_question,
    About.PROFILE: find_profile,
}


# Names that a letter may use


def name_of_idea(facts: Facts) -> str:
    """Return how the recipient may hear the idea called.

    Donors hear the words that staff have confirmed for them. A restricted idea is a bare
    number in every letter: mailboxes are taken more easily than accounts.
    """
    idea = facts.idea
    if idea is None:
        return ""
    title = idea.title
    if facts.side is Side.DONOR:
        reads = [facts.language, facts.match.profile.organisation.reads if facts.match else None]
        texts = [decisions.find_release_text(idea, lang) for lang in reads if lang is not None]
        title = next((text.title for text in texts if text is not None), "")
    if idea.sensitivity is Sensitivity.RESTRICTED or not title:
        return idea.code
    quoted = f"«{title}»" if facts.language is Language.UK else f"“{title}”"
    return f"{quoted} ({idea.code})"


def in_language(row: Any, name: str, language: Language) -> str:
    """Return a bilingual column in the reader's language, else in the other one."""
    texts = {code: getattr(row, f"{name}_{code.value}") for code in Language}
    return texts[language] or next(iter(filter(None, texts.values())), "")
