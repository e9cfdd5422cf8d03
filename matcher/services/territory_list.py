"""The official territory list as the lead keeps it: dated entries and the pairs they touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from matcher.errors import Invalid, NotFound, WrongState
from matcher.extensions import db
from matcher.models.idea import Idea
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import (
    Organisation,
    OrganisationKind,
    TerritoryStatus,
    TerritoryStatusCode,
)
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role
from matcher.services import access, audit, idea_choices, moves, verdicts

LEADS = frozenset({Role.LEAD})
WITH_DONOR = moves.OPEN - {MatchStatus.SUGGESTED}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Touched:
    """An open pair of an idea from a territory, and whether its profile has a rule about that."""

    match: Match
    has_rule: bool


def list_entries(actor: Membership, *, today: date) -> tuple[list[TerritoryStatus], list[int]]:
    """Return all entries, those in force and to come before those that ended, newest first;
    and the ids of those in force today.
    """
    access.require(actor, access.OFFICE)
    rows = list(db.session.scalars(sa.select(TerritoryStatus)))
    rows.sort(
        key=lambda row: (
            row.valid_to is not None and row.valid_to < today,
            -row.valid_from.toordinal(),
            row.katottg,
        )
    )
    return rows, [row.id for row in rows if is_in_force(row, today)]


def is_in_force(entry: TerritoryStatus, day: date) -> bool:
    """Tell whether the entry holds on a day."""
    return entry.valid_from <= day and (entry.valid_to is None or entry.valid_to >= day)


def add_entry(
    actor: Membership,
    katottg: str,
    status: TerritoryStatusCode,
    valid_from: date,
    *,
    valid_to: date | None = None,
    source: str,
    now: datetime,
    today: date,
) -> TerritoryStatus:
    """Add an entry of the official list; what holds without an end is ended the day before."""
    access.require(actor, LEADS)
    if katottg not in idea_choices.territory_names():
        raise Invalid("territory_unknown", field="katottg")
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("dates_order", field="valid_to")
    if not source.strip():
        raise Invalid("source_missing", field="source")
    same = sa.select(TerritoryStatus).where(TerritoryStatus.katottg == katottg)
    known = list(db.session.scalars(same))
    if any(row.valid_from == valid_from for row in known):
        raise Invalid("territory_exists", field="valid_from")
    for row in known:
        if row.valid_from < valid_from and (row.valid_to is None or row.valid_to >= valid_from):
            close(actor, row, valid_from - ONE_DAY, now=now)
    entry = TerritoryStatus(
        katottg=katottg,
        status=status,
        valid_from=valid_from,
        valid_to=valid_to,
        source=source.strip(),
        entered_by_id=actor.user_id,
    )
    db.session.add(entry)
    db.session.flush()
    new = {"katottg": katottg, "status": status, "valid_from": valid_from, "valid_to": valid_to}
    audit.record(actor, "territory.added", entry, now=now, new=new)
    judge_anew([entry], today=today)
    return entry


def close(actor: Membership, entry: TerritoryStatus, valid_to: date, *, now: datetime) -> None:
    """Write the last day of an entry."""
    old = {"valid_to": entry.valid_to}
    entry.valid_to = valid_to
    new = {"valid_to": valid_to}
    audit.record(actor, "territory.ended", entry, now=now, old=old, new=new)


def get_entry(actor: Membership, entry_id: int) -> TerritoryStatus:
    """Return one entry; raises NotFound."""
    access.require(actor, access.OFFICE)
    entry = db.session.get(TerritoryStatus, entry_id)
    if entry is None:
        raise NotFound("territory")
    return entry


def end_entry(
    actor: Membership, entry_id: int, valid_to: date, *, now: datetime, today: date
) -> TerritoryStatus:
    """End an entry on a day, its last one; the past of the list stays readable."""
    access.require(actor, LEADS)
    entry = get_entry(actor, entry_id)
    if entry.valid_to is not None:
        raise WrongState("territory_ended")
    if valid_to < entry.valid_from:
        raise Invalid("dates_order", field="valid_to")
    close(actor, entry, valid_to, now=now)
    db.session.flush()
    judge_anew([entry], today=today)
    return entry


def places_of(entries: Iterable[TerritoryStatus]) -> sa.Select[int]:
    """Return the ids of the communities that these entries speak of, by name or by raion."""
    codes = {row.katottg for row in entries}
    return sa.select(Organisation.id).where(
        Organisation.kind == OrganisationKind.COMMUNITY,
        sa.or_(Organisation.katottg.in_(codes), Organisation.raion_code.in_(codes)),
    )


def judge_anew(entries: Iterable[TerritoryStatus], *, today: date) -> int:
    """Store today's verdicts of the open pairs that these entries touch; return how many change.

    This is a rule of the installation and no reading of anybody: hidden pairs are judged too.
    """
    statement = (
        sa.select(Match)
        .join(Idea, Match.idea_id == Idea.id)
        .where(Match.status.in_(moves.OPEN), Idea.organisation_id.in_(places_of(entries)))
        .options(
            joinedload(Match.profile), contains_eager(Match.idea).joinedload(Idea.organisation)
        )
    )
    rows = list(db.session.scalars(statement))
    bench = verdicts.Bench(today, [row.idea for row in rows])
    changed = 0
    for row in rows:
        before = row.eligibility
        bench.store(row)
        changed += row.eligibility != before
    db.session.flush()
    return changed


def touched_pairs(actor: Membership, entries: Iterable[TerritoryStatus]) -> list[Touched]:
    """Return the pairs with a donor, of ideas from these territories, that this person may see.

    The pairs whose profile has a rule about the status come first: their verdict may change.
    Suggestions are left out: nobody has seen them yet, and they are judged anew by themselves.
    """
    statement = (
        access.matches_seen_by(actor)
        .where(Match.status.in_(WITH_DONOR), Idea.organisation_id.in_(places_of(entries)))
        .options(
            contains_eager(Match.idea).joinedload(Idea.organisation),
            contains_eager(Match.profile).joinedload(Profile.organisation),
        )
        .order_by(Match.id)
    )
    rows = [
        Touched(match, bool(match.profile.statuses_excluded or match.profile.statuses_required))
        for match in db.session.scalars(statement)
    ]
    return sorted(rows, key=lambda row: (not row.has_rule, row.match.id))
