"""Two texts for one section, what was sent and what is stored, for the page that shows both."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectField

from matcher.models.idea import Idea, Section
from matcher.web.idea_forms import FORMS, SectionForm, initial_values
from matcher.web.parsed_fields import ParsedField


def stored_form(idea: Idea, section: Section) -> SectionForm:
    """Return the section's form as it is stored, whatever was sent."""
    form = FORMS[section](formdata=None, data=initial_values(idea, section))
    form.prepare(idea)
    return form


def differences(mine: SectionForm, saved: SectionForm) -> list[dict[str, str]]:
    """Return the fields that differ between what was sent and what is stored, in words."""
    rows = []
    for field in mine:
        if field.name in ("version", "seen", "csrf_token"):
            continue
        row = {
            "label": str(field.label.text),
            "mine": shown(field),
            "saved": shown(saved[field.name]),
        }
        if row["mine"] != row["saved"]:
            rows.append(row)
    return rows


def shown(field: Any) -> str:
    """Return what a field holds as its reader sees it."""
    if isinstance(field, ParsedField):
        return field.text
    if isinstance(field, SelectField | RadioField):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        known = {str(choice[0]): str(choice[1]) for choice in field.iter_choices()}
        return "\n".join(known[str(value)] for value in chosen if value and str(value) in known)
    return str(field.data or "")
