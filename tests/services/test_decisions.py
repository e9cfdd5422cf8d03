"""What the office decides: release, approval, two persons, conflicts, introduction, reopening."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Language, Reason
from matcher.models.idea import (
    Clearance,
    IdeaConfirmation,
    IdeaPartner,
    IdeaStatus,
    Sensitivity,
)
from matcher.models.job import Job
from matcher.models.match import FeedbackValue, MatchStatus
from matcher.models.organisation import ExchangeRate, OrganisationKind
from matcher.models.profile import ProfileKind
from matcher.models.user import Conflict, Role
from matcher.services import access, counting, decisions, settings
from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("session")
S = MatchStatus
TODAY = NOW.date()
LATER = NOW + timedelta(minutes=16)


def pair(status=S.SUGGESTED, *, text=True, confirmed=True, profile=None, released_by=None, **idea):
    """Make a pair that can be decided on, unless the arguments say otherwise."""
    row = factories.idea(**idea)
    if text:
        factories.release_text(row)
    if confirmed:
        confirm(row)
    more = {"released_by_id": released_by.user_id} if released_by else {}
    return factories.match(row, profile, status=status, **more)


def confirm(idea, revision=1):
    """Let somebody confirm a revision of the idea."""
    by_id = factories.user().id
    db.session.add(IdeaConfirmation(idea_id=idea.id, revision=revision, by_id=by_id, at=NOW))
    db.session.flush()


def clear(seat, idea):
    """Let a lead name this person for the idea."""
    lead = factories.seat(Role.LEAD)
    row = Clearance(idea_id=idea.id, user_id=seat.user_id, granted_at=NOW)
    row.granted_by_id = lead.user_id
    db.session.add(row)
    db.session.flush()
    return seat


def declare(seat, organisation, **values):
    """Declare a conflict of interest."""
    row = Conflict(user_id=seat.user_id, organisation_id=organisation.id, created_at=NOW, **values)
    row.declared_by_id = seat.user_id
    db.session.add(row)
    db.session.flush()


def release(actor, match):
    """Release the pair."""
    return decisions.release_match(actor, match.id, now=NOW, today=TODAY)


def approve(actor, match, now=NOW):
    """Approve the pair."""
    return decisions.approve_match(actor, match.id, now=now, today=TODAY)


def letters():
    """Return the kinds of letters that are queued."""
    return sorted(job.payload["letter"] for job in db.session.scalars(sa.select(Job)))


@pytest.fixture
def staff():
    """Return a staff seat."""
    return factories.seat(Role.STAFF)


# Release


def test_a_release_tells_the_donor_and_keeps_who_did_it(staff):
    match = pair()
    person = factories.seat(Role.DONOR, match.profile.organisation).user
    release(staff, match)
    assert match.status is S.RELEASED
    assert (match.released_at, match.released_by_id) == (NOW, staff.user_id)
    job = db.session.scalars(sa.select(Job)).one()
    assert (job.recipient_id, job.payload["letter"]) == (person.id, "match_released")
    assert job.payload == {"letter": "match_released", "match_id": match.id}


@pytest.mark.parametrize("status", [s for s in IdeaStatus if s is not IdeaStatus.PUBLISHED])
def test_only_published_ideas_are_released(staff, status):
    match = pair(status=S.SUGGESTED)
    match.idea.status = status
    with pytest.raises((WrongState, NotFound)):
        release(staff, match)
    assert match.status is S.SUGGESTED


def test_a_release_needs_a_confirmed_text_in_the_donors_language(staff):
    match = pair(text=False)
    with pytest.raises(WrongState, match="release_text_missing"):
        release(staff, match)
    factories.release_text(match.idea, Language.UK)
    db.session.expire_all()
    with pytest.raises(WrongState, match="release_text_missing"):
        release(staff, match)
    row = factories.release_text(match.idea, Language.EN, reviewed_at=None)
    db.session.expire_all()
    with pytest.raises(WrongState, match="release_text_missing"):
        release(staff, match)
    row.reviewed_at = NOW
    assert release(staff, match).status is S.RELEASED


def test_nothing_goes_to_a_closed_call_and_the_last_day_is_open(staff):
    call = factories.profile(kind=ProfileKind.CALL, closes_on=TODAY)
    assert release(staff, pair(profile=call)).status is S.RELEASED
    over = factories.profile(kind=ProfileKind.CALL, closes_on=TODAY - timedelta(days=1))
    with pytest.raises(WrongState, match="profile_closed"):
        release(staff, pair(profile=over))
    with pytest.raises(WrongState, match="profile_closed"):
        release(staff, pair(profile=factories.profile(ended=True)))


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_the_office_alone_decides(role):
    match, actor = pair(), factories.seat(role, factories.office() if role is Role.ADMIN else None)
    for do in (
        lambda: release(actor, match),
        lambda: decisions.dismiss_match(actor, match.id, Reason.CAPACITY, now=NOW),
        lambda: approve(actor, match),
        lambda: decisions.refuse_match(actor, match.id, Reason.CAPACITY, now=NOW),
        lambda: decisions.introduce_match(actor, match.id, now=NOW),
        lambda: decisions.reopen_match(actor, match.id, "слова", now=NOW),
        lambda: decisions.take_back_match(actor, match.id, now=NOW),
        lambda: decisions.snooze_match(actor, match.id, TODAY, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            do()


def test_another_reason_needs_words(staff):
    with pytest.raises(Invalid, match="reason_text"):
        decisions.dismiss_match(staff, pair().id, Reason.OTHER, now=NOW, note="  ")
    with pytest.raises(Invalid, match="reason_text"):
        decisions.refuse_match(staff, pair(S.INTERESTED).id, Reason.OTHER, now=NOW)
    decisions.dismiss_match(staff, pair().id, Reason.OTHER, now=NOW, note="дубль")


def test_many_at_once_each_stands_for_itself(staff):
    good, bad, closed = pair(), pair(text=False), pair(S.DECLINED)
    done, refused = decisions.decide_many(
        staff, [bad.id, good.id, closed.id, 99_999], "release", now=NOW, today=TODAY
    )
    assert [match.id for match in done] == [good.id]
    assert [(row[0], row[1].code) for row in refused] == [
        (bad.id, "release_text_missing"),
        (closed.id, "move"),
        (99_999, "match"),
    ]
    assert (good.status, bad.status, closed.status) == (S.RELEASED, S.SUGGESTED, S.DECLINED)


def test_many_are_dismissed_only_with_a_reason(staff):
    match = pair()
    _done, refused = decisions.decide_many(staff, [match.id], "dismiss", now=NOW, today=TODAY)
    assert refused[0][1].code == "reason"
    done, _refused = decisions.decide_many(
        staff, [match.id], "dismiss", now=NOW, today=TODAY, reason=Reason.CAPACITY
    )
    assert done[0].status is S.DISMISSED


# Approval


def test_an_approval_needs_the_confirmation_of_the_current_revision(staff):
    match = pair(S.INTERESTED, confirmed=False)
    with pytest.raises(WrongState, match="not_confirmed"):
        approve(staff, match)
    confirm(match.idea, revision=1)
    match.idea.revision = 2
    with pytest.raises(WrongState, match="not_confirmed"):
        approve(staff, match)
    confirm(match.idea, revision=2)
    assert approve(staff, match).status is S.APPROVED


def test_an_idea_on_hold_is_not_approved(staff):
    match = pair(S.INTERESTED)
    match.idea.status = IdeaStatus.ON_HOLD
    with pytest.raises(WrongState, match="not_published"):
        approve(staff, match)


def test_an_approval_tells_the_community_after_the_window(staff):
    match = pair(S.INTERESTED)
    approve(staff, match)
    assert {job.not_before for job in db.session.scalars(sa.select(Job))} == {
        NOW + timedelta(minutes=15)
    }
    assert letters() == ["match_approved"]


def test_an_unknown_amount_is_asked_for(staff):
    with pytest.raises(Invalid, match="amount_unknown"):
        approve(staff, pair(S.INTERESTED, amount=None, currency=None))


def test_above_the_limit_the_approver_is_not_the_releaser(staff):
    limit = pair(S.INTERESTED, amount=Decimal(100_000), released_by=staff)
    assert approve(staff, limit).status is S.APPROVED
    above = pair(S.INTERESTED, amount=Decimal("100000.01"), released_by=staff)
    with pytest.raises(NotAllowed, match="same_person"):
        approve(staff, above)
    assert approve(factories.seat(Role.STAFF), above).status is S.APPROVED


def test_the_limit_is_compared_at_the_dated_rate(staff):
    for day, uah in ((date(2026, 1, 1), 40), (TODAY, 50), (TODAY + timedelta(days=1), 90)):
        db.session.add(ExchangeRate(currency="EUR", day=day, uah=Decimal(uah)))
    db.session.flush()
    small = pair(S.INTERESTED, amount=Decimal(5_000_000), currency="UAH", released_by=staff)
    assert approve(staff, small).status is S.APPROVED
    large = pair(S.INTERESTED, amount=Decimal(5_000_001), currency="UAH", released_by=staff)
    with pytest.raises(NotAllowed, match="same_person"):
        approve(staff, large)


def test_a_missing_rate_is_asked_for(staff):
    with pytest.raises(Invalid, match="rate_missing"):
        approve(staff, pair(S.INTERESTED, amount=Decimal(5), currency="UAH"))


def test_the_limit_is_a_setting(staff):
    settings.write("four_eyes_above", "10")
    with pytest.raises(NotAllowed, match="same_person"):
        approve(staff, pair(S.INTERESTED, released_by=staff))


# Two persons

COMBINATIONS = [
    ("lead", "lead", None),
    ("lead", "cleared", None),
    ("cleared", "lead", None),
    ("cleared", "cleared", "second_person"),
    ("lead", "same", "same_person"),
    ("cleared", "same", "same_person"),
    ("lead", "staff", "match"),
    ("staff", "lead", "match"),
]


@pytest.mark.parametrize(("first", "second", "refusal"), COMBINATIONS)
@pytest.mark.parametrize("status", [S.SUGGESTED, S.INTERESTED])
def test_a_restricted_pair_needs_two_cleared_people_one_a_lead(first, second, refusal, status):
    match = pair(status, sensitivity=Sensitivity.RESTRICTED)
    do = release if status is S.SUGGESTED else approve
    target = S.RELEASED if status is S.SUGGESTED else S.APPROVED

    def make(kind):
        seat = factories.seat(Role.LEAD if kind == "lead" else Role.STAFF)
        return clear(seat, match.idea) if kind == "cleared" else seat

    one = make(first)
    if first == "staff":
        with pytest.raises(NotFound, match=refusal):
            do(one, match)
        return
    do(one, match)
    assert match.status is status
    assert match.seconding_by_id == one.user_id
    assert not letters()
    two = one if second == "same" else make(second)
    if refusal is None:
        do(two, match)
        assert match.status is target
        assert match.seconding_act is match.seconding_by_id is None
    else:
        with pytest.raises((NotAllowed, NotFound), match=refusal):
            do(two, match)
        assert match.status is status


def test_either_cleared_person_takes_the_request_back():
    match = pair(sensitivity=Sensitivity.RESTRICTED)
    one, two = factories.seat(Role.LEAD), clear(factories.seat(Role.STAFF), match.idea)
    release(one, match)
    decisions.take_back_match(two, match.id, now=NOW)
    assert match.seconding_act is None
    with pytest.raises(WrongState):
        decisions.take_back_match(one, match.id, now=NOW)
    release(two, match)
    assert match.status is S.SUGGESTED


def test_a_former_lead_counts_as_no_lead():
    match = pair(sensitivity=Sensitivity.RESTRICTED)
    former = factories.seat(Role.LEAD)
    release(former, match)
    former.ended_at = NOW
    clear(factories.seat(Role.STAFF, person=former.user), match.idea)
    with pytest.raises(NotAllowed, match="second_person"):
        release(clear(factories.seat(Role.STAFF), match.idea), match)


def test_a_clearance_holds_for_its_idea_alone(staff):
    match, other = (
        pair(MatchStatus.INTERESTED, sensitivity=Sensitivity.RESTRICTED) for _number in range(2)
    )
    clear(staff, match.idea)
    assert access.get_match(staff, match.id) is match
    with pytest.raises(NotFound):
        access.get_match(staff, other.id)
    assert counting.menu_counts(staff)["pairs"] == 1


# Conflict of interest


@pytest.mark.parametrize("role", [Role.STAFF, Role.LEAD])
@pytest.mark.parametrize("side", ["community", "partner", "donor", "seat"])
def test_a_conflict_hides_the_pair_from_every_role(role, side):
    actor, match = factories.seat(role), pair()
    if side == "seat":
        factories.seat(Role.EDITOR, match.idea.organisation, actor.user)
    elif side == "partner":
        partner = factories.organisation()
        db.session.add(IdeaPartner(idea_id=match.idea_id, organisation_id=partner.id))
        declare(actor, partner)
    else:
        party = match.idea if side == "community" else match.profile
        declare(actor, party.organisation)
    with pytest.raises(NotFound):
        release(actor, match)
    assert match.status is S.SUGGESTED
    assert counting.menu_counts(actor)["pairs"] == 0
    assert release(factories.seat(Role.STAFF), match).status is S.RELEASED


def test_a_conflict_that_has_ended_binds_no_more(staff):
    match = pair()
    declare(staff, match.idea.organisation, ended_at=NOW)
    assert release(staff, match).status is S.RELEASED


def test_a_conflict_binds_its_person_alone(staff):
    match = pair()
    declare(factories.seat(Role.STAFF), match.idea.organisation)
    assert release(staff, match).status is S.RELEASED


# Introduction


def test_an_introduction_waits_until_the_approval_stands(staff):
    match = pair(S.INTERESTED)
    approve(staff, match)
    for minutes in (0, 15):
        with pytest.raises(WrongState, match="undo_pending"):
            decisions.introduce_match(staff, match.id, now=NOW + timedelta(minutes=minutes))
    assert decisions.introduce_match(staff, match.id, now=LATER).status is S.INTRODUCED


def test_an_introduction_tells_both_sides_when_it_is_asked_to(staff):
    match = pair(S.APPROVED)
    donor = factories.seat(Role.DONOR, match.profile.organisation)
    morning = LATER + timedelta(hours=20)
    decisions.introduce_match(staff, match.id, now=LATER, send_at=morning)
    jobs = db.session.scalars(sa.select(Job)).all()
    people = {job.recipient_id for job in jobs}
    assert {donor.user_id, match.idea.created_by_id} <= people
    assert {job.not_before for job in jobs} == {morning}


# Afterwards


@pytest.mark.parametrize("status", [S.SUGGESTED, S.RELEASED, S.APPROVED, S.IN_TALKS])
def test_an_open_pair_cannot_be_opened_again(staff, status):
    with pytest.raises(WrongState):
        decisions.reopen_match(staff, pair(status).id, "слова", now=NOW)


def test_reopening_needs_words_and_goes_back_to_the_state_before(staff):
    match = pair(S.INTERESTED)
    decisions.refuse_match(staff, match.id, Reason.CAPACITY, now=NOW)
    with pytest.raises(Invalid):
        decisions.reopen_match(staff, match.id, " ", now=NOW)
    assert decisions.reopen_match(staff, match.id, "слова", now=NOW).status is S.INTERESTED
    decisions.refuse_match(staff, match.id, Reason.CAPACITY, now=NOW)
    assert match.status is S.REFUSED


def test_feedback_is_one_word_per_person(staff):
    match = pair()
    decisions.give_feedback(staff, match.id, FeedbackValue.GOOD, now=NOW)
    row = decisions.give_feedback(staff, match.id, FeedbackValue.NOT_RELEVANT, now=LATER)
    assert (row.value, row.role, row.at) == (FeedbackValue.NOT_RELEVANT, Role.STAFF, LATER)


def test_only_introduced_pairs_are_put_off(staff):
    with pytest.raises(NotFound):
        decisions.snooze_match(staff, pair(S.APPROVED).id, TODAY, now=NOW)
    match = pair(S.IN_TALKS)
    assert decisions.snooze_match(staff, match.id, TODAY, now=NOW).next_contact_on == TODAY


def test_a_refusal_tells_both_sides(staff):
    match = pair(S.INTERESTED)
    donor = factories.seat(Role.DONOR, match.profile.organisation)
    decisions.refuse_match(staff, match.id, Reason.CAPACITY, now=NOW)
    people = {job.recipient_id for job in db.session.scalars(sa.select(Job))}
    assert {donor.user_id, match.idea.created_by_id} <= people


def test_a_locked_person_gets_no_letter(staff):
    match = pair()
    factories.seat(Role.DONOR, match.profile.organisation, factories.user(is_locked=True))
    gone = factories.seat(Role.DONOR, match.profile.organisation)
    gone.ended_at = NOW
    release(staff, match)
    assert letters() == []


def test_an_organisation_of_the_office_is_no_conflict(staff):
    assert staff.organisation.kind is OrganisationKind.OFFICE
    assert release(staff, pair()).status is S.RELEASED
