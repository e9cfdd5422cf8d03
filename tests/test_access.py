"""Every endpoint as every role: the table of web/access.py decides, and nothing is left open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.match import MatchStatus, Question
from matcher.models.user import Role
from matcher.web.access import ACCESS, EVERYBODY
from tests import factories
from tests.conftest import make_app, sign_in

ROLES = [None, *Role]
APP = make_app(Path("/nonexistent"), SQLALCHEMY_DATABASE_URI="sqlite://")
ENDPOINTS = sorted({rule.endpoint for rule in APP.url_map.iter_rules()})


@pytest.fixture
def world(app: Flask) -> dict[str, int]:
    """Make one row of everything that an address may name, and a seat for each role."""
    with app.app_context():
        author = factories.seat(Role.EDITOR)
        donor = factories.seat(Role.DONOR)
        idea = factories.idea(author)
        factories.release_text(idea)
        profile = factories.profile(donor.organisation)
        match = factories.match(idea, profile, status=MatchStatus.QUESTION)
        question = factories.add(
            Question(
                match=match,
                text="?",
                language="en",
                asked_by_id=donor.user_id,
                asked_at=factories.NOW,
                relayed_at=factories.NOW,
                relayed_text="?",
            )
        )
        seats = {
            Role.EDITOR: author,
            Role.DONOR: donor,
            Role.HEAD: factories.seat(Role.HEAD, author.organisation),
        }
        for role in (Role.STAFF, Role.LEAD, Role.ADMIN):
            seats[role] = factories.seat(role)
        ids = {
            "idea_id": idea.id,
            "match_id": match.id,
            "profile_id": profile.id,
            "question_id": question.id,
            "organisation_id": donor.organisation_id,
            "user_id": donor.user_id,
            "membership_id": donor.id,
        }
        ids |= {f"seat of {role}": seat.id for role, seat in seats.items()}
        ids["code"] = idea.code
        db.session.commit()
    return ids


def client_for(app: Flask, world: dict[str, int], role: Role | None) -> FlaskClient:
    """Return a client of the world's person with this role, or of a stranger."""
    return app.test_client() if role is None else sign_in(app, world[f"seat of {role}"])


def address(app: Flask, endpoint: str, world: dict[str, int]) -> str:
    """Return an address of the endpoint with ids that exist where the world has them."""
    rule = next(app.url_map.iter_rules(endpoint))
    values = {}
    for name in rule.arguments:
        values[name] = world.get(name, 1)
        if name in ("token", "secret"):
            values[name] = "nothing"
        if name == "section":
            values[name] = "essence"
        if name == "filename":
            values[name] = "css/app.css"
    with app.test_request_context():
        return app.url_for(endpoint, **values)


def test_the_table_names_every_endpoint_and_no_other() -> None:
    assert sorted(ACCESS) == ENDPOINTS


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_every_endpoint_answers_as_the_table_says(
    app: Flask, world: dict[str, int], role: Role | None
) -> None:
    for endpoint in ENDPOINTS:
        methods = {m for rule in app.url_map.iter_rules(endpoint) for m in rule.methods or ()}
        for method in sorted(methods & {"GET", "POST"}):
            client = client_for(app, world, role)  # some acts end the session they ride on
            response = client.open(address(app, endpoint, world), method=method)
            response.close()
            check_answer(endpoint, method, role, response.status_code, response.location or "")


def check_answer(endpoint: str, method: str, role: Role | None, status: int, location: str) -> None:
    """Compare one answer with the table."""
    where = f"{method} {endpoint} as {role}: {status}"
    # Tables made without migrations are not "at head", and readyz says so.
    assert status < 500 or endpoint == "public.readyz", where
    allowed = ACCESS[endpoint]
    if allowed is EVERYBODY:
        assert status != 403, where
    elif role is None:
        closed = status == 401 if method == "POST" else "/auth/login" in location
        assert closed, where
    elif role in allowed:
        assert status not in (401,), where
        assert "/auth/login" not in location, where
    else:
        assert status == 403, where


def test_an_endpoint_outside_the_table_is_closed(app: Flask, client_as: Callable) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for client in (app.test_client(), client_as(Role.LEAD), client_as(Role.ADMIN)):
        response = client.get("/forgotten")
        assert response.status_code == 403
        assert b"secret" not in response.data


def test_an_id_beyond_every_database_is_no_page(app: Flask, client_as: Callable) -> None:
    client = client_as(Role.STAFF)
    for number in (0, 2**31, 2**63, 10**30):
        assert client.get(f"/staff/ideas/{number}").status_code == 404
