"""Who finds what: ten readers, one idea and its pair, and not a byte more than each may know."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from matcher.errors import NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Clearance, Idea, IdeaStatus, Section, Sensitivity
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import OrganisationKind
from matcher.models.user import AccessRequest, Conflict, Membership, Role
from matcher.services import access, ideas
from matcher.services.counting import menu_counts
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
AUTHORS = {"editor", "head"}
OFFICE = {"staff", "cleared", "lead"}


class World(NamedTuple):
    """One idea of community A with a partner, its pair with donor A, and everybody who reads."""

    idea: Idea
    match: Match
    readers: dict[str, Membership]

    def who_finds_the_idea(self) -> set[str]:
        return {name for name, seat in self.readers.items() if self.finds_idea(seat)}

    def finds_idea(self, seat: Membership) -> bool:
        listed = self.idea in db.session.scalars(access.ideas_seen_by(seat))
        try:
            assert access.get_idea(seat, self.idea.id) is self.idea
        except NotFound:
            assert not listed
            return False
        assert listed
        return True

    def who_finds_the_pair(self) -> set[str]:
        return {name for name, seat in self.readers.items() if self.finds_pair(seat)}

    def finds_pair(self, seat: Membership) -> bool:
        listed = self.match in db.session.scalars(access.matches_seen_by(seat))
        try:
            assert access.get_match(seat, self.match.id) is self.match
        except NotFound:
            assert not listed
            return False
        assert listed
        return True


def conflict(user_id: int, organisation_id: int, **values: object) -> Conflict:
    """Declare an interest of a person in an organisation."""
    row = Conflict(
        user_id=user_id,
        organisation_id=organisation_id,
        declared_by_id=user_id,
        created_at=NOW,
        **values,
    )
    return factories.add(row)


@pytest.fixture
def make_world(rolled_back: None) -> Callable[..., World]:
    """Return a function that makes the rows; the idea and the pair are as the test says."""

    def make(pair: MatchStatus = MatchStatus.SUGGESTED, /, **values: object) -> World:
        editor, partner = factories.seat(Role.EDITOR), factories.seat(Role.EDITOR)
        donor = factories.seat(Role.DONOR)
        idea = factories.idea(editor, **values)
        idea.partners_involved.append(partner.organisation)
        match = factories.match(idea, factories.profile(donor.organisation), status=pair)
        readers = {
            "editor": editor,
            "head": factories.seat(Role.HEAD, editor.organisation),
            "stranger": factories.seat(Role.EDITOR),
            "partner": partner,
            "donor": donor,
            "other donor": factories.seat(Role.DONOR),
            "staff": factories.seat(Role.STAFF),
            "cleared": factories.seat(Role.STAFF),
            "staff in conflict": factories.seat(Role.STAFF),
            "lead": factories.seat(Role.LEAD),
            "lead in conflict": factories.seat(Role.LEAD),
            "admin": factories.seat(Role.ADMIN),
        }
        for name in ("staff in conflict", "lead in conflict"):
            conflict(readers[name].user_id, editor.organisation_id)
        for name in ("cleared", "staff in conflict"):
            user_id = readers[name].user_id
            factories.add(
                Clearance(idea_id=idea.id, user_id=user_id, granted_by_id=user_id, granted_at=NOW)
            )
        return World(idea, match, readers)

    return make


@pytest.fixture
def editor(rolled_back: None) -> Membership:
    """Return an editor of a community."""
    return factories.seat(Role.EDITOR)


# Ideas


@pytest.mark.parametrize("status", [IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF])
def test_a_draft_is_its_communitys_alone(
    make_world: Callable[..., World], status: IdeaStatus
) -> None:
    assert make_world(status=status).who_finds_the_idea() == AUTHORS


def test_a_draft_that_was_thrown_away_is_its_communitys_alone(
    make_world: Callable[..., World],
) -> None:
    assert make_world(status=IdeaStatus.WITHDRAWN).who_finds_the_idea() == {
        *AUTHORS,
        *OFFICE,
        "partner",
    }
    unsent = make_world(status=IdeaStatus.WITHDRAWN)
    unsent.idea.revision = 0
    db.session.flush()
    assert unsent.who_finds_the_idea() == AUTHORS


def test_the_office_finds_the_draft_that_it_entered(make_world: Callable[..., World]) -> None:
    world = make_world(status=IdeaStatus.DRAFT, entered_by_office=True)
    assert world.who_finds_the_idea() == {*AUTHORS, *OFFICE}


@pytest.mark.parametrize(
    "status", [IdeaStatus.SUBMITTED, IdeaStatus.CHANGES_REQUESTED, IdeaStatus.PUBLISHED]
)
def test_what_was_sent_is_found_by_partners_and_the_office(
    make_world: Callable[..., World], status: IdeaStatus
) -> None:
    assert make_world(status=status).who_finds_the_idea() == {*AUTHORS, *OFFICE, "partner"}


def test_a_restricted_idea_is_found_by_leads_and_the_cleared(
    make_world: Callable[..., World],
) -> None:
    world = make_world(sensitivity=Sensitivity.RESTRICTED)
    assert world.who_finds_the_idea() == {*AUTHORS, "partner", "cleared", "lead"}


def test_an_open_idea_gives_nobody_its_full_text(make_world: Callable[..., World]) -> None:
    world = make_world(sensitivity=Sensitivity.OPEN)
    assert world.who_finds_the_idea() == {*AUTHORS, *OFFICE, "partner"}


# Pairs


def test_a_suggestion_is_the_offices_alone(make_world: Callable[..., World]) -> None:
    assert make_world().who_finds_the_pair() == OFFICE


@pytest.mark.parametrize(
    "status", [MatchStatus.RELEASED, MatchStatus.DECLINED, MatchStatus.INTRODUCED]
)
def test_a_released_pair_is_found_by_its_two_sides(
    make_world: Callable[..., World], status: MatchStatus
) -> None:
    found = make_world(status).who_finds_the_pair()
    assert found == {*AUTHORS, *OFFICE, "partner", "donor"}


def test_a_dismissed_pair_never_reaches_anybody_outside(make_world: Callable[..., World]) -> None:
    assert make_world(MatchStatus.DISMISSED).who_finds_the_pair() == OFFICE


def test_a_restricted_pair_is_found_by_the_cleared_and_after_release_by_the_sides(
    make_world: Callable[..., World],
) -> None:
    restricted = {"sensitivity": Sensitivity.RESTRICTED}
    assert make_world(**restricted).who_finds_the_pair() == {"cleared", "lead"}
    released = make_world(MatchStatus.RELEASED, **restricted)
    assert released.who_finds_the_pair() == {*AUTHORS, "partner", "donor", "cleared", "lead"}


def test_an_interest_in_the_donor_hides_the_pair_and_not_the_idea(
    make_world: Callable[..., World],
) -> None:
    world = make_world()
    staff = world.readers["staff"]
    conflict(staff.user_id, world.match.profile.organisation_id)
    assert world.finds_idea(staff)
    assert not world.finds_pair(staff)
    assert access.has_conflict(staff, world.idea, world.match.profile)
    assert not access.has_conflict(staff, world.idea)


def test_an_interest_in_a_partner_hides_the_idea(make_world: Callable[..., World]) -> None:
    world = make_world()
    lead = world.readers["lead"]
    conflict(lead.user_id, world.readers["partner"].organisation_id)
    assert not world.finds_idea(lead)
    assert not world.finds_pair(lead)
    assert access.has_conflict(lead, world.idea)


# Interests


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR])
def test_a_seat_outside_the_office_is_an_interest_by_itself(
    make_world: Callable[..., World], role: Role
) -> None:
    world = make_world()
    side = world.match.profile if role is Role.DONOR else world.idea
    staff = world.readers["staff"]
    seat = factories.seat(role, side.organisation, staff.user)
    assert not world.finds_pair(staff)
    assert access.has_conflict(staff, world.idea, world.match.profile)
    seat.ended_at = NOW
    db.session.flush()
    assert world.finds_pair(staff)
    assert not access.has_conflict(staff, world.idea, world.match.profile)


def test_an_interest_that_ended_counts_no_more(make_world: Callable[..., World]) -> None:
    world = make_world()
    for name in ("staff in conflict", "lead in conflict"):
        seat = world.readers[name]
        assert not world.finds_idea(seat)
        for row in db.session.scalars(sa.select(Conflict).where(Conflict.user_id == seat.user_id)):
            row.ended_at = NOW
        db.session.flush()
        assert world.finds_idea(seat)


# Counts


def test_a_hidden_row_moves_no_count_of_any_reader(make_world: Callable[..., World]) -> None:
    world = make_world(MatchStatus.RELEASED, status=IdeaStatus.SUBMITTED)
    before = {name: menu_counts(seat) for name, seat in world.readers.items()}
    assert before["donor"] == {"matches": 1}
    assert before["staff"] == {"ideas": 1, "pairs": 0, "requests": 0}
    assert before["staff in conflict"] == {"ideas": 0, "pairs": 0, "requests": 0}
    assert before["admin"] == {}
    restricted = {"sensitivity": Sensitivity.RESTRICTED}
    hidden = factories.idea(status=IdeaStatus.SUBMITTED, **restricted)
    factories.match(hidden, status=MatchStatus.INTERESTED)
    factories.idea(status=IdeaStatus.DRAFT, revision=0)
    after = {name: menu_counts(seat) for name, seat in world.readers.items()}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"lead", "lead in conflict"}
    assert after["lead"] == {"ideas": 2, "pairs": 1, "requests": 0}


def test_the_menu_counts_what_waits_for_this_reader(make_world: Callable[..., World]) -> None:
    world = make_world(MatchStatus.INTERESTED)
    author = world.readers["editor"]
    factories.idea(author, status=IdeaStatus.CHANGES_REQUESTED)
    factories.idea(author, status=IdeaStatus.AWAITING_SIGNOFF)
    factories.add(
        AccessRequest(
            email="new@demo.example",
            name="N",
            post="P",
            language=Language.UK,
            role=Role.EDITOR,
            created_at=NOW,
        )
    )
    assert menu_counts(author) == {"needs_action": 1}
    assert menu_counts(world.readers["head"]) == {"needs_action": 2}
    assert menu_counts(world.readers["stranger"]) == {"needs_action": 0}
    assert menu_counts(world.readers["donor"]) == {"matches": 0}
    assert menu_counts(world.readers["staff"]) == {"ideas": 0, "pairs": 1, "requests": 1}


# The rest of the guards


def test_no_role_passes_as_another(make_world: Callable[..., World]) -> None:
    with pytest.raises(NotAllowed):
        access.require(factories.seat(Role.ADMIN), access.OFFICE)


@pytest.mark.parametrize(
    ("name", "refusal"), [("staff", NotAllowed), ("partner", NotAllowed), ("stranger", NotFound)]
)
def test_only_the_author_side_has_an_idea_of_its_own(
    make_world: Callable[..., World], name: str, refusal: type[Exception]
) -> None:
    world = make_world()
    assert access.get_own_idea(world.readers["head"], world.idea.id) is world.idea
    with pytest.raises(refusal):
        access.get_own_idea(world.readers[name], world.idea.id)


def test_an_organisation_is_found_by_its_people_and_the_office(
    make_world: Callable[..., World],
) -> None:
    world = make_world()
    place = world.readers["editor"].organisation
    found = set()
    for name, seat in world.readers.items():
        try:
            assert access.get_organisation(seat, place.id) is place
            found.add(name)
        except NotFound:
            continue
    office = {*OFFICE, "staff in conflict", "lead in conflict", "admin"}
    assert found == {*AUTHORS, *office}
    with pytest.raises(NotFound):
        access.get_organisation(world.readers["lead"], 999)


def test_letters_find_the_people_who_sit_there_now() -> None:
    place = factories.organisation(OrganisationKind.DONOR)
    zoya = factories.user(name="Zoya")
    anna = factories.user(name="Anna")
    for person in (zoya, anna, factories.user(is_locked=True)):
        factories.seat(Role.DONOR, place, person)
    factories.seat(Role.DONOR, place).ended_at = NOW
    db.session.flush()
    assert access.people_of(place.id) == [anna, zoya]


def test_the_people_of_the_office_are_named_once() -> None:
    person = factories.user(name="Both")
    factories.seat(Role.STAFF, person=person)
    lead = factories.seat(Role.LEAD, person=person)
    other = factories.seat(Role.LEAD, person=factories.user(name="Alone"))
    factories.seat(Role.ADMIN)
    factories.seat(Role.STAFF, person=factories.user(is_locked=True))
    assert access.office_people() == [other.user, person]
    lead.ended_at = NOW
    db.session.flush()
    assert access.office_people(roles={Role.LEAD}) == [other.user]


# Writing


def test_a_partner_reads_and_does_not_write(editor: Membership) -> None:
    partner = factories.seat(Role.EDITOR)
    idea = factories.idea(editor)
    idea.partners_involved.append(partner.organisation)
    db.session.flush()
    assert ideas.list_ideas(partner) == [idea]
    with pytest.raises(NotAllowed) as refused:
        ideas.save_section(partner, idea.id, Section.BUDGET, {"amount": 1}, now=NOW)
    assert refused.value.code == "partner"


def test_staff_do_not_write_in_a_communitys_idea(editor: Membership) -> None:
    with pytest.raises(NotAllowed):
        ideas.get_editable(factories.seat(Role.LEAD), factories.idea(editor).id)


def test_a_partners_idea_is_not_copied(editor: Membership) -> None:
    idea = factories.idea()
    idea.partners_involved.append(editor.organisation)
    db.session.flush()
    with pytest.raises(NotAllowed):
        ideas.copy_idea(editor, idea.id, now=NOW, key="k")


@pytest.mark.parametrize("role", [Role.DONOR, Role.ADMIN])
def test_others_start_nothing(role: Role) -> None:
    with pytest.raises(NotAllowed):
        ideas.start_draft(factories.seat(role), title="Є", summary="Є", key="k", now=NOW)
