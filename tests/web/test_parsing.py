"""What people write as sums, shares, counts, spans and dates is understood or asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.web import parsing
from matcher.web.parsing import Sum
from matcher.web.quantities import Unclear

SUMS = [
    ("68 млн 510 тис грн", "68510000", "UAH"),
    ("2 млрд 113 млн грн", "2113000000", "UAH"),
    ("85 тис євро", "85000", "EUR"),
    ("85 тис. євро", "85000", "EUR"),
    ("1,9 млн грн", "1900000", "UAH"),
    ("$1.2m", "1200000", "USD"),
    ("EUR 40k", "40000", "EUR"),
    ("40 000,50 грн", "40000.50", "UAH"),
    ("85'000 EUR", "85000", "EUR"),
    ("85’000 €", "85000", "EUR"),
    ("85\u00a0000\u202f000 грн", "85000000", "UAH"),
    ("99990,6 євро", "99990.6", "EUR"),
    ("271 490.78 грн", "271490.78", "UAH"),
    ("₴987,1 млн", "987100000", "UAH"),
    ("1,811,520 UAH", "1811520", "UAH"),
    ("1.234.567,89 EUR", "1234567.89", "EUR"),
    ("USD 1,234.50", "1234.50", "USD"),
    ("понад 1,6 мільйона доларів", "1600000", "USD"),
    ("майже 350 тисяч гривень", "350000", "UAH"),
    ("до 10 тис. євро в гривневому еквіваленті", "10000", "EUR"),
    ("85 тис. дол. США", "85000", "USD"),
    ("5 тис.грн.", "5000", "UAH"),
    ("5 тиc. грн", "5000", "UAH"),  # a Latin c
    ("0,125 млн грн", "125000", "UAH"),
    ("1 000 тис. грн", "1000000", "UAH"),
    ("100 грн 50 коп", "100.50", "UAH"),
]
UNCLEAR_SUMS = [
    "85 000",
    "1,9 млн",
    "1,200 EUR",
    "6,660 UAH",
    "1,200 млн грн",
    "1 млн 200 грн",
    "50-100 тис грн",
    "50 – 100 тис грн",
    "2026 500 грн",
    "1 2 грн",
    "68,5 млн 510 тис грн",
    "510 тис 68 млн грн",
    "100 EUR 5 USD",
    "400 000 швейцарських франків (CHF)",
    "10 % грн",
    "-5 грн",
    "0 грн",
    "12.34.5 грн",
    "12 345,678 грн",
    "10² грн",
    "½ млн грн",
    "1e5 грн",
    "дуже багато",
    "9" * 40 + " грн",
    "1" * 5000,
    "",
]


@pytest.mark.parametrize(("text", "amount", "currency"), SUMS)
def test_a_sum_is_understood(text: str, amount: str, currency: str) -> None:
    assert parsing.parse_money(text) == Sum(Decimal(amount), currency)


@pytest.mark.parametrize("text", UNCLEAR_SUMS)
def test_an_unclear_sum_is_asked_about(text: str) -> None:
    with pytest.raises(Unclear, match=r"\w"):
        parsing.parse_money(text)


def test_the_question_names_both_readings() -> None:
    with pytest.raises(Unclear, match=r"Did you mean 1200 or 1,2\?"):
        parsing.parse_money("1,200 EUR")


@given(
    amount=st.decimals(min_value="0.01", max_value="999999999999", places=2),
    currency=st.sampled_from(parsing.known_currencies()),
)
def test_a_written_sum_reads_back(amount: Decimal, currency: str) -> None:
    assert parsing.parse_money(parsing.write_money(Sum(amount, currency))) == Sum(amount, currency)


@given(
    st.text(max_size=300)
    | st.text(alphabet="0123456789 .,'’тисмлнгрєвроkm€$%-/\u00a0\x00", max_size=40)
)
def test_no_text_breaks_a_reader(text: str) -> None:
    readers = (
        parsing.parse_money,
        parsing.parse_percent,
        parsing.parse_count,
        parsing.parse_months,
        parsing.parse_day,
    )
    assert all(answer_of(read, text) for read in readers)


def answer_of(read: Callable[[str], object], text: str) -> str:
    """Return what a reader understood or asked, in words."""
    try:
        return repr(read(text))
    except Unclear as question:
        return str(question)


@pytest.mark.parametrize(
    ("text", "share"),
    [("10", "10"), ("10 %", "10"), ("12,5%", "12.5"), ("0", "0"), ("0,5 %", "0.5"), ("100", "100")],
)
def test_a_share_is_understood(text: str, share: str) -> None:
    assert parsing.parse_percent(text) == Decimal(share)


@pytest.mark.parametrize("text", ["0,1", "101", "-1", "десять", "10-20", "50 тис грн", "1,234"])
def test_an_unclear_share_is_asked_about(text: str) -> None:
    with pytest.raises(Unclear):
        parsing.parse_percent(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [("7400", 7400), ("7 400", 7400), ("7,4 тис.", 7400), ("близько 7400 осіб", 7400), ("0", 0)],
)
def test_a_count_is_understood(text: str, count: int) -> None:
    assert parsing.parse_count(text) == count


@pytest.mark.parametrize("text", ["7.400", "240 учнів і 32 працівники", "5,5", "багато", "6" * 30])
def test_an_unclear_count_is_asked_about(text: str) -> None:
    with pytest.raises(Unclear):
        parsing.parse_count(text)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("8", 8),
        ("8 міс.", 8),
        ("півтора року", 18),
        ("пів року", 6),
        ("1,5 року", 18),
        ("2 роки", 24),
        ("1 рік 6 місяців", 18),
        ("18 months", 18),
    ],
)
def test_a_span_is_understood(text: str, months: int) -> None:
    assert parsing.parse_months(text) == months


@pytest.mark.parametrize("text", ["8-12 місяців", "2026", "6 тижнів", "0", "1 рік 6", "8 9"])
def test_an_unclear_span_is_asked_about(text: str) -> None:
    with pytest.raises(Unclear):
        parsing.parse_months(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("22.11.2026", date(2026, 11, 22)),
        ("5.11.2026 р.", date(2026, 11, 5)),
        ("2026-11-22", date(2026, 11, 22)),
        ("22 листопада 2026 р.", date(2026, 11, 22)),
        ("22 November 2026", date(2026, 11, 22)),
        ("22/11/2026", date(2026, 11, 22)),
        ("11/22/2026", date(2026, 11, 22)),
    ],
)
def test_a_date_is_understood(text: str, day: date) -> None:
    assert parsing.parse_day(text) == day


@pytest.mark.parametrize("text", ["03/04/2026", "22.11.26", "31.02.2026", "завтра", "1.1.1800"])
def test_an_unclear_date_is_asked_about(text: str) -> None:
    with pytest.raises(Unclear):
        parsing.parse_day(text)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31)))
def test_a_written_date_reads_back(day: date) -> None:
    assert parsing.parse_day(parsing.write_day(day)) == day


@pytest.mark.parametrize(
    ("written", "amount"), [("€85,000", 85_000), ("EUR 200,000", 200_000), ("$1,200", 1_200)]
)
def test_a_comma_after_a_currency_parts_thousands(written: str, amount: int) -> None:
    assert parsing.parse_money(written).amount == amount


@pytest.mark.parametrize("written", ["85,000 євро", "EUR 1,200 млн", "€1.200"])
def test_a_comma_elsewhere_is_asked_about(written: str) -> None:
    with pytest.raises(Unclear):
        parsing.parse_money(written)
