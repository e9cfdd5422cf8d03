"""What the office does with ideas: states, letters, duplicates, links, clearance."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.errors import Duplicate, Invalid, NotAllowed, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.codes import Language, Reason
from matcher.models.idea import Clearance, Idea, IdeaConfirmation, IdeaStatus, Section, Sensitivity
from matcher.models.job import Job
from matcher.models.match import MatchStatus
from matcher.models.user import Conflict, Membership, OneTimeLink, Role
from matcher.services import access, checking, ideas, links
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def staff(session: None) -> Membership:
    """Return a member of staff."""
    return factories.seat(Role.STAFF)


@pytest.fixture
def lead(session: None) -> Membership:
    """Return the lead."""
    return factories.seat(Role.LEAD)


def submitted(**values: object) -> Idea:
    """Make a submission."""
    return factories.idea(**{"status": IdeaStatus.SUBMITTED, "review_by": None, **values})


def letters() -> list[tuple[str, int | None]]:
    """Return the kinds and recipients of the letters that wait."""
    return [(job.payload["letter"], job.recipient_id) for job in db.session.scalars(sa.select(Job))]


# The check


def test_a_submission_that_was_opened_cannot_be_recalled(staff: Membership) -> None:
    author = factories.seat(Role.EDITOR)
    idea = submitted(author=author)
    checking.open_idea(staff, idea.id, now=NOW)
    with pytest.raises(WrongState) as refused:
        ideas.recall_idea(author, idea.id, now=NOW)
    assert refused.value.code == "opened"


def test_a_second_opening_changes_nothing(staff: Membership, lead: Membership) -> None:
    idea = submitted()
    checking.open_idea(staff, idea.id, now=NOW)
    checking.open_idea(lead, idea.id, now=NOW + timedelta(hours=2))
    assert idea.opened_at == NOW
    assert db.session.scalar(sa.select(sa.func.count(AuditEvent.id))) == 1


def test_only_a_submission_is_opened(staff: Membership) -> None:
    with pytest.raises(WrongState):
        checking.open_idea(staff, factories.idea().id, now=NOW)


def test_publishing_needs_a_confirmed_release_text(staff: Membership) -> None:
    with pytest.raises(WrongState) as refused:
        checking.publish_idea(staff, submitted().id, now=NOW)
    assert refused.value.code == "release_text_needed"


def test_a_release_text_of_an_earlier_revision_does_not_count(staff: Membership) -> None:
    idea = submitted()
    factories.release_text(idea, revision=0)
    with pytest.raises(WrongState):
        checking.publish_idea(staff, idea.id, now=NOW)


@pytest.mark.parametrize("language", list(Language))
def test_one_language_is_enough_to_publish(staff: Membership, language: Language) -> None:
    author = factories.seat(Role.EDITOR)
    idea = submitted(author=author)
    factories.release_text(idea, language)
    checking.publish_idea(staff, idea.id, now=NOW)
    assert idea.status is IdeaStatus.PUBLISHED
    assert idea.review_by == (NOW + timedelta(days=90)).date()
    assert letters() == [("idea_published", author.user_id)]


def test_a_returned_idea_opens_the_named_sections_alone(staff: Membership) -> None:
    author = factories.seat(Role.EDITOR)
    idea = submitted(author=author)
    checking.return_idea(staff, idea.id, {Section.BUDGET: "Яка власна частка?"}, now=NOW)
    assert idea.status is IdeaStatus.CHANGES_REQUESTED
    assert ideas.open_sections(idea) == {Section.BUDGET}
    assert ideas.open_requests(idea)[Section.BUDGET].note == "Яка власна частка?"
    assert letters() == [("idea_returned", author.user_id)]


def test_a_return_names_a_section(staff: Membership) -> None:
    with pytest.raises(Invalid):
        checking.return_idea(staff, submitted().id, {}, now=NOW)


def test_a_return_says_what_to_change(staff: Membership) -> None:
    with pytest.raises(Invalid):
        checking.return_idea(staff, submitted().id, {Section.BUDGET: " "}, now=NOW)


def test_a_rejection_carries_its_reason(staff: Membership) -> None:
    author = factories.seat(Role.EDITOR)
    idea = submitted(author=author)
    checking.reject_idea(staff, idea.id, Reason.NOT_READY, now=NOW, note="Бракує кошторису.")
    assert (idea.status, idea.reason) == (IdeaStatus.REJECTED, Reason.NOT_READY)
    assert idea.reason_note == "Бракує кошторису."
    assert letters() == [("idea_rejected", author.user_id)]


def test_another_reason_needs_words(staff: Membership) -> None:
    with pytest.raises(Invalid):
        checking.reject_idea(staff, submitted().id, Reason.OTHER, now=NOW)


def test_a_decision_on_a_stale_version_is_refused(staff: Membership) -> None:
    idea = submitted()
    with pytest.raises(Stale):
        checking.reject_idea(staff, idea.id, Reason.NOT_READY, now=NOW, version=idea.version + 1)


@pytest.mark.parametrize("act", ["publish", "return", "reject"])
def test_a_draft_is_not_decided_on(staff: Membership, act: str) -> None:
    idea = factories.idea(status=IdeaStatus.DRAFT, entered_by_office=True)
    acts = {
        "publish": lambda: checking.publish_idea(staff, idea.id, now=NOW),
        "return": lambda: checking.return_idea(staff, idea.id, {Section.BUDGET: "?"}, now=NOW),
        "reject": lambda: checking.reject_idea(staff, idea.id, Reason.NOT_READY, now=NOW),
    }
    with pytest.raises(WrongState):
        acts[act]()


# Afterwards


def test_pairs_of_an_idea_on_hold_stay(staff: Membership) -> None:
    match = factories.match(status=MatchStatus.RELEASED)
    checking.hold_idea(staff, match.idea_id, "Чекаємо на рішення ради.", now=NOW)
    assert (match.idea.status, match.status) == (IdeaStatus.ON_HOLD, MatchStatus.RELEASED)


def test_a_hold_says_why(staff: Membership) -> None:
    with pytest.raises(Invalid):
        checking.hold_idea(staff, factories.idea().id, " ", now=NOW)


@pytest.mark.parametrize("status", [IdeaStatus.ON_HOLD, IdeaStatus.STALE])
def test_an_idea_that_comes_back_gets_ninety_days(staff: Membership, status: IdeaStatus) -> None:
    idea = factories.idea(status=status, review_by=NOW.date(), reminders=3)
    checking.resume_idea(staff, idea.id, now=NOW)
    assert (idea.status, idea.reminders) == (IdeaStatus.PUBLISHED, 0)
    assert idea.review_by == (NOW + timedelta(days=90)).date()


def test_archiving_ends_open_pairs_and_tells_those_who_knew(staff: Membership) -> None:
    donor = factories.seat(Role.DONOR)
    profile = factories.profile(donor.organisation)
    match = factories.match(None, profile, status=MatchStatus.RELEASED)
    checking.archive_idea(staff, match.idea_id, Reason.ALREADY_FUNDED, now=NOW)
    assert (match.idea.status, match.status) == (IdeaStatus.ARCHIVED, MatchStatus.LAPSED)
    assert ("match_lapsed", donor.user_id) in letters()


# Joining duplicates


def test_a_duplicate_is_archived_and_its_community_joins_the_other(staff: Membership) -> None:
    match = factories.match()
    duplicate, other = match.idea, factories.idea()
    checking.merge_idea(staff, duplicate.id, other.id, now=NOW)
    assert (duplicate.status, duplicate.reason) == (IdeaStatus.ARCHIVED, Reason.ALREADY_FUNDED)
    assert duplicate.reason_note == other.code
    assert match.status is MatchStatus.LAPSED
    assert other.partners_involved == [duplicate.organisation]
    assert other.events[-1].note == duplicate.code


def test_two_ideas_of_one_community_make_no_partner(staff: Membership) -> None:
    author = factories.seat(Role.EDITOR)
    first, second = factories.idea(author), factories.idea(author)
    checking.merge_idea(staff, first.id, second.id, now=NOW)
    assert second.partners_involved == []


def test_a_partner_is_not_added_twice(staff: Membership) -> None:
    first, second = factories.idea(), factories.idea()
    second.partners_involved.append(first.organisation)
    db.session.flush()
    checking.merge_idea(staff, first.id, second.id, now=NOW)
    assert second.partners_involved == [first.organisation]


def test_an_idea_is_not_joined_with_itself(staff: Membership) -> None:
    idea = factories.idea()
    with pytest.raises(Invalid):
        checking.merge_idea(staff, idea.id, idea.id, now=NOW)


def test_a_closed_idea_takes_nothing_in(staff: Membership) -> None:
    closed = factories.idea(status=IdeaStatus.ARCHIVED)
    with pytest.raises(WrongState) as refused:
        checking.merge_idea(staff, factories.idea().id, closed.id, now=NOW)
    assert refused.value.code == "merge_closed"


def test_a_hidden_idea_takes_nothing_in(staff: Membership) -> None:
    hidden = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    with pytest.raises(NotFound):
        checking.merge_idea(staff, factories.idea().id, hidden.id, now=NOW)


# On behalf


def test_an_idea_entered_for_a_community_is_submitted_by_the_office(staff: Membership) -> None:
    community = factories.organisation()
    idea = checking.create_on_behalf(
        staff, community.id, title="Дах клубу", summary="Клуб потребує даху.", key="k", now=NOW
    )
    assert (idea.organisation, idea.entered_by_office) == (community, True)
    for name in ("problem", "activities", "result"):
        setattr(idea, name, "Опис.")
    idea.sector, idea.beneficiaries = "110", 300
    checking.submit_on_behalf(staff, idea.id, now=NOW)
    assert idea.status is IdeaStatus.SUBMITTED
    assert idea.events[-1].on_behalf


def test_a_communitys_own_draft_is_not_the_offices_to_submit(staff: Membership) -> None:
    with pytest.raises(NotFound):
        checking.submit_on_behalf(staff, factories.idea(status=IdeaStatus.DRAFT).id, now=NOW)


def test_a_lead_withdraws_for_a_community(lead: Membership) -> None:
    idea = factories.idea()
    checking.withdraw_on_behalf(lead, idea.id, now=NOW, note="Громада просить листом.")
    assert idea.status is IdeaStatus.WITHDRAWN
    assert idea.events[-1].on_behalf


def test_staff_do_not_withdraw(staff: Membership) -> None:
    with pytest.raises(NotAllowed):
        checking.withdraw_on_behalf(staff, factories.idea().id, now=NOW, note="?")


# Confirmation by a link


def test_the_head_gets_a_link_whose_secret_waits_nowhere(staff: Membership) -> None:
    idea = factories.idea()
    head = factories.seat(Role.HEAD, idea.organisation)
    assert checking.send_confirmation(staff, idea.id, now=NOW) == [head.user]
    link = db.session.scalars(sa.select(OneTimeLink)).one()
    assert (link.user_id, link.subject_id) == (head.user_id, idea.id)
    job = db.session.scalars(sa.select(Job)).one()
    assert job.payload == {"letter": "idea_confirm_link", "idea_id": idea.id, "link_id": link.id}


def test_without_a_head_nobody_can_be_asked(staff: Membership) -> None:
    with pytest.raises(WrongState) as refused:
        checking.send_confirmation(staff, factories.idea().id, now=NOW)
    assert refused.value.code == "no_head"


def test_only_a_published_idea_is_confirmed(staff: Membership) -> None:
    idea = submitted()
    factories.seat(Role.HEAD, idea.organisation)
    with pytest.raises(WrongState):
        checking.send_confirmation(staff, idea.id, now=NOW)


def link_for(idea: Idea, staff: Membership) -> tuple[Membership, str]:
    """Send the link and return the head's seat and the secret of the letter."""
    head = factories.seat(Role.HEAD, idea.organisation)
    checking.send_confirmation(staff, idea.id, now=NOW)
    link = db.session.scalars(sa.select(OneTimeLink)).one()
    return head, links.renew_secret(link.id, NOW)


def test_the_link_confirms_the_present_revision_once(staff: Membership) -> None:
    idea = factories.idea()
    head, secret = link_for(idea, staff)
    assert checking.idea_of_link(secret, now=NOW) is idea
    checking.confirm_by_link(secret, now=NOW)
    row = db.session.scalars(sa.select(IdeaConfirmation)).one()
    assert (row.by_id, row.revision) == (head.user_id, idea.revision)
    with pytest.raises(NotFound):
        checking.confirm_by_link(secret, now=NOW)


def test_an_old_link_confirms_nothing(staff: Membership) -> None:
    _head, secret = link_for(factories.idea(), staff)
    with pytest.raises(NotFound):
        checking.confirm_by_link(secret, now=NOW + timedelta(days=8))


def test_somebody_who_has_left_the_community_confirms_nothing(staff: Membership) -> None:
    head, secret = link_for(factories.idea(), staff)
    head.ended_at = NOW
    db.session.flush()
    with pytest.raises(NotFound):
        checking.confirm_by_link(secret, now=NOW)


def test_a_wrong_secret_confirms_nothing(session: None) -> None:
    with pytest.raises(NotFound):
        checking.confirm_by_link("nonsense", now=NOW)


# Restricted ideas


def test_a_named_person_sees_the_restricted_idea(staff: Membership, lead: Membership) -> None:
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    with pytest.raises(NotFound):
        access.get_idea(staff, idea.id)
    checking.clear_person(lead, idea.id, staff.user_id, now=NOW)
    assert access.get_idea(staff, idea.id) is idea
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert (event.act, event.new) == ("clearance.granted", {"user_id": staff.user_id})


def test_staff_name_nobody(staff: Membership) -> None:
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    with pytest.raises(NotAllowed):
        checking.clear_person(staff, idea.id, staff.user_id, now=NOW)


def test_nobody_is_named_twice(staff: Membership, lead: Membership) -> None:
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    checking.clear_person(lead, idea.id, staff.user_id, now=NOW)
    with pytest.raises(Duplicate):
        checking.clear_person(lead, idea.id, staff.user_id, now=NOW)
    assert db.session.scalar(sa.select(sa.func.count(Clearance.id))) == 1


def test_an_open_idea_needs_no_names(staff: Membership, lead: Membership) -> None:
    with pytest.raises(WrongState):
        checking.clear_person(lead, factories.idea().id, staff.user_id, now=NOW)


def test_people_outside_the_office_are_not_named(lead: Membership) -> None:
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    with pytest.raises(NotFound):
        checking.clear_person(lead, idea.id, factories.seat(Role.DONOR).user_id, now=NOW)


# Who may not


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_only_the_office_checks(role: Role) -> None:
    with pytest.raises(NotAllowed):
        checking.open_idea(factories.seat(role), submitted().id, now=NOW)


def test_a_person_with_an_interest_does_not_even_see_the_idea(lead: Membership) -> None:
    idea = submitted()
    conflict = Conflict(
        user=lead.user,
        organisation=idea.organisation,
        declared_by_id=lead.user_id,
        created_at=NOW,
    )
    factories.add(conflict)
    with pytest.raises(NotFound):
        checking.open_idea(lead, idea.id, now=NOW)
