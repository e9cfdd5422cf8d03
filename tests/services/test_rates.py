"""Amounts are converted at the rate of their day; a missing rate is said, never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.match import MatchStatus
from matcher.models.organisation import ExchangeRate
from matcher.models.user import Role
from matcher.services import rates
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
DAY = date(2026, 11, 20)
AT = {"now": NOW, "today": NOW.date()}


def rate(currency: str, uah: str, day: date = DAY) -> ExchangeRate:
    """Enter a rate."""
    return factories.add(ExchangeRate(currency=currency, day=day, uah=Decimal(uah)))


def test_the_latest_rate_known_on_the_day_counts() -> None:
    for days, uah in ((10, "45"), (3, "48"), (-1, "60")):
        rate("EUR", uah, DAY - timedelta(days=days))
    found = rates.rates_on(DAY)
    assert (found["EUR"].uah, found["EUR"].on) == (Decimal(48), DAY - timedelta(days=3))
    assert rates.rates_on(DAY - timedelta(days=5))["EUR"].uah == 45
    assert found["UAH"].uah == 1


@pytest.mark.parametrize(
    ("source", "target", "result"),
    [
        ("EUR", "UAH", "5000.00"),
        ("UAH", "EUR", "2.00"),
        ("EUR", "USD", "125.00"),
        ("USD", "EUR", "80.00"),
        ("USD", "USD", "100"),
    ],
)
def test_amounts_go_through_the_hryvnia(source: str, target: str, result: str) -> None:
    rate("EUR", "50")
    rate("USD", "40")
    assert rates.convert(Decimal(100), source, target, day=DAY) == Decimal(result)


@pytest.mark.parametrize(("source", "target"), [("EUR", "USD"), ("USD", "EUR")])
def test_a_missing_rate_is_said(source: str, target: str) -> None:
    rate("EUR", "50")
    with pytest.raises(Invalid) as refused:
        rates.convert(Decimal(1), source, target, day=DAY)
    assert refused.value.code == "rate_missing"


def test_fundings_are_added_each_at_the_rate_of_its_day() -> None:
    rate("EUR", "50", DAY - timedelta(days=9))
    rate("EUR", "40")
    idea = factories.idea(currency="UAH")
    for amount, currency, day in (
        (Decimal(10), "EUR", DAY - timedelta(days=5)),
        (Decimal(10), "EUR", DAY),
        (Decimal(100), "UAH", DAY),
    ):
        factories.match(
            idea,
            status=MatchStatus.FUNDED,
            funded_amount=amount,
            funded_currency=currency,
            funded_on=day,
        )
    factories.match(idea, status=MatchStatus.IN_TALKS)
    assert rates.secured_amount(idea) == 500 + 400 + 100


def test_nothing_is_secured_in_no_currency() -> None:
    assert rates.secured_amount(factories.idea(amount=None, currency=None)) is None
    assert rates.secured_amount(factories.idea()) == 0


def test_a_rate_is_entered_once_and_corrected_in_place() -> None:
    staff = factories.seat(Role.STAFF)
    rates.enter_rate(staff, "EUR", Decimal("49.1"), DAY, source=" НБУ ", **AT)
    row = rates.enter_rate(staff, "EUR", Decimal("49.2"), DAY, **AT)
    assert rates.list_rates() == ([row], 1)
    assert (row.uah, row.source, row.entered_by_id) == (Decimal("49.2"), "", staff.user_id)
    acts = list(db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)))
    assert [(act.old.get("uah"), act.new["uah"]) for act in acts] == [
        (None, "49.1"),
        ("49.1", "49.2"),
    ]


def test_the_newest_day_is_listed_first() -> None:
    old = rate("EUR", "48", DAY - timedelta(days=1))
    usd, eur = rate("USD", "40"), rate("EUR", "50")
    assert rates.list_rates() == ([eur, usd, old], 3)


@pytest.mark.parametrize(
    ("currency", "uah", "days", "code"),
    [
        ("UAH", "1", 0, "rate_currency"),
        ("XXX", "1", 0, "rate_currency"),
        ("EUR", "0", 0, "rate_positive"),
        ("EUR", "-1", 0, "rate_positive"),
        ("EUR", "49", 1, "rate_ahead"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(currency: str, uah: str, days: int, code: str) -> None:
    day = AT["today"] + timedelta(days=days)
    with pytest.raises(Invalid) as refused:
        rates.enter_rate(factories.seat(Role.LEAD), currency, Decimal(uah), day, **AT)
    assert refused.value.code == code


@pytest.mark.parametrize("role", [Role.EDITOR, Role.DONOR, Role.ADMIN])
def test_only_the_office_enters_rates(role: Role) -> None:
    with pytest.raises(NotAllowed):
        rates.enter_rate(factories.seat(role), "EUR", Decimal(49), DAY, **AT)
