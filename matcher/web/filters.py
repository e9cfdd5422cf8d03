"""Template filters: money, numbers, dates and names, worded in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from matcher.web.clock import KYIV, now, today
from matcher.web.wording import lower_first, word

NBSP = "\u00a0"
MINUS = "\u2212"
SIGNS_UK = {"EUR": "€", "USD": "$", "GBP": "£", "UAH": "грн"}
SIGNS_EN = {"EUR": "€", "USD": "$", "GBP": "£"}
SHORT = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))
SHORT_UK = {"bn": "млрд", "m": "млн"}
SHORT_FROM = Decimal(1_000_000)

_BEFORE_DASH = re.compile(r"[ \t]+(?=[—–] )")
_AFTER_NUMBER_SIGN = re.compile(r"(№|§) (?=\d)")
_DIGIT_GROUP = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_UNITS = "%|€|\\$|£|₴|грн|євро|тис|млн|млрд|км|га|м|кг|т|кВт|МВт|р\\.|ст\\.|EUR|UAH|USD"
_BEFORE_UNIT = re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?!\w))")
_SHORT_WORD = re.compile(r"(?<![\w’'ʼ-])([авзійоуяєАВЗІЙОУЯЄ]) (?=\S)")


def language() -> str:
    """Return the reader's language: uk or en."""
    return "en" if str(get_locale()).startswith("en") else "uk"


def number(value: Decimal | float | int | None, digits: int = 0) -> str:
    """Write a number with at most ``digits`` decimals: 12 400 (uk), 12,400 (en)."""
    if value is None:
        return _("not stated")
    step = Decimal(1).scaleb(-digits)
    rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    text = str(format_decimal(rounded, pattern, locale=language()))
    return text.replace("-", MINUS).replace("\u202f", NBSP)


def percent(value: Decimal | float | int | None, digits: int = 0, of: float = 1) -> str:
    """Write a share of ``of`` as a percentage: 0.125 or, of=100, 12.5 gives 13 %."""
    if value is None:
        return _("not stated")
    text = number(Decimal(str(value)) * 100 / Decimal(str(of)), digits)
    return text + (f"{NBSP}%" if language() == "uk" else "%")


def money(amount: Decimal | int | None, currency: str | None = "EUR", short: bool = False) -> str:
    """Write a sum: 85 000 € (uk), €85,000 (en); ``short`` words a million and more."""
    if amount is None:
        return _("not stated")
    amount = Decimal(amount)
    unit = ""
    if short and abs(amount) >= SHORT_FROM:
        amount, unit = _shorten(amount)
    figure = number(abs(amount), 1) if unit else _plain_sum(abs(amount))
    minus = MINUS if amount < 0 else ""
    if language() == "uk":
        sign = SIGNS_UK.get(currency or "", currency or "")
        parts = (minus + figure, SHORT_UK.get(unit, ""), sign)
        return NBSP.join(part for part in parts if part)
    code = f"{currency}{NBSP}" if currency else ""
    lead = SIGNS_EN.get(currency or "", code)
    return f"{minus}{lead}{figure}{unit}"


def _plain_sum(amount: Decimal) -> str:
    """Write whole sums without cents and others with both digits of them."""
    if amount == amount.to_integral_value():
        return number(amount)
    cents = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    text = str(format_decimal(cents, "#,##0.00", locale=language()))
    return text.replace("\u202f", NBSP)


def _shorten(amount: Decimal) -> tuple[Decimal, str]:
    """Return the sum in millions or in thousands of millions, and the unit."""
    for size, unit in SHORT:
        if abs(amount / size).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) >= 1:
            return amount / size, unit
    return amount, ""


def money_range(
    low: Decimal | None, high: Decimal | None, currency: str | None = "EUR", short: bool = False
) -> str:
    """Write a range of sums; an open end is worded, no bound at all is "any amount"."""
    if low is None and high is None:
        return _("any amount")
    if high is None:
        return _("from %(low)s", low=money(low, currency, short))
    if low is None:
        return _("up to %(high)s", high=money(high, currency, short))
    if low == high:
        return money(low, currency, short)
    return f"{money(low, currency, short)}{NBSP}– {money(high, currency, short)}"


def _local(value: date | datetime) -> date:
    """Return the value as Kyiv sees it; a moment without a zone is UTC."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(KYIV)
    return value


def day(value: date | datetime | None) -> str:
    """Write a date: 22 листопада 2026 р. (uk), 22 November 2026 (en)."""
    if value is None:
        return _("not stated")
    text = str(format_date(_local(value), "d MMMM y", locale=language()))
    first, month, year = text.split(" ")
    end = f"{NBSP}р." if language() == "uk" else ""
    return f"{first}{NBSP}{month} {year}{end}"


def moment(value: datetime | None) -> str:
    """Write a moment in Kyiv time: 22 листопада 2026 р., 14:03."""
    if value is None:
        return _("not stated")
    return f"{day(value)}, {_local(value):%H:%M}"


def ago(value: datetime | None, since: datetime | None = None) -> str:
    """Write how long ago (or in how long) a moment is: 3 години тому, in 2 days."""
    if value is None:
        return _("never")
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    distance = aware - (since or now())
    if abs(distance.total_seconds()) < 60:
        return _("just now")
    return str(format_timedelta(distance, add_direction=True, threshold=1, locale=language()))


def days_left(value: date | None, on: date | None = None) -> int | None:
    """Return the days until a date in Kyiv; 0 is today, negative is over, None is no date."""
    return None if value is None else (_as_day(value) - (on or today())).days


def _as_day(value: date | datetime) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def deadline(value: date | None, on: date | None = None) -> str:
    """Write a deadline that ends at 24:00 Kyiv, with the days left while few remain."""
    left = days_left(value, on)
    if value is None or left is None:
        return _("no deadline")
    written = day(value)
    if left < 0:
        return _("%(day)s, over", day=written)
    if left == 0:
        return _("%(day)s, today until 24:00", day=written)
    return ngettext("%(day)s, %(num)s day left", "%(day)s, %(num)s days left", left, day=written)


def localised(thing: Any, name: str) -> str:
    """Return ``name_uk`` or ``name_en`` by the reader's language, else whichever is there."""
    return _pick(thing, name)[0]


def localised_lang(thing: Any, name: str) -> str:
    """Return the language that `localised` had to take: uk or en, for a lang attribute."""
    return _pick(thing, name)[1]


def _pick(thing: Any, name: str) -> tuple[str, str]:
    wanted = language()
    for code in (wanted, "en" if wanted == "uk" else "uk"):
        key = f"{name}_{code}"
        value = thing.get(key) if isinstance(thing, Mapping) else getattr(thing, key, None)
        if value:
            return str(value), code
    return "", wanted


def nbsp(text: str | None) -> str:
    """Bind what must not be torn at a line's end; only spaces change."""
    if not text:
        return ""
    bound = _BEFORE_DASH.sub(NBSP, text)
    bound = _AFTER_NUMBER_SIGN.sub(rf"\1{NBSP}", bound)
    bound = _DIGIT_GROUP.sub(NBSP, bound)
    bound = _BEFORE_UNIT.sub(NBSP, bound)
    return _SHORT_WORD.sub(rf"\1{NBSP}", bound)


def with_query(args: Any, **changes: Any) -> str:
    """Return a relative address with these query arguments changed; None removes one."""
    pairs = args.to_dict(flat=False) if hasattr(args, "to_dict") else dict(args)
    pairs = {**pairs, **changes}
    kept = {key: value for key, value in pairs.items() if value is not None and value != ""}
    return "?" + urlencode(kept, doseq=True)


FILTERS = (
    number,
    percent,
    money,
    money_range,
    day,
    moment,
    ago,
    days_left,
    deadline,
    localised,
    localised_lang,
    nbsp,
    with_query,
    word,
    lower_first,
)


def register(app: Flask) -> None:
    """Give the filters to the templates."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
