"""Runs commands in tests and reads what they print."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from flask import Flask

from matcher.extensions import db

ANSWERS = [
    "--yes",
    "--office-name-uk=Управління",
    "--office-name-en=Office",
    "--admin-name=Олена",
    "--admin-email=Lead@demo.example",
    "--sender=office@demo.example",
]


def run_command(app: Flask, *arguments: str, answers: str | None = None) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed."""
    result = app.test_cli_runner().invoke(args=list(arguments), input=answers)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def count(app: Flask, model: Any) -> int:
    """Return how many rows a table has."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def secret_in(text: str, path: str) -> str:
    """Return the secret of the link to ``path`` that a command printed."""
    found = re.search(rf"http://localhost:8000{path}/(\S+)", text)
    assert found is not None, text
    return found[1]
