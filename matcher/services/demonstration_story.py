"""Tells what happened to the pairs of the demonstration, step by step, through the services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Channel, Language, Reason
from matcher.models.idea import Idea, Sensitivity
from matcher.models.match import Match
from matcher.models.user import (
    Membership,
    Role,
)
from matcher.services import (
    decisions,
    ideas,
    matching,
    outcomes,
    questions,
    reference,
    replies,
)
from matcher.services.index import Index
from matcher.services.moves import Behalf
from matcher.services.taxonomy import REFERENCE

if TYPE_CHECKING:
    from matcher.services.demonstration import Cast

KYIV = ZoneInfo("Europe/Kyiv")
FOLDER = REFERENCE / "demo"
Step = tuple[str, dict[str, str]]


def tell(cast: Cast, index: Index) -> None:
    """Play every path of the story."""
    for row in reference.read_lines(FOLDER / "story.jsonl"):
        Teller(cast, index, row).play()
    db.session.flush()


def steps_of(path: list[str | dict[str, Any]]) -> Iterator[Step]:
    """Yield each step of a path as its name and its details."""
    for step in path:
        if isinstance(step, str):
            yield step, {}
        else:
            yield next(iter(step.items()))


class Teller:
    """Plays one path: every step is an act of the person whose turn it is."""

    def __init__(self, cast: Cast, index: Index, row: dict[str, Any]) -> None:
        self.cast = cast
        self.idea: Idea = cast.ideas[row["idea"]]
        self.profile = cast.profiles[row["call"]]
        self.steps = list(steps_of(row["path"]))
        closes = self.profile.closes_on
        over = closes is not None and closes < cast.today
        last = 24 * (cast.today - closes).days + 24 if over and closes else 30
        self.now = cast.now - timedelta(hours=last + 22 * len(self.steps))
        self.match = self.find_match(index)

    @property
    def day(self) -> date:
        """The day of the present step in Kyiv."""
        return self.now.astimezone(KYIV).date()

    def find_match(self, index: Index) -> Match:
        """Return the pair, scored on the day of the story where no run has kept it."""
        known = sa.select(Match).where(
            Match.idea_id == self.idea.id, Match.profile_id == self.profile.id
        )
        match = db.session.scalars(known).one_or_none()
        if match is None:
            match = matching.score_pair(
                index, self.idea, self.profile, now=self.now, today=self.day
            )
        return match

    def play(self) -> None:
        """Play the steps a day apart; taking back follows at once."""
        for name, details in self.steps:
            self.now += timedelta(minutes=6) if name == "undone" else timedelta(hours=22)
            getattr(self, f"play_{name}")(details)

    # Who acts

    @property
    def first(self) -> Membership:
        """Who releases: a lead where the idea is restricted."""
        return self.cast.seats["lead" if self.is_restricted else "staff"]

    @property
    def second(self) -> Membership:
        """Who approves: somebody else."""
        return self.cast.seats["lead2" if self.is_restricted else "staff2"]

    @property
    def is_restricted(self) -> bool:
        """Tell whether two cleared people have to act."""
        return self.idea.sensitivity is Sensitivity.RESTRICTED

    @property
    def donor(self) -> tuple[Membership, Behalf | None]:
        """Who answers: the donor's account, or staff on behalf of a donor without one."""
        for seat in self.cast.seats.values():
            if seat.role is Role.DONOR and seat.organisation_id == self.profile.organisation_id:
                return seat, None
        return self.second, Behalf(Channel.EMAIL, self.day, "Programme officer (example)")

    @property
    def author(self) -> Membership:
        """The editor of the lead community."""
        return self.cast.authors[self.idea.organisation.katottg or ""]

    # Steps

    def play_suggested(self, _details: dict[str, str]) -> None:
        """The engine has done this."""

    def play_released(self, _details: dict[str, str]) -> None:
        decisions.release_match(self.first, self.match.id, now=self.now, today=self.day)
        if self.is_restricted:
            decisions.release_match(self.second, self.match.id, now=self.now, today=self.day)

    def play_dismissed(self, details: dict[str, str]) -> None:
        note = details.get("note_uk", "")
        reason = Reason(details["reason"])
        decisions.dismiss_match(self.first, self.match.id, reason, note=note, now=self.now)

    def play_question(self, details: dict[str, str]) -> None:
        actor, behalf = self.donor
        question = replies.ask_question(
            actor,
            self.match.id,
            details["text_en"],
            language=Language.EN,
            behalf=behalf,
            now=self.now,
        )
        if any(name == "answer" for name, _details in self.steps) or self.idea.id % 2:
            text = details["text_uk"]
            relayed = self.now + timedelta(hours=2)
            questions.relay_question(self.second, question.id, text, now=relayed)

    def play_answer(self, details: dict[str, str]) -> None:
        question = self.match.questions[-1]
        questions.answer_question(self.author, question.id, details["text_uk"], now=self.now)
        relayed = self.now + timedelta(hours=2)
        questions.relay_answer(self.second, question.id, details["text_en"], now=relayed)

    def play_interested(self, _details: dict[str, str]) -> None:
        actor, behalf = self.donor
        replies.express_interest(actor, self.match.id, behalf=behalf, now=self.now)

    def play_declined(self, details: dict[str, str]) -> None:
        actor, behalf = self.donor
        replies.decline_match(
            actor,
            self.match.id,
            Reason(details["reason"]),
            note=details["note_en"],
            behalf=behalf,
            now=self.now,
        )

    def play_approved(self, _details: dict[str, str]) -> None:
        if decisions.find_confirmation(self.idea) is None:
            ideas.confirm_idea(self.author, self.idea.id, now=self.now - timedelta(hours=3))
        decisions.approve_match(self.second, self.match.id, now=self.now, today=self.day)
        if self.is_restricted:
            decisions.approve_match(self.first, self.match.id, now=self.now, today=self.day)

    def play_refused(self, details: dict[str, str]) -> None:
        note = details.get("note_uk", "")
        reason = Reason(details["reason"])
        decisions.refuse_match(self.second, self.match.id, reason, note=note, now=self.now)

    def play_introduced(self, _details: dict[str, str]) -> None:
        decisions.introduce_match(self.second, self.match.id, now=self.now)

    def play_in_talks(self, _details: dict[str, str]) -> None:
        outcomes.record_talks(self.second, self.match.id, now=self.now)

    def play_funded(self, details: dict[str, str]) -> None:
        in_full = details["share"] == "full"
        amount = self.idea.amount or Decimal(10000)
        outcomes.record_funding(
            self.second,
            self.match.id,
            amount=amount if in_full else (amount / 2).quantize(Decimal(1)),
            currency=self.idea.currency or "EUR",
            day=self.day,
            in_full=in_full,
            now=self.now,
        )

    def play_not_funded(self, details: dict[str, str]) -> None:
        note = details.get("note_uk", "")
        reason = Reason(details["reason"])
        outcomes.record_no_funding(self.second, self.match.id, reason, note=note, now=self.now)

    def play_lapsed(self, _details: dict[str, str]) -> None:
        outcomes.lapse_match(self.second, self.match.id, now=self.now)

    def play_undone(self, _details: dict[str, str]) -> None:
        event = self.match.events[-1]
        seats = [seat for seat in self.cast.seats.values() if seat.user_id == event.by_id]
        decisions.undo(seats[0], self.match.id, now=self.now)
