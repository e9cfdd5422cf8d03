"""What a donor reads: the pairs sent to it, in order, with today's verdicts and what is new.

Everything is computed over the pairs that were released to the donor; ranks are places among
these, so that no other pair shows through.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from matcher.engine.eligibility import Verdict
from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, ReleaseText
from matcher.models.match import Match, MatchEvent, MatchStatus
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role, User
from matcher.services import access, corpus, moves, verdicts

S = MatchStatus
HIDDEN = frozenset({S.SUGGESTED, S.DISMISSED})
INTRODUCED = frozenset({S.INTRODUCED, S.IN_TALKS, S.FUNDED, S.NOT_FUNDED})
BUDGET_CURRENCY = "EUR"


class View(StrEnum):
    """A part of the list; the first holds the second to the fourth."""

    OPEN = "open"
    TO_ANSWER = "to_answer"
    WITH_OFFICE = "with_office"
    INTRODUCED = "introduced"
    FINISHED = "finished"
    EXCLUDED = "excluded"


VIEW_OF = {
    S.RELEASED: View.TO_ANSWER,
    S.QUESTION: View.WITH_OFFICE,
    S.INTERESTED: View.WITH_OFFICE,
    S.APPROVED: View.WITH_OFFICE,
    S.INTRODUCED: View.INTRODUCED,
    S.IN_TALKS: View.INTRODUCED,
}
RANKED = frozenset({View.TO_ANSWER, View.WITH_OFFICE, View.INTRODUCED})


class Budget(StrEnum):
    """A range of sums in euros at today's rate."""

    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"
    LARGEST = "largest"
    UNKNOWN = "unknown"


LIMITS = (
    (Decimal(50_000), Budget.SMALL),
    (Decimal(250_000), Budget.MIDDLE),
    (Decimal(1_000_000), Budget.LARGE),
)


@dataclass(frozen=True)
class Row:
    """One pair as its donor reads it."""

    match: Match
    text: ReleaseText | None
    original: ReleaseText | None
    content: dict[str, Any]
    verdicts: tuple[Verdict, ...]
    view: View
    budget: Budget
    rank: int | None = None
    is_new: bool = False

    @property
    def has_changed(self) -> bool:
        """Whether the idea has a newer revision than the one that was sent."""
        return self.match.idea_revision.number < self.match.idea.revision

    @property
    def missing(self) -> list[str]:
        """The facts that the idea does not state today; missing is not zero."""
        return [name for name in verdicts.FACTS if self.content.get(name) is None]


@dataclass(frozen=True)
class Filters:
    """What a donor has chosen in its list; empty means all."""

    view: View = View.OPEN
    profile: str = ""
    sector: str = ""
    raion: str = ""
    budget: str = ""


def list_rows(actor: Membership, *, since: datetime | None, today: date) -> list[Row]:
    """Return all pairs sent to this donor, best fit first, those without a score last."""
    return make_rows(actor, list(db.session.scalars(sent_to(actor))), since=since, today=today)


def get_row(actor: Membership, match_id: int, *, today: date) -> Row:
    """Return one pair sent to this donor; raises NotFound.

    Its rank is its place in the donor's list, so the list is read; it is short.
    """
    rows = list_rows(actor, since=None, today=today)
    row = next((row for row in rows if row.match.id == match_id), None)
    if row is None:
        raise NotFound("match")
    return row


def sent_to(actor: Membership) -> sa.Select[Match]:
    """Return the statement of the pairs this donor may see, in order, with what a list needs."""
    access.require(actor, {Role.DONOR})
    return (
        access.matches_seen_by(actor)
        .where(Match.status.not_in(HIDDEN))
        .options(
            contains_eager(Match.idea).joinedload(Idea.organisation),
            contains_eager(Match.idea).selectinload(Idea.release_texts),
            contains_eager(Match.profile).joinedload(Profile.organisation),
            joinedload(Match.idea_revision),
            joinedload(Match.profile_revision),
        )
        .order_by(Match.score.desc().nulls_last(), Match.id)
    )


def make_rows(
    actor: Membership, matches: Sequence[Match], *, since: datetime | None, today: date
) -> list[Row]:
    """Return the pairs with texts, facts, verdicts, ranks."""
    ideas = list({match.idea_id: match.idea for match in matches}.values())
    bench = verdicts.Bench(today, ideas)
    revisions = corpus.current_revisions([idea.id for idea in ideas])
    contents = {revision.idea_id: revision.content for revision in revisions}
    rows: list[Row] = []
    ranked = 0
    for match in matches:
        found = bench.judge(match.idea, match.profile)
        view = view_of(match, found)
        ranked += view in RANKED
        text, original = texts_for(match.idea, actor.organisation.reads)
        row = Row(
            match,
            text,
            original,
            contents[match.idea_id],
            found,
            view,
            budget_of(contents[match.idea_id], bench),
            rank=ranked if view in RANKED else None,
            is_new=is_new(match, since),
        )
        rows.append(row)
    return rows


def is_new(match: Match, since: datetime | None) -> bool:
    """Tell whether the pair waits for an answer and came after the visit before."""
    released = match.released_at
    return since is not None and released is not None and released > since and is_unread(match)


def is_unread(match: Match) -> bool:
    """Tell whether the donor has said nothing on the pair yet."""
    return match.status is S.RELEASED


def view_of(match: Match, found: tuple[Verdict, ...]) -> View:
    """Return the part of the list a pair stands in; only what waits for an answer is excluded."""
    view = VIEW_OF.get(match.status, View.FINISHED)
    if match.status in (S.RELEASED, S.QUESTION) and verdicts.excludes(found):
        return View.EXCLUDED
    return view


def texts_for(idea: Idea, language: Language) -> tuple[ReleaseText | None, ReleaseText | None]:
    """Return the confirmed text in the donor's language and the other one beside it."""
    texts = [text for text in idea.release_texts if text.reviewed_at is not None]
    text = next((text for text in texts if text.language == language), next(iter(texts), None))
    return text, next((other for other in texts if other is not text), None)


def budget_of(content: dict[str, Any], bench: verdicts.Bench) -> Budget:
    """Return the range of an idea's sum; without a sum or a rate it is unknown."""
    amount, currency = content.get("amount"), str(content.get("currency") or "")
    if amount is None or currency not in bench.rates or BUDGET_CURRENCY not in bench.rates:
        return Budget.UNKNOWN
    euros = Decimal(str(amount)) * bench.rates[currency].uah / bench.rates[BUDGET_CURRENCY].uah
    return next((budget for limit, budget in LIMITS if euros <= limit), Budget.LARGEST)


def choose(rows: Sequence[Row], filters: Filters) -> list[Row]:
    """Return the rows that pass the filters, in their order."""
    shown = RANKED if filters.view is View.OPEN else {filters.view}
    return [
        row
        for row in rows
        if row.view in shown
        and filters.profile in ("", str(row.match.profile_id))
        and filters.sector in ("", row.content.get("sector"))
        and filters.raion in ("", row.match.idea.organisation.raion_code)
        and filters.budget in ("", row.budget.value)
    ]


def count_views(rows: Collection[Row]) -> dict[View, int]:
    """Return how many pairs stand in each part of the list."""
    counts = {view: sum(row.view is view for row in rows) for view in View}
    counts[View.OPEN] = sum(counts[view] for view in RANKED)
    return counts


# One pair


def visible_events(match: Match) -> list[MatchEvent]:
    """Return what the donor may know of the pair's history: its own acts, others since release."""
    since = match.released_at
    return [
        event
        for event in match.events
        if event.role is Role.DONOR or (since is not None and event.at >= since)
    ]


def community_people(match: Match) -> list[User]:
    """Return the people of the community, whom the donor knows since the introduction."""
    if match.status not in INTRODUCED:
        return []
    return access.people_of(match.idea.organisation_id)


def was_said(
    actor: Membership, match_id: int, act: str, note: str, *, now: datetime
) -> Match | None:
    """Return the pair when this very answer has just been recorded: an impatient second click."""
    match = access.get_match(actor, match_id)
    event = match.events[-1] if match.events else None
    if event is None or event.by_id != actor.user_id or event.act != act:
        return None
    said = match.questions[-1].text if act == "ask" and match.questions else event.note
    return match if said == note and now - event.at <= moves.UNDO_WINDOW else None


# Visits


def note_visit(seat_id: int, *, now: datetime) -> None:
    """Note that the reader looked at the list, in a short transaction of its own."""
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        connection.execute(
            sa.update(Membership).where(Membership.id == seat_id).values(last_visit_at=now)
        )
        connection.commit()
