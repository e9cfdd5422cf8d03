"""Hard rules: three values, both sides' values, and no rule that was not stated."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.engine.eligibility import (
    READINESS,
    IdeaFacts,
    Outcome,
    ProfileRules,
    Rate,
    Verdict,
    check,
    overall,
)

TODAY = date(2026, 11, 22)
RATES = {
    "EUR": Rate("EUR", Decimal("50"), TODAY - timedelta(days=10)),
    "USD": Rate("USD", Decimal("42"), TODAY - timedelta(days=91)),
}
OBLAST = "UA59000000000018289"
RAION = "UA59080000000048967"
COMMUNITY = "UA59080270000073662"
SETTLEMENT = "UA59080270010036634"
OTHER_RAION = "UA59060000000067340"


def judge(facts, rules):
    return check(facts, rules, today=TODAY, rates=RATES)


def one(facts, rules):
    [verdict] = judge(facts, rules)
    return verdict


def test_a_profile_without_rules_gives_no_verdicts():
    assert judge(IdeaFacts(), ProfileRules()) == ()
    assert overall(()) is Outcome.ELIGIBLE


@pytest.mark.parametrize(
    ("facts", "rules", "expected"),
    [
        (
            IdeaFacts(applicant_type="hromada"),
            ProfileRules(applicant_types=frozenset({"ngo", "hromada"})),
            Verdict("applicant_type", Outcome.ELIGIBLE, "hromada", "hromada, ngo"),
        ),
        (
            IdeaFacts(applicant_type="hromada"),
            ProfileRules(applicant_types=frozenset({"ngo"})),
            Verdict("applicant_type", Outcome.NOT_ELIGIBLE, "hromada", "ngo"),
        ),
        (
            IdeaFacts(),
            ProfileRules(applicant_types=frozenset({"ngo"})),
            Verdict("applicant_type", Outcome.UNCLEAR, None, "ngo", "applicant_type"),
        ),
        (
            IdeaFacts(own_share_pct=Decimal("9.5")),
            ProfileRules(own_share_min_pct=Decimal(10)),
            Verdict("own_share", Outcome.NOT_ELIGIBLE, "9.5", "10"),
        ),
        (
            IdeaFacts(own_share_pct=Decimal(0)),
            ProfileRules(own_share_min_pct=Decimal(10)),
            Verdict("own_share", Outcome.NOT_ELIGIBLE, "0", "10"),
        ),
        (
            IdeaFacts(),
            ProfileRules(own_share_min_pct=Decimal(10)),
            Verdict("own_share", Outcome.UNCLEAR, None, "10", "own_share_pct"),
        ),
        (
            IdeaFacts(readiness="concept"),
            ProfileRules(readiness_min="feasibility"),
            Verdict("readiness", Outcome.NOT_ELIGIBLE, "concept", "feasibility"),
        ),
        (
            IdeaFacts(readiness="design"),
            ProfileRules(readiness_min="feasibility"),
            Verdict("readiness", Outcome.ELIGIBLE, "design", "feasibility"),
        ),
        (
            IdeaFacts(),
            ProfileRules(readiness_min="concept"),
            Verdict("readiness", Outcome.UNCLEAR, None, "concept", "readiness"),
        ),
        (
            IdeaFacts(sector="11220"),
            ProfileRules(sectors_excluded=frozenset({"112"})),
            Verdict("sector", Outcome.NOT_ELIGIBLE, "11220", "112"),
        ),
        (
            IdeaFacts(sector="112"),
            ProfileRules(sectors_excluded=frozenset({"11220"})),
            Verdict("sector", Outcome.UNCLEAR, "112", "11220", "sector"),
        ),
        (
            IdeaFacts(sector="140"),
            ProfileRules(sectors_excluded=frozenset({"112"})),
            Verdict("sector", Outcome.ELIGIBLE, "140", "112"),
        ),
    ],
)
def test_a_rule_gives_both_values_and_what_settles_it(facts, rules, expected):
    assert one(facts, rules) == expected


EUR_MIN = ProfileRules(amount_min=Decimal(200_000), currency="EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "outcome", "settles"),
    [
        ("40000", "EUR", Outcome.NOT_ELIGIBLE, None),
        ("200000", "EUR", Outcome.ELIGIBLE, None),
        ("10000000", "UAH", Outcome.ELIGIBLE, None),
        ("9999999.99", "UAH", Outcome.NOT_ELIGIBLE, None),
        ("10000000", "USD", Outcome.UNCLEAR, "exchange_rate"),  # the rate is too old
        ("10000000", "CHF", Outcome.UNCLEAR, "exchange_rate"),
        ("10000000", None, Outcome.UNCLEAR, "currency"),
        (None, "EUR", Outcome.UNCLEAR, "amount"),
        ("NaN", "EUR", Outcome.UNCLEAR, "amount"),
    ],
)
def test_amounts_are_compared_in_any_currency_at_a_fresh_rate(amount, currency, outcome, settles):
    facts = IdeaFacts(amount=Decimal(amount) if amount else None, currency=currency)
    verdict = one(facts, EUR_MIN)
    assert (verdict.rule, verdict.outcome, verdict.settles) == ("amount_min", outcome, settles)
    assert verdict.profile_value == "200000 EUR"


def test_the_largest_amount_is_a_rule_of_its_own():
    rules = replace(EUR_MIN, amount_max=Decimal(500_000))
    verdicts = judge(IdeaFacts(amount=Decimal(600_000), currency="EUR"), rules)
    assert [(verdict.rule, verdict.outcome) for verdict in verdicts] == [
        ("amount_min", Outcome.ELIGIBLE),
        ("amount_max", Outcome.NOT_ELIGIBLE),
    ]
    assert verdicts[0].idea_value == "600000 EUR"


@pytest.mark.parametrize("days", [-1, 91])
def test_a_rate_of_the_future_or_too_old_leaves_it_unclear(days):
    rates = {"EUR": Rate("EUR", Decimal(50), TODAY - timedelta(days=days))}
    facts = IdeaFacts(amount=Decimal(1), currency="UAH")
    [verdict] = check(facts, EUR_MIN, today=TODAY, rates=rates)
    assert verdict.outcome is Outcome.UNCLEAR


def test_a_rate_is_good_on_its_last_day():
    rates = {"EUR": Rate("EUR", Decimal(50), TODAY - timedelta(days=90))}
    facts = IdeaFacts(amount=Decimal(1), currency="UAH")
    [verdict] = check(facts, EUR_MIN, today=TODAY, rates=rates)
    assert verdict.outcome is Outcome.NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("territory", "named", "outcome"),
    [
        ((COMMUNITY, RAION), {COMMUNITY}, Outcome.ELIGIBLE),
        ((COMMUNITY, RAION), {RAION}, Outcome.ELIGIBLE),
        ((COMMUNITY, RAION), {OBLAST}, Outcome.ELIGIBLE),
        ((COMMUNITY, RAION), {OTHER_RAION}, Outcome.NOT_ELIGIBLE),
        ((COMMUNITY, RAION), {OTHER_RAION, COMMUNITY}, Outcome.ELIGIBLE),
        ((COMMUNITY, RAION), {SETTLEMENT}, Outcome.UNCLEAR),
        ((SETTLEMENT,), {COMMUNITY}, Outcome.ELIGIBLE),
        ((), {COMMUNITY}, Outcome.UNCLEAR),
        (("any-code",), {"any-code"}, Outcome.ELIGIBLE),
        (("any-code",), {"other"}, Outcome.NOT_ELIGIBLE),
    ],
)
def test_a_place_is_inside_the_territories_that_contain_it(territory, named, outcome):
    facts = IdeaFacts(territory=territory)
    assert one(facts, ProfileRules(territories=frozenset(named))).outcome is outcome


@pytest.mark.parametrize(
    ("status", "excluded", "required"),
    [
        ("occupied", Outcome.NOT_ELIGIBLE, Outcome.NOT_ELIGIBLE),
        ("hostilities", Outcome.ELIGIBLE, Outcome.ELIGIBLE),
        ("none", Outcome.ELIGIBLE, Outcome.NOT_ELIGIBLE),
        ("unknown", Outcome.UNCLEAR, Outcome.UNCLEAR),
        (None, Outcome.UNCLEAR, Outcome.UNCLEAR),
    ],
)
def test_the_status_of_a_territory(status, excluded, required):
    rules = ProfileRules(
        territory_statuses_excluded=frozenset({"occupied"}),
        territory_statuses_required=frozenset({"hostilities"}),
    )
    verdicts = judge(IdeaFacts(territory_status=status), rules)
    assert [verdict.outcome for verdict in verdicts] == [excluded, required]


@pytest.mark.parametrize(
    ("state", "opens", "closes", "expected"),
    [
        (None, None, None, None),
        ("open", None, None, ("call_state", Outcome.ELIGIBLE)),
        ("closed", None, 5, ("call_state", Outcome.NOT_ELIGIBLE)),
        ("forecast", None, None, ("call_state", Outcome.UNCLEAR)),
        ("open", -5, 0, ("call_closes", Outcome.ELIGIBLE)),  # the last day counts in full
        ("open", -5, -1, ("call_closes", Outcome.NOT_ELIGIBLE)),
        ("forecast", 3, 9, ("call_opens", Outcome.UNCLEAR)),
        ("open", 3, 9, ("call_opens", Outcome.UNCLEAR)),
    ],
)
def test_the_dates_of_a_call(state, opens, closes, expected):
    def day(shift):
        return None if shift is None else TODAY + timedelta(days=shift)

    rules = ProfileRules(call_state=state, opens_on=day(opens), closes_on=day(closes))
    verdicts = judge(IdeaFacts(), rules)
    assert [(verdict.rule, verdict.outcome) for verdict in verdicts] == (
        [] if expected is None else [expected]
    )


def test_the_worst_verdict_stands_for_all():
    def of(*outcomes):
        return overall(Verdict("sector", outcome, None, None) for outcome in outcomes)

    assert of(Outcome.ELIGIBLE, Outcome.UNCLEAR) is Outcome.UNCLEAR
    assert of(Outcome.UNCLEAR, Outcome.NOT_ELIGIBLE) is Outcome.NOT_ELIGIBLE
    assert of(Outcome.ELIGIBLE) is Outcome.ELIGIBLE


codes = st.sampled_from(["a", "b", "c"])
money = st.none() | st.decimals(0, 10**6, places=2)
currencies = st.none() | st.sampled_from(["EUR", "USD", "UAH"])
full_facts = st.builds(
    IdeaFacts,
    applicant_type=codes,
    amount=st.decimals(0, 10**6, places=2),
    currency=st.sampled_from(["EUR", "UAH"]),
    own_share_pct=st.decimals(0, 100, places=1),
    territory=st.tuples(codes),
    territory_status=codes,
    sector=codes,
    readiness=st.sampled_from(READINESS),
)
any_rules = st.builds(
    ProfileRules,
    applicant_types=st.frozensets(codes),
    amount_min=money,
    amount_max=money,
    currency=currencies,
    own_share_min_pct=st.none() | st.decimals(0, 100, places=1),
    territories=st.frozensets(codes),
    territory_statuses_excluded=st.frozensets(codes),
    territory_statuses_required=st.frozensets(codes),
    sectors_excluded=st.frozensets(codes),
    readiness_min=st.none() | st.sampled_from(READINESS),
)
NAMES = [
    *("applicant_type", "amount", "currency", "own_share_pct"),
    *("territory", "territory_status", "sector", "readiness"),
]


@settings(max_examples=300)
@given(full_facts, any_rules, st.sets(st.sampled_from(NAMES)))
def test_adding_a_fact_only_ever_settles_what_was_unclear(facts, rules, hidden):
    empty = {name: () if name == "territory" else None for name in hidden}
    before = {verdict.rule: verdict for verdict in judge(replace(facts, **empty), rules)}
    after = {verdict.rule: verdict for verdict in judge(facts, rules)}
    assert before.keys() == after.keys()
    for rule, verdict in before.items():
        if verdict.outcome is not Outcome.UNCLEAR:
            assert after[rule].outcome is verdict.outcome
        elif verdict.settles not in hidden:
            assert after[rule].outcome is Outcome.UNCLEAR


@given(full_facts, any_rules, st.sampled_from(["applicant_types", "territories"]))
def test_an_empty_restriction_never_excludes(facts, rules, name):
    verdicts = judge(facts, replace(rules, **{name: frozenset()}))
    assert name.removesuffix("s").replace("territorie", "territory") not in {
        verdict.rule for verdict in verdicts
    }


@pytest.mark.parametrize("owned", ["school", "hospital", "communal_enterprise"])
def test_a_community_is_not_refused_where_its_institution_may_apply(owned: str) -> None:
    facts = IdeaFacts(applicant_type="community")
    rules = ProfileRules(applicant_types=frozenset({owned}))
    (verdict,) = check(facts, rules, today=date(2026, 11, 22), rates={})
    assert verdict.outcome is Outcome.UNCLEAR
    assert verdict.settles == "applicant_type"
