"""What a profile may say: one wording of it, checked, as JSON holds it and as columns hold it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from matcher.errors import Invalid
from matcher.models.codes import CURRENCIES, ApplicantType, Readiness
from matcher.models.organisation import TerritoryStatusCode
from matcher.models.profile import PROFILE_FIELDS, Profile, ProfileKind
from matcher.services import audit, taxonomy

# Where a wording was read travels with it; the engine never looks at it.
CONTENT_FIELDS = (*PROFILE_FIELDS, "source_url")
TITLES = frozenset({"title_uk", "title_en"})
TEXTS = frozenset({"text_uk", "text_en", "exclusions_uk", "exclusions_en"})
LISTS = frozenset(
    {
        "sectors",
        "sectors_excluded",
        "sdgs",
        "clusters",
        "applicant_types",
        "territories",
        "statuses_excluded",
        "statuses_required",
    }
)
NUMBERS = frozenset({"amount_min", "amount_max", "own_share_min_pct"})
DAYS = frozenset({"opens_on", "closes_on"})
LONGEST_TITLE, LONGEST_TEXT, LONGEST_ADDRESS = 200, 12_000, 500


def clean(content: Mapping[str, Any], kind: ProfileKind) -> dict[str, Any]:
    """Return a whole wording as column values; raises Invalid with the field that is wrong."""
    values = {name: column_value(name, content.get(name)) for name in PROFILE_FIELDS}
    if "source_url" in content:
        values["source_url"] = str(content["source_url"] or "").strip()
    check_texts(values)
    check_codes(values)
    check_money(values)
    check_days(values, kind)
    return values


def column_value(name: str, value: Any) -> Any:
    """Return a value as the profile's column holds it, from a form or from JSON."""
    if name in TITLES or name in TEXTS:
        return str(value or "").strip()
    if name == "sdgs":
        return sorted({int(code) for code in value or ()})
    if name in LISTS:
        return sorted({str(code) for code in value or ()})
    if value is None or value == "":
        return None
    if name in NUMBERS:
        return Decimal(str(value))
    if name in DAYS:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    if name == "readiness_min":
        return Readiness(value)
    return str(value)


def check_texts(values: Mapping[str, Any]) -> None:
    """A profile has a title and a text in one language at least; its source is a web address."""
    if not values["title_uk"] and not values["title_en"]:
        raise Invalid("profile_title", field="title_en")
    if not values["text_uk"] and not values["text_en"]:
        raise Invalid("profile_text", field="text_en")
    for name in TITLES | TEXTS:
        limit = LONGEST_TITLE if name in TITLES else LONGEST_TEXT
        if len(values[name]) > limit:
            raise Invalid("text_long", field=name)
    check_address(values.get("source_url", ""))


def check_address(address: str) -> None:
    """Raise Invalid unless the text is empty or an address that a browser opens as a page."""
    if address and (
        len(address) > LONGEST_ADDRESS or not address.startswith(("https://", "http://"))
    ):
        raise Invalid("source_url", field="source_url")


def check_codes(values: Mapping[str, Any]) -> None:
    """All codes are known, and no sector is wanted and excluded at once."""
    known: dict[str, Collection[str]] = {
        "sectors": taxonomy.sectors(),
        "sectors_excluded": taxonomy.sectors(),
        "sdgs": taxonomy.sdgs(),
        "clusters": taxonomy.clusters(),
        "applicant_types": set(ApplicantType),
        "statuses_excluded": set(TerritoryStatusCode),
        "statuses_required": set(TerritoryStatusCode),
    }
    for name, codes in known.items():
        if any(str(code) not in codes for code in values[name]):
            raise Invalid("unknown_code", field=name)
    if set(values["sectors"]) & set(values["sectors_excluded"]):
        raise Invalid("sector_both", field="sectors_excluded")
    if set(values["statuses_required"]) & set(values["statuses_excluded"]):
        raise Invalid("status_both", field="statuses_excluded")


def check_money(values: Mapping[str, Any]) -> None:
    """Sums are positive, in order and in a known currency; a share is a percentage."""
    low, high = values["amount_min"], values["amount_max"]
    for name in ("amount_min", "amount_max"):
        if values[name] is not None and values[name] <= 0:
            raise Invalid("sum_positive", field=name)
    if (low is not None or high is not None) and values["currency"] not in CURRENCIES:
        raise Invalid("currency_missing", field="amount_min" if low is not None else "amount_max")
    if low is not None and high is not None and low > high:
        raise Invalid("range_order", field="amount_max")
    share = values["own_share_min_pct"]
    if share is not None and not 0 <= share <= 100:
        raise Invalid("share_percent", field="own_share_min_pct")


def check_days(values: Mapping[str, Any], kind: ProfileKind) -> None:
    """Calls alone have dates, and open before they close."""
    opens, closes = values["opens_on"], values["closes_on"]
    if kind is ProfileKind.STANDING and (opens is not None or closes is not None):
        raise Invalid("dates_standing", field="opens_on")
    if opens is not None and closes is not None and opens > closes:
        raise Invalid("dates_order", field="closes_on")


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a wording as its revision stores it."""
    return {name: audit.plain(value) for name, value in values.items()}


def content_of(profile: Profile) -> dict[str, Any]:
    """Return what is in force, as column values."""
    return {name: getattr(profile, name) for name in CONTENT_FIELDS}


def changed_fields(profile: Profile, values: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields in which a wording differs from what is in force."""
    present = content_of(profile)
    return [
        name
        for name in CONTENT_FIELDS
        if name in values
        and column_value_of(name, values[name]) != column_value_of(name, present[name])
    ]


def column_value_of(name: str, value: Any) -> Any:
    """Return a stored or present value in the one form in which two can be compared."""
    if name == "source_url":
        return str(value or "").strip()
    return column_value(name, value)


def put_in_force(profile: Profile, values: Mapping[str, Any]) -> None:
    """Copy a checked wording to the profile's columns."""
    for name, value in values.items():
        setattr(profile, name, value)
