"""The page about quality, and what the office sees of series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from matcher.engine.published import published_figures
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import IdeaStatus
from matcher.models.match import MatchRun, MatchStatus, RunStatus
from matcher.models.user import Role
from matcher.services import moves, ranking
from matcher.web.matching import get_index
from matcher.web.staff import quality
from tests import factories
from tests.factories import NOW

ClientAs = Callable[..., Any]
S = MatchStatus


def decide(n_good: int, n_bad: int, **values: Any) -> None:
    """Make decided pairs of one profile, the good ones with the higher score."""
    profile = factories.profile()
    staff = factories.seat(Role.STAFF)
    for number in range(n_good + n_bad):
        is_good = number < n_good
        match = factories.match(
            profile_row=profile,
            status=S.RELEASED,
            score=1.0 - number / 10,
            band="strong",
            rank_for_idea=number + 1,
            **values,
        )
        reason = None if is_good else Reason.NOT_OUR_THEME
        moves.make_move(
            match, "interested" if is_good else "decline", staff, now=NOW, reason=reason
        )


def test_an_empty_installation_says_what_is_to_come(client_as: ClientAs) -> None:
    page = client_as(Role.STAFF).get("/staff/quality")
    assert page.status_code == 200
    assert "Жодної пари ще не оцінено" in page.text
    assert "nDCG" in page.text


def test_decisions_stand_beside_places_and_words(app: Flask, client_as: ClientAs) -> None:
    with app.app_context():
        decide(2, 3)
        db.session.commit()
    page = client_as(Role.STAFF).get("/staff/quality").text
    assert "прийнята стоїть вище у 100" in page
    assert "місця 1–3" in page
    assert "замало пар" in page  # five pairs give no interval worth showing


def test_the_latest_run_says_whether_learning_is_used(app: Flask, client_as: ClientAs) -> None:
    with app.app_context():
        learning = {"profiles": 7, "before": 0.6, "after": 0.8, "is_used": False}
        run = MatchRun(
            status=RunStatus.DONE,
            engine_version="2.0",
            created_at=NOW,
            finished_at=NOW,
            figures={"ideas": 3, "profiles": 2, "seconds": 1.0, "learning": learning},
        )
        factories.add(run)
        db.session.commit()
    page = client_as(Role.LEAD).get("/staff/quality").text
    assert "пріоритетах донорів (7)" in page
    assert "тому навчання не ввімкнено" in page


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_others_have_no_such_page(client_as: ClientAs, role: Role) -> None:
    assert client_as(role).get("/staff/quality").status_code == 403


def test_every_published_set_and_measure_has_words() -> None:
    for row in published_figures():
        assert str(quality.SETS[row.judged_set])
        assert str(quality.MEASURES[row.measure])
        assert 0.0 <= row.low <= row.mean <= row.high <= 1.0


def test_a_series_is_no_duplicate(app: Flask, client_as: ClientAs) -> None:
    with app.app_context():
        author = factories.seat(Role.EDITOR)
        rows = [
            factories.idea(
                author,
                title=f"Капітальний ремонт покрівлі будинку по вул. Миру, {number}",
                status=IdeaStatus.SUBMITTED,
            )
            for number in (5, 7, 9)
        ]
        factories.profile()
        ranking.ensure_generation(get_index(), now=NOW, today=NOW.date())
        db.session.commit()
        own = rows[0].id
    page = client_as(Role.STAFF).get(f"/staff/ideas/{own}").text
    assert "2 ідеї цієї громади відрізняються лише номером" in page
    assert "Схожі ідеї" not in page
