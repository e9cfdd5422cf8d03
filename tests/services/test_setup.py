"""Setting up an installation, all or nothing; the demonstration's refusal."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.idea import Idea
from matcher.models.organisation import (
    Organisation,
    OrganisationKind,
    Setting,
)
from matcher.models.user import LinkPurpose, Role, User
from matcher.services import links, reference, settings
from tests import factories
from tests.factories import NOW
from tests.services.console import ANSWERS, count, run_command, secret_in

HEAD = "katottg\tname_uk\tname_en\ttype\traion_katottg\traion_uk\traion_en\n"


@pytest.fixture
def flask(app):
    """Return a function that runs a command and returns (exit code, what it printed)."""
    return partial(run_command, app)


# Setting up


def test_setup_makes_an_office_with_one_person_and_no_invented_row(app, flask):
    code, text = flask("setup", *ANSWERS)
    assert code == 0
    assert "51 communities" in text
    with app.app_context():
        person = db.session.scalars(sa.select(User)).one()
        assert (person.email, person.name) == ("lead@demo.example", "Олена")
        assert {seat.role for seat in person.memberships} == {Role.ADMIN, Role.LEAD}
        link = links.find_valid(
            LinkPurpose.INVITATION, secret_in(text, "/auth/invitation"), now=NOW
        )
        assert link.user_id == person.id
        office = db.session.scalars(
            sa.select(Organisation).where(Organisation.kind == OrganisationKind.OFFICE)
        ).one()
        assert (office.name_uk, office.name_en) == ("Управління", "Office")
        assert settings.read("sender") == "office@demo.example"
        assert not settings.is_demo()
        examples = sa.select(Organisation.id).where(Organisation.is_example)
        assert db.session.scalars(examples).all() == []
    assert count(app, Idea) == 0


def test_setup_asks_and_a_wrong_address_is_asked_again(app, flask):
    answers = "nobody\nlead@demo.example\n\n\n\nОлена\ny\n"
    code, text = flask("setup", answers=answers)
    assert code == 0
    assert "This is no e-mail address" in text
    with app.app_context():
        assert settings.read("sender") == "lead@demo.example"
        assert settings.read("office_name_uk") == settings.DEFAULTS["office_name_uk"]


def test_setup_writes_nothing_when_the_answer_is_no(app, flask):
    code, text = flask("setup", *ANSWERS[1:], answers="n\n")
    assert code == 1
    assert "Управління / Office" in text
    assert [count(app, model) for model in (User, Organisation, Setting)] == [0, 0, 0]


def test_setup_refuses_a_second_office(app, flask):
    flask("setup", *ANSWERS)
    code, text = flask("setup", *ANSWERS)
    assert code == 1
    assert "has an office already" in text
    assert count(app, User) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEAD + "UA1\tНазва\tName\trural\tUA2\t\tRaion\n", "line 2"),
        (HEAD + "UA1\tНазва\tName\tcity\tUA2\tР\tR\n", "type = city"),
        (HEAD, "no community"),
        ("", "no community"),
        ("a\tb\n1\t2\n", "line 2"),
        (b"\xff\xfe\x00", "no list of communities"),
        (HEAD[:-1] + "\tlat\tlon\nUA1\tН\tN\trural\tUA2\tР\tR\tnorth\teast\n", "no list"),
    ],
)
def test_a_bad_territory_file_leaves_the_database_empty(app, flask, tmp_path, content, says):
    file = tmp_path / "oblast.tsv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, text = flask("setup", *ANSWERS, f"--territory={file}")
    assert code == 1
    assert says in text
    assert [count(app, model) for model in (User, Organisation, Setting)] == [0, 0, 0]


def test_another_oblast_has_its_own_communities_only(app, flask, tmp_path):
    file = tmp_path / "oblast.tsv"
    file.write_text(HEAD + "UA1\tНазва\tName\trural\tUA2\tРайон\tRaion\n", encoding="utf-8")
    code, text = flask("setup", *ANSWERS, f"--territory={file}")
    assert code == 0
    assert "1 communities" in text
    with app.app_context():
        statement = sa.select(Organisation.katottg).where(Organisation.katottg.is_not(None))
        assert db.session.scalars(statement).all() == ["UA1"]


@pytest.mark.parametrize(
    "wrong",
    ["--admin-email=nobody", "--sender=a@b", "--sender=a@demo.example,b@demo.example"],
)
def test_a_wrong_address_is_refused(app, flask, wrong):
    code, text = flask("setup", *ANSWERS, wrong)
    assert code == 1
    assert "no e-mail address" in text
    assert count(app, Setting) == 0


def test_with_yes_the_administrator_must_be_named(flask):
    code, text = flask("setup", "--yes")
    assert code == 2
    assert "--admin-email" in text


def test_a_database_without_tables_says_what_to_do(app, flask):
    with app.app_context():
        db.drop_all()
    for command in (["setup"], ["users", "list"], ["demo", "load"], ["worker", "run", "--once"]):
        code, text = flask(*command)
        assert code == 1
        assert "flask db upgrade" in text


# The demonstration


def test_the_demonstration_refuses_a_database_with_real_rows(app, flask):
    flask("setup", *ANSWERS)
    code, text = flask("demo", "load")
    assert code == 1
    assert "real rows" in text
    assert count(app, User) == 1


def test_the_demonstration_is_loaded_once(app, flask, monkeypatch):
    with app.app_context():
        settings.write("demo", "1")
        factories.user(is_example=True)
        db.session.commit()
    code, text = flask("demo", "load")
    assert code == 0
    assert "loaded already" in text
    assert count(app, User) == 1


def test_the_reference_can_be_loaded_twice(app):
    with app.app_context():
        for _ in range(2):
            reference.load_reference(now=NOW)
            db.session.commit()
        kinds = sa.select(sa.func.count()).where(Organisation.kind == OrganisationKind.COMMUNITY)
        assert db.session.scalar(kinds) == 51
