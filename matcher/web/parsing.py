"""Reads sums, shares, counts, spans and dates as people write them; asks where it is unclear.

Nothing is guessed silently: what could mean two things raises `Unclear` with a question, and
whatever was understood is written back below the field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from flask_babel import gettext as _

from matcher.web.quantities import Number, Unclear, join_parts, tokens, words

LARGEST_SUM = Decimal(10) ** 12
LARGEST_COUNT = 50_000_000
LONGEST_MONTHS = 240
HUNDRED = Decimal(100)

CURRENCIES = {
    "UAH": "грн гривня гривні гривень гривню гривнею uah hryvnia hryvnias hryvnya ₴ г.",
    "EUR": "євро eur euro euros €",
    "USD": "дол долар долара долари доларів usd dollar dollars $ us$",
}
OTHER_CURRENCIES = words(
    "франк франка франки франків chf gbp £ фунт фунти фунтів pln злотий злоті злотих злотого "
    "cad sek nok dkk jpy ¥ єна єн ієн крон крони крона rub ₽ руб рубль рублі рублів"
)
FILLERS = words(
    "понад майже близько приблизно орієнтовно орієнтовна до не більше менше ніж сума вартість "
    "разом всього усього загалом сша у в гривневому еквіваленті з без пдв по "
    "about up to over almost around approximately approx circa ca nearly some us total sum "
    "the of incl excl vat ~ ≈"
)
PEOPLE = words(
    "осіб особи особа людей люди людини мешканців мешканці мешканця жителів жителі чол чоловік "
    "учнів учні дітей діти пацієнтів родин сімей користувачів "
    "people persons person residents inhabitants children pupils patients families users"
)
MONTHS = words("міс місяць місяці місяців місяця month months mo mth")
YEARS = words("рік роки років року р year years yr yrs")
MONTH_NAMES = {
    name: number
    for number, names in enumerate(
        (
            "січень січня january jan",
            "лютий лютого february feb",
            "березень березня march mar",
            "квітень квітня april apr",
            "травень травня may",
            "червень червня june jun",
            "липень липня july jul",
            "серпень серпня august aug",
            "вересень вересня september sep sept",
            "жовтень жовтня october oct",
            "листопад листопада november nov",
            "грудень грудня december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_CURRENCY_OF = {word: code for code, known in CURRENCIES.items() for word in known.split()}


class Sum(NamedTuple):
    """An amount of money and its currency."""

    amount: Decimal
    currency: str


# Money


def parse_money(text: str, currency: str | None = None) -> Sum:
    """Return the sum that ``text`` names; ``currency`` serves where the text has none.

    Raises Unclear with a question or an instruction.
    """
    numbers: list[Number] = []
    found: set[str] = set()
    for token in tokens(text):
        if isinstance(token, Number):
            numbers.append(token)
        elif token in OTHER_CURRENCIES:
            raise Unclear(_("Write the sum in hryvnias, euros or US dollars."))
        elif token in _CURRENCY_OF:
            found.add(_CURRENCY_OF[token])
        elif token not in FILLERS:
            raise Unclear(_not_a_sum())
    if not numbers:
        raise Unclear(_not_a_sum())
    if len(found) > 1:
        raise Unclear(_("Two currencies are named. Write the sum in one of them."))
    amount = join_parts(numbers)
    code = found.pop() if found else currency
    if code is None:
        raise Unclear(_("In which currency? Add “грн”, “євро” or “дол.” after the sum."))
    return Sum(_check_sum(amount), code)


def _not_a_sum() -> str:
    return _("Write one sum with its currency, for example “85 тис. євро” or “1,9 млн грн”.")


def _check_sum(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise Unclear(_("The sum must be larger than zero."))
    if amount >= LARGEST_SUM:
        raise Unclear(_("This sum is too large. Check the zeros."))
    if amount != round(amount, 2):
        raise Unclear(_("There are more than two decimals. Write the sum to the cent at most."))
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount


def write_money(value: Sum) -> str:
    """Write a sum so that `parse_money` reads the same again, in any language: 85 000,50 EUR."""
    sign = {"UAH": "грн"}.get(value.currency, value.currency)
    return f"{write_decimal(value.amount)} {sign}"


def write_decimal(number: Decimal) -> str:
    """Write a number with spaces between the thousands and a decimal comma."""
    text = f"{number:,.2f}" if number != number.to_integral_value() else f"{number:,.0f}"
    return text.replace(",", " ").replace(".", ",")


# Shares, counts, spans


def _single(text: str, units: frozenset[str], example: str) -> Number:
    """Return the one number of a text; words but those of ``units`` and fillers are unclear."""
    numbers: list[Number] = []
    for token in tokens(text):
        if isinstance(token, Number):
            numbers.append(token)
        elif token not in units and token not in FILLERS:
            raise Unclear(example)
    if len(numbers) != 1:
        raise Unclear(example)
    return numbers[0]


def parse_percent(text: str) -> Decimal:
    """Return a share in percent, from 0 to 100, with at most two decimals."""
    example = _("Write the share as one number in percent, for example “10” or “12,5”.")
    found = _single(text, frozenset({"%", "відсоток", "відсотки", "відсотків", "percent"}), example)
    share = found.amount
    if 0 < share < 1 and "%" not in text:
        raise Unclear(
            _(
                "Did you mean %(many)s %% or %(few)s %%? Write the sign %% after the number.",
                many=f"{(share * HUNDRED).normalize():f}".replace(".", ","),
                few=f"{share.normalize():f}".replace(".", ","),
            )
        )
    if share > HUNDRED:
        raise Unclear(_("A share cannot be more than a hundred percent."))
    if share != round(share, 2):
        raise Unclear(example)
    return share.quantize(Decimal(1)) if share == share.to_integral_value() else share


def parse_count(text: str) -> int:
    """Return a number of people."""
    example = _("Write one whole number, for example “7400” or “7,4 тис.”.")
    count = _single(text, PEOPLE, example).amount
    if count != count.to_integral_value():
        raise Unclear(example)
    if count > LARGEST_COUNT:
        raise Unclear(_("This number is too large. Check the zeros."))
    return int(count)


def parse_months(text: str) -> int:
    """Return a duration in months; a number alone means months."""
    example = _("Write how long it takes, for example “8 місяців” or “1,5 року”.")
    plain = re.sub(r"\bпівтора\b", "1,5", text.casefold())
    plain = re.sub(r"\bпів\s?року\b", "6 міс", plain)
    total, pending, seen_unit = Decimal(0), None, False
    for token in tokens(plain):
        if isinstance(token, Number):
            if pending is not None:
                raise Unclear(example)
            pending = token.amount
        elif token in MONTHS | YEARS and pending is not None:
            total += pending * (12 if token in YEARS else 1)
            pending, seen_unit = None, True
        elif token not in FILLERS:
            raise Unclear(example)
    if pending is not None and seen_unit:
        raise Unclear(example)
    total += pending or 0
    if total <= 0 or total != total.to_integral_value():
        raise Unclear(example)
    if total > LONGEST_MONTHS:
        raise Unclear(_("This is longer than twenty years. Write months or years."))
    return int(total)


# Dates

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_POINTS = re.compile(r"(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{2,4})\s?(?:р\.?|року)?")
_WORDS = re.compile(r"(\d{1,2})\s+([^\W\d_]+)\.?,?\s+(\d{2,4})\s*(?:р\.?|року)?")


def parse_day(text: str) -> date:
    """Return the date that ``text`` names; the day stands before the month."""
    example = _("Write the date with the year in full, for example “22.11.2026”.")
    written = " ".join(text.split()).casefold()
    if found := _ISO.fullmatch(written):
        return _date(found.group(1), found.group(2), found.group(3), example)
    if found := _POINTS.fullmatch(written):
        first, sign, second, year = found.groups()
        if sign == "/" and first != second and int(first) <= 12 and int(second) <= 12:
            raise Unclear(
                _(
                    "Which is the month? Write “%(one)s” or “%(two)s”.",
                    one=f"{int(first):02}.{int(second):02}.{year}",
                    two=f"{int(second):02}.{int(first):02}.{year}",
                )
            )
        if sign == "/" and int(second) > 12:
            first, second = second, first
        return _date(year, second, first, example)
    if found := _WORDS.fullmatch(written):
        month = MONTH_NAMES.get(found.group(2))
        if month is not None:
            return _date(found.group(3), str(month), found.group(1), example)
    raise Unclear(example)


def _date(year: str, month: str, day: str, example: str) -> date:
    if len(year) != 4 or not 1990 <= int(year) <= 2100:
        raise Unclear(example)
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise Unclear(_("There is no such day in the calendar. Check the date.")) from error


def write_day(value: date) -> str:
    """Write a date so that `parse_day` reads the same again."""
    return f"{value:%d.%m.%Y}"


def known_currencies() -> Sequence[str]:
    """Return the codes of the currencies that a sum may have."""
    return tuple(CURRENCIES)
