"""Migrations go up, down and up again with data, and lead to the tables of the models."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from matcher.extensions import db
from matcher.models.idea import Idea
from matcher.models.match import Match
from matcher.models.organisation import Organisation
from matcher.models.user import Role
from matcher.services import access, demonstration
from matcher.services.index import Index
from tests import factories
from tests.conftest import NOW, make_app

pytestmark = pytest.mark.postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """Return an app on an empty database without tables, on both kinds of server."""
    if request.param == "sqlite":
        return make_app(tmp_path)
    url = request.getfixturevalue("postgres_url")
    return make_app(tmp_path, SQLALCHEMY_DATABASE_URI=url)


def close(app: Flask) -> None:
    """Give the connections back before the server stops."""
    db.session.remove()
    db.engine.dispose()


def test_up_down_and_up_again_with_data(bare_app: Flask) -> None:
    with bare_app.app_context():
        upgrade()
        match = factories.match()
        staff = factories.seat(Role.STAFF)
        db.session.commit()
        assert access.get_match(staff, match.id).idea.title
        db.session.remove()
        downgrade(revision="base")
        names = set(sa.inspect(db.engine).get_table_names())
        assert names <= {"alembic_version"}
        upgrade()
        check()
        assert db.session.scalar(sa.select(sa.func.count(Organisation.id))) == 0
        close(bare_app)


def test_the_demonstration_loads_on_both_databases(bare_app: Flask, tmp_path: Path) -> None:
    with bare_app.app_context():
        upgrade()
        index = Index(tmp_path / "index")
        accounts = demonstration.load_demonstration(
            index, password="a long demonstration password", now=NOW, today=NOW.date()
        )
        db.session.commit()
        assert len(accounts) == 9
        assert db.session.scalar(sa.select(sa.func.count(Idea.id))) >= 80
        assert db.session.scalar(sa.select(sa.func.count(Match.id))) >= 500
        close(bare_app)
