"""One idea or profile is ranked at once; hints tell no more than their reader may know."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from matcher.engine import Document
from matcher.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaStatus, Sensitivity
from matcher.models.match import Match, MatchRun, MatchStatus, RunStatus
from matcher.models.profile import Profile, ProfileKind, ProfileRevision, ProposalStatus
from matcher.models.user import Conflict, Membership, Role
from matcher.services import decisions, documents, matching, replies
from matcher.services.index import Index
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
TODAY = NOW.date()
AT = {"now": NOW, "today": TODAY}
SCHOOL = {
    "title": "Ремонт даху школи",
    "summary": "Дах школи пошкоджений уламками; учні навчаються в укритті.",
    "problem": "Дах протікає, класи закриті.",
    "activities": "Замінити покрівлю і вікна школи.",
    "result": "Учні повернуться до класів.",
    "title_en": "Repair of a school roof",
    "summary_en": "The roof of the school is damaged; pupils learn in a shelter.",
}
EDUCATION = {
    "title_en": "Schools",
    "text_en": "Repair of schools: roofs, windows, classrooms for pupils and teachers.",
    "title_uk": "Школи",
    "text_uk": "Ремонт шкіл: дахи, вікна, класи для учнів і вчителів.",
}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Return an index without a generation."""
    return Index(tmp_path / "index")


@pytest.fixture
def staff(rolled_back: None) -> Membership:
    """Return a member of staff."""
    return factories.seat(Role.STAFF)


def catalogue(count: int) -> list[Profile]:
    """Make profiles of several donors about water and schools."""
    return [factories.profile(**(EDUCATION if n % 2 else {})) for n in range(count)]


def revise(row: Idea | Profile) -> None:
    """Give the idea or the profile its next revision."""
    row.revision += 1
    if isinstance(row, Idea):
        factories.snapshot(row, factories.seat(Role.EDITOR))
    else:
        content = {**row.revisions[-1].content, "text_en": row.text_en}
        factories.add(
            ProfileRevision(
                profile=row,
                number=row.revision,
                content=content,
                status=ProposalStatus.VERIFIED,
                proposed_at=NOW,
            )
        )
    db.session.flush()
    db.session.expire(row, ["revisions"])


def stored(**where: object) -> list[Match]:
    """Return the stored pairs."""
    return list(db.session.scalars(sa.select(Match).filter_by(**where).order_by(Match.id)))


# Ranking at once


def test_the_first_published_idea_is_ranked_at_once(index: Index) -> None:
    catalogue(4)
    idea = factories.idea()
    matches = matching.rank_idea(index, idea, **AT)
    assert [match.rank_for_idea for match in matches] == list(range(1, len(matches) + 1))
    assert matches[0].profile.title_en == "Safe water"
    assert matches[0].status is MatchStatus.SUGGESTED
    run = db.session.scalars(sa.select(MatchRun)).one()
    assert (run.status, run.figures["ideas"], run.figures["profiles"]) == (RunStatus.DONE, 1, 4)


def test_an_idea_published_later_joins_the_generation_in_force(index: Index) -> None:
    catalogue(2)
    first = matching.rank_idea(index, factories.idea(), **AT)
    scores = [match.score for match in first]
    later = matching.rank_idea(index, factories.idea(**SCHOOL), **AT)
    assert later[0].profile.title_en == "Schools"
    assert later[0].run is first[0].run
    assert [match.score for match in first] == scores


def test_ranking_twice_makes_no_second_pair(index: Index) -> None:
    catalogue(2)
    idea = factories.idea()
    first = matching.rank_idea(index, idea, **AT)
    assert matching.rank_idea(index, idea, **AT) == first
    assert stored() == first


def test_a_new_revision_is_what_is_ranked(index: Index) -> None:
    catalogue(2)
    idea = factories.idea()
    assert matching.rank_idea(index, idea, **AT)[0].profile.title_en == "Safe water"
    for name, value in SCHOOL.items():
        setattr(idea, name, value)
    revise(idea)
    matches = matching.rank_idea(index, idea, **AT)
    assert matches[0].profile.title_en == "Schools"
    assert {match.idea_revision.number for match in matches} == {2}
    assert stored() == sorted(matches, key=lambda match: match.id)


def test_only_profiles_that_can_be_offered_are_ranked(index: Index) -> None:
    good = factories.profile()
    factories.profile(ended=True)
    factories.profile(kind=ProfileKind.CALL, closes_on=TODAY - timedelta(days=1))
    factories.profile(review_by=TODAY - timedelta(days=181))
    factories.profile(revision=0)
    matches = matching.rank_idea(index, factories.idea(), **AT)
    assert [match.profile for match in matches] == [good]


def test_a_new_profile_finds_the_published_ideas(index: Index) -> None:
    factories.idea(status=IdeaStatus.SUBMITTED)
    water, _school = factories.idea(), factories.idea(**SCHOOL)
    matches = matching.rank_profile(index, factories.profile(), **AT)
    assert matches[0].idea is water
    assert {match.idea.status for match in matches} == {IdeaStatus.PUBLISHED}


def test_a_new_profile_stands_where_ranking_the_idea_would_put_it(index: Index) -> None:
    catalogue(3)
    ideas = [factories.idea(), factories.idea(**SCHOOL)]
    added = factories.profile(**EDUCATION)
    ranks = {row.idea_id: row.rank_for_idea for row in matching.rank_profile(index, added, **AT)}
    at_once = {
        idea.id: match.rank_for_idea
        for idea in ideas
        for match in matching.rank_idea(index, idea, **AT)
        if match.profile is added
    }
    assert ranks == at_once
    assert len(ranks) == 2


def test_a_profile_that_ended_loses_its_suggestions(index: Index) -> None:
    profile = factories.profile()
    matching.rank_idea(index, factories.idea(), **AT)
    released = factories.match(profile_row=profile, status=MatchStatus.RELEASED)
    profile.ended = True
    assert matching.rank_profile(index, profile, **AT) == []
    assert stored(profile_id=profile.id) == [released]


@pytest.mark.parametrize("status", [MatchStatus.DISMISSED, MatchStatus.DECLINED])
@pytest.mark.parametrize("side", ["idea", "profile"])
def test_a_no_holds_until_the_idea_or_the_profile_changes(
    index: Index, staff: Membership, status: MatchStatus, side: str
) -> None:
    idea, profile = factories.idea(), factories.profile()
    (match,) = matching.rank_idea(index, idea, **AT)
    if status is MatchStatus.DISMISSED:
        decisions.dismiss_match(staff, match.id, Reason.NOT_OUR_THEME, now=NOW)
    else:
        factories.release_text(idea)
        decisions.release_match(staff, match.id, **AT)
        from_donor(match)
    assert matching.rank_idea(index, idea, **AT) == []
    assert matching.rank_profile(index, profile, **AT) == []
    assert match.status is status
    revise(idea if side == "idea" else profile)
    assert matching.rank_idea(index, idea, **AT) == [match]
    assert (match.status, match.released_at) == (MatchStatus.SUGGESTED, None)


def from_donor(match: Match) -> None:
    """Let the donor decline."""
    donor = factories.seat(Role.DONOR, match.profile.organisation)
    replies.decline_match(donor, match.id, Reason.NOT_OUR_THEME, now=NOW)


def test_a_decided_pair_survives_whatever_is_ranked(index: Index) -> None:
    idea, profile = factories.idea(), factories.profile(**EDUCATION)
    released = factories.match(idea, profile, status=MatchStatus.RELEASED)
    far = factories.profile(title_en="Ї", text_en="zzz", title_uk="Ї", text_uk="ґґґ")
    suggested, declined = factories.match(idea, far), factories.match(status=MatchStatus.DECLINED)
    matching.rank_idea(index, idea, **AT)
    assert released in stored()
    assert declined in stored()
    assert suggested not in stored()


# Hints for authors


def similar(index: Index, actor: Membership, idea: Idea) -> list[Idea]:
    """Return the neighbours of an idea's words for a reader."""
    content = {name: getattr(idea, name) for name in ("title", *documents.IDEA_FIELDS)}
    document = documents.idea_document(idea.id, idea.revision, content)
    found = matching.similar_ideas(index, actor, document, own_id=idea.id, **AT)
    return [row for row, _hit in found]


def test_an_author_is_shown_open_neighbours_and_its_own_and_no_hidden_one(index: Index) -> None:
    factories.profile()
    author = factories.seat(Role.EDITOR)
    draft = factories.idea(author, status=IdeaStatus.DRAFT, revision=0)
    open_one = factories.idea(sensitivity=Sensitivity.OPEN)
    own = factories.idea(author)
    factories.idea(sensitivity=Sensitivity.AFTER_APPROVAL)
    factories.idea(sensitivity=Sensitivity.RESTRICTED)
    factories.idea(sensitivity=Sensitivity.OPEN, status=IdeaStatus.SUBMITTED)
    factories.idea(author, sensitivity=Sensitivity.RESTRICTED)
    assert set(similar(index, author, draft)) == {open_one, own}


def test_who_has_an_interest_is_shown_no_neighbour_of_that_side(index: Index) -> None:
    factories.profile()
    lead = factories.seat(Role.LEAD)
    hidden = factories.idea(sensitivity=Sensitivity.OPEN)
    factories.add(
        Conflict(
            user_id=lead.user_id,
            organisation_id=hidden.organisation_id,
            declared_by_id=lead.user_id,
            created_at=NOW,
        )
    )
    seen = factories.idea()
    assert similar(index, lead, factories.idea(status=IdeaStatus.SUBMITTED)) == [seen]


def test_another_subject_is_no_neighbour(index: Index) -> None:
    factories.profile()
    author = factories.seat(Role.EDITOR)
    factories.idea(sensitivity=Sensitivity.OPEN)
    assert similar(index, author, factories.idea(author, **SCHOOL)) == []


@pytest.mark.parametrize(
    ("count", "step"), [(0, "0"), (1, "1-4"), (4, "1-4"), (5, "5-9"), (10, "10+")]
)
def test_possible_donors_come_in_steps(index: Index, count: int, step: str) -> None:
    for _ in range(count):
        factories.profile()
    for _ in range(2):
        factories.profile(**EDUCATION)
    idea = factories.idea(status=IdeaStatus.DRAFT)
    assert matching.possible_donors_step(index, idea, **AT) == step


def test_a_donor_whose_rule_says_no_is_not_counted(index: Index) -> None:
    factories.profile(amount_min=Decimal(200000), currency="EUR")
    factories.profile(applicant_types=["ngo"])
    idea = factories.idea(amount=Decimal(40000))
    assert matching.possible_donors_step(index, idea, **AT) == "0"


def test_a_restricted_or_nameless_idea_is_told_nothing(index: Index) -> None:
    factories.profile()
    for values in ({"sensitivity": Sensitivity.RESTRICTED}, {"title": ""}):
        idea = factories.idea(status=IdeaStatus.DRAFT, **values)
        assert matching.possible_donors_step(index, idea, **AT) == ""


def test_trying_a_draft_leaves_nothing_behind(index: Index) -> None:
    factories.profile()
    published = factories.idea()
    before = [match.score for match in matching.rank_idea(index, published, **AT)]
    kept = list(index.generation.idea_ids)
    matching.possible_donors_step(index, factories.idea(status=IdeaStatus.DRAFT), **AT)
    index.try_profile(Document("x", "Safe water", "Wells"), index.generation.idea_ids)
    assert index.generation.idea_ids == kept
    assert [match.score for match in matching.rank_idea(index, published, **AT)] == before


# Search


# Pairs by hand


def add(
    index: Index, actor: Membership, idea: Idea, profile: Profile, reason: str = "Так"
) -> Match:
    """Add a pair by hand."""
    ids = {"idea_id": idea.id, "profile_id": profile.id}
    return matching.add_pair(actor, index, **ids, reason=reason, **AT)


def test_staff_add_a_pair_that_the_engine_missed(index: Index, staff: Membership) -> None:
    idea, far = factories.idea(), factories.profile(**EDUCATION)
    match = add(index, staff, idea, far, " Домовилися на зустрічі ")
    assert (match.status, match.is_manual) == (MatchStatus.SUGGESTED, True)
    assert match.manual_reason == "Домовилися на зустрічі"
    assert match.score is not None
    assert [event.act for event in match.events] == ["added_by_hand"]
    matching.rank_idea(index, idea, **AT)
    assert match in stored()


def test_a_pair_that_is_there_is_not_added_again(index: Index, staff: Membership) -> None:
    open_one = factories.match()
    closed = factories.match(status=MatchStatus.DISMISSED)
    for match, code in ((open_one, "pair_exists"), (closed, "suppressed")):
        with pytest.raises(Duplicate) as refused:
            add(index, staff, match.idea, match.profile)
        assert (refused.value.code, refused.value.details["match_id"]) == (code, match.id)


def test_a_pair_by_hand_needs_a_reason_and_two_open_sides(index: Index, staff: Membership) -> None:
    idea, profile = factories.idea(), factories.profile()
    with pytest.raises(Invalid):
        add(index, staff, idea, profile, "  ")
    for closed in (factories.profile(ended=True), factories.profile(revision=0)):
        with pytest.raises(WrongState):
            add(index, staff, idea, closed)
    with pytest.raises(WrongState):
        add(index, staff, factories.idea(status=IdeaStatus.ON_HOLD), profile)


def test_who_may_not_see_a_side_adds_no_pair(index: Index, staff: Membership) -> None:
    idea, profile = factories.idea(), factories.profile()
    with pytest.raises(NotAllowed):
        add(index, factories.seat(Role.DONOR), idea, profile)
    with pytest.raises(NotFound):
        add(index, staff, factories.idea(sensitivity=Sensitivity.RESTRICTED), profile)
    with pytest.raises(NotFound):
        matching.add_pair(staff, index, idea_id=idea.id, profile_id=999, reason="Є", **AT)
    factories.seat(Role.DONOR, profile.organisation, staff.user)
    with pytest.raises(NotFound):
        add(index, staff, idea, profile)
    assert stored() == []
