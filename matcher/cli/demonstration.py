"""`flask demo load`: fills an empty database with invented people, ideas and calls."""

from __future__ import annotations

import os
import secrets

import click
from flask.cli import AppGroup

from matcher.cli.saying import all_or_nothing, check_tables
from matcher.errors import WrongState
from matcher.services import demonstration, installation, settings
from matcher.web import clock
from matcher.web.matching import get_index

group = AppGroup("demo", help="Invented data to try the service with.")


@group.command("load")
def load() -> None:
    """Load the demonstration into an empty database and print its accounts."""
    check_tables()
    if settings.is_demo() and not installation.has_real_rows():
        click.echo("The demonstration is loaded already; its passwords stay.")
        return
    password = os.environ.get("DEMO_PASSWORD") or "-".join(secrets.token_hex(3) for _ in range(3))
    with all_or_nothing():
        if installation.has_real_rows():
            raise WrongState("real_rows")
        accounts = demonstration.load_demonstration(
            get_index(), password=password, now=clock.now(), today=clock.today()
        )
    click.echo("Demonstration: invented data. Accounts:")
    for email, role in accounts:
        click.echo(f"  {email:<24}{role}")
    click.echo(f"Password of all: {password}")
