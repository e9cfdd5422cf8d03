"""Rows become facts and rules; what nobody stated is unclear and excludes nobody."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from matcher.engine.eligibility import Outcome
from matcher.extensions import db
from matcher.models.codes import Readiness
from matcher.models.organisation import ExchangeRate, TerritoryStatus
from matcher.models.profile import ProfileKind
from matcher.services import verdicts
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
TODAY = NOW.date()


def outcomes(idea: dict[str, object], profile: dict[str, object]) -> dict[str, str]:
    """Judge a pair and return the outcome of each rule that the profile states."""
    match = factories.match(factories.idea(**idea), factories.profile(**profile))
    found = verdicts.judge_match(match, today=TODAY)
    return {verdict.rule: verdict.outcome.value for verdict in found}


def test_a_profile_without_rules_is_open_to_all() -> None:
    assert set(outcomes({}, {}).values()) <= {"eligible"}


@pytest.mark.parametrize(
    ("idea", "profile", "rule", "outcome"),
    [
        ({}, {"applicant_types": ["community", "ngo"]}, "applicant_type", "eligible"),
        ({}, {"applicant_types": ["ngo"]}, "applicant_type", "not_eligible"),
        ({"applicant_type": None}, {"applicant_types": ["ngo"]}, "applicant_type", "unclear"),
        ({}, {"own_share_min_pct": Decimal(10)}, "own_share", "eligible"),
        ({}, {"own_share_min_pct": Decimal("10.01")}, "own_share", "not_eligible"),
        ({"own_share_pct": None}, {"own_share_min_pct": Decimal(1)}, "own_share", "unclear"),
        ({}, {"sectors_excluded": ["140"]}, "sector", "not_eligible"),
        ({}, {"sectors_excluded": ["110"]}, "sector", "eligible"),
        ({}, {"readiness_min": Readiness.CONCEPT}, "readiness", "eligible"),
        ({}, {"readiness_min": Readiness.DESIGN}, "readiness", "not_eligible"),
        ({"readiness": None}, {"readiness_min": Readiness.DESIGN}, "readiness", "unclear"),
        ({}, {"territories": ["UA59080000000021865"]}, "territory", "eligible"),
        ({}, {"territories": ["UA80000000000093317"]}, "territory", "not_eligible"),
    ],
)
def test_each_rule_meets_its_fact(
    idea: dict[str, object], profile: dict[str, object], rule: str, outcome: str
) -> None:
    assert outcomes(idea, profile)[rule] == outcome


def test_an_amount_is_compared_at_the_rate_of_the_day() -> None:
    least = {"amount_min": Decimal(2000000), "currency": "UAH"}
    assert outcomes({"amount": Decimal(40000)}, least)["amount_min"] == "unclear"
    factories.add(ExchangeRate(currency="EUR", day=TODAY, uah=Decimal(50)))
    assert outcomes({"amount": Decimal(40000)}, least)["amount_min"] == "eligible"
    assert outcomes({"amount": Decimal(39999)}, least)["amount_min"] == "not_eligible"
    assert outcomes({"amount": None}, least)["amount_min"] == "unclear"


def test_the_territory_list_of_the_day_counts() -> None:
    idea = factories.idea()
    match = factories.match(idea, factories.profile(statuses_excluded=["active_hostilities"]))
    row = TerritoryStatus(
        katottg=idea.organisation.katottg,
        status="active_hostilities",
        valid_from=TODAY + timedelta(days=1),
        source="наказ",
    )
    factories.add(row)
    days = (TODAY, TODAY + timedelta(days=1))
    excluded = [verdicts.excludes(verdicts.judge_match(match, today=day)) for day in days]
    assert excluded == [False, True]


@pytest.mark.parametrize(("days", "excluded"), [(0, False), (1, True)])
def test_a_call_says_no_after_its_last_day(days: int, excluded: bool) -> None:
    match = factories.match(profile_row=factories.profile(kind=ProfileKind.CALL, closes_on=TODAY))
    found = verdicts.judge_match(match, today=TODAY + timedelta(days=days))
    assert verdicts.excludes(found) is excluded


def test_verdicts_are_kept_with_the_pair_for_lists() -> None:
    idea = factories.idea(readiness=None, own_share_pct=None)
    match = factories.match(idea, factories.profile(readiness_min=Readiness.DESIGN))
    found = verdicts.judge_match(match, today=TODAY)
    verdicts.Bench(TODAY, [match.idea]).store(match)
    db.session.flush()
    db.session.expire(match)
    assert (match.eligibility, match.missing) == ("unclear", ["own_share_pct", "readiness"])
    assert [row["rule"] for row in match.verdicts] == [verdict.rule for verdict in found]
    assert {row["outcome"] for row in match.verdicts} <= {one.value for one in Outcome}


def test_zero_is_a_fact() -> None:
    idea = factories.idea(beneficiaries=0, own_share_pct=Decimal(0))
    assert verdicts.missing_facts(idea) == []
