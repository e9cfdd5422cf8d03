"""Many guesses at the same moment: no more are checked than one after the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.user import Role, SignInFailure
from matcher.services import passwords
from tests import factories
from tests.conftest import make_app


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def guessed_app(request, tmp_path):
    """Yield an app on each database with one account, and its e-mail."""
    settings = {}
    if request.param == "postgres":
        settings["SQLALCHEMY_DATABASE_URI"] = request.getfixturevalue("make_postgres_url")()
    app = make_app(tmp_path, **settings)
    with app.app_context():
        db.create_all()
        person = factories.user(password_hash=passwords.hash_password("teapot lantern herring"))
        factories.seat(Role.EDITOR, person=person)
        email = person.email
        db.session.commit()
    yield app, email
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_sixty_parallel_guesses_get_ten_checks(guessed_app):
    app, email = guessed_app

    def guess(number):
        return (
            app.test_client()
            .post(
                "/auth/login",
                data={"email": email, "password": f"guess {number}"},
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
            )
            .status_code
        )

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, range(60)))
    assert sorted(codes) == [422] * 10 + [429] * 50
    with app.app_context():
        count = sa.select(sa.func.count()).select_from(SignInFailure)
        assert db.session.scalar(count) == 10
