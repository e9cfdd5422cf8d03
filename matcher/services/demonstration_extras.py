"""What else the screens of the demonstration show: waiting pairs, notes, requests, a proposal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Channel, Language
from matcher.models.idea import Idea, Sensitivity
from matcher.models.match import ContactNote, FeedbackValue, Match, MatchStatus
from matcher.models.organisation import Organisation, TerritoryStatusCode
from matcher.models.profile import CallState, ProfileRevision, ProposalStatus
from matcher.models.user import AccessRequest, Conflict, Role
from matcher.services import checking, decisions, reference, territory_list
from matcher.services.freshness import call_state, is_open
from matcher.services.taxonomy import REFERENCE

if TYPE_CHECKING:
    from matcher.services.demonstration import Cast

FOLDER = REFERENCE / "demo"
RELEASED_TO_REAL_DONORS = 12
RELEASED_TO_ACCOUNTS = 6
# Three communities at the border; what is entered for them is no official status.
TERRITORIES = (
    ("UA59040030000060142", TerritoryStatusCode.ACTIVE_HOSTILITIES),
    ("UA59080310000049988", TerritoryStatusCode.ACTIVE_HOSTILITIES),
    ("UA59100150000074932", TerritoryStatusCode.POSSIBLE_HOSTILITIES),
)


def add_all(cast: Cast) -> None:
    """Add everything after the story was told."""
    release_to_accounts(cast)
    release_to_real_donors(cast)
    ask_for_second(cast)
    add_notes(cast)
    add_feedback(cast)
    add_requests(cast)
    propose_revision(cast)
    db.session.flush()


def add_territories(cast: Cast) -> None:
    """Enter examples in the list of territories, so that its rules can be seen at work."""
    for days, (katottg, status) in enumerate(TERRITORIES, start=200):
        territory_list.add_entry(
            cast.seats["lead"],
            katottg,
            status,
            cast.today - timedelta(days=days),
            source="Приклад (example): не з офіційного переліку",
            now=cast.ago(days - 1),
            today=cast.today,
        )


def real_suggestions() -> list[Match]:
    """Return untouched suggestions to donors that exist, best first, one for each donor."""
    statement = (
        sa.select(Match)
        .join(Match.profile)
        .join(Match.idea)
        .where(
            Match.status == MatchStatus.SUGGESTED,
            Match.profile.has(is_example=False),
            Idea.sensitivity != Sensitivity.RESTRICTED,
        )
        .order_by(Match.score.desc(), Match.id)
    )
    best: dict[int, Match] = {}
    for match in db.session.scalars(statement):
        best.setdefault(match.profile_id, match)
    return list(best.values())


def release_to_real_donors(cast: Cast) -> None:
    """Real donors get suggested and released pairs; no answer is put into their mouths."""
    released = 0
    for match in real_suggestions():
        language = match.profile.organisation.reads
        if decisions.find_release_text(match.idea, language) is None:
            continue
        decisions.release_match(
            cast.seats["staff"], match.id, now=cast.ago(1, released * 3), today=cast.today
        )
        released += 1
        if released == RELEASED_TO_REAL_DONORS:
            return


def release_to_accounts(cast: Cast) -> None:
    """The two donors with an account find pairs to answer, the best first."""
    for seat in cast.seats.values():
        if seat.role is not Role.DONOR:
            continue
        statement = (
            sa.select(Match)
            .join(Match.profile)
            .join(Match.idea)
            .where(
                Match.status == MatchStatus.SUGGESTED,
                Match.profile.has(organisation_id=seat.organisation_id),
                Idea.sensitivity != Sensitivity.RESTRICTED,
                Match.eligibility != "not_eligible",
            )
            .order_by(Match.score.desc(), Match.id)
        )
        readable = [
            match
            for match in db.session.scalars(statement)
            if is_open(match.profile, today=cast.today)
            and call_state(match.profile, today=cast.today) is not CallState.FORECAST
            and decisions.find_release_text(match.idea, seat.organisation.reads) is not None
        ]
        for number, match in enumerate(readable[:RELEASED_TO_ACCOUNTS]):
            now = cast.ago(1, number * 4)
            decisions.release_match(cast.seats["staff"], match.id, now=now, today=cast.today)


def ask_for_second(cast: Cast) -> None:
    """One restricted idea waits for the second person, and a member of staff is cleared for it."""
    statement = (
        sa.select(Match)
        .join(Match.idea)
        .where(
            Match.status == MatchStatus.SUGGESTED,
            Idea.sensitivity == Sensitivity.RESTRICTED,
            Match.profile.has(is_example=True),
        )
        .order_by(Match.score.desc(), Match.id)
    )
    for match in db.session.scalars(statement):
        language = match.profile.organisation.reads
        if decisions.find_release_text(match.idea, language) is not None:
            now = cast.ago(0, -90)
            decisions.release_match(cast.seats["lead"], match.id, now=now, today=cast.today)
            person = cast.seats["staff"].user_id
            checking.clear_person(cast.seats["lead"], match.idea_id, person, now=now)
            return


def add_notes(cast: Cast) -> None:
    """Fill the log of talks with donors."""
    for row in reference.read_lines(FOLDER / "contact_notes.jsonl"):
        due = row["due_in_days"]
        db.session.add(
            ContactNote(
                organisation=cast.donors[row["donor"]],
                on=cast.today - timedelta(days=row["days_ago"]),
                channel=Channel(row["channel"]),
                said=row["said_uk"],
                next_step=row["next_step_uk"],
                due_on=None if due is None else cast.today + timedelta(days=due),
                by_id=cast.seats["staff"].user_id,
                created_at=cast.ago(row["days_ago"]),
            )
        )


def add_feedback(cast: Cast) -> None:
    """Let readers say what they think of a pair."""
    for row in reference.read_lines(FOLDER / "feedback.jsonl"):
        statement = sa.select(Match).where(
            Match.idea_id == cast.ideas[row["idea"]].id,
            Match.profile_id == cast.profiles[row["call"]].id,
        )
        match = db.session.scalars(statement).one_or_none()
        seat = cast.seats["donor" if row["role"] == "donor" else "staff"]
        own = match is not None and match.profile.organisation_id == seat.organisation_id
        if match is not None and (own or seat.role is Role.STAFF):
            value = FeedbackValue(row["value"])
            decisions.give_feedback(seat, match.id, value, now=cast.ago(3))


def add_requests(cast: Cast) -> None:
    """Two people ask for access; one member of staff has an interest in a community."""
    statement = sa.select(Organisation).where(Organisation.katottg.is_not(None))
    communities = list(db.session.scalars(statement.order_by(Organisation.katottg).limit(3)))
    for number, community in enumerate(communities[:2], start=1):
        db.session.add(
            AccessRequest(
                email=f"request{number}@demo.example",
                name="Заявник (приклад)",
                post="Начальник відділу (приклад)",
                language=Language.UK,
                role=Role.EDITOR,
                organisation=community,
                created_at=cast.ago(number * 2),
                is_example=True,
            )
        )
    staff = cast.seats["staff2"]
    db.session.add(
        Conflict(
            user_id=staff.user_id,
            organisation=communities[2],
            note="Працював у громаді до квітня",
            declared_by_id=staff.user_id,
            created_at=cast.ago(60),
        )
    )


def propose_revision(cast: Cast) -> None:
    """A donor proposes a change of its priorities; staff have to verify it."""
    seat = cast.seats["donor"]
    profile = next(
        row
        for row in cast.profiles.values()
        if row.organisation_id == seat.organisation_id and is_open(row, today=cast.today)
    )
    content = dict(profile.revisions[-1].content)
    content["text_en"] += " Priority goes to communities within thirty kilometres of the border."
    content["text_uk"] += " Перевагу мають громади в межах тридцяти кілометрів від кордону."
    db.session.add(
        ProfileRevision(
            profile=profile,
            number=profile.revision + 1,
            content=content,
            status=ProposalStatus.PROPOSED,
            proposed_by_id=seat.user_id,
            proposed_at=cast.ago(1),
        )
    )
