"""What the pages of lists share: codes and pages in an address, two versions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

from flask import render_template, request
from flask_babel import gettext as _

from matcher.web import wording
from matcher.web.idea_versions import shown

Code = TypeVar("Code", bound=StrEnum)
Row = TypeVar("Row")
PAGE = 25
LAST_PAGE = 100_000
UNSHOWN = frozenset({"csrf_token", "version", "key"})


def page_number() -> int:
    """Return the page asked for in the address; nonsense is the first page."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def slice_page(rows: Sequence[Row]) -> tuple[list[Row], int, int]:
    """Return the rows of the page asked for, its number and the number of pages."""
    pages = max(1, -(-len(rows) // PAGE))
    page = min(page_number(), pages)
    return list(rows[(page - 1) * PAGE : page * PAGE]), page, pages


def chosen_code(kind: type[Code], name: str) -> Code | None:
    """Return the code that a filter of the address names, or None."""
    value = request.args.get(name, "")
    return kind(value) if value in set(kind) else None


def status_of(form: Any) -> int:
    """Return 422 for a form with errors, else 200."""
    return 422 if form.errors else 200


def differences(mine: Any, saved: Any) -> list[dict[str, str]]:
    """Return the fields that differ between what was sent and what is stored, in words."""
    rows = []
    for field in mine:
        if field.name in UNSHOWN or field.name not in saved:
            continue
        row = {
            "label": str(field.label.text),
            "mine": shown(field),
            "saved": shown(saved[field.name]),
        }
        if row["mine"] != row["saved"]:
            rows.append(row)
    return rows


def show_both(
    form: Any, saved: Any, version: int, *, action: str = "", keep: str = ""
) -> tuple[str, int]:
    """Somebody saved the same row meanwhile: show both versions, overwrite neither."""
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in UNSHOWN]
    page = render_template(
        "community/stale.html",
        message=wording.ERRORS["stale"],
        rows=differences(form, saved),
        fields=[*sent, ("version", version)],
        action=action or request.path,
        keep=keep or request.path,
        mine_label=_("Save my version all the same"),
    )
    return page, 409
