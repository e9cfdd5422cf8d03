"""Verdicts on the hard rules of a profile in words: both values and what would change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.models.codes import ApplicantType, Readiness
from matcher.models.idea import Idea
from matcher.models.organisation import TerritoryStatusCode
from matcher.models.profile import CallState
from matcher.services import taxonomy
from matcher.web import wording
from matcher.web.filters import day, money, percent
from matcher.web.idea_words import field_word, place_name, section_of, term_name

Row = dict[str, Any]

RULES = {
    "applicant_type": _l("Who may apply"),
    "amount_min": _l("Smallest sum"),
    "amount_max": _l("Largest sum"),
    "own_share": _l("Own share"),
    "territory": _l("Territory"),
    "territory_status_excluded": _l("Security of the territory"),
    "territory_status_required": _l("Status of the territory"),
    "sector": _l("Sector"),
    "readiness": _l("Readiness"),
    "call_state": _l("Dates of the call"),
    "call_opens": _l("Opening of the call"),
    "call_closes": _l("Closing of the call"),
}

# The day on which one looks meets these rules, and not the idea.
CALL_RULES = frozenset({"call_state", "call_opens", "call_closes"})

# What the rule demands, as a sentence around the profile's value.
DEMANDS = {
    "amount_min": _l("from %(value)s"),
    "amount_max": _l("up to %(value)s"),
    "own_share": _l("at least %(value)s"),
    "territory_status_excluded": _l("not: %(value)s"),
    "territory_status_required": _l("only: %(value)s"),
    "sector": _l("not: %(value)s"),
    "readiness": _l("at least: %(value)s"),
    "call_opens": _l("opens on %(value)s"),
    "call_closes": _l("open until %(value)s"),
}

CHANGES = {
    "applicant_type": _l(
        "It would change with an applicant of this kind: “%(value)s” may lead the idea."
    ),
    "amount_min": _l(
        "It would change with a larger sum: join with neighbours or describe the whole need."
    ),
    "amount_max": _l(
        "It would change with a smaller sum: ask for a part and name who pays for the rest."
    ),
    "own_share": _l("It would change with an own share from %(value)s."),
    "territory": _l("It would change if the donor opened its programme to this territory."),
    "territory_status_excluded": _l("It will change when the official list changes."),
    "territory_status_required": _l("It will change when the official list changes."),
    "sector": _l("It would change if another sector described the idea better."),
    "readiness": _l("It will change when this is ready: “%(value)s”."),
    "call_state": _l("It will change when the donor opens a new call."),
    "call_opens": _l("It will change on the day when the call opens."),
    "call_closes": _l("It will change when the donor opens a new call."),
}


def verdict_rows(verdicts: Sequence[Mapping[str, Any]], edit_idea: Idea | None = None) -> list[Row]:
    """Return stored verdicts as rows for the macro `verdicts`.

    With ``edit_idea`` an unclear rule links to the field that would settle it: for the
    people who may edit this idea.
    """
    return [_row(verdict, edit_idea) for verdict in verdicts]


def _row(verdict: Mapping[str, Any], edit_idea: Idea | None) -> Row:
    rule, outcome = verdict["rule"], str(verdict["outcome"])
    theirs = _value(rule, verdict.get("profile_value"))
    row: Row = {
        "rule": rule,
        "status": outcome,
        "status_label": str(wording.OUTCOMES.get(outcome, wording.OUTCOMES["unclear"])),
        "label": rule_word(rule),
        "ours": _value(rule, verdict.get("idea_value")),
        "theirs": demand(rule, theirs),
        "ours_label": _("Today") if rule in CALL_RULES else _("Idea"),
        "hint": "",
        "href": None,
    }
    if outcome == "not_eligible" and rule in CHANGES:
        row["hint"] = str(CHANGES[rule]) % {"value": theirs}
    if outcome == "unclear":
        row["hint"], row["href"] = _settling(verdict.get("settles"), rule, theirs, edit_idea)
    return row


def demand(rule: str, theirs: str) -> str:
    """Return what the rule demands, in the words around the donor's value."""
    if rule not in DEMANDS:
        return theirs
    return str(DEMANDS[rule]) % {"value": wording.lower_first(theirs)}


def rule_word(rule: str) -> str:
    """Return the name of a rule."""
    return str(RULES.get(rule, _("Another rule")))


def _settling(
    settles: str | None, rule: str, theirs: str, idea: Idea | None
) -> tuple[str, str | None]:
    """Return what would settle an unclear rule and where it can be entered."""
    if settles == "exchange_rate":
        return _("The office has to enter a fresh exchange rate."), None
    if settles in ("territory", "territory_status"):
        return _("The exact territory would settle it: the office asks the donor."), None
    if settles is None:
        known = str(CHANGES[rule]) % {"value": theirs} if rule.startswith("call") else ""
        return known or _("The donor has to say more: the office asks."), None
    name = "amount" if settles == "currency" else settles
    section = section_of(name)
    href = None
    if idea is not None and section is not None:
        href = url_for("community.edit_section", idea_id=idea.id, section=section.value)
        href = f"{href}#{name}"
    return _("Missing in the idea: %(fact)s.", fact=wording.lower_first(field_word(name))), href


# Values


def _value(rule: str, value: str | None) -> str:
    if not value:
        return ""
    write = VALUES.get(rule)
    return write(value) if write else ""


def _money(value: str) -> str:
    amount, _space, currency = value.partition(" ")
    try:
        return money(Decimal(amount), currency or None)
    except InvalidOperation:
        return ""


def _percent(value: str) -> str:
    try:
        return percent(Decimal(value), 2, 100)
    except InvalidOperation:
        return ""


def _day(value: str) -> str:
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return ""


def _codes(word: Callable[[str], str]) -> Callable[[str], str]:
    """Return a writer for a list of codes joined by a comma."""

    def write(value: str) -> str:
        return wording.join_words(word(code) for code in value.split(", "))

    return write


def _code(kind: Any) -> Callable[[str], str]:
    return lambda code: wording.word(kind(code)) if code in set(kind) else ""


def _places(value: str) -> str:
    """Name the places; the codes of an idea go from the narrow to the wide: the first says it."""
    return ", ".join(dict.fromkeys(place_name(code) for code in value.split(", ")))


def _call_state(value: str) -> str:
    return _code(CallState)(value) or _day(value)


VALUES: dict[str, Callable[[str], str]] = {
    "applicant_type": _codes(_code(ApplicantType)),
    "amount_min": _money,
    "amount_max": _money,
    "own_share": _percent,
    "territory": _places,
    "territory_status_excluded": _codes(_code(TerritoryStatusCode)),
    "territory_status_required": _codes(_code(TerritoryStatusCode)),
    "sector": _codes(lambda code: term_name(taxonomy.sectors(), code)),
    "readiness": _code(Readiness),
    "call_state": _call_state,
    "call_opens": _day,
    "call_closes": _day,
}
