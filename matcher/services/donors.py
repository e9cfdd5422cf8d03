"""Donors as the office knows them: the list with its filters, and the facts of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from matcher.errors import Invalid, NotFound, Stale
from matcher.extensions import db
from matcher.models.match import ContactNote, Match, MatchStatus
from matcher.models.organisation import DonorKind, Organisation, OrganisationKind
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role
from matcher.services import access, alphabet, audit, form_keys, freshness, moves, profile_content
from matcher.services.freshness import Freshness

PAGE = 25
REVIEW_AFTER = timedelta(days=365)
INTRODUCED = frozenset({MatchStatus.INTRODUCED, MatchStatus.IN_TALKS})
WITH_DONOR = moves.OPEN - {MatchStatus.SUGGESTED}
FACTS = ("name_uk", "name_en", "donor_kind", "reads", "source_url", "note", "is_active")


@dataclass(frozen=True)
class Filter:
    """What the reader of the list asked for; an empty value asks for nothing."""

    words: str = ""
    kind: DonorKind | None = None
    sector: str = ""
    freshness: Freshness | None = None
    has_account: bool | None = None


@dataclass(frozen=True)
class DonorRow:
    """A donor as the list shows it on a day."""

    donor: Organisation
    profiles: list[Profile]
    freshness: Freshness
    people: int
    open_pairs: int
    introduced: int
    last_contact: date | None
    next_due: date | None


@dataclass(frozen=True)
class DonorPage:
    """One page of the list of donors."""

    rows: list[DonorRow]
    total: int
    page: int
    pages: int


# The list


def donors_seen_by(actor: Membership) -> sa.Select[Organisation]:
    """Return the statement of the donors in which this office person has no interest."""
    access.require(actor, access.OFFICE)
    return sa.select(Organisation).where(
        Organisation.kind == OrganisationKind.DONOR,
        Organisation.id.not_in(access.conflicting_organisations(actor.user_id)),
    )


def get_donor(actor: Membership, organisation_id: int) -> Organisation:
    """Return one donor; raises NotFound."""
    statement = donors_seen_by(actor).where(Organisation.id == organisation_id)
    donor = db.session.scalars(statement).one_or_none()
    if donor is None:
        raise NotFound("organisation")
    return donor


def list_donors(actor: Membership, asked: Filter, *, page: int, today: date) -> DonorPage:
    """Return one page of the donors by name, those still in use first."""
    statement = narrow(donors_seen_by(actor), asked)
    donors = sorted(db.session.scalars(statement), key=order_key)
    profiles = profiles_of({row.id for row in donors})
    if asked.sector:
        donors = [row for row in donors if has_sector(profiles.get(row.id, []), asked.sector)]
    if asked.freshness is not None:
        donors = [
            row for row in donors if worst(profiles.get(row.id, []), today=today) is asked.freshness
        ]
    pages = max(1, -(-len(donors) // PAGE))
    page = min(max(page, 1), pages)
    shown = donors[(page - 1) * PAGE : page * PAGE]
    return DonorPage(as_rows(actor, shown, profiles, today=today), len(donors), page, pages)


def order_key(donor: Organisation) -> tuple[bool, tuple[int, ...], int]:
    """Order donors in use before the others, then by name."""
    return not donor.is_active, alphabet.sort_key(donor.name_uk), donor.id


def narrow(statement: sa.Select[Organisation], asked: Filter) -> sa.Select[Organisation]:
    """Add the filters that the database can answer."""
    if asked.kind is not None:
        statement = statement.where(Organisation.donor_kind == asked.kind)
    if asked.has_account is not None:
        holders = sa.select(Membership.organisation_id).where(
            Membership.role == Role.DONOR, Membership.ended_at.is_(None)
        )
        has = Organisation.id.in_(holders)
        statement = statement.where(has if asked.has_account else sa.not_(has))
    for word in asked.words.split()[:5]:
        statement = statement.where(says(word))
    return statement


def says(word: str) -> sa.ColumnElement[bool]:
    """Return that a word stands in a donor's name or in the title of its priorities.

    SQLite knows the case of Latin letters only, so that the usual spellings are asked for.
    """
    spellings = sorted({word, word.lower(), word.capitalize(), word.upper()})
    titled = sa.select(Profile.organisation_id).where(
        sa.or_(
            *(
                column.contains(spelling, autoescape=True)
                for column in (Profile.title_uk, Profile.title_en)
                for spelling in spellings
            )
        )
    )
    return sa.or_(
        *(
            column.contains(spelling, autoescape=True)
            for column in (Organisation.name_uk, Organisation.name_en)
            for spelling in spellings
        ),
        Organisation.id.in_(titled),
    )


def profiles_of(donor_ids: Collection[int]) -> dict[int, list[Profile]]:
    """Return the profiles in use of each of these donors."""
    statement = (
        sa.select(Profile)
        .where(Profile.organisation_id.in_(donor_ids), sa.not_(Profile.ended))
        .order_by(Profile.kind, Profile.closes_on, Profile.id)
    )
    found: dict[int, list[Profile]] = {}
    for profile in db.session.scalars(statement):
        found.setdefault(profile.organisation_id, []).append(profile)
    return found


def has_sector(profiles: Collection[Profile], sector: str) -> bool:
    """Tell whether one of the profiles names the sector as its own."""
    return any(sector in profile.sectors for profile in profiles)


def worst(profiles: Collection[Profile], *, today: date) -> Freshness:
    """Return the worst state among profiles that are open; none at all is not verified."""
    states = [
        freshness.freshness(row, today=today)
        for row in profiles
        if freshness.is_open(row, today=today)
    ]
    order = [*list(Freshness)[1:], Freshness.UNVERIFIED]
    return max(states, key=order.index, default=Freshness.UNVERIFIED)


def as_rows(
    actor: Membership,
    donors: Collection[Organisation],
    profiles: Mapping[int, list[Profile]],
    *,
    today: date,
) -> list[DonorRow]:
    """Return the rows of one page; a fixed number of queries."""
    ids = [row.id for row in donors]
    people = count_people(ids)
    pairs = count_pairs(actor, ids)
    contacts = contact_dates(actor, ids)
    return [
        DonorRow(
            donor=donor,
            profiles=profiles.get(donor.id, []),
            freshness=worst(profiles.get(donor.id, []), today=today),
            people=people.get(donor.id, 0),
            open_pairs=pairs.get(donor.id, (0, 0))[0],
            introduced=pairs.get(donor.id, (0, 0))[1],
            last_contact=contacts.get(donor.id, (None, None))[0],
            next_due=contacts.get(donor.id, (None, None))[1],
        )
        for donor in donors
    ]


def count_people(donor_ids: Collection[int]) -> dict[int, int]:
    """Return how many people of each donor have a seat."""
    statement = (
        sa.select(Membership.organisation_id, sa.func.count())
        .where(Membership.organisation_id.in_(donor_ids), Membership.ended_at.is_(None))
        .group_by(Membership.organisation_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def count_pairs(actor: Membership, donor_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return for each donor the open pairs that reached it and those introduced, as one may see."""
    introduced = sa.func.sum(sa.case((Match.status.in_(INTRODUCED), 1), else_=0))
    statement = (
        access.matches_seen_by(actor)
        .where(Match.status.in_(WITH_DONOR), Profile.organisation_id.in_(donor_ids))
        .with_only_columns(
            Profile.organisation_id, sa.func.count(), introduced, maintain_column_froms=True
        )
        .group_by(Profile.organisation_id)
    )
    return {row[0]: (row[1], row[2] or 0) for row in db.session.execute(statement)}


def contact_dates(
    actor: Membership, donor_ids: Collection[int]
) -> dict[int, tuple[date | None, date | None]]:
    """Return for each donor the day of the last contact and the next step that is due."""
    open_due = sa.case((ContactNote.done_at.is_(None), ContactNote.due_on))
    statement = (
        access.notes_seen_by(actor)
        .where(ContactNote.organisation_id.in_(donor_ids))
        .with_only_columns(
            ContactNote.organisation_id, sa.func.max(ContactNote.on), sa.func.min(open_due)
        )
        .group_by(ContactNote.organisation_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(statement)}


# What the office knows of a donor


def create_donor(
    actor: Membership, values: Mapping[str, object], *, now: datetime, today: date, key: str = ""
) -> Organisation:
    """Enter a donor, checked today; once for each form key."""
    access.require(actor, access.OFFICE)
    check_facts(values)
    known = form_keys.find_subject(actor, key, "donor.created", values) if key else None
    if known is not None:
        return get_donor(actor, known)
    donor = Organisation(
        kind=OrganisationKind.DONOR,
        is_example=actor.user.is_example,
        verified_on=today,
        review_by=today + REVIEW_AFTER,
        created_at=now,
        **{name: values[name] for name in FACTS if name in values},
    )
    db.session.add(donor)
    db.session.flush()
    if key:
        form_keys.remember(actor, key, "donor.created", values, donor.id, now=now)
    audit.record(actor, "donor.created", donor, now=now, new={"kind": donor.donor_kind})
    db.session.flush()
    return donor


def check_facts(values: Mapping[str, object]) -> None:
    """A donor has its name in both languages, a kind, and a source that is a web address."""
    if not values.get("name_uk") or not values.get("name_en"):
        raise Invalid("donor_name", field="name_uk" if not values.get("name_uk") else "name_en")
    if values.get("donor_kind") not in set(DonorKind):
        raise Invalid("unknown_code", field="donor_kind")
    profile_content.check_address(str(values.get("source_url") or ""))


def edit_donor(
    actor: Membership,
    organisation_id: int,
    values: Mapping[str, object],
    *,
    now: datetime,
    version: int | None = None,
) -> Organisation:
    """Change what the office knows of a donor."""
    donor = get_donor(actor, organisation_id)
    check_version(donor, version)
    check_facts(values)
    changed = [name for name in FACTS if name in values and getattr(donor, name) != values[name]]
    for name in changed:
        setattr(donor, name, values[name])
    audit.record(actor, "donor.changed", donor, now=now, new={"fields": changed})
    db.session.flush()
    return donor


def check_version(organisation: Organisation, version: int | None) -> None:
    """Raise Stale when the reader saw another version than the present one."""
    if version is not None and organisation.version != version:
        raise Stale("stale", organisation_id=organisation.id)


def verify_donor(
    actor: Membership, organisation_id: int, *, now: datetime, today: date
) -> Organisation:
    """Note that what the office knows of a donor is still right, for a year."""
    donor = get_donor(actor, organisation_id)
    old = donor.review_by
    donor.verified_on, donor.review_by = today, today + REVIEW_AFTER
    new = {"review_by": donor.review_by}
    audit.record(actor, "donor.verified", donor, now=now, old={"review_by": old}, new=new)
    db.session.flush()
    return donor
