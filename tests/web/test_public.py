"""What strangers see: the start page, open ideas, guidance, the link of a letter, health."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, IdeaConfirmation, IdeaStatus, Sensitivity
from matcher.models.match import MatchStatus
from matcher.models.organisation import OrganisationKind
from matcher.models.user import LinkPurpose, Role
from matcher.services import links, readiness, settings
from tests import factories

PAGES = ("/", "/ideas", "/guidance", "/guidance/example", "/privacy", "/accessibility")
CANARY = "Канарейківка"
TOKEN = re.compile(r'(name="csrf_token" value=")[^"]*')


@pytest.fixture
def english(client):
    """Return a stranger's client that reads English."""
    client.post("/auth/language", data={"language": "en", "next": "/"})
    return client


def open_idea(code: str = "OPEN-1", **values):
    """Make an open idea whose place, problem and author must never be shown."""
    author = factories.seat(Role.EDITOR)
    author.user.name = f"Посадовець {CANARY}"
    defaults = {
        "code": code,
        "sensitivity": Sensitivity.OPEN,
        "problem": f"Поруч із селом {CANARY} немає води.",
        "activities": f"Пробурити свердловину в селі {CANARY}.",
        "partners": f"Школа села {CANARY}",
        "place_katottg": "UA59080010010000001",
    }
    row = factories.idea(author, **(defaults | values))
    factories.release_text(row, Language.EN)
    factories.release_text(row, Language.UK)
    return row


def store(app, make):
    """Run a factory in a context of its own and return the row's id."""
    with app.app_context():
        row = make()
        db.session.commit()
        return row.id


def change(app, idea_id: int, **values) -> None:
    """Change columns of an idea."""
    with app.app_context():
        db.session.execute(sa.update(Idea).where(Idea.id == idea_id).values(**values))
        db.session.commit()


def read(client, *paths: str) -> list[str]:
    """Return pages without the tokens, which differ each time."""
    return [TOKEN.sub(r"\1", client.get(path).text) for path in paths]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["uk", "en"])
def test_every_page_opens_without_an_account(client, path, language):
    client.post("/auth/language", data={"language": language, "next": "/"})
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text


def test_a_demonstration_says_where_its_accounts_are_and_names_none(app, english):
    assert "demonstration accounts" not in english.get("/").text
    store(app, lambda: (settings.write("demo", "1"), factories.user())[1])
    page = english.get("/").text
    assert "printed in the terminal" in page
    assert "demo.example" not in page


def test_the_figures_count_the_public_set_alone(app, english):
    def make():
        open_idea("OPEN-1")
        factories.release_text(factories.idea(), Language.EN)
        factories.profile(ended=True)
        return factories.profile()

    store(app, make)
    page = re.sub(r"\s+", " ", english.get("/").text)
    assert '<b>1</b><a href="/ideas">open idea</a>' in page
    assert '<b>1</b><span class="muted">community with open ideas' in page
    assert '<b>1</b><span class="muted">donor with known priorities' in page


def test_an_open_idea_is_listed_and_read_in_either_language(app, client, english):
    store(app, open_idea)
    listed, page = english.get("/ideas").text, english.get("/ideas/OPEN-1").text
    assert "A new well for the hospital" in listed
    assert "The hospital has no drinking water" in page
    assert "€85,000" in page
    assert "7,400" in page
    client.post("/auth/language", data={"language": "uk", "next": "/"})
    assert "Нова свердловина для лікарні" in client.get("/ideas").text


@pytest.mark.parametrize("path", ["/ideas", "/ideas/OPEN-1", "/"])
def test_nothing_but_the_release_text_is_shown(app, english, path):
    store(app, open_idea)
    page = english.get(path).text
    assert CANARY not in page
    assert "Мережа не працює" not in page
    assert "UA5908001001" not in page


@pytest.mark.parametrize(
    "values",
    [
        {"status": IdeaStatus.SUBMITTED},
        {"status": IdeaStatus.ON_HOLD},
        {"status": IdeaStatus.WITHDRAWN},
        {"sensitivity": Sensitivity.AFTER_APPROVAL},
        {"sensitivity": Sensitivity.RESTRICTED},
    ],
)
def test_no_other_idea_can_be_found(app, english, values):
    store(app, lambda: open_idea("HIDDEN-1", **values))
    missing = english.get("/ideas/NO-SUCH-IDEA")
    hidden = english.get("/ideas/HIDDEN-1")
    assert hidden.status_code == missing.status_code == 404
    assert TOKEN.sub(r"\1", hidden.text).replace("HIDDEN-1", "") == TOKEN.sub(
        r"\1", missing.text
    ).replace("NO-SUCH-IDEA", "")
    assert "A new well" not in english.get("/ideas").text


def test_a_text_that_nobody_confirmed_is_not_shown(app, english):
    def make():
        row = factories.idea(code="OPEN-1", sensitivity=Sensitivity.OPEN)
        factories.release_text(row, Language.EN, reviewed_at=None, reviewed_by=None)
        return row

    store(app, make)
    assert english.get("/ideas/OPEN-1").status_code == 404


def test_an_author_cannot_open_an_idea_to_everybody_unread(app, english):
    idea_id = store(app, lambda: open_idea("X-1", sensitivity=Sensitivity.AFTER_APPROVAL))
    change(app, idea_id, sensitivity=Sensitivity.OPEN)
    assert english.get("/ideas/X-1").status_code == 404


def test_facts_that_were_not_submitted_are_not_shown(app, english):
    idea_id = store(app, open_idea)
    change(app, idea_id, amount=Decimal(999_999))
    assert "999,999" not in english.get("/ideas/OPEN-1").text
    assert "€85,000" in english.get("/ideas/OPEN-1").text


def test_an_idea_outside_the_public_set_changes_no_byte(app, english):
    hidden = store(app, lambda: open_idea("HIDDEN-1", sensitivity=Sensitivity.AFTER_APPROVAL))
    store(app, open_idea)
    paths = ("/", "/ideas", "/ideas/OPEN-1", "/ideas?q=hospital", "/ideas?sector=140")
    before = read(english, *paths)
    change(app, hidden, title="Інше", sector="120", sdg=3, amount=Decimal(1), beneficiaries=1)
    store(app, lambda: open_idea("HIDDEN-2", sensitivity=Sensitivity.RESTRICTED))
    assert read(english, *paths) == before


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=HOSPITAL", True),
        ("q=лікарні", True),
        ("q=СВЕРДЛОВИНИ", True),
        ("q=wells", True),
        ("q=water hospital", True),
        ("q=school", False),
        (f"q={CANARY}", False),
        ("q=Пробурити", False),
        ("sector=140", True),
        ("sector=120", False),
        ("sdg=6", True),
        ("sdg=7", False),
        ("sdg=x", False),
        ("raion=UA59080000000021865", True),
        ("raion=UA59020000000057792", False),
        ("page=99999999999999999999", True),
        ("page=-1", True),
    ],
)
def test_filters_look_at_release_texts_in_any_case_and_form(app, english, query, found):
    store(app, open_idea)
    answer = english.get(f"/ideas?{query}")
    assert answer.status_code == 200
    assert ("A new well for the hospital" in answer.text) is found


def test_a_long_list_has_pages(app, english):
    store(app, lambda: [open_idea(f"OPEN-{number}") for number in range(26)][-1])
    assert english.get("/ideas").text.count("<article") == 25
    assert english.get("/ideas?page=2").text.count("<article") == 1


def test_what_was_funded_is_shown_without_donor_and_sum(app, english):
    def make():
        row = open_idea("FUNDED-1", status=IdeaStatus.ARCHIVED)
        donor = factories.organisation(OrganisationKind.DONOR, name_en="Secret Donor")
        money = {"funded_amount": Decimal(77_777), "funded_currency": "EUR"}
        status = MatchStatus.FUNDED
        return factories.match(
            row,
            factories.profile(donor),
            status=status,
            funded_on=date(2026, 11, 3),
            **money,
        )

    store(app, make)
    page = english.get("/").text
    assert "A new well for the hospital" in page
    assert "Secret Donor" not in page
    assert "77,777" not in page


# The link in a letter


def confirm_link(app, clock) -> tuple[str, int]:
    """Make an idea of a community with a head and the link that was sent to the head."""
    with app.app_context():
        head = factories.seat(Role.HEAD)
        row = factories.idea(head)
        _link, secret = links.create(
            LinkPurpose.CONFIRM_IDEA, head.user, now=clock.now, subject_id=row.id
        )
        db.session.commit()
        return secret, row.id


def confirmations(app, idea_id: int) -> int:
    """Return how often the idea was confirmed."""
    with app.app_context():
        statement = sa.select(sa.func.count()).where(IdeaConfirmation.idea_id == idea_id)
        return db.session.scalar(statement)


def test_opening_the_link_confirms_nothing(app, client, clock):
    secret, idea_id = confirm_link(app, clock)
    for _ in range(3):
        answer = client.get(f"/confirm/{secret}")
        assert answer.status_code == 200
        assert "Нова свердловина для лікарні" in answer.text
        assert "Після обстрілів" not in answer.text
    assert confirmations(app, idea_id) == 0


def test_the_button_confirms_once(app, client, clock):
    secret, idea_id = confirm_link(app, clock)
    assert client.post(f"/confirm/{secret}").status_code == 302
    assert client.post(f"/confirm/{secret}").status_code == 404
    assert client.get(f"/confirm/{secret}").status_code == 404
    assert confirmations(app, idea_id) == 1


def test_an_old_or_invented_link_confirms_nothing(app, client, clock):
    secret, idea_id = confirm_link(app, clock)
    clock.now += timedelta(days=8)
    assert client.post(f"/confirm/{secret}").status_code == 404
    assert client.get("/confirm/invented").status_code == 404
    assert confirmations(app, idea_id) == 0


# Health


def test_the_process_says_that_it_answers(client):
    assert client.get("/healthz").text == "ok\n"


def test_readiness_names_each_check(app, client):
    answer = client.get("/readyz")
    assert answer.status_code == 503  # The tables of tests were made without migrations.
    assert answer.json["checks"] == {
        "database": True,
        "migrations": False,
        "disk": True,
        "index": True,
    }
    config = Config()
    config.set_main_option("script_location", str(readiness.MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    with app.app_context():
        db.session.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        insert = sa.text("INSERT INTO alembic_version VALUES (:head)")
        db.session.execute(insert, {"head": head})
        db.session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["ready"] is True


def test_a_full_disk_or_a_closed_folder_is_not_ready(app, client, monkeypatch, tmp_path):
    monkeypatch.setattr(readiness, "LEAST_FREE_BYTES", 2**80)
    assert client.get("/readyz").json["checks"]["disk"] is False
    assert readiness.can_write(tmp_path / "not" / "there")
    monkeypatch.setattr(os, "access", lambda _path, mode: mode == os.F_OK)
    assert client.get("/readyz").json["checks"]["index"] is False
