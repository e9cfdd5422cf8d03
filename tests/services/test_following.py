"""What the people of an idea see of its road: steps, needs, pairs; how far a draft is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matcher.errors import NotAllowed
from matcher.models.codes import Readiness
from matcher.models.idea import ChangeRequest, IdeaEvent, IdeaStatus, Section
from matcher.models.match import MatchEvent, MatchStatus
from matcher.models.user import Role
from matcher.services import following, progress
from matcher.services.following import Need, Step, StepState
from matcher.services.progress import SectionState
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")
TODAY = NOW.date()


def event(idea, act, at=NOW):
    factories.add(
        IdeaEvent(idea=idea, act=act, to_status=idea.status, revision=idea.revision, at=at)
    )


def released(idea, status=MatchStatus.RELEASED, **values):
    match = factories.match(idea, status=status, **values)
    factories.add(
        MatchEvent(
            match=match,
            act=status.value,
            from_status=MatchStatus.SUGGESTED,
            to_status=status,
            at=NOW,
        )
    )
    return match


def states(idea, pairs=()):
    return {row.step: row.state for row in following.steps(idea, list(pairs))}


# Steps


def test_a_submitted_idea_is_being_checked():
    idea = factories.idea(status=IdeaStatus.SUBMITTED)
    event(idea, "submit")
    assert states(idea)[Step.SUBMITTED] is StepState.DONE
    assert states(idea)[Step.CHECK] is StepState.NOW
    assert states(idea)[Step.PAIRS] is StepState.NEXT


def test_a_recalled_idea_has_not_been_submitted():
    idea = factories.idea(status=IdeaStatus.DRAFT)
    event(idea, "submit")
    event(idea, "recall")
    assert states(idea)[Step.SUBMITTED] is StepState.NOW


@pytest.mark.parametrize(
    ("status", "reached"),
    [
        (MatchStatus.RELEASED, Step.PAIRS),
        (MatchStatus.DECLINED, Step.PAIRS),
        (MatchStatus.INTERESTED, Step.INTEREST),
        (MatchStatus.INTRODUCED, Step.INTRODUCTION),
        (MatchStatus.NOT_FUNDED, Step.DECISION),
    ],
)
def test_the_furthest_pair_sets_the_step(status, reached):
    idea = factories.idea()
    event(idea, "submit")
    event(idea, "publish")
    rows = states(idea, [released(idea, status)])
    behind = list(Step)[: list(Step).index(reached) + 1]
    assert [step for step, state in rows.items() if state is StepState.DONE] == behind


@pytest.mark.parametrize("status", [IdeaStatus.REJECTED, IdeaStatus.WITHDRAWN, IdeaStatus.ARCHIVED])
def test_a_closed_idea_stops_at_its_step(status):
    idea = factories.idea(status=status)
    event(idea, "submit")
    assert states(idea)[Step.CHECK] is StepState.BAD


# Pairs


def test_pairs_that_were_put_aside_are_not_listed():
    author = factories.seat(Role.EDITOR)
    idea = factories.idea(author)
    shown = released(idea)
    factories.match(idea, factories.profile(), status=MatchStatus.SUGGESTED)
    factories.match(idea, factories.profile(), status=MatchStatus.SUGGESTED, released_at=NOW)
    factories.match(idea, factories.profile(), status=MatchStatus.DISMISSED, released_at=NOW)
    assert following.list_pairs(author, idea) == [shown]


def test_the_furthest_open_pair_comes_first():
    author = factories.seat(Role.EDITOR)
    idea = factories.idea(author)
    order = [
        MatchStatus.DECLINED,
        MatchStatus.RELEASED,
        MatchStatus.INTRODUCED,
        MatchStatus.INTERESTED,
    ]
    for status in order:
        released(idea, status)
    listed = [pair.status for pair in following.list_pairs(author, idea)]
    assert listed == [
        MatchStatus.INTRODUCED,
        MatchStatus.INTERESTED,
        MatchStatus.RELEASED,
        MatchStatus.DECLINED,
    ]


@pytest.mark.parametrize("status", list(MatchStatus))
def test_people_of_the_donor_are_known_after_the_introduction_alone(status):
    values = {}
    if status is MatchStatus.FUNDED:
        values = {"funded_amount": 1, "funded_on": TODAY}
    match = factories.match(status=status, **values)
    factories.seat(Role.DONOR, match.profile.organisation)
    known = status in (
        MatchStatus.INTRODUCED,
        MatchStatus.IN_TALKS,
        MatchStatus.FUNDED,
        MatchStatus.NOT_FUNDED,
    )
    assert bool(following.donor_people(match)) is known


# Needs


def needs(actor, idea, pairs=()):
    return [row.need for row in following.needs(actor, idea, list(pairs), today=TODAY)]


def own(author, **values):
    idea = factories.idea(author, **values)
    for revision in idea.revisions:
        revision.content = {**revision.content, "partner_ids": []}
    return idea


def test_the_head_alone_is_asked_to_sign():
    editor = factories.seat(Role.EDITOR)
    head = factories.seat(Role.HEAD, editor.organisation)
    idea = own(editor, status=IdeaStatus.AWAITING_SIGNOFF)
    assert needs(head, idea) == [Need.SIGN_OFF]
    assert needs(editor, idea) == []


def test_a_partner_is_asked_for_nothing():
    idea = own(factories.seat(Role.EDITOR), status=IdeaStatus.CHANGES_REQUESTED)
    assert needs(factories.seat(Role.EDITOR), idea) == []


def test_the_question_for_renewal_comes_two_weeks_before_its_day():
    author = factories.seat(Role.EDITOR)
    near = own(author, review_by=TODAY + timedelta(days=14))
    far = own(author, review_by=TODAY + timedelta(days=15))
    stale = own(author, status=IdeaStatus.STALE)
    assert needs(author, near) == [Need.RENEW]
    assert needs(author, far) == []
    assert needs(author, stale) == [Need.RENEW]


def test_changes_of_a_published_idea_wait_for_submission():
    author = factories.seat(Role.EDITOR)
    idea = own(author)
    idea.summary = "Новий опис."
    assert needs(author, idea) == [Need.RESUBMIT]


def test_an_editor_cannot_submit_what_waits_for_the_head():
    editor = factories.seat(Role.EDITOR)
    idea = own(editor, status=IdeaStatus.AWAITING_SIGNOFF)
    with pytest.raises(NotAllowed):
        following.submit_once(editor, idea.id, key="k", version=idea.version, now=NOW)


# How far a draft is


def section_states(idea):
    return {row.section: row.state for row in progress.section_progress(idea)}


def test_sections_of_a_draft_by_what_they_hold():
    idea = factories.idea(
        status=IdeaStatus.DRAFT, revision=0, result="", readiness=None, own_share_pct=0
    )
    found = section_states(idea)
    assert found[Section.ESSENCE] is SectionState.IN_PROGRESS
    assert found[Section.PEOPLE] is SectionState.DONE
    assert found[Section.BUDGET] is SectionState.DONE  # zero is a value
    assert found[Section.CAPACITY] is SectionState.NOT_STARTED
    assert found[Section.DOCUMENTS] is SectionState.NOT_STARTED


def test_a_named_section_needs_a_change_until_it_is_resubmitted():
    idea = factories.idea(status=IdeaStatus.CHANGES_REQUESTED, readiness=Readiness.DESIGN)
    request = ChangeRequest(
        idea=idea,
        section=Section.DOCUMENTS,
        note="Уточніть.",
        asked_by=factories.user(),
        asked_at=NOW,
    )
    factories.add(request)
    assert section_states(idea)[Section.DOCUMENTS] is SectionState.NEEDS_CHANGE
    request.resolved_at = NOW
    assert section_states(idea)[Section.DOCUMENTS] is SectionState.DONE


def test_places_in_the_texts_for_outsiders_are_hinted_at():
    idea = factories.idea(summary="Водогін на вул. Вигаданій, 5 не працює.")
    assert progress.telling_fragments(idea)
    idea.summary = "Водогін громади не працює."
    assert progress.telling_fragments(idea) == []
