"""Hard rules of a profile against the facts of an idea, apart from the text score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

READINESS = ("idea", "concept", "feasibility", "design")
UNKNOWN = "unknown"
NO_STATUS = "none"  # the territory is known to be on no list
HRYVNIA = "UAH"
COMMUNITY = "community"
# A community can apply through what it owns, so a rule that names these only is no refusal.
OWNED_BY_COMMUNITIES = frozenset({"communal_enterprise", "school", "hospital"})
# Digits of a code of the codifier of territories that name each level, "UA" left out:
# oblast 2, raion 2, community 3, settlement 3, district of a city 2; five more are a serial.
_LEVELS = (4, 6, 9, 12, 14)
_KATOTTG = 19


class Outcome(StrEnum):
    """What one rule says; ``unclear`` never excludes."""

    ELIGIBLE = "eligible"
    UNCLEAR = "unclear"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True)
class IdeaFacts:
    """What is known of an idea; None means not known, which is never the same as zero.

    ``territory`` holds the codes that contain the place (community, raion). A
    ``territory_status`` of "none" means on no list, None or "unknown" not known.
    """

    applicant_type: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    own_share_pct: Decimal | None = None
    territory: tuple[str, ...] = ()
    territory_status: str | None = None
    sector: str | None = None
    readiness: str | None = None
    duration_months: int | None = None


@dataclass(frozen=True)
class ProfileRules:
    """What a profile demands; empty or None means open to all.

    ``call_state`` is forecast, open or closed; None for a standing profile.
    """

    applicant_types: frozenset[str] = frozenset()
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    currency: str | None = None
    own_share_min_pct: Decimal | None = None
    territories: frozenset[str] = frozenset()
    territory_statuses_excluded: frozenset[str] = frozenset()
    territory_statuses_required: frozenset[str] = frozenset()
    sectors_excluded: frozenset[str] = frozenset()
    readiness_min: str | None = None
    opens_on: date | None = None
    closes_on: date | None = None
    call_state: str | None = None


@dataclass(frozen=True)
class Rate:
    """How many hryvnias one unit of a currency cost on a day."""

    currency: str
    uah: Decimal
    on: date


@dataclass(frozen=True)
class Verdict:
    """What one rule says about one idea.

    Attributes
    ----------
    rule : str
        applicant_type, amount_min, amount_max, own_share, territory, territory_status_excluded,
        territory_status_required, sector, readiness, call_state, call_opens or call_closes.
    outcome : Outcome
    idea_value, profile_value : str or None
        Codes and numbers as text, for the app to word; several codes are sorted and joined by
        ", "; None means not stated.
    settles : str or None
        The field of the idea that would settle an unclear verdict; "exchange_rate" where a
        fresh rate would, None where only the donor can.
    """

    rule: str
    outcome: Outcome
    idea_value: str | None
    profile_value: str | None
    settles: str | None = None


def check(
    facts: IdeaFacts,
    rules: ProfileRules,
    *,
    today: date,
    rates: Mapping[str, Rate],
    rate_max_age_days: int = 90,
) -> tuple[Verdict, ...]:
    """Check the rules that a profile really states; an empty restriction gives no verdict.

    Parameters
    ----------
    facts, rules
        The two sides.
    today : date
        In the office's time zone: a call that closes today is open.
    rates : mapping of currency to Rate
        For amounts in different currencies; an older, future or missing rate leaves the
        verdict unclear.
    rate_max_age_days : int
        Age up to which a rate counts.

    Returns
    -------
    tuple of Verdict
        In a fixed order, at most one per rule.
    """
    exchange = _Exchange(rates, today, rate_max_age_days)
    verdicts = [
        _applicant(facts, rules),
        _amount("amount_min", facts, rules, exchange),
        _amount("amount_max", facts, rules, exchange),
        _own_share(facts, rules),
        _territory(facts, rules),
        *_territory_status(facts, rules),
        _sector(facts, rules),
        _readiness(facts, rules),
        _call(rules, today),
    ]
    return tuple(verdict for verdict in verdicts if verdict is not None)


def overall(verdicts: Iterable[Verdict]) -> Outcome:
    """Return the worst outcome: one failed rule excludes, one unclear rule leaves it open."""
    outcomes = {verdict.outcome for verdict in verdicts}
    for outcome in (Outcome.NOT_ELIGIBLE, Outcome.UNCLEAR):
        if outcome in outcomes:
            return outcome
    return Outcome.ELIGIBLE


def _outcome(holds: bool) -> Outcome:
    return Outcome.ELIGIBLE if holds else Outcome.NOT_ELIGIBLE


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


def _finite(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value.is_finite() else None


def _applicant(facts: IdeaFacts, rules: ProfileRules) -> Verdict | None:
    if not rules.applicant_types:
        return None
    wanted = _listed(rules.applicant_types)
    if not facts.applicant_type:
        return Verdict("applicant_type", Outcome.UNCLEAR, None, wanted, "applicant_type")
    if facts.applicant_type in rules.applicant_types:
        return Verdict("applicant_type", Outcome.ELIGIBLE, facts.applicant_type, wanted)
    if facts.applicant_type == COMMUNITY and rules.applicant_types & OWNED_BY_COMMUNITIES:
        return Verdict(
            "applicant_type", Outcome.UNCLEAR, facts.applicant_type, wanted, "applicant_type"
        )
    return Verdict("applicant_type", Outcome.NOT_ELIGIBLE, facts.applicant_type, wanted)


class _Exchange:
    def __init__(self, rates: Mapping[str, Rate], today: date, max_age_days: int) -> None:
        self._rates, self._today, self._max_age_days = rates, today, max_age_days

    def hryvnias(self, amount: Decimal, currency: str) -> Decimal | None:
        """Return the amount in hryvnias, None where no rate of a fit age is known."""
        if currency == HRYVNIA:
            return amount
        rate = self._rates.get(currency)
        if rate is None or not rate.uah.is_finite() or rate.uah <= 0:
            return None
        age = (self._today - rate.on).days
        return amount * rate.uah if 0 <= age <= self._max_age_days else None


def _money(amount: Decimal, currency: str | None) -> str:
    return f"{amount:f} {currency}" if currency else f"{amount:f}"


def _amount(
    rule: str, facts: IdeaFacts, rules: ProfileRules, exchange: _Exchange
) -> Verdict | None:
    is_least = rule == "amount_min"
    limit = _finite(rules.amount_min if is_least else rules.amount_max)
    if limit is None or (is_least and limit <= 0):
        return None
    wanted = _money(limit, rules.currency)
    amount = _finite(facts.amount)
    if amount is None:
        return Verdict(rule, Outcome.UNCLEAR, None, wanted, "amount")
    given = _money(amount, facts.currency)
    if not facts.currency:
        return Verdict(rule, Outcome.UNCLEAR, given, wanted, "currency")
    if not rules.currency:
        return Verdict(rule, Outcome.UNCLEAR, given, wanted)
    if facts.currency != rules.currency:
        converted = exchange.hryvnias(amount, facts.currency)
        converted_limit = exchange.hryvnias(limit, rules.currency)
        if converted is None or converted_limit is None:
            return Verdict(rule, Outcome.UNCLEAR, given, wanted, "exchange_rate")
        amount, limit = converted, converted_limit
    return Verdict(rule, _outcome(amount >= limit if is_least else amount <= limit), given, wanted)


def _own_share(facts: IdeaFacts, rules: ProfileRules) -> Verdict | None:
    least = _finite(rules.own_share_min_pct)
    if least is None or least <= 0:
        return None
    share = _finite(facts.own_share_pct)
    if share is None:
        return Verdict("own_share", Outcome.UNCLEAR, None, f"{least:f}", "own_share_pct")
    return Verdict("own_share", _outcome(share >= least), f"{share:f}", f"{least:f}")


def _area(code: str) -> str:
    """Return the part of a territory code that all codes inside it begin with."""
    if len(code) != _KATOTTG or not code.startswith("UA") or not code[2:].isdigit():
        return code
    ends = [end for end in _LEVELS if code[end:14].strip("0") == ""]
    return code[: ends[0]] if ends else code


def _territory(facts: IdeaFacts, rules: ProfileRules) -> Verdict | None:
    if not rules.territories:
        return None
    wanted = _listed(rules.territories)
    if not facts.territory:
        return Verdict("territory", Outcome.UNCLEAR, None, wanted, "territory")
    given = ", ".join(facts.territory)
    areas = {_area(code) for code in rules.territories}
    if any(code.startswith(area) for code in facts.territory for area in areas):
        return Verdict("territory", Outcome.ELIGIBLE, given, wanted)
    # The narrowest code of the place; the donor may name only a part of it.
    place = max((_area(code) for code in facts.territory), key=len)
    if any(area.startswith(place) for area in areas):
        return Verdict("territory", Outcome.UNCLEAR, given, wanted, "territory")
    return Verdict("territory", Outcome.NOT_ELIGIBLE, given, wanted)


def _territory_status(facts: IdeaFacts, rules: ProfileRules) -> list[Verdict]:
    status = facts.territory_status
    is_known = status is not None and status not in ("", UNKNOWN)
    verdicts = []
    for rule, codes, demands in (
        ("territory_status_excluded", rules.territory_statuses_excluded, False),
        ("territory_status_required", rules.territory_statuses_required, True),
    ):
        if codes and not is_known:
            unclear = Verdict(rule, Outcome.UNCLEAR, None, _listed(codes), "territory_status")
            verdicts.append(unclear)
        elif codes:
            outcome = _outcome((status in codes) == demands)
            verdicts.append(Verdict(rule, outcome, status, _listed(codes)))
    return verdicts


def _sector(facts: IdeaFacts, rules: ProfileRules) -> Verdict | None:
    if not rules.sectors_excluded:
        return None
    wanted = _listed(rules.sectors_excluded)
    if not facts.sector:
        return Verdict("sector", Outcome.UNCLEAR, None, wanted, "sector")
    # A purpose code of five digits begins with its sector's three.
    if any(facts.sector.startswith(code) for code in rules.sectors_excluded):
        return Verdict("sector", Outcome.NOT_ELIGIBLE, facts.sector, wanted)
    if any(code.startswith(facts.sector) for code in rules.sectors_excluded):
        return Verdict("sector", Outcome.UNCLEAR, facts.sector, wanted, "sector")
    return Verdict("sector", Outcome.ELIGIBLE, facts.sector, wanted)


def _readiness(facts: IdeaFacts, rules: ProfileRules) -> Verdict | None:
    least = rules.readiness_min
    if least is None or least == READINESS[0]:
        return None
    if least not in READINESS:
        return Verdict("readiness", Outcome.UNCLEAR, facts.readiness, least)
    if facts.readiness not in READINESS:
        return Verdict("readiness", Outcome.UNCLEAR, facts.readiness, least, "readiness")
    holds = READINESS.index(facts.readiness) >= READINESS.index(least)
    return Verdict("readiness", _outcome(holds), facts.readiness, least)


def _call(rules: ProfileRules, today: date) -> Verdict | None:
    day, state = today.isoformat(), rules.call_state
    opens, closes = rules.opens_on, rules.closes_on
    if state == "closed":
        return Verdict("call_state", Outcome.NOT_ELIGIBLE, day, state)
    if closes is not None and closes < today:
        return Verdict("call_closes", Outcome.NOT_ELIGIBLE, day, closes.isoformat())
    if opens is not None and opens > today:
        return Verdict("call_opens", Outcome.UNCLEAR, day, opens.isoformat())
    if state == "forecast":
        return Verdict("call_state", Outcome.UNCLEAR, day, state)
    if closes is not None:
        return Verdict("call_closes", Outcome.ELIGIBLE, day, closes.isoformat())
    return Verdict("call_state", Outcome.ELIGIBLE, day, state) if state == "open" else None
