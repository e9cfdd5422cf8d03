"""How commands speak: one line that says what to do, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError, ProgrammingError

from matcher.errors import MatcherError
from matcher.extensions import db
from matcher.web import wording
from matcher.worker.handlers import begin_writing

# What the web never says, because it happens at the console only.
SENTENCES = {
    "office": "This database has an office already: nothing was changed.",
    "real_rows": "This database holds real rows. A demonstration needs an empty one: nothing was "
    "changed.",
    "user": "There is no account with this e-mail. See: flask users list",
    "email": "This is no e-mail address.",
    "missing": "This must not be empty.",
    "territory_empty": "The territory file holds no community.",
    "currency": "Write the currency as three letters, for example EUR; UAH needs no rate.",
    "amount": "The rate must be above zero.",
    "job": "Only a failed job can be tried again. See: flask jobs list --status failed",
    "run": "There is no such run.",
}


def sentence(error: MatcherError) -> str:
    """Return one English line for an error of the domain."""
    with force_locale("en"):
        text = SENTENCES.get(error.code) or wording.error(error)
    if error.code == "territory_file":
        text = "The territory file has a fault."
    details = [
        f"{name} {error.details[name]}"
        for name in ("line", "field", "columns")
        if name in error.details
    ]
    return f"{text} ({', '.join(details)})" if details else text


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Commit what the block did, or roll it back and say why; begins as a writer."""
    check_tables()
    begin_writing()
    try:
        yield
        db.session.commit()
    except MatcherError as error:
        db.session.rollback()
        raise click.ClickException(sentence(error)) from error
    except BaseException:
        db.session.rollback()
        raise


def check_tables() -> None:
    """Say what to do when the database is away or was never migrated."""
    try:
        found = sa.inspect(db.engine).has_table("user")
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException("The database cannot be opened: check DATABASE_URL.") from error
    if not found:
        raise click.ClickException("The database has no tables yet. First: flask db upgrade")


def page(path: str) -> str:
    """Return the address of a page as people outside open it."""
    return f"{current_app.config['PUBLIC_URL']}{path}"
