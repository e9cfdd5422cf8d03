"""What communities do with their ideas: each act alone, its letters, its refusals."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.errors import Duplicate, Invalid, NotAllowed, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.idea import ChangeRequest, Idea, IdeaStatus, Section
from matcher.models.job import Job
from matcher.models.match import MatchStatus
from matcher.models.organisation import OrganisationKind
from matcher.models.user import Membership, Role
from matcher.services import ideas
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def editor(rolled_back: None) -> Membership:
    """Return an editor of a community."""
    return factories.seat(Role.EDITOR)


@pytest.fixture
def head(editor: Membership) -> Membership:
    """Return the head of the same community."""
    return factories.seat(Role.HEAD, editor.organisation)


def start(actor: Membership, key: str = "k1", title: str = "Водогін", for_id: int = 0) -> Idea:
    """Send the first form of an idea."""
    return ideas.start_draft(actor, title=title, summary="Є", key=key, now=NOW, for_id=for_id)


def draft(author: Membership, **values: object) -> Idea:
    """Make a whole draft that was never sent."""
    return factories.idea(author, **{"status": IdeaStatus.DRAFT, "revision": 0, **values})


def letters(kind: str) -> Counter[int | None]:
    """Return how many letters of a kind wait for whom."""
    jobs = db.session.scalars(sa.select(Job).order_by(Job.id))
    return Counter(job.recipient_id for job in jobs if job.payload["letter"] == kind)


# Starting


def test_a_draft_starts_as_its_communitys_own(editor: Membership) -> None:
    idea = start(editor)
    assert (idea.status, idea.revision, idea.entered_by_office) == (IdeaStatus.DRAFT, 0, False)
    assert (idea.organisation_id, idea.place_katottg) == (
        editor.organisation_id,
        editor.organisation.katottg,
    )
    assert idea.applicant_type == "community"


def test_the_same_form_twice_makes_one_draft(editor: Membership) -> None:
    assert start(editor) is start(editor)
    assert db.session.scalar(sa.select(sa.func.count(Idea.id))) == 1


def test_the_same_form_with_other_words_is_refused_and_names_the_first(editor: Membership) -> None:
    first = start(editor)
    with pytest.raises(Duplicate) as refused:
        start(editor, title="Школа")
    assert refused.value.details["subject_id"] == first.id


def test_somebody_elses_key_tells_nothing(editor: Membership) -> None:
    start(editor)
    with pytest.raises(Duplicate) as refused:
        start(factories.seat(Role.EDITOR))
    assert refused.value.details["subject_id"] is None


def test_ideas_are_numbered_through_the_year(editor: Membership) -> None:
    assert [start(editor, key).code for key in ("a", "b")] == ["2026-00001", "2026-00002"]
    next_year = datetime(2027, 1, 5, tzinfo=UTC)
    assert ideas.next_code(next_year) == "2027-00001"


def test_the_numbers_go_on_after_ten(editor: Membership) -> None:
    factories.idea(editor, code="2026-00009")
    factories.idea(editor, code="2026-00010")
    assert ideas.next_code(NOW) == "2026-00011"


def test_an_agency_applies_as_one() -> None:
    agency = factories.organisation(OrganisationKind.AGENCY)
    idea = start(factories.seat(Role.EDITOR, agency))
    assert (idea.applicant_type, idea.place_katottg) == ("agency", None)


def test_staff_start_a_draft_for_a_community(editor: Membership) -> None:
    staff = factories.seat(Role.STAFF)
    idea = start(staff, for_id=editor.organisation_id)
    assert idea.entered_by_office
    assert ideas.list_ideas(editor) == [idea]
    assert ideas.list_ideas(staff) == [idea]
    ideas.save_section(staff, idea.id, Section.BUDGET, {"amount": 5}, now=NOW)
    assert idea.amount == 5


@pytest.mark.parametrize("kind", [OrganisationKind.DONOR, OrganisationKind.OFFICE, None])
def test_staff_cannot_write_for_anybody_else(kind: OrganisationKind | None) -> None:
    for_id = factories.organisation(kind).id if kind else 999
    with pytest.raises(Invalid):
        start(factories.seat(Role.STAFF), for_id=for_id)


# Writing


def test_the_last_changed_idea_comes_first(editor: Membership) -> None:
    first, second = start(editor, "a"), start(editor, "b")
    assert ideas.list_ideas(editor) == [second, first]
    ideas.save_section(editor, first.id, Section.ESSENCE, {"problem": "Є"}, now=LATER)
    assert ideas.list_ideas(editor) == [first, second]


def test_a_section_takes_its_own_fields_alone(editor: Membership) -> None:
    idea = draft(editor, amount=7)
    ideas.save_section(editor, idea.id, Section.ESSENCE, {"amount": 9, "result": "Вода"}, now=NOW)
    assert (idea.amount, idea.result) == (7, "Вода")


def test_partners_are_other_communities(editor: Membership) -> None:
    idea = draft(editor)
    neighbour, donor = factories.organisation(), factories.organisation(OrganisationKind.DONOR)
    wanted = [editor.organisation_id, neighbour.id, donor.id]
    ideas.save_section(editor, idea.id, Section.PEOPLE, {}, now=NOW, partner_ids=wanted)
    assert idea.partners_involved == [neighbour]
    ideas.save_section(editor, idea.id, Section.PEOPLE, {"beneficiaries": 3}, now=NOW)
    assert idea.partners_involved == [neighbour]
    ideas.save_section(editor, idea.id, Section.PEOPLE, {}, now=NOW, partner_ids=[])
    assert idea.partners_involved == []


@pytest.mark.parametrize("status", [IdeaStatus.SUBMITTED, IdeaStatus.ON_HOLD, IdeaStatus.REJECTED])
def test_a_closed_section_is_not_written(editor: Membership, status: IdeaStatus) -> None:
    idea = factories.idea(editor, status=status)
    assert ideas.open_sections(idea) == frozenset()
    with pytest.raises(WrongState) as refused:
        ideas.save_section(editor, idea.id, Section.BUDGET, {"amount": 1}, now=NOW)
    assert refused.value.code == "section"


@pytest.mark.parametrize("act", ["save", "submit", "recall", "withdraw", "sign_off", "send_back"])
def test_who_has_seen_another_version_changes_nothing(head: Membership, act: str) -> None:
    idea = draft(head, status=IdeaStatus.AWAITING_SIGNOFF)
    old = {"now": NOW, "version": idea.version - 1}
    acts = {
        "save": lambda: ideas.save_section(head, idea.id, Section.BUDGET, {}, **old),
        "submit": lambda: ideas.submit_idea(head, idea.id, **old),
        "recall": lambda: ideas.recall_idea(head, idea.id, **old),
        "withdraw": lambda: ideas.withdraw_idea(head, idea.id, **old),
        "sign_off": lambda: ideas.sign_off_idea(head, idea.id, **old),
        "send_back": lambda: ideas.send_back_idea(head, idea.id, "Є", **old),
    }
    with pytest.raises(Stale):
        acts[act]()
    assert idea.status is IdeaStatus.AWAITING_SIGNOFF


def test_a_copy_is_a_draft_with_the_same_content(editor: Membership) -> None:
    source = factories.idea(editor, status=IdeaStatus.REJECTED, problem="Мережа не працює")
    copy = ideas.copy_idea(editor, source.id, now=NOW, key="k")
    assert (copy.status, copy.revision) == (IdeaStatus.DRAFT, 0)
    assert (copy.problem, copy.amount, copy.sdg) == ("Мережа не працює", 85000, 6)
    assert copy.code != source.code


def test_the_copy_button_pressed_twice_keeps_what_was_written_since(editor: Membership) -> None:
    source = factories.idea(editor)
    copy = ideas.copy_idea(editor, source.id, now=NOW, key="k")
    ideas.save_section(editor, copy.id, Section.ESSENCE, {"problem": "Нове"}, now=NOW)
    assert ideas.copy_idea(editor, source.id, now=LATER, key="k") is copy
    assert copy.problem == "Нове"


# Submitting


def test_an_empty_form_is_not_sent_and_says_what_is_missing(editor: Membership) -> None:
    idea = draft(editor, title="", beneficiaries=None, sector=None)
    with pytest.raises(Invalid) as refused:
        ideas.submit_idea(editor, idea.id, now=NOW)
    assert refused.value.details["fields"] == ["title", "sector", "beneficiaries"]


def test_nobody_served_is_an_answer_and_not_a_gap(editor: Membership) -> None:
    assert ideas.missing_fields(draft(editor, beneficiaries=0)) == []


def test_a_submission_tells_each_person_of_the_office_once(editor: Membership) -> None:
    staff, lead = factories.seat(Role.STAFF), factories.seat(Role.LEAD)
    factories.seat(Role.STAFF, person=lead.user)
    factories.seat(Role.STAFF, person=factories.user(is_locked=True))
    factories.seat(Role.STAFF).ended_at = NOW
    factories.seat(Role.ADMIN)
    ideas.submit_idea(editor, draft(editor).id, now=NOW)
    assert letters("idea_submitted") == {staff.user_id: 1, lead.user_id: 1}


def test_the_head_signs_where_the_community_wants_it(editor: Membership, head: Membership) -> None:
    editor.organisation.needs_signoff = True
    idea = draft(editor)
    ideas.submit_idea(editor, idea.id, now=NOW)
    assert (idea.status, idea.revision) == (IdeaStatus.AWAITING_SIGNOFF, 0)
    assert letters("idea_awaits_signoff") == {head.user_id: 1}
    with pytest.raises(NotAllowed):
        ideas.submit_idea(editor, idea.id, now=NOW)
    with pytest.raises(NotAllowed):
        ideas.sign_off_idea(editor, idea.id, now=NOW)
    ideas.sign_off_idea(head, idea.id, now=NOW)
    assert (idea.status, idea.revision) == (IdeaStatus.SUBMITTED, 1)


def test_the_head_gives_a_draft_back_to_its_author(editor: Membership, head: Membership) -> None:
    idea = draft(editor, status=IdeaStatus.AWAITING_SIGNOFF)
    ideas.send_back_idea(head, idea.id, "Додайте кошторис", now=NOW)
    assert (idea.status, idea.events[-1].note) == (IdeaStatus.DRAFT, "Додайте кошторис")
    assert letters("idea_sent_back") == {editor.user_id: 1}


def test_a_head_signs_only_what_waits(head: Membership) -> None:
    with pytest.raises(WrongState):
        ideas.sign_off_idea(head, draft(head).id, now=NOW)


def test_a_returned_idea_is_mended_where_staff_asked(editor: Membership) -> None:
    idea = factories.idea(editor, status=IdeaStatus.CHANGES_REQUESTED, opened_at=NOW)
    for section, resolved_at in ((Section.BUDGET, None), (Section.PEOPLE, NOW)):
        asked = {"asked_by": factories.user(), "asked_at": NOW, "resolved_at": resolved_at}
        factories.add(ChangeRequest(idea=idea, section=section, note="Скільки?", **asked))
    assert ideas.open_sections(idea) == {Section.BUDGET}
    ideas.save_section(editor, idea.id, Section.BUDGET, {"amount": Decimal(90000)}, now=LATER)
    ideas.submit_idea(editor, idea.id, now=LATER)
    assert ideas.open_requests(idea) == {}
    assert (idea.revision, idea.opened_at) == (2, None)
    assert [row.content["amount"] for row in idea.revisions] == ["85000", "90000"]


def test_an_edit_of_a_published_idea_counts_when_it_is_sent(editor: Membership) -> None:
    idea = factories.idea(editor, reminders=2)
    match = factories.match(idea, status=MatchStatus.RELEASED)
    staff = factories.seat(Role.STAFF)
    ideas.save_section(editor, idea.id, Section.ESSENCE, {"summary": "Інша"}, now=LATER)
    assert ideas.has_unsubmitted_changes(idea)
    assert idea.revision == 1
    ideas.submit_idea(editor, idea.id, now=LATER)
    assert (idea.status, idea.revision, idea.reminders) == (IdeaStatus.PUBLISHED, 2, 0)
    assert match.idea_revision.number == 1
    assert not ideas.has_unsubmitted_changes(idea)
    assert letters("idea_revised") == {staff.user_id: 1}


def test_sending_the_same_again_makes_no_revision(editor: Membership) -> None:
    idea = draft(editor)
    ideas.submit_idea(editor, idea.id, now=NOW)
    idea.status = IdeaStatus.PUBLISHED
    ideas.submit_idea(editor, idea.id, now=LATER)
    assert idea.revision == 1


def test_an_amount_typed_with_cents_is_no_change(editor: Membership) -> None:
    idea = draft(editor)
    typed = {"amount": Decimal("90000.00"), "own_share_pct": Decimal("12.50")}
    ideas.save_section(editor, idea.id, Section.BUDGET, typed, now=NOW)
    ideas.submit_idea(editor, idea.id, now=NOW)
    db.session.expire(idea)
    assert not ideas.has_unsubmitted_changes(idea)


def test_a_draft_has_everything_still_to_send(editor: Membership) -> None:
    assert ideas.has_unsubmitted_changes(draft(editor))


@pytest.mark.parametrize("text", ["", "Інша"])
def test_sending_a_stale_idea_brings_it_back(editor: Membership, text: str) -> None:
    idea = draft(editor)
    ideas.submit_idea(editor, idea.id, now=NOW)
    idea.status, idea.summary = IdeaStatus.STALE, text or idea.summary
    ideas.submit_idea(editor, idea.id, now=LATER)
    assert (idea.status, idea.revision) == (IdeaStatus.PUBLISHED, 2 if text else 1)


def test_a_revision_is_read_by_who_sees_the_idea(editor: Membership) -> None:
    idea = factories.idea(editor)
    assert ideas.get_revision(editor, idea.id, 1) is idea.revisions[0]
    for actor, number in ((editor, 2), (factories.seat(Role.EDITOR), 1)):
        with pytest.raises(NotFound):
            ideas.get_revision(actor, idea.id, number)


# Afterwards


def test_a_withdrawal_ends_open_pairs_and_tells_each_person_once(
    editor: Membership, head: Membership
) -> None:
    idea = factories.idea(editor)
    donor = factories.seat(Role.DONOR)
    pairs = [
        factories.match(idea, factories.profile(donor.organisation), status=status)
        for status in (MatchStatus.RELEASED, MatchStatus.INTERESTED, MatchStatus.DECLINED)
    ]
    hidden = factories.seat(Role.DONOR)
    pairs.append(factories.match(idea, factories.profile(hidden.organisation)))
    ideas.withdraw_idea(editor, idea.id, now=NOW, note="Кошти знайшли самі")
    assert [pair.status for pair in pairs] == [
        MatchStatus.LAPSED,
        MatchStatus.LAPSED,
        MatchStatus.DECLINED,
        MatchStatus.LAPSED,
    ]
    people = (editor, head, donor)
    assert letters("match_lapsed") == {person.user_id: 1 for person in people}


def test_with_sign_off_the_head_takes_back_what_was_sent(
    editor: Membership, head: Membership
) -> None:
    editor.organisation.needs_signoff = True
    idea = factories.idea(editor)
    with pytest.raises(NotAllowed) as refused:
        ideas.withdraw_idea(editor, idea.id, now=NOW)
    assert refused.value.code == "signoff"
    ideas.withdraw_idea(head, idea.id, now=NOW)
    assert idea.status is IdeaStatus.WITHDRAWN


def test_an_editor_throws_an_unsent_draft_away_alone(editor: Membership) -> None:
    editor.organisation.needs_signoff = True
    idea = draft(editor)
    ideas.withdraw_idea(editor, idea.id, now=NOW)
    assert ideas.list_ideas(factories.seat(Role.LEAD)) == []


def test_a_lead_withdraws_on_behalf_and_staff_do_not(editor: Membership) -> None:
    idea = factories.idea(editor)
    with pytest.raises(NotAllowed):
        ideas.withdraw_idea(factories.seat(Role.STAFF), idea.id, now=NOW)
    ideas.withdraw_idea(factories.seat(Role.LEAD), idea.id, now=NOW, version=idea.version)
    assert (idea.status, idea.events[-1].on_behalf) == (IdeaStatus.WITHDRAWN, True)


def test_a_confirmation_is_a_dated_fact_of_the_revision(editor: Membership) -> None:
    idea = factories.idea(editor, revision=3)
    staff = factories.seat(Role.STAFF)
    said = ideas.confirm_idea(editor, idea.id, now=NOW)
    assert (said.revision, said.by_id, said.at) == (3, editor.user_id, NOW)
    assert letters("idea_confirmed") == {staff.user_id: 1}


@pytest.mark.parametrize("status", [IdeaStatus.DRAFT, IdeaStatus.STALE, IdeaStatus.ON_HOLD])
def test_only_a_published_idea_is_confirmed(editor: Membership, status: IdeaStatus) -> None:
    with pytest.raises(WrongState):
        ideas.confirm_idea(editor, factories.idea(editor, status=status).id, now=NOW)


@pytest.mark.parametrize("status", [IdeaStatus.PUBLISHED, IdeaStatus.STALE])
def test_still_current_gives_ninety_days(editor: Membership, status: IdeaStatus) -> None:
    idea = factories.idea(editor, status=status, review_by=NOW.date(), reminders=2)
    ideas.renew_idea(editor, idea.id, now=NOW)
    assert (idea.status, idea.reminders) == (IdeaStatus.PUBLISHED, 0)
    assert idea.review_by == (NOW + timedelta(days=90)).date()


def test_a_draft_is_not_renewed(editor: Membership) -> None:
    with pytest.raises(WrongState):
        ideas.renew_idea(editor, draft(editor).id, now=NOW)


def test_a_silent_community_is_told_that_its_idea_is_stale(
    editor: Membership, head: Membership
) -> None:
    idea = factories.idea(editor)
    ideas.grow_stale(idea, now=NOW)
    assert idea.status is IdeaStatus.STALE
    assert letters("idea_stale") == {editor.user_id: 1, head.user_id: 1}
