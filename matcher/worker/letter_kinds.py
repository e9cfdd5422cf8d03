"""The table of letters: whom each is for, what it is about, where it leads, when it is too late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from matcher.models.idea import Idea, IdeaStatus
from matcher.models.match import Match, MatchStatus
from matcher.models.user import LinkPurpose, Role
from matcher.services import access, decisions, following


class Side(StrEnum):
    """In what capacity somebody gets a letter."""

    OFFICE = "office"
    COMMUNITY = "community"
    DONOR = "donor"


class About(StrEnum):
    """What a letter is about; this decides which right is checked."""

    ACCOUNT = "account"
    SEAT = "seat"
    REQUEST = "request"
    IDEA = "idea"
    MATCH = "match"
    QUESTION = "question"
    PROFILE = "profile"
    OFFICE = "office"


ROLES: Mapping[Side, frozenset[Role]] = MappingProxyType(
    {
        Side.OFFICE: access.OFFICE,
        Side.COMMUNITY: access.AUTHORS,
        Side.DONOR: frozenset({Role.DONOR}),
    }
)
IDEA_PAGES = {Side.OFFICE: "staff.view_idea", Side.COMMUNITY: "community.view_idea"}
MATCH_PAGES = {
    Side.OFFICE: "staff.view_match",
    Side.COMMUNITY: "community.view_match",
    Side.DONOR: "donor.view_match",
}
PROFILE_PAGES = {Side.OFFICE: "staff.view_profile", Side.DONOR: "donor.edit_profile"}
OFFICE_SIDE = (Side.OFFICE,)
COMMUNITY_SIDE = (Side.COMMUNITY,)
DONOR_SIDE = (Side.DONOR,)
BOTH_SIDES = (Side.COMMUNITY, Side.DONOR)


@dataclass(frozen=True)
class Kind:
    """One kind of letter; its templates bear its name.

    ``page`` is the one endpoint it leads to, or one for each side. ``roles`` narrows the
    seats of the side. ``states`` are those of the idea or pair in which it still makes
    sense; none means all. ``answered`` tells that what it asks for was done meanwhile.
    """

    about: About
    page: str | Mapping[Side, str]
    sides: tuple[Side, ...] = ()
    roles: frozenset[Role] | None = None
    states: frozenset[str] = frozenset()
    link: LinkPurpose | None = None
    answered: Callable[[Idea], bool] = field(default=lambda _idea: False)


def idea_kind(
    sides: tuple[Side, ...], *states: IdeaStatus, roles: frozenset[Role] | None = None
) -> Kind:
    """Return a letter about an idea."""
    return Kind(About.IDEA, IDEA_PAGES, sides, roles=roles, states=frozenset(states))


def match_kind(sides: tuple[Side, ...], *states: MatchStatus) -> Kind:
    """Return a letter about a pair."""
    return Kind(About.MATCH, MATCH_PAGES, sides, states=frozenset(states))


def question_kind(sides: tuple[Side, ...]) -> Kind:
    """Return a letter about a question on a pair."""
    return Kind(About.QUESTION, MATCH_PAGES, sides)


def is_confirmed(idea: Idea) -> bool:
    """Tell whether the idea's current revision was confirmed meanwhile."""
    return decisions.find_confirmation(idea) is not None


S = MatchStatus
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "invitation": Kind(About.ACCOUNT, "auth.accept_invitation", link=LinkPurpose.INVITATION),
        "password_reset": Kind(
            About.ACCOUNT, "auth.reset_password", link=LinkPurpose.PASSWORD_RESET
        ),
        "password_changed": Kind(About.ACCOUNT, "auth.forgot_password"),
        "seat_added": Kind(About.SEAT, "auth.sign_in"),
        "access_requested": Kind(About.REQUEST, "staff.list_access_requests", OFFICE_SIDE),
        "idea_submitted": idea_kind(OFFICE_SIDE, IdeaStatus.SUBMITTED),
        "idea_revised": idea_kind(OFFICE_SIDE),
        "idea_confirmed": idea_kind(OFFICE_SIDE),
        "idea_awaits_signoff": idea_kind(
            COMMUNITY_SIDE, IdeaStatus.AWAITING_SIGNOFF, roles=frozenset({Role.HEAD})
        ),
        "idea_sent_back": idea_kind(COMMUNITY_SIDE),
        "idea_published": idea_kind(COMMUNITY_SIDE),
        "idea_returned": idea_kind(COMMUNITY_SIDE, IdeaStatus.CHANGES_REQUESTED),
        "idea_rejected": idea_kind(COMMUNITY_SIDE, IdeaStatus.REJECTED),
        "idea_renewal": idea_kind(COMMUNITY_SIDE, IdeaStatus.PUBLISHED),
        "idea_stale": idea_kind(COMMUNITY_SIDE, IdeaStatus.STALE),
        "idea_confirm_link": Kind(
            About.IDEA, "public.confirm_idea", COMMUNITY_SIDE, link=LinkPurpose.CONFIRM_IDEA
        ),
        # The button stands on the idea's page: one confirmation serves all its pairs.
        "confirmation_wanted": Kind(
            About.MATCH,
            IDEA_PAGES,
            COMMUNITY_SIDE,
            states=frozenset({S.INTERESTED}),
            answered=is_confirmed,
        ),
        "match_released": match_kind(DONOR_SIDE, S.RELEASED),
        "donor_interested": match_kind(OFFICE_SIDE),
        "donor_declined": match_kind(OFFICE_SIDE),
        "match_declined": match_kind(COMMUNITY_SIDE, S.DECLINED),
        "match_approved": match_kind(COMMUNITY_SIDE, S.APPROVED, *following.INTRODUCED),
        "match_refused": match_kind(BOTH_SIDES, S.REFUSED),
        "match_introduced": match_kind(BOTH_SIDES, *following.INTRODUCED),
        "match_lapsed": match_kind(BOTH_SIDES, S.LAPSED),
        # No question's id travels with the donor's question: it is found by its pair.
        "question_asked": match_kind(OFFICE_SIDE, S.QUESTION),
        "question_relayed": question_kind(COMMUNITY_SIDE),
        "question_answered": question_kind(OFFICE_SIDE),
        "answer_relayed": question_kind(DONOR_SIDE),
        "profile_proposed": Kind(About.PROFILE, PROFILE_PAGES, OFFICE_SIDE),
        "profile_decided": Kind(About.PROFILE, PROFILE_PAGES, DONOR_SIDE),
        "profiles_stale": Kind(About.OFFICE, "staff.list_donors", OFFICE_SIDE),
    }
)


def is_too_late(kind: Kind, idea: Idea | None, match: Match | None) -> bool:
    """Tell whether the idea or pair has moved on, so that the letter would only confuse."""
    row = match or idea
    if row is None:
        return False
    if kind.states and row.status not in kind.states:
        return True
    return idea is not None and kind.answered(idea)
