"""What an attacker, a careless colleague and an impatient hand try on the services."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import (
    Clearance,
    Idea,
    IdeaConfirmation,
    IdeaStatus,
    Section,
    Sensitivity,
)
from matcher.models.job import Job
from matcher.models.match import MatchStatus
from matcher.models.user import Conflict, Role
from matcher.services import checking, decisions, ideas, letters, moves, outbox, replies
from tests import factories
from tests.factories import NOW

TODAY = NOW.date()
LATER = NOW + timedelta(minutes=5)
pytestmark = pytest.mark.usefixtures("session")


def conflict(person, organisation):
    """Declare an interest of a person."""
    return factories.add(
        Conflict(
            user_id=person.user_id,
            organisation_id=organisation.id,
            declared_by_id=person.user_id,
            created_at=NOW,
        )
    )


# Nothing comes back to life beside a closed idea


@pytest.mark.parametrize("status", [IdeaStatus.WITHDRAWN, IdeaStatus.ARCHIVED])
@pytest.mark.parametrize("way", ["undo", "restore", "reopen"])
def test_no_pair_comes_back_for_an_idea_that_is_closed(way, status):
    donor, lead = factories.seat(Role.DONOR), factories.seat(Role.LEAD)
    idea = factories.idea()
    match = factories.match(
        idea, factories.profile(donor.organisation), status=MatchStatus.RELEASED
    )
    replies.decline_match(donor, match.id, Reason.NOT_READY, now=NOW)
    idea.status = status
    ways = {
        "undo": lambda: decisions.undo(donor, match.id, now=LATER),
        "restore": lambda: replies.restore_match(donor, match.id, now=LATER, today=TODAY),
        "reopen": lambda: decisions.reopen_match(lead, match.id, "Помилка", now=LATER),
    }
    with pytest.raises(WrongState):
        ways[way]()
    assert match.status is MatchStatus.DECLINED


def test_what_came_after_an_introduction_can_be_corrected_for_an_archived_idea():
    lead, idea = factories.seat(Role.LEAD), factories.idea(status=IdeaStatus.ARCHIVED)
    match = factories.match(idea, status=MatchStatus.IN_TALKS)
    moves.make_move(match, "not_funded", lead, now=NOW, reason=Reason.CAPACITY)
    decisions.reopen_match(lead, match.id, "Помилка", now=LATER)
    assert match.status is MatchStatus.IN_TALKS


# Two persons


def test_who_has_meanwhile_an_interest_does_not_count_as_the_first_of_two():
    lead, other = factories.seat(Role.LEAD), factories.seat(Role.LEAD)
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    factories.release_text(idea)
    match = factories.match(idea)
    decisions.release_match(lead, match.id, now=NOW, today=TODAY)
    conflict(lead, idea.organisation)
    decisions.release_match(other, match.id, now=LATER, today=TODAY)
    assert match.status is MatchStatus.SUGGESTED
    assert match.seconding_by_id == other.user_id


def test_who_has_left_the_office_does_not_count_as_the_first_of_two():
    staff, lead = factories.seat(Role.STAFF), factories.seat(Role.LEAD)
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    factories.release_text(idea)
    factories.add(
        Clearance(
            idea_id=idea.id, user_id=staff.user_id, granted_by_id=lead.user_id, granted_at=NOW
        )
    )
    match = factories.match(idea)
    decisions.release_match(staff, match.id, now=NOW, today=TODAY)
    staff.ended_at = NOW
    decisions.release_match(lead, match.id, now=LATER, today=TODAY)
    assert match.status is MatchStatus.SUGGESTED


def test_an_unsent_change_of_the_class_does_not_lift_the_rule_of_two():
    lead = factories.seat(Role.LEAD)
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    factories.release_text(idea)
    match = factories.match(idea)
    idea.sensitivity = Sensitivity.OPEN  # the community has saved a section and sent nothing
    decisions.release_match(lead, match.id, now=NOW, today=TODAY)
    assert match.status is MatchStatus.SUGGESTED
    assert match.seconding_by_id == lead.user_id


def test_an_unsent_smaller_sum_does_not_lift_the_four_eyes():
    staff = factories.seat(Role.STAFF)
    idea = factories.idea(amount=Decimal(900_000))
    factories.add(IdeaConfirmation(idea_id=idea.id, revision=1, by_id=idea.created_by_id, at=NOW))
    match = factories.match(idea, status=MatchStatus.INTERESTED, released_by_id=staff.user_id)
    idea.amount = Decimal(1)
    with pytest.raises(NotAllowed):
        decisions.approve_match(staff, match.id, now=NOW, today=TODAY)


# Many at once


def test_a_pair_that_changed_is_not_released_with_many():
    staff, idea = factories.seat(Role.STAFF), factories.idea()
    factories.release_text(idea)
    match = factories.match(idea)
    seen = {match.id: match.version + 1}
    done, refused = decisions.decide_many(
        staff, [match.id], "release", now=NOW, today=TODAY, versions=seen
    )
    assert not done
    assert [error.code for _match_id, error in refused] == ["stale"]


# Interests


def test_nobody_enters_an_idea_for_an_organisation_of_the_own_interest():
    staff, community = factories.seat(Role.STAFF), factories.organisation()
    conflict(staff, community)
    with pytest.raises(Invalid):
        checking.create_on_behalf(staff, community.id, title="Є", summary="", key="k", now=NOW)
    assert db.session.scalar(sa.select(sa.func.count(Idea.id))) == 0


def test_letters_about_hidden_rows_are_in_no_list_and_no_count():
    staff, idea = factories.seat(Role.STAFF), factories.idea()
    outbox.queue_letter("profiles_stale", [staff.user], now=NOW)
    db.session.flush()
    before = letters.list_letters(staff), letters.count_letters(staff)
    conflict(staff, idea.organisation)
    match = factories.match(idea)
    outbox.queue_letter("idea_submitted", [staff.user], now=NOW, subject={"idea_id": idea.id})
    outbox.queue_letter("match_released", [staff.user], now=NOW, subject={"match_id": match.id})
    db.session.flush()
    assert (letters.list_letters(staff), letters.count_letters(staff)) == before
    hidden = db.session.scalars(sa.select(Job.id).order_by(Job.id.desc())).first()
    for look in (letters.get_letter, lambda *a: letters.retry_letter(*a, now=NOW)):
        with pytest.raises(NotFound):
            look(staff, hidden)


# Impatience


def test_a_double_click_confirms_once():
    author = factories.seat(Role.EDITOR)
    idea = factories.idea(author)
    for moment in (NOW, NOW + timedelta(seconds=1)):
        ideas.confirm_idea(author, idea.id, now=moment)
    assert db.session.scalar(sa.select(sa.func.count(IdeaConfirmation.id))) == 1


def test_a_second_person_is_never_asked_for_another_text():
    author, lead = factories.seat(Role.EDITOR), factories.seat(Role.LEAD)
    idea = factories.idea(author, sensitivity=Sensitivity.RESTRICTED)
    factories.release_text(idea)
    match = factories.match(idea)
    decisions.release_match(lead, match.id, now=NOW, today=TODAY)
    assert match.seconding_act == "release"
    idea.summary = "Зовсім інший текст про інші потреби."
    ideas.submit_idea(author, idea.id, now=LATER)
    assert match.seconding_act is None
    decisions.release_match(factories.seat(Role.LEAD), match.id, now=LATER, today=TODAY)
    assert match.status is MatchStatus.SUGGESTED


def test_a_submitted_idea_of_restricted_access_stays_restricted():
    author = factories.seat(Role.EDITOR)
    idea = factories.idea(author, sensitivity=Sensitivity.RESTRICTED)
    with pytest.raises(Invalid, match="restricted_stays"):
        ideas.save_section(
            author, idea.id, Section.PEOPLE, {"sensitivity": Sensitivity.OPEN}, now=NOW
        )
    assert idea.sensitivity is Sensitivity.RESTRICTED
