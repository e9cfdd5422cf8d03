"""One database for all tests of services that never commit: each is rolled back at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from matcher.extensions import db
from tests.conftest import make_app


@pytest.fixture(scope="session")
def shared_app(
    tmp_path_factory: pytest.TempPathFactory, fresh_database: Callable[[Path], str]
) -> Iterator[Flask]:
    """Return an app whose database holds no row between two tests."""
    folder = tmp_path_factory.mktemp("shared")
    app = make_app(folder, SQLALCHEMY_DATABASE_URI=fresh_database(folder))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def rolled_back(shared_app: Flask) -> Iterator[None]:
    """Open an app context on the shared database; what the test writes is taken back.

    Services only flush, so nothing stays. A test that commits or rolls back takes ``session``.
    """
    with shared_app.app_context():
        yield
        db.session.rollback()
        db.session.remove()
