"""Fills an empty database with invented people, ideas and calls, through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matcher.errors import WrongState
from matcher.extensions import db
from matcher.models.codes import ApplicantType, Language, Readiness, Reason
from matcher.models.idea import Idea, IdeaStatus, Section, Sensitivity
from matcher.models.job import Job, JobStatus
from matcher.models.organisation import ExchangeRate, Organisation, OrganisationKind
from matcher.models.profile import Profile, ProfileKind
from matcher.models.user import Membership, Role, User
from matcher.services import (
    checking,
    demonstration_extras,
    demonstration_story,
    ideas,
    passwords,
    ranking,
    reference,
    release_texts,
    settings,
)
from matcher.services.index import Index
from matcher.services.taxonomy import REFERENCE

FOLDER = REFERENCE / "demo"
DOMAIN = "demo.example"
MAIN_COMMUNITY = "UA59080270000073662"
RATES = {"EUR": Decimal("49.00"), "USD": Decimal("42.00")}
DONOR_ACCOUNTS = {"donor": "local-resilience-fund", "donor2": "northern-lights"}
QUIET_AUTHOR = "Редактор громади (приклад)"
LATER = frozenset({"withdrawn", "archived", "on_hold", "stale"})
OFFICE = (
    ("staff", "Оксана (приклад)", Role.STAFF),
    ("staff2", "Тарас (приклад)", Role.STAFF),
    ("lead", "Ірина (приклад)", Role.LEAD),
    ("lead2", "Андрій (приклад)", Role.LEAD),
    ("admin", "Адміністратор (приклад)", Role.ADMIN),
)


@dataclass
class Cast:
    """The people, ideas and calls of the demonstration, by the keys of its files."""

    now: datetime
    today: date
    seats: dict[str, Membership] = field(default_factory=dict)
    authors: dict[str, Membership] = field(default_factory=dict)
    donors: dict[str, Organisation] = field(default_factory=dict)
    ideas: dict[str, Idea] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)

    def ago(self, days: float, minutes: float = 0) -> datetime:
        """Return a moment before the loading."""
        return self.now - timedelta(days=days) + timedelta(minutes=minutes)


def load_demonstration(
    index: Index, *, password: str, now: datetime, today: date
) -> list[tuple[str, str]]:
    """Load everything and return (e-mail, role) of the accounts; one password opens them all.

    Raises WrongState on a database that holds a person or an idea already.
    """
    if db.session.scalar(sa.select(sa.func.count(User.id))):
        raise WrongState("real_rows")
    reference.load_reference(now=now)
    settings.write("demo", "1")
    settings.write("office_name_uk", "Управління міжнародного співробітництва (приклад)")
    settings.write("office_name_en", "Office of International Cooperation (example)")
    settings.write("sender", f"office@{DOMAIN}")
    cast = Cast(now=now, today=today)
    add_rates(cast)
    add_people(cast, passwords.hash_password(password))
    demonstration_extras.add_territories(cast)
    add_calls(cast)
    add_ideas(cast)
    run = ranking.new_run(cast.ago(1))
    corpus = ranking.read_documents(today)
    generation = ranking.fit(corpus, lexicon=index.lexicon, progress=None)
    ranking.store_pairs(generation, run, now=cast.ago(1), today=today)
    ranking.finish_run(run, generation, seconds=0.0, now=cast.ago(1))
    ranking.put_in_force(index, run, generation)
    demonstration_story.tell(cast, index)
    demonstration_extras.add_all(cast)
    finish_ideas(cast)
    settle_letters(cast)
    return [(f"{name}@{DOMAIN}", seat.role.value) for name, seat in cast.seats.items()]


def add_rates(cast: Cast) -> None:
    """Enter a rate a week, so that amounts of past days can be converted too."""
    for currency, rate in RATES.items():
        for week in range(0, 15):
            db.session.add(
                ExchangeRate(
                    currency=currency,
                    day=cast.today - timedelta(weeks=week),
                    uah=rate,
                    source="example",
                )
            )


# People


def add_people(cast: Cast, password_hash: str) -> None:
    """Make the accounts that are printed, and a quiet author for every other community."""
    office = Organisation(
        kind=OrganisationKind.OFFICE,
        name_uk=settings.read("office_name_uk"),
        name_en=settings.read("office_name_en"),
        is_example=True,
        created_at=cast.ago(400),
    )
    db.session.add(office)
    statement = sa.select(Organisation).where(Organisation.kind == OrganisationKind.COMMUNITY)
    communities = {row.katottg or "": row for row in db.session.scalars(statement)}
    main = communities[MAIN_COMMUNITY]
    add_donors(cast)
    accounts = [
        ("editor", "Редакторка громади (приклад)", Role.EDITOR, main),
        ("head", "Голова громади (приклад)", Role.HEAD, main),
    ]
    accounts += [
        (name, "Reviewer (example)", Role.DONOR, cast.donors[donor])
        for name, donor in DONOR_ACCOUNTS.items()
    ]
    accounts += [(name, who, role, office) for name, who, role in OFFICE]
    for name, who, role, place in accounts:
        cast.seats[name] = add_seat(cast, name, who, role, place, password_hash)
    cast.authors = {
        code: add_seat(cast, f"editor-{code[4:9]}", QUIET_AUTHOR, Role.EDITOR, place, None)
        for code, place in communities.items()
        if code != MAIN_COMMUNITY
    }
    cast.authors[MAIN_COMMUNITY] = cast.seats["editor"]
    db.session.flush()


def add_donors(cast: Cast) -> None:
    """Make the invented donors, verified today."""
    for row in reference.read_lines(FOLDER / "donors.jsonl"):
        donor = reference.add_donor(row, now=cast.ago(300), is_example=True)
        donor.verified_on, donor.review_by = cast.today, cast.today + timedelta(days=365)
        cast.donors[row["id"]] = donor


def add_seat(
    cast: Cast,
    name: str,
    who: str,
    role: Role,
    place: Organisation,
    password_hash: str | None,
) -> Membership:
    """Make one invented person with a seat."""
    person = User(
        email=f"{name}@{DOMAIN}",
        name=who,
        post="Приклад" if role is not Role.DONOR else "Example",
        language=place.reads if role is Role.DONOR else Language.UK,
        password_hash=password_hash,
        is_example=True,
        created_at=cast.ago(200),
    )
    seat = Membership(user=person, organisation=place, role=role, created_at=cast.ago(200))
    db.session.add_all([person, seat])
    db.session.flush()
    return seat


# Calls


def add_calls(cast: Cast) -> None:
    """Make the calls of the invented donors, with dates counted from today."""
    plain = (
        "title_uk",
        "title_en",
        "text_uk",
        "text_en",
        "sectors",
        "sdgs",
        "applicant_types",
        "territories",
        "currency",
    )
    for row in reference.read_lines(FOLDER / "calls.jsonl"):
        content: dict[str, Any] = {name: row[name] for name in plain}
        content |= {
            "statuses_excluded": row["excluded_statuses"],
            "amount_min": reference.money(row["amount_min"]),
            "amount_max": reference.money(row["amount_max"]),
            "own_share_min_pct": reference.money(row["own_share_min_pct"]),
            "readiness_min": Readiness(row["readiness_min"]) if row["readiness_min"] else None,
            "opens_on": cast.today + timedelta(days=row["opens_in_days"]),
            "closes_on": cast.today + timedelta(days=row["closes_in_days"]),
        }
        profile = reference.add_profile(
            cast.donors[row["donor"]],
            ProfileKind.CALL,
            content,
            now=cast.ago(120),
            is_example=True,
        )
        profile.verified_on = cast.today - timedelta(days=30)
        profile.review_by = cast.today + timedelta(days=335)
        profile.verified_by_id = cast.seats["staff"].user_id
        cast.profiles[row["key"]] = profile


# Ideas


def add_ideas(cast: Cast) -> None:
    """Write, submit and check each idea as its author and the office would."""
    for number, row in enumerate(reference.read_lines(FOLDER / "ideas.jsonl")):
        author = cast.authors[row["community"]]
        days = 90 - (number * 37) % 60
        idea = ideas.start_draft(
            author,
            title=row["title_uk"],
            summary=row["summary_uk"],
            key=f"demo-{row['key']}",
            now=cast.ago(days),
        )
        cast.ideas[row["key"]] = idea
        write_idea(cast, author, idea, row, days=days)
        if row["state"] == "draft":
            continue
        idea.organisation.needs_signoff = row["state"] == "awaiting_signoff"
        ideas.submit_idea(author, idea.id, now=cast.ago(days - 1))
        idea.organisation.needs_signoff = False
        if row["state"] not in ("awaiting_signoff", "submitted"):
            check_idea(cast, idea, row, days=days - 2)


def write_idea(
    cast: Cast, author: Membership, idea: Idea, row: dict[str, Any], *, days: int
) -> None:
    """Fill the sections of the form; a draft stays half written."""
    sections: dict[Section, dict[str, Any]] = {
        Section.ESSENCE: {
            "title": row["title_uk"],
            "summary": row["summary_uk"],
            "problem": row["problem_uk"],
            "activities": row["activities_uk"],
            "result": row["result_uk"],
            "sector": row["sector"],
            "sdg": row["sdg"],
            "title_en": row["title_en"],
            "summary_en": row["summary_en"],
        },
        Section.PEOPLE: {
            "beneficiaries": row["beneficiaries"],
            "beneficiary_groups": row["beneficiary_groups"],
            "sensitivity": Sensitivity(row["sensitivity"]),
        },
        Section.BUDGET: {
            "amount": reference.money(row["amount"]),
            "currency": row["currency"] if row["amount"] else None,
            "own_share_pct": reference.money(row["own_share_pct"]),
            "duration_months": row["duration_months"],
        },
        Section.CAPACITY: {
            "applicant_type": ApplicantType(row["applicant_type"]),
            "partners": row["partners_uk"],
            "capacity": row["capacity_uk"],
        },
        Section.DOCUMENTS: {"readiness": Readiness(row["readiness"])},
    }
    wanted = list(sections)[:2] if row["state"] == "draft" else list(sections)
    for minutes, section in enumerate(wanted, start=1):
        ideas.save_section(
            author, idea.id, section, sections[section], now=cast.ago(days, minutes * 8)
        )


def check_idea(cast: Cast, idea: Idea, row: dict[str, Any], *, days: int) -> None:
    """Open the idea and publish, return or reject it."""
    lead = cast.seats["lead"]
    staff = lead if idea.sensitivity is Sensitivity.RESTRICTED else cast.seats["staff"]
    now = cast.ago(days)
    checking.open_idea(staff, idea.id, now=now)
    if row["state"] == "changes_requested":
        notes = {Section(name): row["state_note_uk"] for name in row["state_sections"]}
        checking.return_idea(staff, idea.id, notes, now=now)
        return
    if row["state"] == "rejected":
        reason = Reason(row["state_reason"])
        checking.reject_idea(staff, idea.id, reason, note=row["state_note_uk"], now=now)
        return
    for language, title, summary in (
        (Language.UK, row["title_uk"], row["summary_uk"]),
        (Language.EN, row["title_en"], row["summary_en"]),
    ):
        if title and summary:
            confirm_text(staff, idea, language, title, summary, now=now)
    checking.publish_idea(staff, idea.id, now=now)


def confirm_text(
    staff: Membership, idea: Idea, language: Language, title: str, summary: str, *, now: datetime
) -> None:
    """Confirm a release text; what is marked in these invented texts is let stand."""
    marks = release_texts.marks_in(release_texts.Wording(title, summary), {})
    release_texts.save(
        staff,
        idea.id,
        language,
        title=title,
        summary=summary,
        accepted={found.mark.fragment: "Вигаданий приклад" for found in marks},
        confirm=True,
        now=now,
    )


def finish_ideas(cast: Cast) -> None:
    """Bring ideas to the state in which the demonstration shows them."""
    for row in reference.read_lines(FOLDER / "ideas.jsonl"):
        idea = cast.ideas[row["key"]]
        if row["state"] not in LATER or idea.status is not IdeaStatus.PUBLISHED:
            continue
        staff = cast.seats["lead"]
        note = row["state_note_uk"]
        reason = Reason(row["state_reason"]) if row["state_reason"] else Reason.OTHER
        now = cast.ago(2)
        if row["state"] == "withdrawn":
            ideas.withdraw_idea(cast.authors[row["community"]], idea.id, now=now, note=note)
        elif row["state"] == "archived":
            checking.archive_idea(staff, idea.id, reason, note=note, now=now)
        elif row["state"] == "on_hold":
            checking.hold_idea(staff, idea.id, note, now=now)
        else:
            idea.review_by = cast.today - timedelta(days=30)
            idea.reminders = 2
            ideas.grow_stale(idea, now=now)


def settle_letters(cast: Cast) -> None:
    """Nobody gets the letters of the loading; two wait and one has failed, to be seen."""
    letters = list(db.session.scalars(sa.select(Job).order_by(Job.id)))
    for job in letters:
        job.status, job.finished_at = JobStatus.DONE, job.not_before
    for job in letters[-3:-1]:
        job.status, job.finished_at, job.not_before = JobStatus.WAITING, None, cast.now
    failed = letters[-1]
    failed.status, failed.attempts = JobStatus.FAILED, 8
    failed.error = "Connection refused"
    db.session.flush()
