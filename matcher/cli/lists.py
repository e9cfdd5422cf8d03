"""`flask territories load` and `flask rates set`: dated lists that come from elsewhere."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click
from flask.cli import AppGroup

from matcher.cli.saying import all_or_nothing
from matcher.services import audit, installation, reference
from matcher.web import clock

territories = AppGroup("territories", help="The official territory list.")
rates = AppGroup("rates", help="Exchange rates.")


@territories.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Add entries of the official list from a tab-separated FILE.

    Columns: katottg, status, valid_from, valid_to, source; dates as 2026-11-22. Entries
    that are there already stay as they are; a file with a fault is not loaded at all.
    """
    try:
        with all_or_nothing():
            added = reference.load_territory_statuses(file)
            audit.record(None, "territories.loaded", None, now=clock.now(), new={"added": added})
    except (KeyError, TypeError, ValueError) as error:
        message = f"{file.name} is no territory list, nothing was loaded: {error}"
        raise click.ClickException(message) from error
    click.echo(f"{added} new entries.")


@rates.command("set")
@click.argument("currency")
@click.argument("rate")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--source", default="", help="Where the rate comes from.")
def set_rate(currency: str, rate: str, day: datetime, source: str) -> None:
    """Enter how many hryvnias one unit of CURRENCY cost on DAY (2026-11-22)."""
    try:
        uah = Decimal(rate.replace(",", "."))
    except InvalidOperation as error:
        raise click.UsageError(f"{rate} is no number.") from error
    if not uah.is_finite():
        raise click.UsageError(f"{rate} is no number.")
    with all_or_nothing():
        entered = installation.set_rate(currency, uah, day.date(), source=source, now=clock.now())
        line = f"1 {entered.currency} = {entered.uah} UAH on {entered.day.isoformat()}"
    click.echo(line)
