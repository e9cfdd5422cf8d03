"""The words that met in a pair, as rows of a table for every audience."""

from __future__ import annotations

import re
from typing import Any

from matcher.services.evidence import Evidence

_CYRILLIC = re.compile("[\u0400-\u052f]")


def text_language(text: str | None) -> str:
    """Return the language of a text by its script, for its lang attribute."""
    return "uk" if _CYRILLIC.search(text or "") else "en"


def shared_rows(found: Evidence | None, *, weighs: bool = False) -> list[dict[str, Any]]:
    """Return the numbered word pairs for the macro `shared_terms`.

    With ``weighs`` each has its share of all of them.
    """
    if found is None:
        return []
    total = sum(notion.contribution for notion in found.shared) or 1.0
    return [
        {
            "number": notion.number,
            "left": notion.idea,
            "left_lang": text_language(notion.idea),
            "right": notion.profile,
            "right_lang": text_language(notion.profile),
            "notion": notion.words,
            **({"weight": notion.contribution / total} if weighs else {}),
        }
        for notion in found.shared
    ]
