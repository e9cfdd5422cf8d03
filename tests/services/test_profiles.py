"""Profiles: who may write what, what is refused, how a wording comes in force and grows old."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.job import Job
from matcher.models.match import Match, MatchEvent, MatchStatus
from matcher.models.organisation import OrganisationKind
from matcher.models.profile import CallState, ProfileKind, ProposalStatus
from matcher.models.user import Conflict, Role
from matcher.services import freshness, profile_content, profiles
from matcher.services.freshness import Freshness
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")
TODAY = date(2026, 11, 22)
CALL = {
    "title_en": "Water for hospitals",
    "text_en": "Wells and pumps for hospitals near the front.",
    "sectors": ["140"],
    "sdgs": [6],
    "amount_min": Decimal(20000),
    "amount_max": Decimal(150000),
    "currency": "EUR",
    "own_share_min_pct": Decimal("12.5"),
    "opens_on": date(2026, 11, 1),
    "closes_on": date(2026, 12, 31),
}


def content_of(profile: Any, **changes: Any) -> dict[str, Any]:
    """Return what is in force, with changes."""
    return {**profile_content.content_of(profile), **changes}


def propose(actor: Any, profile: Any, **changes: Any) -> Any:
    """Send a wording of a profile with some fields changed."""
    content = content_of(profile, **changes)
    return profiles.propose(actor, profile.id, content, now=NOW, today=TODAY)


def create(actor: Any, donor: Any, **changes: Any) -> Any:
    """Enter a call with some fields changed."""
    content = {**CALL, **changes}
    return profiles.create_profile(actor, donor.id, ProfileKind.CALL, content, now=NOW, today=TODAY)


def letters_of(kind: str) -> list[Job]:
    """Return the queued letters of a kind."""
    return [job for job in db.session.scalars(sa.select(Job)) if job.payload["letter"] == kind]


def test_what_the_office_enters_is_in_force_at_once_and_for_a_year() -> None:
    staff = factories.seat(Role.STAFF)
    call = create(staff, factories.organisation(OrganisationKind.DONOR))
    assert (call.revision, call.verified_on, call.verified_by_id) == (1, TODAY, staff.user_id)
    assert call.review_by == TODAY + timedelta(days=365)
    assert (call.amount_min, call.own_share_min_pct) == (Decimal(20000), Decimal("12.5"))
    assert call.closes_on == date(2026, 12, 31)
    assert call.revisions[0].content["closes_on"] == "2026-12-31"
    assert call.revisions[0].status is ProposalStatus.VERIFIED


def test_the_same_form_sent_twice_makes_one_profile() -> None:
    staff = factories.seat(Role.STAFF)
    donor = factories.organisation(OrganisationKind.DONOR)
    made = {
        profiles.create_profile(
            staff, donor.id, ProfileKind.CALL, CALL, now=NOW, today=TODAY, key="k1"
        ).id
        for _ in range(2)
    }
    assert len(made) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title_en": " "}, "profile_title"),
        ({"text_en": ""}, "profile_text"),
        ({"amount_min": Decimal(200000)}, "range_order"),
        ({"amount_min": Decimal(-1)}, "sum_positive"),
        ({"currency": None}, "currency_missing"),
        ({"currency": "RUB"}, "currency_missing"),
        ({"closes_on": date(2026, 10, 1)}, "dates_order"),
        ({"sectors": ["999"]}, "unknown_code"),
        ({"sdgs": [18]}, "unknown_code"),
        ({"clusters": ["NOPE"]}, "unknown_code"),
        ({"applicant_types": ["alien"]}, "unknown_code"),
        ({"sectors_excluded": ["140"]}, "sector_both"),
        ({"statuses_required": ["none"], "statuses_excluded": ["none"]}, "status_both"),
        ({"own_share_min_pct": Decimal(101)}, "share_percent"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"title_en": "x" * 201}, "text_long"),
    ],
)
def test_a_wording_that_contradicts_itself_is_refused(changes: dict[str, Any], code: str) -> None:
    staff = factories.seat(Role.STAFF)
    with pytest.raises(Invalid) as refused:
        create(staff, factories.organisation(OrganisationKind.DONOR), **changes)
    assert refused.value.code == code
    assert refused.value.details["field"]


def test_standing_priorities_have_no_dates() -> None:
    staff, donor = factories.seat(Role.STAFF), factories.organisation(OrganisationKind.DONOR)
    with pytest.raises(Invalid, match="dates_standing"):
        profiles.create_profile(staff, donor.id, ProfileKind.STANDING, CALL, now=NOW, today=TODAY)


def test_only_the_office_enters_profiles_and_only_for_donors() -> None:
    seat = factories.seat(Role.DONOR)
    with pytest.raises(NotAllowed):
        create(seat, seat.organisation)
    with pytest.raises(NotFound):
        create(factories.seat(Role.STAFF), factories.organisation())


def test_a_donors_wording_waits_and_changes_nothing_until_it_is_verified() -> None:
    seat, staff = factories.seat(Role.DONOR), factories.seat(Role.STAFF)
    profile = factories.profile(seat.organisation)
    revision = propose(seat, profile, title_en="Safe water and heat")
    assert (revision.number, revision.status) == (2, ProposalStatus.PROPOSED)
    assert (profile.title_en, profile.revision) == ("Safe water", 1)
    assert len(letters_of("profile_proposed")) == 1
    profiles.decide_proposal(staff, revision.id, ProposalStatus.VERIFIED, now=NOW, today=TODAY)
    assert (profile.title_en, profile.revision) == ("Safe water and heat", 2)
    assert (profile.verified_on, profile.verified_by_id) == (TODAY, staff.user_id)
    assert [job.recipient_id for job in letters_of("profile_decided")] == [seat.user_id]


def test_the_office_changes_a_profile_at_once() -> None:
    profile = factories.profile()
    revision = propose(factories.seat(Role.STAFF), profile, amount_min="5000", currency="EUR")
    assert revision.status is ProposalStatus.VERIFIED
    assert (profile.revision, profile.amount_min) == (2, Decimal(5000))


def test_saving_without_a_change_verifies_and_makes_no_wording() -> None:
    profile = factories.profile(review_by=date(2026, 1, 1))
    propose(factories.seat(Role.STAFF), profile)
    assert profile.revision == 1
    assert len(profile.revisions) == 1
    assert profile.review_by == TODAY + timedelta(days=365)


def test_a_newer_proposal_takes_the_place_of_one_that_waits() -> None:
    seat = factories.seat(Role.DONOR)
    profile = factories.profile(seat.organisation)
    first = propose(seat, profile, title_en="One")
    second = propose(seat, profile, title_en="Two")
    assert profiles.was_replaced(first)
    assert profiles.find_proposal(profile) is second
    with pytest.raises(WrongState, match="proposal_decided"):
        profiles.decide_proposal(
            factories.seat(Role.STAFF), first.id, ProposalStatus.VERIFIED, now=NOW, today=TODAY
        )


def test_numbers_grow_even_when_a_waiting_wording_is_verified_late() -> None:
    seat, staff = factories.seat(Role.DONOR), factories.seat(Role.STAFF)
    profile = factories.profile(seat.organisation)
    waiting = propose(seat, profile, title_en="The donor's words")
    propose(staff, profile, title_en="The office's words")
    assert profile.revision == 3
    profiles.decide_proposal(staff, waiting.id, ProposalStatus.VERIFIED, now=NOW, today=TODAY)
    assert profile.revision == waiting.number == 4
    assert profile.title_en == "The donor's words"


def test_declining_needs_a_word_and_leaves_the_old_wording() -> None:
    seat, staff = factories.seat(Role.DONOR), factories.seat(Role.STAFF)
    profile = factories.profile(seat.organisation)
    waiting = propose(seat, profile, title_en="Everything")
    for note in ("", "  "):
        with pytest.raises(Invalid, match="reason_text"):
            profiles.decide_proposal(
                staff, waiting.id, ProposalStatus.DECLINED, note=note, now=NOW, today=TODAY
            )
    profiles.decide_proposal(
        staff, waiting.id, ProposalStatus.DECLINED, note="Too wide.", now=NOW, today=TODAY
    )
    assert (profile.title_en, waiting.note) == ("Safe water", "Too wide.")
    assert not profiles.was_replaced(waiting)
    assert len(letters_of("profile_decided")) == 1


def test_only_the_office_decides_about_a_proposal() -> None:
    seat = factories.seat(Role.DONOR)
    waiting = propose(seat, factories.profile(seat.organisation), title_en="New")
    with pytest.raises(NotAllowed):
        profiles.decide_proposal(seat, waiting.id, ProposalStatus.VERIFIED, now=NOW, today=TODAY)
    with pytest.raises(NotFound):
        profiles.decide_proposal(
            factories.seat(Role.LEAD), 999, ProposalStatus.VERIFIED, now=NOW, today=TODAY
        )


def test_a_donor_sees_and_changes_its_own_profiles_alone() -> None:
    seat = factories.seat(Role.DONOR)
    own, foreign = factories.profile(seat.organisation), factories.profile()
    rows = profiles.list_profiles(seat, today=TODAY)
    assert [row.profile for row in rows] == [own]
    with pytest.raises(NotFound):
        profiles.get_profile(seat, foreign.id)
    with pytest.raises(NotFound):
        propose(seat, foreign, title_en="Mine")


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.ADMIN])
def test_others_see_no_profile(role: Role) -> None:
    profile = factories.profile()
    seat = factories.seat(role)
    with pytest.raises(NotFound):
        profiles.get_profile(seat, profile.id)
    with pytest.raises(NotAllowed):
        profiles.list_profiles(seat, today=TODAY)


@pytest.mark.parametrize("role", [Role.STAFF, Role.LEAD])
def test_an_interest_hides_the_donors_profiles_from_everybody_in_the_office(role: Role) -> None:
    seat, profile = factories.seat(role), factories.profile()
    conflict = Conflict(
        user_id=seat.user_id,
        organisation_id=profile.organisation_id,
        declared_by_id=seat.user_id,
        created_at=NOW,
    )
    factories.add(conflict)
    assert profiles.list_profiles(seat, today=TODAY) == []
    for act in (
        lambda: profiles.get_profile(seat, profile.id),
        lambda: propose(seat, profile, title_en="Mine"),
        lambda: profiles.verify(seat, profile.id, now=NOW, today=TODAY),
        lambda: profiles.end_profile(seat, profile.id, now=NOW),
        lambda: create(seat, profile.organisation),
    ):
        with pytest.raises(NotFound):
            act()
    conflict.ended_at = NOW
    assert profiles.get_profile(seat, profile.id) is profile


def test_somebody_elses_change_is_not_overwritten() -> None:
    staff, profile = factories.seat(Role.STAFF), factories.profile()
    seen = profile.version
    propose(staff, profile, title_en="First")
    with pytest.raises(Stale):
        profiles.propose(staff, profile.id, content_of(profile), now=NOW, today=TODAY, version=seen)


def test_verifying_starts_a_new_year() -> None:
    profile = factories.profile(review_by=date(2026, 1, 1))
    assert freshness.freshness(profile, today=TODAY) is Freshness.HIDDEN
    profiles.verify(factories.seat(Role.STAFF), profile.id, now=NOW, today=TODAY)
    assert freshness.freshness(profile, today=TODAY) is Freshness.FRESH
    assert profile.revision == 1


def test_an_ended_programme_lapses_what_was_not_approved_and_takes_no_more_words() -> None:
    donor, staff = factories.seat(Role.DONOR), factories.seat(Role.STAFF)
    profile = factories.profile(donor.organisation)
    waiting = propose(donor, profile, title_en="New")
    suggested = factories.match(profile_row=profile).id
    released = factories.match(profile_row=profile, status=MatchStatus.RELEASED)
    approved = factories.match(profile_row=profile, status=MatchStatus.APPROVED)
    profiles.end_profile(staff, profile.id, now=NOW)
    assert db.session.get(Match, suggested) is None
    assert (released.status, approved.status) == (MatchStatus.LAPSED, MatchStatus.APPROVED)
    assert waiting.status is ProposalStatus.DECLINED
    assert len(letters_of("match_lapsed")) == 2
    with pytest.raises(WrongState, match="profile_closed"):
        propose(donor, profile, title_en="Once more")
    with pytest.raises(WrongState):
        profiles.end_profile(staff, profile.id, now=NOW)
    assert db.session.scalars(sa.select(MatchEvent.act)).all() == ["lapse"]


def test_a_list_puts_the_next_deadline_first_and_what_is_over_last() -> None:
    staff, donor = factories.seat(Role.STAFF), factories.organisation(OrganisationKind.DONOR)
    late = create(staff, donor, closes_on=date(2027, 2, 1))
    soon = create(staff, donor, closes_on=date(2026, 11, 22))
    over = create(staff, donor, closes_on=date(2026, 11, 21))
    standing = factories.profile(donor)
    rows = profiles.list_profiles(staff, today=TODAY)
    assert [row.profile for row in rows] == [soon, late, standing, over]
    states = [row.state for row in rows]
    assert states == [CallState.OPEN, CallState.OPEN, None, CallState.CLOSED]


def test_the_trail_holds_names_of_fields_and_no_text() -> None:
    seat = factories.seat(Role.DONOR)
    profile = factories.profile(seat.organisation)
    waiting = propose(seat, profile, text_en="A secret plan in words")
    profiles.decide_proposal(
        factories.seat(Role.STAFF), waiting.id, ProposalStatus.VERIFIED, now=NOW, today=TODAY
    )
    events = db.session.scalars(sa.select(AuditEvent)).all()
    assert {event.act for event in events} >= {"profile.proposed", "profile.verified"}
    assert all("secret" not in f"{event.old}{event.new}" for event in events)
    assert any(event.new.get("fields") == ["text_en"] for event in events)
