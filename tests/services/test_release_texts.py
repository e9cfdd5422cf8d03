"""Release texts: proposed, marked, refused while a mark is open, confirmed, confirmed anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.codes import Language
from matcher.models.idea import AcceptedMark, Idea, IdeaStatus, Sensitivity, TextOrigin
from matcher.models.organisation import Settlement
from matcher.models.user import Conflict, Membership, Role
from matcher.services import decisions, release_texts
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")

TITLE = "A well for the hospital"
CLEAN = "The hospital of the community has no drinking water."
TELLING = "The hospital in Bochechky has no drinking water."


@pytest.fixture
def staff(session: None) -> Membership:
    """Return a member of staff."""
    return factories.seat(Role.STAFF)


@pytest.fixture
def idea(session: None) -> Idea:
    """Return a submitted idea of a community with one known settlement."""
    row = factories.idea(status=IdeaStatus.SUBMITTED)
    factories.add(
        Settlement(
            katottg="UA59000000000000001",
            name_uk="Бочечки",
            name_en="Bochechky",
            kind="village",
            community_katottg=row.organisation.katottg,
        )
    )
    return row


def save(actor: Membership, idea: Idea, summary: str = CLEAN, **values: object) -> object:
    """Save the English text; arguments replace what a test cares about."""
    defaults = {"title": TITLE, "accepted": {}, "confirm": True, "now": NOW}
    arguments = {**defaults, "summary": summary, **values}
    return release_texts.save(actor, idea.id, Language.EN, **arguments)


def test_the_communitys_own_words_are_proposed_by_language(idea: Idea) -> None:
    proposed = release_texts.proposals(idea)
    assert proposed[Language.UK].title == idea.title
    assert proposed[Language.EN].summary == idea.summary_en


def test_a_language_without_words_has_no_proposal(idea: Idea) -> None:
    idea.title_en = idea.summary_en = ""
    assert set(release_texts.proposals(idea)) == {Language.UK}


def test_a_confirmed_text_is_what_outsiders_read(staff: Membership, idea: Idea) -> None:
    text = save(staff, idea)
    assert (text.reviewed_by_id, text.reviewed_at) == (staff.user_id, NOW)
    assert decisions.find_release_text(idea, Language.EN) is text
    assert release_texts.is_current(idea, text)


def test_a_saved_text_is_read_by_nobody_outside(staff: Membership, idea: Idea) -> None:
    save(staff, idea, confirm=False)
    assert decisions.find_release_text(idea, Language.EN) is None


def test_an_open_mark_holds_up_the_confirmation(staff: Membership, idea: Idea) -> None:
    with pytest.raises(WrongState) as refused:
        save(staff, idea, TELLING)
    assert refused.value.code == "release_text_marks"


def test_a_mark_in_the_title_holds_it_up_too(staff: Membership, idea: Idea) -> None:
    with pytest.raises(WrongState):
        save(staff, idea, title="A well for School No. 5")


def test_a_text_with_open_marks_can_be_saved_for_later(staff: Membership, idea: Idea) -> None:
    save(staff, idea, TELLING, confirm=False)
    (found,) = release_texts.marks_of(idea, Language.EN)
    assert (found.field, found.mark.fragment, found.is_open) == ("summary", "Bochechky", True)


def test_an_accepted_mark_lets_the_text_go(staff: Membership, idea: Idea) -> None:
    save(staff, idea, TELLING, accepted={"Bochechky": "The seat of the community"})
    row = db.session.scalars(sa.select(AcceptedMark)).one()
    assert (row.fragment, row.accepted_by_id, row.accepted_at) == (
        "Bochechky",
        staff.user_id,
        NOW,
    )
    assert not release_texts.marks_of(idea, Language.EN)[0].is_open


def test_a_blank_reason_accepts_nothing(staff: Membership, idea: Idea) -> None:
    with pytest.raises(WrongState):
        save(staff, idea, TELLING, accepted={"Bochechky": "  "})


def test_a_consent_is_remembered_for_the_next_wording(staff: Membership, idea: Idea) -> None:
    save(staff, idea, TELLING, accepted={"Bochechky": "The seat of the community"})
    assert save(staff, idea, TELLING + " It needs a well.").reviewed_at == NOW


def test_an_emptied_reason_takes_the_consent_back(staff: Membership, idea: Idea) -> None:
    save(staff, idea, TELLING, accepted={"Bochechky": "The seat of the community"})
    with pytest.raises(WrongState):
        save(staff, idea, TELLING, accepted={"Bochechky": ""})


def test_a_reason_for_words_that_are_not_there_is_not_kept(staff: Membership, idea: Idea) -> None:
    save(staff, idea, accepted={"Somewhere": "because"})
    assert db.session.scalars(sa.select(AcceptedMark)).all() == []


def test_a_new_wording_needs_confirming_again(staff: Membership, idea: Idea) -> None:
    save(staff, idea)
    later = NOW + timedelta(hours=1)
    text = save(staff, idea, "Another wording.", confirm=False, now=later)
    assert text.reviewed_at is None


def test_what_is_read_outside_changes_only_with_its_confirmation(
    staff: Membership, idea: Idea
) -> None:
    save(staff, idea)
    idea.status = IdeaStatus.PUBLISHED
    with pytest.raises(WrongState) as refused:
        save(staff, idea, "Another wording.", confirm=False)
    assert refused.value.code == "release_text_read"


def test_a_text_of_an_earlier_revision_is_not_current(staff: Membership, idea: Idea) -> None:
    text = save(staff, idea)
    idea.revision += 1
    assert not release_texts.is_current(idea, text)


def test_the_machine_stays_named_as_the_writer(staff: Membership, idea: Idea) -> None:
    text = save(staff, idea, origin=TextOrigin.MACHINE)
    assert text.origin is TextOrigin.MACHINE


@pytest.mark.parametrize("name", ["title", "summary"])
def test_an_empty_title_or_summary_is_refused(staff: Membership, idea: Idea, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        save(staff, idea, **{name: "  "})
    assert refused.value.details["field"] == name


def test_the_second_of_two_writers_is_stopped(staff: Membership, idea: Idea) -> None:
    seen = release_texts.digest(release_texts.find_text(idea, Language.EN))
    save(factories.seat(Role.STAFF), idea)
    with pytest.raises(Stale):
        save(staff, idea, "My wording.", seen=seen)


def test_the_audit_holds_sizes_and_no_words(staff: Membership, idea: Idea) -> None:
    save(staff, idea, TELLING, accepted={"Bochechky": "The seat of the community"})
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert event.act == "release_text.confirmed"
    assert event.new["marks_accepted"] == 1
    assert "Bochechky" not in str(event.new)
    assert CLEAN[:12] not in str(event.new)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_only_the_office_writes(idea: Idea, role: Role) -> None:
    with pytest.raises(NotAllowed):
        save(factories.seat(role), idea)


def test_a_person_with_an_interest_finds_no_idea(staff: Membership, idea: Idea) -> None:
    conflict = Conflict(
        user=staff.user,
        organisation=idea.organisation,
        declared_by_id=staff.user_id,
        created_at=NOW,
    )
    factories.add(conflict)
    with pytest.raises(NotFound):
        save(staff, idea)


def test_a_restricted_idea_is_hidden_from_staff_without_a_name_on_it(
    staff: Membership, idea: Idea
) -> None:
    idea.sensitivity = Sensitivity.RESTRICTED
    with pytest.raises(NotFound):
        save(staff, idea)


def test_a_closed_idea_gets_no_new_text(staff: Membership, idea: Idea) -> None:
    idea.status = IdeaStatus.ARCHIVED
    with pytest.raises(WrongState):
        save(staff, idea)
