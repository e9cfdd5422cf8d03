"""A profile in words: its fields as rows of facts, and what one wording changes in another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.models.codes import ApplicantType
from matcher.models.organisation import TerritoryStatusCode
from matcher.models.profile import Profile, ProfileKind
from matcher.services import profile_content, taxonomy
from matcher.web import wording
from matcher.web.filters import day, money_range, percent
from matcher.web.idea_words import place_name, term_name

Row = dict[str, Any]

FIELD_WORDS = {
    "title_uk": _l("Title in Ukrainian"),
    "title_en": _l("Title in English"),
    "text_uk": _l("Priorities in Ukrainian"),
    "text_en": _l("Priorities in English"),
    "exclusions_uk": _l("What is not funded, in Ukrainian"),
    "exclusions_en": _l("What is not funded, in English"),
    "sectors": _l("Sectors"),
    "sectors_excluded": _l("Sectors that are not funded"),
    "sdgs": _l("Sustainable development goals"),
    "clusters": _l("Humanitarian clusters"),
    "applicant_types": _l("Who may apply"),
    "territories": _l("Territories"),
    "statuses_excluded": _l("Not in territories with this status"),
    "statuses_required": _l("Only in territories with this status"),
    "amount": _l("Sum for one project"),
    "own_share_min_pct": _l("Own share of the applicant, at least"),
    "readiness_min": _l("Readiness, at least"),
    "opens_on": _l("Opens on"),
    "closes_on": _l("Closes on"),
    "source_url": _l("Where it is published"),
}
TEXT_FIELDS = ("title_uk", "title_en", "text_uk", "text_en", "exclusions_uk", "exclusions_en")
RULE_FIELDS = (
    "applicant_types",
    "amount",
    "own_share_min_pct",
    "readiness_min",
    "territories",
    "statuses_required",
    "statuses_excluded",
    "sectors_excluded",
    "opens_on",
    "closes_on",
)
THEME_FIELDS = ("sectors", "sdgs", "clusters")
DATES = frozenset({"opens_on", "closes_on"})
MONEY = frozenset({"amount_min", "amount_max", "currency"})


def word_list(kind: type[StrEnum], codes: Iterable[str]) -> str:
    """Return the words of several codes, one a line, in the order of the codes."""
    chosen = set(codes)
    return "\n".join(wording.word(member) for member in kind if member.value in chosen)


def term_list(terms: Mapping[str, Any], codes: Iterable[object]) -> str:
    """Return the names of codes of a taxonomy, one a line."""
    return "\n".join(term_name(terms, code) for code in codes)


def place_list(codes: Iterable[str]) -> str:
    """Return the names of territories, one a line, by name."""
    return "\n".join(sorted({place_name(code) for code in codes}))


WRITERS: dict[str, Callable[[Any], str]] = {
    "sectors": lambda codes: term_list(taxonomy.sectors(), codes),
    "sectors_excluded": lambda codes: term_list(taxonomy.sectors(), codes),
    "sdgs": lambda codes: term_list(taxonomy.sdgs(), codes),
    "clusters": lambda codes: term_list(taxonomy.clusters(), codes),
    "applicant_types": lambda codes: word_list(ApplicantType, codes),
    "territories": place_list,
    "statuses_excluded": lambda codes: word_list(TerritoryStatusCode, codes),
    "statuses_required": lambda codes: word_list(TerritoryStatusCode, codes),
    "own_share_min_pct": lambda share: percent(share, 2, 100),
    "readiness_min": wording.word,
    "opens_on": day,
    "closes_on": day,
}


def values_of(wording_: Profile | Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile, or the stored content of a wording, as column values."""
    stored = profile_content.content_of(wording_) if isinstance(wording_, Profile) else wording_
    names = profile_content.CONTENT_FIELDS
    return {name: profile_content.column_value_of(name, stored.get(name)) for name in names}


def fact(values: Mapping[str, Any], name: str) -> str:
    """Return one fact of column values in words; nothing when it is not stated."""
    if name == "amount":
        low, high = values["amount_min"], values["amount_max"]
        return "" if low is None and high is None else amount_range(low, high, values["currency"])
    value = values[name]
    if value is None or value == "" or value == []:
        return ""
    return WRITERS[name](value) if name in WRITERS else str(value)


def amount_range(low: Decimal | None, high: Decimal | None, currency: str | None) -> str:
    """Return the range of sums in words."""
    return money_range(low, high, currency)


def fact_row(values: Mapping[str, Any], name: str) -> Row:
    """Return the row of one fact for the macro `summary_list`."""
    value = fact(values, name)
    row: Row = {"label": str(FIELD_WORDS[name]), "value": value}
    if name in TEXT_FIELDS and value:
        row["lang"] = name[-2:]
    return row


def text_rows(profile: Profile | Mapping[str, Any]) -> list[Row]:
    """Return what a profile says in free words, each text with its language."""
    values = values_of(profile)
    return [fact_row(values, name) for name in TEXT_FIELDS if fact(values, name)]


def theme_rows(profile: Profile | Mapping[str, Any]) -> list[Row]:
    """Return the themes of a profile; those not stated are left out."""
    values = values_of(profile)
    return [fact_row(values, name) for name in THEME_FIELDS if fact(values, name)]


def rule_rows(profile: Profile | Mapping[str, Any], kind: ProfileKind) -> list[Row]:
    """Return the hard rules; one that is not stated says that it is open to all."""
    values = values_of(profile)
    rows = []
    for name in RULE_FIELDS:
        if name in DATES and kind is ProfileKind.STANDING:
            continue
        row = fact_row(values, name)
        row["value"] = row["value"] or _("no restriction")
        rows.append(row)
    return rows


def change_rows(old: Profile | Mapping[str, Any], new: Profile | Mapping[str, Any]) -> list[Row]:
    """Return the facts in which two wordings differ: label, old and new value, language."""
    before, after = values_of(old), values_of(new)
    if not isinstance(new, Profile) and "source_url" not in new:
        after["source_url"] = before["source_url"]
    rows = []
    for name in FIELD_WORDS:
        was, will = fact(before, name), fact(after, name)
        if was != will:
            row = {"label": str(FIELD_WORDS[name]), "old": was, "new": will}
            if name in TEXT_FIELDS:
                row["lang"] = name[-2:]
            rows.append(row)
    return rows
