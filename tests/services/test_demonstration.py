"""The demonstration shows every screen, puts no word in a real donor's mouth, says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from matcher.errors import WrongState
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaRevision, IdeaStatus, Sensitivity
from matcher.models.job import Job, JobStatus
from matcher.models.match import ContactNote, Feedback, Match, MatchRun, MatchStatus, RunStatus
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.profile import CallState, Profile, ProfileKind, ProfileRevision, ProposalStatus
from matcher.models.user import AccessRequest, Conflict, User
from matcher.services import access, demonstration, freshness, passwords, settings
from matcher.services.index import Index
from tests import factories
from tests.conftest import make_app

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
PASSWORD = "чотири незалежні слова разом"
NINE = {
    "editor": "editor",
    "head": "head",
    "donor": "donor",
    "donor2": "donor",
    "staff": "staff",
    "staff2": "staff",
    "lead": "lead",
    "lead2": "lead",
    "admin": "admin",
}


@pytest.fixture(scope="module")
def loaded(
    tmp_path_factory: pytest.TempPathFactory, fresh_database: Callable[[Path], str]
) -> Iterator[tuple[Flask, list[tuple[str, str]]]]:
    """Load the demonstration once; return the app and the accounts that the command prints."""
    folder = tmp_path_factory.mktemp("demonstration")
    app = make_app(folder, SQLALCHEMY_DATABASE_URI=fresh_database(folder))
    with app.app_context():
        accounts = demonstration.load_demonstration(
            Index(folder / "index"), password=PASSWORD, now=NOW, today=TODAY
        )
        db.session.commit()
    yield app, accounts
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def accounts(loaded: tuple[Flask, list[tuple[str, str]]]) -> Iterator[dict[str, str]]:
    """Open the loaded database and return the roles of the accounts by name."""
    app, rows = loaded
    with app.app_context():
        yield {email.partition("@")[0]: role for email, role in rows}
        db.session.rollback()


pytestmark = pytest.mark.usefixtures("accounts")


def every(statement: sa.Select) -> list:
    """Return all values of a statement."""
    return list(db.session.scalars(statement))


# Every screen has something to show


def test_nine_accounts_are_printed_and_one_password_opens_them(accounts: dict[str, str]) -> None:
    assert accounts == NINE
    people = every(sa.select(User).where(User.password_hash.is_not(None)))
    assert {person.email.partition("@")[0] for person in people} == set(NINE)
    assert passwords.verify(people[0].password_hash, PASSWORD)
    assert len({person.password_hash for person in people}) == 1


def test_every_state_of_an_idea_occurs() -> None:
    assert set(every(sa.select(Idea.status))) == set(IdeaStatus)
    assert set(every(sa.select(Idea.sensitivity))) == set(Sensitivity)


def test_every_state_of_a_pair_occurs() -> None:
    assert set(every(sa.select(Match.status))) == set(MatchStatus)


def test_the_other_machines_show_what_waits() -> None:
    assert every(sa.select(MatchRun.status)) == [RunStatus.DONE]
    assert set(every(sa.select(Job.status))) >= {
        JobStatus.WAITING,
        JobStatus.DONE,
        JobStatus.FAILED,
    }
    assert every(sa.select(AccessRequest.id))
    assert every(sa.select(ContactNote.id))
    assert every(sa.select(Feedback.id))
    assert every(sa.select(Conflict.id))
    proposed = ProfileRevision.status == ProposalStatus.PROPOSED
    assert len(every(sa.select(ProfileRevision).where(proposed))) == 1
    waiting = sa.select(Match).where(Match.seconding_act.is_not(None))
    assert {match.idea.sensitivity for match in every(waiting)} == {Sensitivity.RESTRICTED}


def test_calls_are_expected_open_and_closed_today() -> None:
    calls = every(sa.select(Profile).where(Profile.kind == ProfileKind.CALL))
    assert {freshness.call_state(call, today=TODAY) for call in calls} == set(CallState)


@pytest.mark.parametrize("name", ["editor", "donor", "donor2", "staff", "lead"])
def test_each_account_finds_pairs_of_its_own(name: str) -> None:
    email = f"{name}@demo.example"
    person = db.session.scalars(sa.select(User).where(User.email == email)).one()
    assert every(access.matches_seen_by(person.memberships[0]))


def test_what_was_sent_was_really_sent() -> None:
    for idea in every(sa.select(Idea)):
        unsent = idea.status in (IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF)
        assert (idea.revision == 0) is unsent, idea.code
        assert [row.number for row in idea.revisions] == list(range(1, idea.revision + 1))
        if idea.events:
            assert idea.events[-1].to_status is idea.status
    assert every(sa.select(sa.func.count(IdeaRevision.id))) > [0]


def test_no_moment_lies_ahead() -> None:
    for match in every(sa.select(Match)):
        assert match.status_at <= NOW
        times = [event.at for event in match.events]
        assert times == sorted(times)
        assert all(at <= NOW for at in times)


# Nothing is passed off as real


def test_no_answer_is_put_into_a_real_donors_mouth() -> None:
    real = sa.select(Match).join(Match.profile).where(sa.not_(Profile.is_example))
    states = {match.status for match in every(real)}
    assert states <= {MatchStatus.SUGGESTED, MatchStatus.RELEASED, MatchStatus.LAPSED}
    assert MatchStatus.RELEASED in states


def test_every_invented_row_says_so() -> None:
    assert all(every(sa.select(User.is_example)))
    assert all(every(sa.select(Idea.is_example)))
    assert all(every(sa.select(AccessRequest.is_example)))
    for organisation in every(sa.select(Organisation)):
        invented = organisation.kind is OrganisationKind.OFFICE or (
            organisation.kind is OrganisationKind.DONOR
            and "(приклад)" in organisation.name_uk + organisation.name_en
        )
        assert not invented or organisation.is_example, organisation.name_en
    for profile in every(sa.select(Profile)):
        assert profile.is_example is profile.organisation.is_example
    assert settings.is_demo()
    assert "приклад" in settings.read("office_name_uk")


def test_people_have_addresses_that_lead_nowhere() -> None:
    emails = [*every(sa.select(User.email)), *every(sa.select(AccessRequest.email))]
    assert {email.partition("@")[2] for email in emails} == {"demo.example"}
    assert set(every(sa.select(User.phone))) == {""}


def test_two_letters_wait_and_no_other_is_due() -> None:
    due = every(sa.select(Job).where(Job.status == JobStatus.WAITING))
    assert len(due) == 2
    assert {job.kind for job in due} == {"letter"}
    assert JobStatus.RUNNING not in every(sa.select(Job.status))


# Where it may be loaded


def test_it_is_not_loaded_twice(tmp_path: Path) -> None:
    before = every(sa.select(sa.func.count(Idea.id)))
    with pytest.raises(WrongState) as refused:
        demonstration.load_demonstration(Index(tmp_path), password=PASSWORD, now=NOW, today=TODAY)
    assert refused.value.code == "real_rows"
    assert every(sa.select(sa.func.count(Idea.id))) == before


def test_it_is_not_loaded_beside_real_people(shared_app: Flask, tmp_path: Path) -> None:
    with shared_app.app_context():
        factories.user()
        with pytest.raises(WrongState):
            demonstration.load_demonstration(
                Index(tmp_path), password=PASSWORD, now=NOW, today=TODAY
            )
        assert every(sa.select(Organisation)) == []
        db.session.rollback()
