"""Carries the text of a form over a new sign-in, inside the pages and nowhere else.

Whoever signs in next in that same browser window is offered the text; it is not bound to
a person, because it never reaches the server between the two pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import request

from matcher.web.access import local_path as path_of_request
from matcher.web.auth.addresses import local_path
from matcher.web.forms import RESTORED

PREFIX = "carry-"
PATH = "carry_path"
MAX_BYTES = 200_000
NEVER = frozenset({"csrf_token", RESTORED})
# What a lone button sends: worth nothing without a text beside it.
MACHINERY = frozenset({"key", "version", "next", "submit"})


@dataclass(frozen=True)
class Carried:
    """The fields of a form that was sent too late, and the page they were meant for."""

    path: str
    fields: tuple[tuple[str, str], ...]


def from_late_form() -> tuple[Carried | None, bool]:
    """Return what this request for another page brought, and whether some of it is lost."""
    path = local_path(path_of_request(), "POST")
    fields = _keep(request.form.items(multi=True))
    if path is None or all(name in MACHINERY for name, _value in fields):
        return None, False
    if _size(fields) > MAX_BYTES:
        return None, True
    return Carried(path, fields), bool(request.files)


def from_own_form() -> Carried | None:
    """Return what the sign-in page or the choice of seats has carried so far, or None."""
    path = local_path(request.form.get(PATH), "POST")
    fields = _keep(
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX)
    )
    if path is None or not fields or _size(fields) > MAX_BYTES:
        return None
    return Carried(path, fields)


def _keep(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the fields that may be carried: no token, no password."""
    return tuple(
        (name, value)
        for name, value in pairs
        if name and name not in NEVER and "password" not in name.lower() and name != "current"
    )


def _size(fields: Iterable[tuple[str, str]]) -> int:
    return sum(len(name.encode()) + len(value.encode()) for name, value in fields)
