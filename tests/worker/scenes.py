"""One scene for each kind of letter: the rows it is about, who gets it, what is queued."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from matcher.models.codes import Language
from matcher.models.idea import IdeaStatus
from matcher.models.job import Job
from matcher.models.match import Match, MatchStatus, Question
from matcher.models.profile import ProfileRevision, ProposalStatus
from matcher.models.user import (
    AccessRequest,
    LinkPurpose,
    Membership,
    Role,
    User,
)
from matcher.services import links
from tests import factories
from tests.factories import NOW

TITLE_UK = "Нова свердловина для лікарні"
TITLE_EN = "A new well for the hospital"


@dataclass
class Scene:
    """Who gets the letter, and the ids that its job carries."""

    recipient: User
    payload: dict[str, Any] = field(default_factory=dict)
    seat: Membership | None = None
    match: Match | None = None
    says: str = ""


def queue(letter: str, scene: Scene) -> Job:
    """Queue the letter of a scene as a service would."""
    return factories.add(
        Job(
            kind="letter",
            payload={"letter": letter, **scene.payload},
            recipient_id=scene.recipient.id,
            not_before=NOW,
            created_at=NOW,
        )
    )


def person(language: Language) -> User:
    """Make a recipient who reads this language."""
    return factories.user(language=language)


def link_scene(purpose: LinkPurpose, language: Language) -> Scene:
    """Somebody with a seat gets a one-time link."""
    user = person(language)
    seat = factories.seat(Role.EDITOR, person=user)
    link, _secret = links.create(purpose, user, now=NOW, membership=seat)
    return Scene(user, {"link_id": link.id}, seat)


def seat_scene(language: Language) -> Scene:
    """Somebody with an account has got one more seat."""
    user = person(language)
    seat = factories.seat(Role.EDITOR, person=user)
    return Scene(user, {"membership_id": seat.id}, seat)


def office_scene(language: Language) -> Scene:
    """Somebody of the office gets a letter about the office's work: a profile is overdue."""
    factories.profile(review_by=NOW.date() - timedelta(days=1))
    user = person(language)
    return Scene(user, seat=factories.seat(Role.STAFF, person=user))


def request_scene(language: Language) -> Scene:
    """A request for access waits."""
    scene = office_scene(language)
    request = factories.add(
        AccessRequest(
            email="new@demo.example",
            name="N",
            post="P",
            language=Language.UK,
            role=Role.EDITOR,
            created_at=NOW,
        )
    )
    scene.payload = {"request_id": request.id}
    return scene


def idea_scene(status: IdeaStatus, role: Role, language: Language, **values: Any) -> Scene:
    """An idea is in a state; its author's side or the office is told."""
    user = person(language)
    author = factories.seat(Role.EDITOR if role is Role.STAFF else role)
    seat = factories.seat(role, None if role is Role.STAFF else author.organisation, user)
    idea = factories.idea(author, status=status)
    return Scene(user, {"idea_id": idea.id, **values}, seat, says=TITLE_UK)


def confirm_link_scene(language: Language) -> Scene:
    """The head of a community confirms by a link."""
    scene = idea_scene(IdeaStatus.PUBLISHED, Role.HEAD, language)
    link, _secret = links.create(
        LinkPurpose.CONFIRM_IDEA,
        scene.recipient,
        now=NOW,
        subject_id=scene.payload["idea_id"],
    )
    scene.payload["link_id"] = link.id
    return scene


def match_scene(status: MatchStatus, role: Role, language: Language) -> Scene:
    """A pair is in a state; one side or the office is told."""
    user = person(language)
    values: dict[str, Any] = {}
    if status is MatchStatus.FUNDED:
        values = {"funded_amount": 1, "funded_on": NOW.date()}
    match = factories.match(status=status, released_at=NOW - timedelta(days=3), **values)
    for language_of_text in Language:
        factories.release_text(match.idea, language_of_text)
    where = {
        Role.EDITOR: match.idea.organisation,
        Role.DONOR: match.profile.organisation,
        Role.STAFF: None,
    }[role]
    seat = factories.seat(role, where, user)
    english_donor = role is Role.DONOR and language is Language.EN
    says = TITLE_EN if english_donor else TITLE_UK
    return Scene(user, {"match_id": match.id, "idea_id": match.idea_id}, seat, match, says)


def question_scene(role: Role, language: Language, *, answered: bool = False) -> Scene:
    """A question on a pair was relayed, answered or both."""
    scene = match_scene(MatchStatus.QUESTION, role, language)
    question = factories.add(
        Question(
            match=scene.match,
            text="How deep?",
            language=Language.EN,
            asked_by_id=scene.recipient.id,
            asked_at=NOW,
            relayed_text="Яка глибина?",
            relayed_at=NOW,
            answer="40 м" if answered else "",
            answered_at=NOW if answered else None,
        )
    )
    scene.payload["question_id"] = question.id
    return scene


def profile_scene(role: Role, language: Language) -> Scene:
    """A change of a profile was proposed or decided."""
    user = person(language)
    profile = factories.profile()
    seat = factories.seat(role, profile.organisation if role is Role.DONOR else None, user)
    decided = role is Role.DONOR
    factories.add(
        ProfileRevision(
            profile=profile,
            number=2,
            content={},
            status=ProposalStatus.DECLINED if decided else ProposalStatus.PROPOSED,
            proposed_at=NOW,
            decided_at=NOW + timedelta(hours=1) if decided else None,
        )
    )
    return Scene(user, {"profile_id": profile.id}, seat)


S, M, L = IdeaStatus, MatchStatus, Language
SCENES: dict[str, Callable[[Language], Scene]] = {
    "invitation": lambda lang: link_scene(LinkPurpose.INVITATION, lang),
    "password_reset": lambda lang: link_scene(LinkPurpose.PASSWORD_RESET, lang),
    "password_changed": seat_scene,
    "seat_added": seat_scene,
    "access_requested": request_scene,
    "profiles_stale": office_scene,
    "idea_submitted": lambda lang: idea_scene(S.SUBMITTED, Role.STAFF, lang),
    "idea_revised": lambda lang: idea_scene(S.PUBLISHED, Role.STAFF, lang),
    "idea_confirmed": lambda lang: idea_scene(S.PUBLISHED, Role.STAFF, lang),
    "idea_awaits_signoff": lambda lang: idea_scene(S.AWAITING_SIGNOFF, Role.HEAD, lang),
    "idea_sent_back": lambda lang: idea_scene(S.DRAFT, Role.EDITOR, lang),
    "idea_published": lambda lang: idea_scene(S.PUBLISHED, Role.EDITOR, lang),
    "idea_returned": lambda lang: idea_scene(S.CHANGES_REQUESTED, Role.EDITOR, lang),
    "idea_rejected": lambda lang: idea_scene(S.REJECTED, Role.EDITOR, lang),
    "idea_renewal": lambda lang: idea_scene(S.PUBLISHED, Role.EDITOR, lang, time=3),
    "idea_stale": lambda lang: idea_scene(S.STALE, Role.EDITOR, lang),
    "idea_confirm_link": confirm_link_scene,
    "confirmation_wanted": lambda lang: match_scene(M.INTERESTED, Role.EDITOR, lang),
    "match_released": lambda lang: match_scene(M.RELEASED, Role.DONOR, lang),
    "donor_interested": lambda lang: match_scene(M.INTERESTED, Role.STAFF, lang),
    "donor_declined": lambda lang: match_scene(M.DECLINED, Role.STAFF, lang),
    "match_declined": lambda lang: match_scene(M.DECLINED, Role.EDITOR, lang),
    "match_approved": lambda lang: match_scene(M.APPROVED, Role.EDITOR, lang),
    "match_refused": lambda lang: match_scene(M.REFUSED, Role.DONOR, lang),
    "match_introduced": lambda lang: match_scene(M.INTRODUCED, Role.DONOR, lang),
    "match_lapsed": lambda lang: match_scene(M.LAPSED, Role.EDITOR, lang),
    "question_asked": lambda lang: match_scene(M.QUESTION, Role.STAFF, lang),
    "question_relayed": lambda lang: question_scene(Role.EDITOR, lang),
    "question_answered": lambda lang: question_scene(Role.STAFF, lang, answered=True),
    "answer_relayed": lambda lang: question_scene(Role.DONOR, lang, answered=True),
    "profile_proposed": lambda lang: profile_scene(Role.STAFF, lang),
    "profile_decided": lambda lang: profile_scene(Role.DONOR, lang),
}
