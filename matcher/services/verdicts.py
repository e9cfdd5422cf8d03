"""Builds the facts of an idea and the rules of a profile for the engine's eligibility check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from matcher.engine.eligibility import (
    IdeaFacts,
    Outcome,
    ProfileRules,
    Rate,
    Verdict,
    check,
    overall,
)
from matcher.models.idea import Idea
from matcher.models.match import Match
from matcher.models.organisation import Organisation, TerritoryStatusCode
from matcher.models.profile import Profile
from matcher.services import audit, corpus, rates, territories
from matcher.services.freshness import call_state

FACTS = (
    "amount",
    "beneficiaries",
    "own_share_pct",
    "sector",
    "readiness",
    "duration_months",
    "applicant_type",
)


def submitted_content(idea: Idea) -> Mapping[str, Any]:
    """Return what the idea says as submitted; a draft's working text where nothing was yet.

    Rules judge what the office has read: an unsent edit of a published idea changes nothing.
    """
    if idea.revisions:
        content: Mapping[str, Any] = idea.revisions[-1].content
        return content
    return working_content(idea)


def working_content(idea: Idea) -> Mapping[str, Any]:
    """Return what the idea's working text says now, sent or not."""
    return {name: audit.plain(getattr(idea, name)) for name in (*FACTS, "currency")}


def submitted_amount(idea: Idea) -> tuple[Decimal, str] | None:
    """Return the amount and currency as submitted, or None where either is not stated."""
    content = submitted_content(idea)
    if not content.get("amount") or not content.get("currency"):
        return None
    return Decimal(content["amount"]), content["currency"]


def idea_facts(
    place: Organisation, content: Mapping[str, Any], status: TerritoryStatusCode
) -> IdeaFacts:
    """Return what the rules may ask of an idea's content; what is not stated is None."""
    return IdeaFacts(
        applicant_type=content.get("applicant_type"),
        amount=_decimal(content.get("amount")),
        currency=content.get("currency"),
        own_share_pct=_decimal(content.get("own_share_pct")),
        territory=tuple(code for code in (place.katottg, place.raion_code) if code),
        territory_status=status,
        sector=content.get("sector"),
        readiness=content.get("readiness"),
        duration_months=content.get("duration_months"),
    )


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def profile_rules(profile: Profile, *, today: date) -> ProfileRules:
    """Return the hard rules of a profile on a day; an empty restriction is open to all."""
    return ProfileRules(
        applicant_types=frozenset(profile.applicant_types),
        amount_min=profile.amount_min,
        amount_max=profile.amount_max,
        currency=profile.currency,
        own_share_min_pct=profile.own_share_min_pct,
        territories=frozenset(profile.territories),
        territory_statuses_excluded=frozenset(profile.statuses_excluded),
        territory_statuses_required=frozenset(profile.statuses_required),
        sectors_excluded=frozenset(profile.sectors_excluded),
        readiness_min=profile.readiness_min,
        opens_on=profile.opens_on,
        closes_on=profile.closes_on,
        call_state=call_state(profile, today=today),
    )


class Bench:
    """Judges many pairs on one day: rates and territory lists are read once."""

    def __init__(self, today: date, ideas: list[Idea]) -> None:
        self.today = today
        self.rates: Mapping[str, Rate] = rates.rates_on(today)
        places = {idea.organisation_id: idea.organisation for idea in ideas}
        self.statuses = territories.statuses_on(today, list(places.values()))
        self._contents = {
            row.idea_id: row.content for row in corpus.current_revisions([i.id for i in ideas])
        }
        self._facts: dict[int, IdeaFacts] = {}
        self._rules: dict[int, ProfileRules] = {}

    def judge(self, idea: Idea, profile: Profile) -> tuple[Verdict, ...]:
        """Return the verdict on each rule that the profile states."""
        if idea.id not in self._facts:
            content = self._contents.get(idea.id) or submitted_content(idea)
            status = self.statuses[idea.organisation_id]
            self._facts[idea.id] = idea_facts(idea.organisation, content, status)
        if profile.id not in self._rules:
            self._rules[profile.id] = profile_rules(profile, today=self.today)
        return check(
            self._facts[idea.id], self._rules[profile.id], today=self.today, rates=self.rates
        )

    def store(self, match: Match) -> None:
        """Keep the verdicts with the pair, for lists and filters."""
        verdicts = self.judge(match.idea, match.profile)
        match.verdicts = as_rows(verdicts)
        match.eligibility = overall(verdicts).value
        content = self._contents.get(match.idea.id) or submitted_content(match.idea)
        match.missing = missing_in(content)


def judge_match(match: Match, *, today: date) -> tuple[Verdict, ...]:
    """Return today's verdicts on a pair: rates, dates and lists may have moved since its run."""
    return Bench(today, [match.idea]).judge(match.idea, match.profile)


def judge_working_text(match: Match, *, today: date) -> tuple[Verdict, ...]:
    """Return the verdicts on what the author has saved: the effect of a fact is seen at once."""
    idea, rules = match.idea, profile_rules(match.profile, today=today)
    status = territories.statuses_on(today, [idea.organisation])[idea.organisation_id]
    facts = idea_facts(idea.organisation, working_content(idea), status)
    return check(facts, rules, today=today, rates=rates.rates_on(today))


def as_rows(verdicts: tuple[Verdict, ...]) -> list[dict[str, Any]]:
    """Return verdicts as JSON can hold them."""
    return [asdict(verdict) | {"outcome": verdict.outcome.value} for verdict in verdicts]


def missing_facts(idea: Idea) -> list[str]:
    """Return the facts that the idea does not state; missing is not zero."""
    return missing_in(submitted_content(idea))


def missing_in(content: Mapping[str, Any]) -> list[str]:
    """Return the facts that a content does not state."""
    return [name for name in FACTS if content.get(name) is None]


def excludes(verdicts: tuple[Verdict, ...]) -> bool:
    """Tell whether a rule says no; unclear never excludes."""
    return overall(verdicts) is Outcome.NOT_ELIGIBLE
