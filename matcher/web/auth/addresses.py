"""Addresses that a reader sends along: only pages of this site are followed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from matcher.web.access import HOME, find_actor

MAX_LENGTH = 2000
# Browsers read a backslash as a slash and drop tabs and line ends: "/\evil", "/<tab>/evil".
_SUSPECT = re.compile(r"[\x00-\x20\x7f\\]")


def local_path(address: str | None, method: str = "GET") -> str | None:
    """Return the address if it is the path of a page here that takes ``method``, else None."""
    text = address or ""
    if len(text) > MAX_LENGTH or not text.startswith("/") or text.startswith("//"):
        return None
    if _SUSPECT.search(text):
        return None
    try:
        parts = urlsplit(text)
        if parts.scheme or parts.netloc:
            return None
        current_app.url_map.bind("localhost").match(parts.path, method=method)
    except (HTTPException, RequestRedirect, ValueError):
        return None
    return text


def home() -> str:
    """Return the first page of the seat this person acts for, or the choice of seats."""
    actor = find_actor()
    return url_for("auth.choose_seat") if actor is None else url_for(HOME[actor.role])


def next_page(address: str | None) -> str:
    """Return where to go after signing in: back to the page asked for, else home."""
    path = local_path(address)
    if find_actor() is None:
        return url_for("auth.choose_seat", next=path)
    return path or home()
