"""Loads the facts an installation starts with: places, goals, territory list, donors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from csv import DictReader
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.organisation import (
    CommunityType,
    DonorKind,
    Organisation,
    OrganisationKind,
    Settlement,
    StrategyGoal,
    TerritoryStatus,
    TerritoryStatusCode,
)
from matcher.models.profile import (
    PROFILE_FIELDS,
    Profile,
    ProfileKind,
    ProfileRevision,
    ProposalStatus,
)
from matcher.services import audit
from matcher.services.taxonomy import REFERENCE

COMMUNITIES = REFERENCE / "communities.tsv"
COLUMNS = ("katottg", "name_uk", "name_en", "type", "raion_katottg", "raion_uk", "raion_en")


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a tab-separated file whose first line names the columns."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(DictReader(lines, delimiter="\t"))


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file with one JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def load_reference(*, now: datetime, territory: Path = COMMUNITIES) -> None:
    """Load everything that is not there yet; what the office has changed stays."""
    load_communities(territory, now=now)
    if territory == COMMUNITIES:
        load_settlements()
        load_territory_statuses(REFERENCE / "territory_statuses.tsv")
    load_goals()
    load_donors(now=now)


def load_communities(path: Path, *, now: datetime) -> int:
    """Add the communities of a territory file; return how many were new.

    Raises Invalid with the line and the reason when the file cannot be one.
    """
    known = set(db.session.scalars(sa.select(Organisation.katottg)))
    added = 0
    for line, row in enumerate(read_table(path), start=2):
        check_community(row, line)
        if row["katottg"] in known:
            continue
        known.add(row["katottg"])
        added += 1
        db.session.add(
            Organisation(
                kind=OrganisationKind.COMMUNITY,
                name_uk=row["name_uk"],
                name_en=row["name_en"],
                reads=Language.UK,
                katottg=row["katottg"],
                community_type=CommunityType(row["type"]),
                raion_code=row["raion_katottg"],
                raion_uk=row["raion_uk"],
                raion_en=row["raion_en"],
                seat_uk=row.get("seat_uk") or None,
                seat_en=row.get("seat_en") or None,
                latitude=float(row["lat"]) if row.get("lat") else None,
                longitude=float(row["lon"]) if row.get("lon") else None,
                created_at=now,
            )
        )
    db.session.flush()
    return added


def check_community(row: dict[str, str], line: int) -> None:
    """Raise Invalid unless the row has what a community needs."""
    missing = [name for name in COLUMNS if not row.get(name)]
    if missing:
        raise Invalid("territory_file", line=line, columns=", ".join(missing))
    if row["type"] not in set(CommunityType):
        raise Invalid("territory_file", line=line, columns=f"type = {row['type']}")


def load_settlements() -> None:
    """Add the settlements of the known communities."""
    known = set(db.session.scalars(sa.select(Settlement.katottg)))
    rows = read_table(REFERENCE / "settlements.tsv")
    db.session.add_all(Settlement(**row) for row in rows if row["katottg"] not in known)
    db.session.flush()


def load_territory_statuses(path: Path) -> int:
    """Add dated entries of the official territory list; return how many were new."""
    known = {
        (row.katottg, row.valid_from) for row in db.session.scalars(sa.select(TerritoryStatus))
    }
    added = 0
    for row in read_table(path):
        start = date.fromisoformat(row["valid_from"])
        if (row["katottg"], start) in known:
            continue
        added += 1
        db.session.add(
            TerritoryStatus(
                katottg=row["katottg"],
                status=TerritoryStatusCode(row["status"]),
                valid_from=start,
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                source=row["source"],
            )
        )
    db.session.flush()
    return added


def load_goals() -> None:
    """Add the goals of the strategies."""
    known = {(row.list_code, row.code) for row in db.session.scalars(sa.select(StrategyGoal))}
    for row in read_table(REFERENCE / "strategy_goals.tsv"):
        if (row["list_code"], row["code"]) not in known:
            db.session.add(StrategyGoal(**row))
    db.session.flush()


def load_donors(*, now: datetime) -> None:
    """Add the reference donors with their standing profiles, unverified until staff confirm."""
    known = set(db.session.scalars(sa.select(Organisation.reference_id)))
    for row in read_lines(REFERENCE / "donors.jsonl"):
        if row["id"] not in known:
            add_donor(row, now=now)
    db.session.flush()


def add_donor(row: dict[str, Any], *, now: datetime, is_example: bool = False) -> Organisation:
    """Add one donor and its standing profile from a row of a donor file."""
    verified_on = date.fromisoformat(row["verified_on"]) if row.get("verified_on") else None
    donor = Organisation(
        kind=OrganisationKind.DONOR,
        donor_kind=DonorKind(row["kind_of_donor"]),
        name_uk=row["name_uk"],
        name_en=row["name_en"],
        reads=Language(row["reading_language"]),
        reference_id=row["id"],
        note=row.get("evidence_note_uk") or "",
        source_url=row.get("source_url") or "",
        verified_on=verified_on,
        is_example=is_example,
        created_at=now,
    )
    db.session.add(donor)
    content = {
        "title_uk": "Постійні пріоритети",
        "title_en": "Standing priorities",
        "text_uk": row["priorities_uk"],
        "text_en": row["priorities_en"],
        "sectors": row.get("dac") or [],
        "sdgs": row.get("sdgs") or [],
        "clusters": row.get("clusters") or [],
        "applicant_types": row.get("applicant_types") or [],
        "territories": row.get("territories") or [],
        "amount_min": money(row.get("amount_min")),
        "amount_max": money(row.get("amount_max")),
        "currency": row.get("currency") or None,
    }
    profile = add_profile(donor, ProfileKind.STANDING, content, now=now, is_example=is_example)
    profile.ended = bool(row.get("ended"))
    profile.source_url = donor.source_url  # unverified until staff confirm it
    return donor


def money(value: float | None) -> Decimal | None:
    """Return a number of a file as an exact amount."""
    return None if value is None else Decimal(str(value))


def add_profile(
    donor: Organisation,
    kind: ProfileKind,
    content: dict[str, Any],
    *,
    now: datetime,
    is_example: bool = False,
) -> Profile:
    """Add a profile with its first revision in force."""
    profile = Profile(
        organisation=donor,
        kind=kind,
        **content,
        revision=1,
        is_example=is_example,
        created_at=now,
        updated_at=now,
    )
    db.session.add(profile)
    db.session.flush()
    revision = ProfileRevision(
        profile=profile,
        number=1,
        content={name: audit.plain(getattr(profile, name)) for name in PROFILE_FIELDS},
        status=ProposalStatus.VERIFIED,
        proposed_at=now,
        decided_at=now,
    )
    db.session.add(revision)
    return profile
