"""Ideas in a line, for lists that outsiders read: sum, people, sector, readiness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import ngettext

from matcher.web.filters import NBSP
from matcher.web.idea_words import fact
from matcher.web.public.blueprint import bp


@bp.app_template_filter("idea_brief")
def brief(content: Mapping[str, Any]) -> list[str]:
    """Return the stated facts of a revision that tell most; nothing that is not stated."""
    parts = [fact(content, "amount")]
    people = content.get("beneficiaries")
    if people is not None:
        written = fact(content, "beneficiaries")
        parts.append(ngettext("%(count)s person", "%(count)s people", people, count=written))
    parts += [fact(content, "sector"), fact(content, "readiness")]
    return [part.replace(" ", NBSP) if part[:1].isdigit() else part for part in parts if part]
