"""Six people act on one idea in any order; what they get is what the product says, no more.

The model below is written from the description of the product ("States: Idea" and "Who may do
what"), not from the table of moves that the services use.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from matcher.errors import Invalid, MatcherError, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaRevision, IdeaStatus, Section
from matcher.models.user import Role
from matcher.services import access, checking, ideas
from tests import factories
from tests.factories import NOW

S = IdeaStatus
PEOPLE = ("editor", "head", "stranger", "partner", "staff", "lead")
OWN, OFFICE = ("editor", "head"), ("staff", "lead")
UNSENT = (S.DRAFT, S.AWAITING_SIGNOFF)
ENDED = (S.REJECTED, S.WITHDRAWN, S.ARCHIVED)
TITLES = ("", "Перша назва", "Друга назва")
DENIED, WRONG, DONE = (NotFound, NotAllowed), (WrongState, Invalid), ()
SENT = [("submit", {"who": "editor"})]
PUBLISHED = [*SENT, ("publish", {"who": "staff"})]
STAGES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "draft": [],
    "waits for the head": [("set_signoff", {"signoff": True}), *SENT],
    "sent": SENT,
    "signed": [("set_signoff", {"signoff": True}), ("submit", {"who": "head"})],
    "opened": [*SENT, ("open", {"who": "staff"})],
    "returned": [*SENT, ("give_back", {"who": "lead", "sections": {Section.BUDGET}})],
    "published": PUBLISHED,
    "edited": [*PUBLISHED, ("save", {"who": "head", "section": Section.ESSENCE, "value": 2})],
    "on hold": [*PUBLISHED, ("decide", {"who": "staff", "act": "hold"})],
    "stale": [*PUBLISHED, ("time_passes", {})],
    "rejected": [*SENT, ("decide", {"who": "staff", "act": "reject"})],
    "archived": [*PUBLISHED, ("decide", {"who": "lead", "act": "archive"})],
}


@dataclass
class Model:
    """What the product says of the idea: its state and what was sent."""

    status: IdeaStatus = S.DRAFT
    opened: bool = False
    signoff: bool = False
    title: str = "Перша назва"
    amount: int = 1000
    asked: set[Section] = field(default_factory=set)
    sent: list[tuple[str, int]] = field(default_factory=list)

    def sees(self, who: str) -> bool:
        """Drafts belong to their community; what was sent once, partners and the office see."""
        if who in OWN:
            return True
        return who != "stranger" and bool(self.sent) and self.status not in UNSENT

    def may(self, who: str, *right_holders: str) -> bool:
        return who in right_holders and self.sees(who)

    def send(self, status: IdeaStatus) -> None:
        self.sent.append((self.title, self.amount))
        self.status, self.opened, self.asked = status, False, set()

    @property
    def changed(self) -> bool:
        return (self.title, self.amount) != self.sent[-1]


# Those who have the right come more often, so that stories get far; everybody comes.
who = st.sampled_from((*PEOPLE, *OWN, *OWN))
office_or_other = st.sampled_from((*PEOPLE, *OFFICE, *OFFICE))


class IdeaActs(RuleBasedStateMachine):
    """Everybody tries everything; the services and the model must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.model = Model()
        editor = factories.seat(Role.EDITOR)
        self.seats = {
            "editor": editor,
            "head": factories.seat(Role.HEAD, editor.organisation),
            "stranger": factories.seat(Role.EDITOR),
            "partner": factories.seat(Role.EDITOR),
            "staff": factories.seat(Role.STAFF),
            "lead": factories.seat(Role.LEAD),
        }
        self.idea: Idea = factories.idea(
            editor, status=S.DRAFT, revision=0, title="Перша назва", amount=1000, review_by=None
        )
        self.idea.partners_involved.append(self.seats["partner"].organisation)
        self.text = factories.release_text(self.idea, revision=1)
        self.frozen: list[dict[str, Any]] = []
        self.events = 0
        db.session.flush()

    def teardown(self) -> None:
        db.session.rollback()

    @initialize(stage=st.sampled_from(sorted(STAGES)))
    def begin(self, stage: str) -> None:
        """Stories begin at every stage, so that the late ones are tried as often as the early."""
        for act, values in STAGES[stage]:
            getattr(self, act)(**values)

    def attempt(self, expected: tuple[type[MatcherError], ...], act: Any) -> bool:
        """Do the act; it must succeed or fail as the model says."""
        self.now += timedelta(minutes=1)
        refusal = None
        try:
            act()
        except MatcherError as error:
            refusal = error
        assert isinstance(refusal, expected or type(None)), repr(refusal)
        return refusal is None

    def office_move(self, who: str, sources: tuple[IdeaStatus, ...], act: Any) -> bool:
        model = self.model
        if not model.may(who, *OFFICE):
            return self.attempt(DENIED, act)
        return self.attempt(DONE if model.status in sources else WRONG, act)

    # What the community does

    @rule(who=who, section=st.sampled_from([Section.ESSENCE, Section.BUDGET]), value=st.integers(0))
    def save(self, who: str, section: Section, value: int) -> None:
        title, amount = TITLES[value % 3], 1000 + value % 2
        values = {"title": title} if section is Section.ESSENCE else {"amount": amount}
        model, seat = self.model, self.seats[who]
        is_open = model.status in (S.DRAFT, S.PUBLISHED, S.STALE) or (
            model.status is S.CHANGES_REQUESTED and section in model.asked
        )
        expected = DENIED if not model.may(who, *OWN) else DONE if is_open else WRONG
        if self.attempt(
            expected,
            lambda: ideas.save_section(seat, self.idea.id, section, values, now=self.now),
        ):
            model.title = values.get("title", model.title)
            model.amount = values.get("amount", model.amount)

    @rule(who=who)
    def submit(self, who: str) -> None:
        model = self.model
        act = self.submission(who)
        if not model.may(who, *OWN):
            self.attempt(DENIED, act)
        elif not model.title:
            self.attempt(WRONG, act)
        elif model.status in (S.PUBLISHED, S.STALE):
            self.attempt(DONE, act)
            opened = model.opened
            if model.changed:
                model.send(S.PUBLISHED)
            model.status, model.opened = S.PUBLISHED, opened
        elif model.status is S.DRAFT and model.signoff and who == "editor":
            self.attempt(DONE, act)
            model.status = S.AWAITING_SIGNOFF
        elif model.status in (S.DRAFT, S.CHANGES_REQUESTED) or (
            model.status is S.AWAITING_SIGNOFF and who == "head"
        ):
            self.attempt(DONE, act)
            model.send(S.SUBMITTED)
        else:
            self.attempt(DENIED + WRONG, act)

    def submission(self, who: str) -> Any:
        return lambda: ideas.submit_idea(self.seats[who], self.idea.id, now=self.now)

    @rule(who=who)
    def sign_off(self, who: str) -> None:
        model = self.model
        expected = DONE if model.status is S.AWAITING_SIGNOFF else WRONG
        if self.attempt(
            expected if model.may(who, "head") else DENIED,
            lambda: ideas.sign_off_idea(self.seats[who], self.idea.id, now=self.now),
        ):
            model.send(S.SUBMITTED)

    @rule(who=who)
    def send_back(self, who: str) -> None:
        model = self.model
        expected = DONE if model.status is S.AWAITING_SIGNOFF else WRONG
        if self.attempt(
            expected if model.may(who, "head") else DENIED,
            lambda: ideas.send_back_idea(self.seats[who], self.idea.id, "Ще раз", now=self.now),
        ):
            model.status = S.DRAFT

    @rule(who=who)
    def recall(self, who: str) -> None:
        model = self.model
        expected = DONE if model.status is S.SUBMITTED and not model.opened else WRONG
        if self.attempt(
            expected if model.may(who, *OWN) else DENIED,
            lambda: ideas.recall_idea(self.seats[who], self.idea.id, now=self.now),
        ):
            model.status = S.DRAFT

    @rule(who=who)
    def renew(self, who: str) -> None:
        model = self.model
        expected = DONE if model.status in (S.PUBLISHED, S.STALE) else WRONG
        if self.attempt(
            expected if model.may(who, *OWN) else DENIED,
            lambda: ideas.renew_idea(self.seats[who], self.idea.id, now=self.now),
        ):
            model.status = S.PUBLISHED
            assert self.idea.review_by == (self.now + timedelta(days=90)).date()

    @rule(who=who)
    def confirm(self, who: str) -> None:
        expected = DONE if self.model.status is S.PUBLISHED else WRONG
        self.attempt(
            expected if self.model.may(who, *OWN) else DENIED,
            lambda: ideas.confirm_idea(self.seats[who], self.idea.id, now=self.now),
        )

    @rule(who=who, really=st.integers(0, 9))
    def withdraw(self, who: str, really: int) -> None:
        model = self.model
        if really and model.may(who, *OWN, "lead") and model.status not in ENDED:
            return  # One time in ten, or every story would end here.
        unsigned = who == "editor" and model.signoff and bool(model.sent)
        expected = WRONG if model.status in ENDED else DENIED if unsigned else DONE
        if self.attempt(
            expected if model.may(who, *OWN, "lead") else DENIED,
            lambda: ideas.withdraw_idea(self.seats[who], self.idea.id, now=self.now),
        ):
            model.status = S.WITHDRAWN

    # What the office does

    @rule(who=office_or_other)
    def open(self, who: str) -> None:
        if self.office_move(
            who,
            (S.SUBMITTED,),
            lambda: checking.open_idea(self.seats[who], self.idea.id, now=self.now),
        ):
            self.model.opened = True

    @rule(who=office_or_other)
    def publish(self, who: str) -> None:
        self.text.revision = self.idea.revision
        if self.office_move(
            who,
            (S.SUBMITTED,),
            lambda: checking.publish_idea(self.seats[who], self.idea.id, now=self.now),
        ):
            self.model.status, self.model.opened = S.PUBLISHED, True

    @rule(who=office_or_other, sections=st.sets(st.sampled_from(list(Section)), min_size=1))
    def give_back(self, who: str, sections: set[Section]) -> None:
        asked = dict.fromkeys(sorted(sections), "Уточніть, будь ласка")
        if self.office_move(
            who,
            (S.SUBMITTED,),
            lambda: checking.return_idea(self.seats[who], self.idea.id, asked, now=self.now),
        ):
            self.model.status, self.model.asked = S.CHANGES_REQUESTED, set(sections)

    @rule(who=office_or_other, act=st.sampled_from(["reject", "hold", "resume", "archive"]))
    def decide(self, who: str, act: str) -> None:
        seat, idea_id, why = self.seats[who], self.idea.id, Reason.NOT_READY
        acts = {
            "reject": lambda: checking.reject_idea(seat, idea_id, why, now=self.now),
            "hold": lambda: checking.hold_idea(seat, idea_id, "Пауза", now=self.now),
            "resume": lambda: checking.resume_idea(seat, idea_id, now=self.now),
            "archive": lambda: checking.archive_idea(seat, idea_id, why, now=self.now),
        }
        sent = (S.SUBMITTED, S.CHANGES_REQUESTED, S.PUBLISHED, S.ON_HOLD, S.STALE)
        sources, target = {
            "reject": ((S.SUBMITTED,), S.REJECTED),
            "hold": ((S.PUBLISHED,), S.ON_HOLD),
            "resume": ((S.ON_HOLD, S.STALE), S.PUBLISHED),
            "archive": (sent, S.ARCHIVED),
        }[act]
        if self.office_move(who, sources, acts[act]):
            self.model.status = target

    # What happens by itself

    @rule()
    def time_passes(self) -> None:
        expected = DONE if self.model.status is S.PUBLISHED else WRONG
        if self.attempt(expected, lambda: ideas.grow_stale(self.idea, now=self.now)):
            self.model.status = S.STALE

    @rule(signoff=st.booleans())
    def set_signoff(self, signoff: bool) -> None:
        if self.model.status is S.DRAFT:
            self.model.signoff = self.idea.organisation.needs_signoff = signoff

    # What holds at any time

    @invariant()
    def the_idea_is_where_the_model_says(self) -> None:
        idea, model = self.idea, self.model
        assert (idea.status, idea.revision) == (model.status, len(model.sent))
        assert (idea.title, idea.amount) == (model.title, model.amount)

    @invariant()
    def what_was_sent_stays_word_for_word(self) -> None:
        db.session.flush()
        statement = sa.select(IdeaRevision).where(IdeaRevision.idea_id == self.idea.id)
        rows = list(db.session.scalars(statement.order_by(IdeaRevision.number)))
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        told = [(row.content["title"], int(row.content["amount"])) for row in rows]
        assert told == self.model.sent
        assert [row.content for row in rows][: len(self.frozen)] == self.frozen
        self.frozen = [copy.deepcopy(row.content) for row in rows]

    @invariant()
    def the_history_is_a_chain_that_only_grows(self) -> None:
        db.session.expire(self.idea, ["events"])
        events = self.idea.events
        assert len(events) >= self.events
        self.events = len(events)
        for earlier, later in itertools.pairwise(events):
            assert later.from_status is earlier.to_status
        if events:
            assert events[-1].to_status is self.idea.status

    @invariant()
    def each_reader_finds_it_or_not(self) -> None:
        for name, seat in self.seats.items():
            found = list(db.session.scalars(access.ideas_seen_by(seat)))
            assert (self.idea in found) is self.model.sees(name), name


@pytest.mark.usefixtures("rolled_back")
def test_everybody_gets_what_the_product_says() -> None:
    run_state_machine_as_test(
        IdeaActs,
        settings=settings(
            max_examples=40,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("rolled_back")
def test_the_audit_trail_holds_codes_and_no_texts() -> None:
    author, staff = factories.seat(Role.EDITOR), factories.seat(Role.STAFF)
    idea = factories.idea(author, status=S.DRAFT, revision=0, title="Назва-канарка")
    ideas.save_section(author, idea.id, Section.ESSENCE, {"problem": "Слово-канарка"}, now=NOW)
    ideas.submit_idea(author, idea.id, now=NOW)
    checking.return_idea(staff, idea.id, {Section.BUDGET: "Нотатка-канарка"}, now=NOW)
    rows = list(db.session.scalars(sa.select(AuditEvent)))
    assert [row.act for row in rows] == ["idea.saved", "idea.submit", "idea.return"]
    assert "канарка" not in str([(row.old, row.new) for row in rows])


@pytest.mark.usefixtures("rolled_back")
def test_an_act_by_the_system_has_nobody_behind_it() -> None:
    idea = factories.idea()
    ideas.grow_stale(idea, now=NOW)
    assert (idea.events[-1].act, idea.events[-1].by_id) == ("grow_stale", None)


@pytest.mark.usefixtures("rolled_back")
def test_what_staff_have_opened_is_not_recalled() -> None:
    author = factories.seat(Role.EDITOR)
    idea = factories.idea(author, status=S.SUBMITTED, opened_at=NOW)
    with pytest.raises(WrongState):
        ideas.recall_idea(author, idea.id, now=NOW)
