"""Fixtures of all tests: an app on a fresh database, clients signed in as a role."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher import create_app
from matcher.extensions import db
from matcher.models.user import Membership, Role
from matcher.web.access import SignedIn
from tests import factories, pages, postgres
from tests.postgres import make_postgres_url, postgres_server, postgres_url  # noqa: F401

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Clock:
    """The time of the app under test; tests set ``now``."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def make_app(folder: Path, **overrides: object) -> Flask:
    """Return an app whose instance lies in ``folder``."""
    settings = {
        "TESTING": True,
        "SECRET_KEY": "a key for tests alone, longer than 32 letters",
        "INSTANCE_PATH": folder,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'matcher.db'}",
        "WTF_CSRF_ENABLED": False,
        "CLOCK": Clock(),
        **overrides,
    }
    return create_app(settings)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the same tests run on the other database."""
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


@pytest.fixture(scope="session")
def fresh_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], str]:
    """Return a function that makes a database with all tables and no rows, and its address."""
    folder = tmp_path_factory.mktemp("empty")
    if request.config.getoption("--database") == "sqlite":
        make_tables(make_app(folder))

        def copy(target: Path) -> str:
            shutil.copy(folder / "matcher.db", target / "matcher.db")
            return f"sqlite:///{target / 'matcher.db'}"

        return copy
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("make_postgres_url")()
    make_tables(make_app(folder, SQLALCHEMY_DATABASE_URI=template))
    source = template.partition("?")[0].rpartition("/")[2]
    numbers = itertools.count(1)

    def create(_target: Path) -> str:
        name = f"copy_{next(numbers)}"
        postgres.execute(server, f"CREATE DATABASE {name} TEMPLATE {source}")
        return postgres.psycopg_url(server, name)

    return create


def make_tables(app: Flask) -> None:
    """Make all tables and give the connections back."""
    with app.app_context():
        db.create_all()
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


@pytest.fixture
def app(tmp_path: Path, fresh_database: Callable[[Path], str]) -> Iterator[Flask]:
    """Return an app on a fresh database; no context stays open around requests."""
    app = make_app(tmp_path, SQLALCHEMY_DATABASE_URI=fresh_database(tmp_path))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def clock(app: Flask) -> Clock:
    """Return the app's clock, to move it."""
    return app.config["CLOCK"]


@pytest.fixture
def session(app: Flask) -> Iterator[None]:
    """Open an app context for tests of services; never around requests."""
    with app.app_context():
        yield


class CheckedClient(FlaskClient):
    """A client that reads every page it gets as strictly as a validator would."""

    def open(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code != 302:
            pages.check(response.get_data(as_text=True))
        return response


def sign_in(app: Flask, membership_id: int) -> FlaskClient:
    """Return a client signed in with this seat, through a real session row."""
    app.test_client_class = CheckedClient
    client = app.test_client()
    with app.app_context():
        seat = db.session.get(Membership, membership_id)
        login, secret = factories.open_session(seat, now=app.config["CLOCK"]())
        user_id = SignedIn(login, secret).get_id()
        db.session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = user_id
        cookie["_fresh"] = True
    return client


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a stranger's client."""
    app.test_client_class = CheckedClient
    return app.test_client()


@pytest.fixture
def client_as(app: Flask) -> Callable[..., FlaskClient]:
    """Return a function that signs somebody in: ``client_as(Role.STAFF)`` or a seat's id."""

    def make(role: Role | None = None, *, seat_id: int | None = None) -> FlaskClient:
        if seat_id is None:
            with app.app_context():
                seat_id = factories.seat(role).id
                db.session.commit()
        return sign_in(app, seat_id)

    return make
