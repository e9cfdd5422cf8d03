"""Dated exchange rates, kept by staff; an amount is converted at the rate of its day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from matcher.engine.eligibility import Rate
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.codes import CURRENCIES
from matcher.models.idea import Idea
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import ExchangeRate
from matcher.models.user import Membership
from matcher.services import access, audit

HRYVNIA = "UAH"
PAGE = 25


def rates_on(day: date) -> dict[str, Rate]:
    """Return the latest rate of each currency that was known on ``day``."""
    latest = (
        sa.select(ExchangeRate.currency, sa.func.max(ExchangeRate.day).label("day"))
        .where(ExchangeRate.day <= day)
        .group_by(ExchangeRate.currency)
        .subquery()
    )
    statement = sa.select(ExchangeRate).join(
        latest,
        sa.and_(ExchangeRate.currency == latest.c.currency, ExchangeRate.day == latest.c.day),
    )
    rates = {
        row.currency: Rate(currency=row.currency, uah=row.uah, on=row.day)
        for row in db.session.scalars(statement)
    }
    rates[HRYVNIA] = Rate(currency=HRYVNIA, uah=Decimal(1), on=day)
    return rates


def convert(amount: Decimal, source: str, target: str, *, day: date) -> Decimal:
    """Return ``amount`` in another currency; raises Invalid when a rate is missing."""
    if source == target:
        return amount
    rates = rates_on(day)
    if source not in rates or target not in rates:
        raise Invalid("rate_missing", field="currency")
    return (amount * rates[source].uah / rates[target].uah).quantize(Decimal("0.01"))


def secured_amount(idea: Idea) -> Decimal | None:
    """Return the sum of all fundings in the idea's currency, each at the rate of its day."""
    if idea.currency is None:
        return None
    statement = sa.select(Match).where(Match.idea_id == idea.id, Match.status == MatchStatus.FUNDED)
    return sum(
        (
            convert(row.funded_amount, row.funded_currency, idea.currency, day=row.funded_on)
            for row in db.session.scalars(statement)
            if row.funded_amount and row.funded_currency and row.funded_on
        ),
        start=Decimal(0),
    )


# The list that staff keep


def list_rates(*, page: int = 1) -> tuple[list[ExchangeRate], int]:
    """Return one page of the rates, newest day first, and how many there are."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(ExchangeRate)) or 0
    statement = (
        sa.select(ExchangeRate)
        .order_by(ExchangeRate.day.desc(), ExchangeRate.currency, ExchangeRate.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return list(db.session.scalars(statement)), total


def enter_rate(
    actor: Membership,
    currency: str,
    uah: Decimal,
    day: date,
    *,
    source: str = "",
    now: datetime,
    today: date,
) -> ExchangeRate:
    """Enter the rate of a day; a wrong one of that day is corrected, none is ever deleted."""
    access.require(actor, access.OFFICE)
    if currency not in CURRENCIES or currency == HRYVNIA:
        raise Invalid("rate_currency", field="currency")
    if uah <= 0:
        raise Invalid("rate_positive", field="uah")
    if day > today:
        raise Invalid("rate_ahead", field="day")
    statement = sa.select(ExchangeRate).where(
        ExchangeRate.currency == currency, ExchangeRate.day == day
    )
    rate = db.session.scalars(statement).one_or_none()
    old = {"uah": rate.uah} if rate is not None else {}
    if rate is None:
        rate = ExchangeRate(currency=currency, day=day, uah=uah)
        db.session.add(rate)
    rate.uah, rate.source, rate.entered_by_id = uah, source.strip(), actor.user_id
    db.session.flush()
    new = {"currency": currency, "day": day, "uah": uah}
    audit.record(actor, "rate.set", rate, now=now, old=old, new=new)
    db.session.flush()
    return rate
