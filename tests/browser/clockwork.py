"""Time for the running app: what has happened is moved into the past in its database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo


def today() -> str:
    """Return the day in Kyiv as people write it."""
    return datetime.now(ZoneInfo("Europe/Kyiv")).strftime("%d.%m.%Y")


def run_sql(instance: Path, *statements: str) -> None:
    """Change rows in the database of a running app, as nobody else would."""
    with closing(sqlite3.connect(instance / "matcher.db", timeout=20)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def time_passes(instance: Path, minutes: int = 16) -> None:
    """Move what has happened to pairs and what is to be sent into the past."""
    columns = (
        ("match", "status_at"),
        ("match", "released_at"),
        ("match_event", "at"),
        ("job", "not_before"),
    )
    run_sql(
        instance,
        *(
            f'UPDATE "{table}" SET {column} ='
            f" strftime('%Y-%m-%d %H:%M:%f', {column}, '-{minutes} minutes') || '000'"
            for table, column in columns
        ),
    )


def sessions_end(instance: Path) -> None:
    """Let everybody's session idle for too long."""
    run_sql(
        instance,
        "UPDATE login_session SET last_seen_at ="
        " strftime('%Y-%m-%d %H:%M:%f', last_seen_at, '-60 days') || '000'",
    )


def close_call(instance: Path, call: tuple[str, str]) -> None:
    """Let a call have closed yesterday, and the task that looks for such calls run again."""
    run_sql(
        instance,
        f"UPDATE profile SET closes_on = date('now', '-2 day') WHERE title_en = '{call[1]}'",
        "UPDATE job SET status = 'waiting', attempts = 0, finished_at = NULL"
        " WHERE kind = 'lapse_closed_calls'",
    )


def open_again(instance: Path, call: tuple[str, str]) -> None:
    """Let the call close in the future again, for the tests that come after."""
    run_sql(
        instance,
        f"UPDATE profile SET closes_on = date('now', '+20 day') WHERE title_en = '{call[1]}'",
    )
