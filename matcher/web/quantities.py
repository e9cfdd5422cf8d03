"""Numbers inside of written text: groups of thousands, decimals, words like “тис.” and “млн”."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from flask_babel import gettext as _

LONGEST = 200
MULTIPLIERS = {
    word: Decimal(value)
    for value, words in {
        "1000": "тис тисяч тисяча тисячі тисячу k к thousand thousands",
        "1000000": "млн мільйон мільйона мільйони мільйонів m mln mn mio million millions",
        "1000000000": "млрд мільярд мільярда мільярди мільярдів bn billion billions",
        "0.01": "коп копійка копійки копійок cent cents цент центи центів",
    }.items()
    for word in words.split()
}
CENT = Decimal("0.01")
ONE = Decimal(1)

# Latin letters that look like Cyrillic ones, typed inside Cyrillic words ("тиc", "грн" with a p).
_LOOKALIKES = str.maketrans("aceiopxyk", "асеіорхук")
_APOSTROPHES = re.compile(r"(?<=\d)['’ʼ`](?=\d{3}(?!\d))")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009\u2007\u2060\ufeff]+")
_TOKEN = re.compile(
    r"(?P<number>[0-9]{1,3}(?: [0-9]{3})+(?![0-9])(?:[.,][0-9]+(?![.,]?[0-9]))?"
    r"|[0-9]+(?:[.,][0-9]+)*)"
    r"|(?P<word>us\$|[a-zа-щьюяєіїґёыэъ]+(?:['’ʼ-][a-zа-щьюяєіїґёыэъ]+)*)"
    r"|(?P<sign>[^\s.,;:()«»“”\"])"
)
_CYRILLIC = re.compile(r"[а-яєіїґ]")


# A currency before the number: the order of English, where a comma parts thousands.
ENGLISH_ORDER = frozenset({"€", "$", "₴", "eur", "usd", "uah"})


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set: a list that reads like a sentence."""
    return frozenset(text.split())


class Unclear(ValueError):
    """A text that could mean two things or nothing; the message asks or says what to write."""


class Number(NamedTuple):
    """A number with the word that multiplies it; the word counts in comparison of parts."""

    value: Decimal
    unit: Decimal = ONE

    @property
    def amount(self) -> Decimal:
        """What the number stands for."""
        return self.value * self.unit


def tokens(text: str) -> Iterator[Number | str]:
    """Split a text into numbers (with their multiplying word) and other words, in small letters.

    Raises Unclear for a number that can be read in two ways and for text too long to be one.
    """
    if len(text) > LONGEST:
        raise Unclear(_("This is too long for a number. Write the number alone."))
    plain = _APOSTROPHES.sub(" ", _SPACES.sub(" ", text).strip().casefold())
    parts = [(found.lastgroup or "", found.group()) for found in _TOKEN.finditer(plain)]
    at = 0
    english = False
    while at < len(parts):
        kind, word = parts[at]
        at += 1
        if kind != "number":
            english = word in ENGLISH_ORDER
            yield _fold(word)
            continue
        following = _fold(parts[at][1]) if at < len(parts) and parts[at][0] == "word" else ""
        unit = MULTIPLIERS.get(following)
        if unit is not None:
            at += 1
        yield Number(read_number(word, english=english and unit is None), unit or ONE)


def _fold(word: str) -> str:
    """Put Cyrillic letters where a Cyrillic word holds Latin ones of the same look."""
    return word.translate(_LOOKALIKES) if _CYRILLIC.search(word) else word


def read_number(text: str, *, english: bool = False) -> Decimal:
    """Return the number that digits with spaces, points and commas stand for.

    One sign before exactly three digits ("1,200") may part thousands or decimals: it is asked,
    but for a comma after a currency ("€85,000"): who writes so, parts thousands with it.
    """
    digits = text.replace(" ", "")
    signs = [letter for letter in digits if letter in ".,"]
    if not signs:
        return Decimal(digits)
    if len(signs) == 1:
        whole, decimals = re.split("[.,]", digits)
        if english and signs == [","] and len(decimals) == 3 and 1 <= len(whole) <= 3:
            return Decimal(whole + decimals)
        if " " not in text and len(decimals) == 3 and len(whole) <= 3 and whole.strip("0"):
            raise Unclear(_which(whole + decimals, Decimal(f"{whole}.{decimals}")))
        return Decimal(f"{whole}.{decimals}")
    return _with_several_signs(digits, signs)


def _with_several_signs(digits: str, signs: Sequence[str]) -> Decimal:
    """Read 1,811,520 and 1.811.520,50: groups of three, at most one other sign at the end."""
    groups_sign = signs[0]
    whole, decimals = digits, ""
    if signs[-1] != groups_sign:
        whole, _sign, decimals = digits.rpartition(signs[-1])
    groups = whole.split(groups_sign)
    well_formed = 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    if not well_formed or not "".join(groups).isdigit():
        raise Unclear(_("The number cannot be read. Write it with digits alone, like 1200000."))
    return Decimal("".join(groups) + ("." + decimals if decimals else ""))


def _which(whole: str, decimal: Decimal) -> str:
    """Ask which of two readings is meant."""
    short = f"{decimal.normalize():f}".replace(".", ",")
    return _(
        "Did you mean %(whole)s or %(decimal)s? Write %(whole)s or %(example)s.",
        whole=whole,
        decimal=short,
        example=short if "," in short else short + ",0",
    )


def join_parts(numbers: Sequence[Number]) -> Decimal:
    """Return the sum of "68 млн 510 тис"; each part must be finer than the one before it."""
    for before, after in pairwise(numbers):
        if before.unit <= after.unit or before.value != before.value.to_integral_value():
            raise Unclear(_("Several numbers are named. Write one sum."))
        if after.amount >= before.unit:
            raise Unclear(_("Several numbers are named. Write one sum."))
        if after.unit == ONE and before.unit > Decimal(1000):
            raise Unclear(
                _(
                    "What does the last “%(number)s” count? Write “%(number)s тис.” or all digits.",
                    number=f"{after.value.normalize():f}",
                )
            )
    return sum((number.amount for number in numbers), start=Decimal(0))
