"""Facts and verdicts in words: every rule, outcome and code has one, raw codes are never shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from matcher.engine import eligibility
from matcher.engine.eligibility import IdeaFacts, Outcome, ProfileRules, Rate
from matcher.extensions import db
from matcher.models.organisation import Settlement, StrategyGoal
from matcher.services import verdicts
from matcher.web import idea_words, verdict_words
from tests import factories

TODAY = date(2026, 11, 22)
RAION = "UA59080000000021865"
CODES = ("communal_enterprise", "possible_hostilities", "feasibility", "UA59", "UAH", "2026-11")


@pytest.fixture
def page(app):
    """Open a request, as the pages have one."""
    with app.test_request_context():
        yield
        db.session.rollback()


def strict_rules(**values):
    return ProfileRules(
        **{
            "applicant_types": frozenset({"communal_enterprise", "ngo"}),
            "amount_min": Decimal(200000),
            "amount_max": Decimal(900000),
            "currency": "EUR",
            "own_share_min_pct": Decimal("12.5"),
            "territories": frozenset({RAION, "UA05020000000026686"}),
            "territory_statuses_excluded": frozenset({"possible_hostilities"}),
            "territory_statuses_required": frozenset({"none"}),
            "sectors_excluded": frozenset({"140"}),
            "readiness_min": "feasibility",
            "closes_on": date(2026, 11, 30),
            "call_state": "open",
            **values,
        }
    )


FACTS = {
    "empty": IdeaFacts(),
    "failing": IdeaFacts(
        applicant_type="community",
        amount=Decimal(40000),
        currency="UAH",
        own_share_pct=Decimal(0),
        territory=("UA07020000000000000",),
        territory_status="possible_hostilities",
        sector="140",
        readiness="idea",
    ),
    "passing": IdeaFacts(
        applicant_type="ngo",
        amount=Decimal(300000),
        currency="EUR",
        own_share_pct=Decimal(20),
        territory=(RAION,),
        territory_status="none",
        sector="111",
        readiness="design",
    ),
}


@pytest.mark.parametrize("facts", list(FACTS))
@pytest.mark.parametrize("state", ["open", "closed", "forecast"])
@pytest.mark.parametrize("rates", [{}, {"EUR": Rate("EUR", Decimal(48), TODAY)}])
def test_every_verdict_is_worded(page, facts, state, rates):
    idea = factories.idea(factories.seat("editor", factories.organisation(raion_code=RAION)))
    found = eligibility.check(
        FACTS[facts], strict_rules(call_state=state), today=TODAY, rates=rates
    )
    rows = verdict_words.verdict_rows(verdicts.as_rows(found), idea)
    assert len(rows) == len(found)
    for row, verdict in zip(rows, found, strict=True):
        words = f"{row['label']} {row['ours']} {row['theirs']} {row['hint']}"
        assert row["label"] != verdict_words.rule_word("no such rule")
        assert not [code for code in CODES if code in words], words
        assert bool(row["hint"]) is (verdict.outcome is not Outcome.ELIGIBLE), words
        assert bool(row["ours"]) is (verdict.idea_value is not None), words
        if verdict.settles in ("amount", "own_share_pct", "applicant_type", "sector", "readiness"):
            assert row["href"].endswith(f"#{verdict.settles}")
        else:
            assert row["href"] is None


def test_a_reader_who_may_not_edit_gets_no_link(page):
    found = eligibility.check(FACTS["empty"], strict_rules(), today=TODAY, rates={})
    rows = verdict_words.verdict_rows(verdicts.as_rows(found))
    assert {row["href"] for row in rows} == {None}


def test_opening_and_closing_days_are_worded(page):
    rules = [
        strict_rules(opens_on=date(2026, 12, 5), call_state="forecast"),
        strict_rules(closes_on=date(2026, 11, 1), call_state="open"),
    ]
    for rule in rules:
        found = eligibility.check(FACTS["passing"], rule, today=TODAY, rates={})
        row = verdict_words.verdict_rows(verdicts.as_rows(found))[-1]
        assert "2026\u00a0р." in row["theirs"]
        assert row["hint"]


def test_broken_values_are_not_stated_rather_than_shown(page):
    rows = [
        {"rule": rule, "outcome": "eligible", "idea_value": "junk", "profile_value": "junk"}
        for rule in verdict_words.RULES
        if rule != "territory"
    ]
    assert {row["ours"] for row in verdict_words.verdict_rows(rows)} == {""}


def test_places_are_named_with_the_type_of_a_community(page):
    home = factories.organisation(name_uk="Вигадана", raion_code=RAION)
    factories.add(
        Settlement(
            katottg="UA59080010020000001",
            name_uk="Вигадане",
            name_en="Vyhadane",
            kind="village",
            community_katottg=home.katottg,
        )
    )
    assert idea_words.place_name(home.katottg).startswith("Вигадана ")
    assert idea_words.place_name(RAION) == "Сумський район"
    assert idea_words.place_name("UA59080010020000001") == "Вигадане"
    assert "UA" not in idea_words.place_name("UA59000000000018289")
    assert "UA" not in idea_words.place_name("UA32000000000030281")
    assert idea_words.place_name("") == ""


def test_facts_of_an_idea_and_of_its_revision_read_alike(page):
    goal = factories.add(
        StrategyGoal(list_code="X", code="1", text_uk="Чиста вода", text_en="Clean water")
    )
    partner = factories.organisation()
    idea = factories.idea(
        strategy_goal_id=goal.id, documents={"design": "2026-11-05", "other": "x"}
    )
    idea.partners_involved = [partner]
    content = {**idea.revisions[-1].content, "partner_ids": [partner.id]}
    now = {row["name"]: row["value"] for row in idea_words.fact_rows(idea)}
    then = {row["name"]: row["value"] for row in idea_words.fact_rows(content)}
    assert now == then
    assert now["strategy_goal_id"] == "Чиста вода"
    assert now["amount"] == "85\u00a0000\u00a0€"
    assert "2026" in now["documents"]
    assert "other" not in now["documents"]
    assert partner.name_uk in now["partner_ids"]


def test_outsiders_get_no_text_place_or_partner(page):
    names = {row["name"] for row in idea_words.fact_rows(factories.idea(), outside=True)}
    inside = {"place_katottg", "partner_ids", "problem", "capacity", "partners", "sensitivity"}
    assert not names & (inside | idea_words.TEXTS_UK | idea_words.TEXTS_EN)


def test_zero_is_a_fact(page):
    idea = factories.idea(own_share_pct=Decimal(0), beneficiaries=0)
    assert idea_words.fact(idea, "own_share_pct") == "0\u00a0%"
    assert idea_words.fact(idea, "beneficiaries") == "0"
