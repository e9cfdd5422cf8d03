"""The console after the set-up: people, jobs, ranking, lists."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.codes import Language, Reason
from matcher.models.job import Job, JobStatus
from matcher.models.match import MatchRun, MatchStatus, RunStatus
from matcher.models.organisation import (
    ExchangeRate,
    TerritoryStatus,
)
from matcher.models.user import LinkPurpose, LoginSession, Role, User
from matcher.services import links, moves, ranking
from tests import factories
from tests.factories import NOW
from tests.services.console import ANSWERS, count, run_command, secret_in


@pytest.fixture
def flask(app):
    """Return a function that runs a command and returns (exit code, what it printed)."""
    return partial(run_command, app)


@pytest.fixture
def office(app, flask):
    flask("setup", *ANSWERS)
    return flask


def test_people_are_listed_with_their_seats(office):
    _code, text = office("users", "list")
    assert re.search(r"lead@demo\.example\s+invited\s+.*(admin of Office|lead of Office)", text)
    assert office("users", "list", "--role=donor")[1] == ""


def test_somebody_is_invited_into_a_community_by_its_code(app, office):
    code, text = office(
        "users",
        "invite",
        "Head@demo.example",
        "--name=Голова",
        "--role=head",
        "--organisation=UA59020010000024157",
        "--language=en",
    )
    assert code == 0
    with app.app_context():
        link = links.find_valid(
            LinkPurpose.INVITATION, secret_in(text, "/auth/invitation"), now=NOW
        )
        seat = link.user.memberships[0]
        assert (link.user.email, link.user.language) == ("head@demo.example", Language.EN)
        assert (seat.role, seat.organisation.katottg) == (Role.HEAD, "UA59020010000024157")


def test_somebody_with_a_password_gets_a_seat_without_a_link(app, office):
    with app.app_context():
        factories.user(email="staff@demo.example", password_hash="x")
        db.session.commit()
    code, text = office("users", "invite", "staff@demo.example", "--name=N", "--role=staff")
    assert code == 0
    assert "signs in as before" in text
    code, text = office("users", "invite", "staff@demo.example", "--name=N", "--role=staff")
    assert code == 1
    assert "has this role" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a@demo.example", "--name=N", "--role=head"], "organisation"),
        (["a@demo.example", "--name=N", "--role=head", "--organisation=UA0"], "organisation"),
        (
            ["a@demo.example", "--name=N", "--role=donor", "--organisation=UA59020010000024157"],
            "does not fit",
        ),
        (["nobody", "--name=N", "--role=staff"], "no e-mail"),
    ],
)
def test_a_wrong_invitation_changes_nothing(app, office, arguments, says):
    code, text = office("users", "invite", *arguments)
    assert code == 1
    assert says in text
    assert count(app, User) == 1


def test_an_account_is_locked_and_opened_at_the_console(app, office):
    with app.app_context():
        seat = factories.seat(Role.EDITOR, person=factories.user(email="e@demo.example"))
        factories.open_session(seat, now=NOW)
        db.session.commit()
    assert office("users", "lock", "E@demo.example")[0] == 0
    with app.app_context():
        assert db.session.scalars(sa.select(LoginSession.ended_at)).one() is not None
        event = sa.select(AuditEvent).where(AuditEvent.act == "user.locked")
        assert db.session.scalars(event).one().user_id is None
    assert office("users", "lock", "e@demo.example")[0] == 1
    assert office("users", "reset-link", "e@demo.example")[0] == 1
    assert office("users", "unlock", "e@demo.example")[0] == 0
    assert office("users", "unlock", "e@demo.example")[0] == 1
    code, text = office("users", "lock", "nobody@demo.example")
    assert code == 1
    assert "no account" in text


def test_the_console_makes_a_link_for_who_cannot_sign_in(app, office):
    with app.app_context():
        factories.user(email="e@demo.example", password_hash="x")
        db.session.commit()
    _code, text = office("users", "reset-link", "e@demo.example")
    secret = secret_in(text, "/auth/password/reset")
    with app.app_context():
        assert links.find_valid(LinkPurpose.PASSWORD_RESET, secret, now=NOW) is not None
    _code, text = office("users", "reset-link", "lead@demo.example")
    assert "/auth/invitation/" in text


# Jobs and ranking


def test_failed_jobs_are_listed_and_tried_again(app, flask):
    with app.app_context():
        values = {"kind": "letter", "not_before": NOW, "created_at": NOW, "error": "smtp 550"}
        payload = {"letter": "invitation"}
        job = factories.add(Job(**values, payload=payload, status=JobStatus.FAILED, attempts=8))
        db.session.commit()
        job_id = job.id
    _code, text = flask("jobs", "list", "--status=failed")
    assert re.search(rf"{job_id}\s+failed\s+8 of 8\s+invitation\s+smtp 550", text)
    assert flask("jobs", "retry", str(job_id))[0] == 0
    code, text = flask("jobs", "retry", str(job_id))
    assert code == 1
    assert "Only a failed job" in text
    assert flask("jobs", "list", "--status=failed")[1] == ""


def test_rank_fits_a_generation_and_says_its_figures(app, flask):
    with app.app_context():
        factories.idea()
        factories.profile()
        db.session.commit()
    code, text = flask("rank")
    assert code == 0
    assert "1 ideas, 1 profiles" in text
    with app.app_context():
        assert db.session.scalars(sa.select(MatchRun.status)).all() == [RunStatus.DONE]


def test_a_ranking_that_breaks_is_marked_failed(app, flask, monkeypatch):
    def explode(*_args, **_values):
        raise ValueError("no vocabulary")

    monkeypatch.setattr(ranking, "run_ranking", explode)
    with pytest.raises(ValueError, match="no vocabulary"):
        flask("rank")
    with app.app_context():
        assert db.session.scalars(sa.select(MatchRun.status)).all() == [RunStatus.FAILED]


def test_the_worker_does_what_is_due_and_ends(flask):
    assert flask("worker", "run", "--once") == (0, "3 done.\n")


# Quality and words


def test_decisions_are_compared_with_the_ranking(app, flask):
    with app.app_context():
        profile = factories.profile()
        staff = factories.seat(Role.STAFF)
        for act, score, reason in (
            ("interested", 0.9, None),
            ("interested", 0.8, None),
            ("decline", 0.1, Reason.NOT_OUR_THEME),
        ):
            match = factories.match(
                profile_row=profile, status=MatchStatus.RELEASED, score=score, band="strong"
            )
            match.rank_for_idea = 2
            moves.make_move(match, act, staff, now=NOW, reason=reason)
        db.session.commit()
    code, text = flask("evaluate")
    assert code == 0
    assert "3 judged pairs, 2 of them good" in text
    assert "good above refused, by profile: 1.000" in text
    assert "up to place 3    2 good, 1 refused" in text
    assert "LEARN_FROM_DECISIONS is off" in text


def test_without_decisions_evaluate_says_so(flask):
    code, text = flask("evaluate")
    assert code == 0
    assert "0 judged pairs" in text
    assert "no profile has both" in text


def test_a_good_file_of_words_is_welcome(flask, tmp_path):
    file = tmp_path / "own.txt"
    file.write_text("# ours\nown-bud | брунькарня; брунькарський | bud nursery\n", encoding="utf-8")
    assert flask("lexicon", "check", str(file))[0] == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("own | брунькарня", "3 or 4 columns"),
        ("own word | брунькарня | bud", "is no concept id"),
        ("own | брунькарня; та | bud", "'та' has no key"),
        ("own | хто | who", "is a function word"),
        ("own | вода | water", "is there already"),
        ("water | брунькарня | bud", "the id 'water' is taken"),
        ("own | брунькарня | брунька", "Cyrillic letters"),
    ],
)
def test_each_fault_of_a_file_of_words_is_named_with_its_line(flask, tmp_path, line, reason):
    file = tmp_path / "own.txt"
    file.write_text(f"# ours\n{line}\n", encoding="utf-8")
    code, text = flask("lexicon", "check", str(file))
    assert code == 1
    assert "own.txt:2: " in text
    assert reason in text


# Lists


def test_a_rate_is_entered_and_corrected(app, flask):
    assert flask("rates", "set", "eur", "49,15", "2026-11-20")[0] == 0
    assert flask("rates", "set", "EUR", "49.25", "2026-11-20", "--source=НБУ")[0] == 0
    with app.app_context():
        rate = db.session.scalars(sa.select(ExchangeRate)).one()
        assert (rate.currency, rate.uah, rate.day) == ("EUR", Decimal("49.25"), date(2026, 11, 20))
        assert rate.source == "НБУ"
        event = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert Decimal(event.old["uah"]) == Decimal("49.15")
        assert Decimal(event.new["uah"]) == Decimal("49.25")


@pytest.mark.parametrize(
    "arguments",
    [
        ["EUR", "much", "2026-11-20"],
        ["EUR", "nan", "2026-11-20"],
        ["EUR", "0", "2026-11-20"],
        ["EURO", "49", "2026-11-20"],
        ["UAH", "1", "2026-11-20"],
        ["EUR", "49", "20.11.2026"],
    ],
)
def test_a_wrong_rate_is_refused(app, flask, arguments):
    assert flask("rates", "set", *arguments)[0] != 0
    assert count(app, ExchangeRate) == 0


TERRITORY = "katottg\tstatus\tvalid_from\tvalid_to\tsource\n"


def test_the_territory_list_is_loaded_once(app, flask, tmp_path):
    file = tmp_path / "list.tsv"
    rows = "UA1\tpossible_hostilities\t2026-01-01\t\torder 1\n"
    file.write_text(TERRITORY + rows, encoding="utf-8")
    assert flask("territories", "load", str(file)) == (0, "1 new entries.\n")
    assert flask("territories", "load", str(file)) == (0, "0 new entries.\n")
    assert count(app, TerritoryStatus) == 1


@pytest.mark.parametrize(
    "row",
    ["UA2\tquiet\t2026-01-01\t\ts\n", "UA2\tnone\tyesterday\t\ts\n", "UA2\n"],
)
def test_a_territory_list_with_a_fault_is_not_loaded_at_all(app, flask, tmp_path, row):
    file = tmp_path / "list.tsv"
    good = "UA1\tpossible_hostilities\t2026-01-01\t\torder 1\n"
    file.write_text(TERRITORY + good + row, encoding="utf-8")
    code, text = flask("territories", "load", str(file))
    assert code == 1
    assert "nothing was loaded" in text
    assert count(app, TerritoryStatus) == 0
