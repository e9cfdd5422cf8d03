"""The time of a request: read once, so that one act has one moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, g

KYIV = ZoneInfo("Europe/Kyiv")


def now() -> datetime:
    """Return the moment of this request, aware, in UTC; tests set the CLOCK of the app."""
    if "now" not in g:
        clock = current_app.config.get("CLOCK")
        g.now = clock() if clock else datetime.now(UTC)
    moment: datetime = g.now
    return moment


def today() -> date:
    """Return the day of this request in Kyiv."""
    return now().astimezone(KYIV).date()
