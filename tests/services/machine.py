"""What PRODUCT says a pair may do, written down a second time: the state machine of the tests.

The table below is the contract in words of its own; it does not look at services/moves.py. The
machine lets several people act in any order and compares each answer with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from matcher.errors import Invalid, MatcherError, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Channel, Language, Reason
from matcher.models.idea import Clearance, IdeaConfirmation, Sensitivity
from matcher.models.job import Job, JobStatus
from matcher.models.match import Match, MatchStatus, Suppression
from matcher.models.user import Conflict, Membership, Role
from matcher.services import decisions, moves, outcomes, questions, replies
from matcher.services.moves import Behalf
from tests import factories
from tests.conftest import NOW

PATHS = {
    "suggested": {"release": "released", "dismiss": "dismissed", "lapse": "lapsed"},
    "released": {
        "interested": "interested",
        "ask": "question",
        "decline": "declined",
        "lapse": "lapsed",
    },
    "question": {
        "answered": "released",
        "interested": "interested",
        "decline": "declined",
        "lapse": "lapsed",
    },
    "interested": {
        "approve": "approved",
        "refuse": "refused",
        "decline": "declined",
        "lapse": "lapsed",
    },
    "approved": {"introduce": "introduced", "refuse": "refused"},
    "introduced": {"talks": "in_talks", "not_funded": "not_funded", "lapse": "lapsed"},
    "in_talks": {"fund": "funded", "not_funded": "not_funded", "lapse": "lapsed"},
}
CLOSED = {"dismissed", "declined", "refused", "lapsed", "funded", "not_funded"}
PUT_AWAY = {"dismiss", "decline", "refuse"}
UNDOABLE = {"release", "interested", "ask", "approve", "talks", "not_funded"} | PUT_AWAY
WINDOW = timedelta(minutes=15)
OFFICE_ACTS = {"release", "dismiss", "approve", "refuse", "introduce", "lapse", "answered"}
DONOR_ACTS = {"interested", "ask", "decline", "talks", "fund", "not_funded"}
PEOPLE = (
    "staff",
    "staff2",
    "cleared",
    "cleared2",
    "lead",
    "lead2",
    "biased",
    "biased lead",
    "donor",
    "stranger",
    "editor",
)
LEADS = {"lead", "lead2", "biased lead"}
OFFICE = {"staff", "staff2", "cleared", "cleared2", "biased"} | LEADS
TODAY = NOW.date()


@dataclass
class Book:
    """What the contract says the pair is now."""

    status: str = "suggested"
    restricted: bool = False
    amount: Decimal | None = None
    confirmed: bool = True
    released_by: str | None = None
    was_released: bool = False
    since: timedelta = timedelta(0)
    before_closing: str = ""
    last: tuple[str, str, timedelta, str] | None = None
    asked: tuple[str, str] | None = None
    away: bool = False
    events: int = 0
    log: list[tuple[object, ...]] = field(default_factory=list)


class PairMachine(RuleBasedStateMachine):
    """Several people act on one pair in any order."""

    @initialize(
        restricted=st.booleans(),
        amount=st.sampled_from([Decimal(100_000), Decimal("100000.01"), None]),
        confirmed=st.booleans(),
    )
    def begin(self, restricted, amount, confirmed):
        """Make the pair and its people."""
        self.book = Book(restricted=restricted, amount=amount, confirmed=confirmed)
        self.clock = NOW
        author = factories.seat(Role.EDITOR)
        idea = factories.idea(
            author,
            amount=amount,
            currency="EUR" if amount else None,
            sensitivity=Sensitivity.RESTRICTED if restricted else Sensitivity.AFTER_APPROVAL,
        )
        factories.release_text(idea)
        donor = factories.seat(Role.DONOR)
        self.match = factories.match(idea, factories.profile(donor.organisation))
        self.people: dict[str, Membership] = {
            "donor": donor,
            "stranger": factories.seat(Role.DONOR),
            "editor": author,
        }
        for name in OFFICE:
            role = Role.LEAD if name in LEADS else Role.STAFF
            self.people[name] = factories.seat(role)
        for name in ("cleared", "cleared2"):
            grant = Clearance(idea_id=idea.id, user_id=self.people[name].user_id, granted_at=NOW)
            grant.granted_by_id = self.people["lead"].user_id
            db.session.add(grant)
        for name, party in (("biased", idea), ("biased lead", self.match.profile)):
            user_id = self.people[name].user_id
            row = Conflict(user_id=user_id, declared_by_id=user_id, created_at=NOW)
            row.organisation_id = party.organisation_id
            db.session.add(row)
        if confirmed:
            db.session.add(
                IdeaConfirmation(idea_id=idea.id, revision=1, by_id=author.user_id, at=NOW)
            )
        db.session.flush()
        self.version = self.match.version

    # What the contract expects

    def hidden(self, name):
        """Tell whether this person may not know of the pair."""
        book = self.book
        if name in ("biased", "biased lead", "stranger"):
            return True
        if name in ("donor", "editor"):
            return not book.was_released
        return book.restricted and name in ("staff", "staff2")

    def expected_error(self, name, act):
        """Return the error that the contract asks for, or None."""
        allowed = OFFICE if act in OFFICE_ACTS else OFFICE | {"donor", "stranger"}
        if name not in allowed:
            return NotAllowed
        if self.hidden(name):
            return NotFound
        if act not in PATHS.get(self.book.status, {}):
            return WrongState
        return self.expected_hindrance(name, act)

    def expected_hindrance(self, name, act):
        """Return the error of the rules on single acts."""
        book = self.book
        if act == "approve":
            if not book.confirmed:
                return WrongState
            if not book.restricted and book.amount is None:
                return Invalid
            large = not book.restricted and book.amount > 100_000
            if large and book.released_by == name:
                return NotAllowed
        if act == "introduce" and self.clock - NOW <= book.since + WINDOW:
            return WrongState
        if act in ("release", "approve") and book.restricted and book.asked:
            asked_act, first = book.asked
            if asked_act == act and (first == name or not {first, name} & LEADS):
                return NotAllowed
        return None

    def needs_second(self, act):
        """Tell whether the act only asks for a second person."""
        book = self.book
        waits = not (book.asked and book.asked[0] == act)
        return act in ("release", "approve") and book.restricted and waits

    # What people do

    @rule(minutes=st.sampled_from([1, 14, 15, 16, 600]))
    def wait(self, minutes):
        """Time goes by."""
        self.clock += timedelta(minutes=minutes)

    @rule(
        name=st.sampled_from(PEOPLE),
        act=st.sampled_from(sorted(OFFICE_ACTS | DONOR_ACTS)),
        likely=st.booleans(),
    )
    def act(self, name, act, likely):
        """Somebody does something, often what the state allows."""
        book = self.book
        if likely and book.status in PATHS:
            options = sorted(PATHS[book.status])
            act = options[len(act) % len(options)]
        wanted = self.expected_error(name, act)
        failed = self.attempt(lambda: self.do(name, act))
        assert failed is wanted or (failed and wanted and issubclass(failed, wanted)), (
            name,
            act,
            book,
            failed,
        )
        if wanted is not None:
            return
        if self.needs_second(act):
            book.asked = (act, name)
            self.note(f"{act}_asked", name, book.status)
            return
        before = book.status
        if act == "answered":
            book.events += 1  # The question was passed on before its answer.
        self.move(act, name, PATHS[before][act])
        if act == "release":
            book.was_released, book.released_by = True, name
        if act in PUT_AWAY:
            book.away = True

    @rule(name=st.sampled_from(PEOPLE))
    def undo(self, name):
        """Somebody takes the latest act back."""
        book, last = self.book, self.book.last
        mine = last is not None and last[1] == name and last[0] in UNDOABLE
        allowed = mine and self.clock - NOW - last[2] <= WINDOW
        wanted = NotFound if self.hidden(name) else None if allowed else NotAllowed
        event = moves.last_event(self.match)
        failed = self.attempt(
            lambda: decisions.undo(self.people[name], self.match.id, now=self.clock)
        )
        assert failed is wanted, (name, book, failed)
        if wanted is not None:
            return
        letters = db.session.query(Job).filter_by(match_event_id=event.id)
        assert {job.status for job in letters} <= {JobStatus.CANCELLED}
        if last[0] == "release":
            book.was_released, book.released_by = False, None
        if last[0] in PUT_AWAY:
            book.away = False
        self.move("undone", name, last[3])

    @rule(name=st.sampled_from(PEOPLE))
    def take_back(self, name):
        """Somebody withdraws the request for a second person."""
        wanted = self.office_error(name) or (None if self.book.asked else WrongState)
        failed = self.attempt(
            lambda: decisions.take_back_match(self.people[name], self.match.id, now=self.clock)
        )
        assert failed is wanted, (name, self.book, failed)
        if wanted is None:
            self.book.asked = None
            self.note("taken_back", name, self.book.status)

    @rule(name=st.sampled_from(PEOPLE), words=st.sampled_from(["", "  ", "нові обставини"]))
    def reopen(self, name, words):
        """Somebody opens the closed pair again."""
        book = self.book
        wanted = self.office_error(name)
        if wanted is None and book.status not in CLOSED:
            wanted = WrongState
        if wanted is None and not words.strip():
            wanted = Invalid
        actor = self.people[name]
        failed = self.attempt(
            lambda: decisions.reopen_match(actor, self.match.id, words, now=self.clock)
        )
        assert failed is wanted, (name, book, failed)
        if wanted is None:
            book.away = False
            self.move("reopened", name, book.before_closing)

    @rule(name=st.sampled_from(PEOPLE))
    def restore(self, name):
        """A donor takes its own decline back."""
        book = self.book
        wanted = None
        if name not in ("donor", "stranger"):
            wanted = NotAllowed
        elif self.hidden(name):
            wanted = NotFound
        elif book.status != "declined":
            wanted = WrongState
        actor = self.people[name]
        failed = self.attempt(
            lambda: replies.restore_match(actor, self.match.id, now=self.clock, today=TODAY)
        )
        assert failed is wanted, (name, book, failed)
        if wanted is None:
            book.away = False
            self.move("restored", name, book.before_closing)

    def office_error(self, name):
        """Return what keeps this person from an act of the office."""
        if name not in OFFICE:
            return NotAllowed
        return NotFound if self.hidden(name) else None

    def attempt(self, do):
        """Do it as a request would: what fails leaves nothing behind."""
        try:
            with db.session.begin_nested():
                do()
        except MatcherError as error:
            db.session.expire_all()
            return type(error)
        db.session.expire_all()
        return None

    def move(self, act, name, target):
        """Write a move into the book."""
        book = self.book
        if target in CLOSED:
            book.before_closing = book.status
        before, book.status = book.status, target
        book.asked = None
        if before != target:
            book.since = self.clock - NOW
        self.note(act, name, before)

    def note(self, act, name, before):
        """Write an event into the book."""
        self.book.events += 1
        self.book.last = (act, name, self.clock - NOW, before)

    def do(self, name, act):
        """Call the service."""
        actor, match_id, now = self.people[name], self.match.id, self.clock
        behalf = None
        if name not in ("donor", "stranger"):
            behalf = Behalf(Channel.PHONE, TODAY, "Programme manager")
        with_reason = {
            "dismiss": decisions.dismiss_match,
            "refuse": decisions.refuse_match,
            "not_funded": outcomes.record_no_funding,
        }
        if act in with_reason:
            return with_reason[act](actor, match_id, Reason.CAPACITY, now=now)
        if act == "release":
            return decisions.release_match(actor, match_id, now=now, today=TODAY)
        if act == "approve":
            return decisions.approve_match(actor, match_id, now=now, today=TODAY)
        if act == "interested":
            return replies.express_interest(actor, match_id, now=now, behalf=behalf)
        if act == "decline":
            return replies.decline_match(actor, match_id, Reason.CAPACITY, now=now, behalf=behalf)
        if act == "ask":
            return replies.ask_question(
                actor, match_id, "Why?", language=Language.EN, now=now, behalf=behalf
            )
        if act == "answered":
            return self.answer(actor)
        if act == "fund":
            return outcomes.record_funding(
                actor,
                match_id,
                amount=Decimal(10),
                currency="EUR",
                day=TODAY,
                in_full=False,
                now=now,
            )
        plain = {
            "introduce": decisions.introduce_match,
            "talks": outcomes.record_talks,
            "lapse": outcomes.lapse_match,
        }
        return plain[act](actor, match_id, now=now)

    def answer(self, actor):
        """Pass the waiting question on and its answer back."""
        rows = self.match.questions
        if actor.role not in (Role.STAFF, Role.LEAD):
            raise NotAllowed("role")
        if not rows:
            # Nobody asked: the same guards as for a question that nobody may see.
            decisions.get_for_decision(actor, self.match.id)
            raise WrongState("question")
        question = rows[-1]
        questions.relay_question(actor, question.id, "Чому?", now=self.clock)
        questions.answer_question(self.people["editor"], question.id, "Бо так.", now=self.clock)
        return questions.relay_answer(actor, question.id, "Because.", now=self.clock)

    # What always holds

    @invariant()
    def the_pair_is_where_the_contract_says(self):
        """State, suppression, events and version agree with the book."""
        if not hasattr(self, "book"):
            return
        book, match = self.book, db.session.get(Match, self.match.id)
        assert match.status == MatchStatus(book.status)
        away = db.session.query(Suppression).filter_by(idea_id=match.idea_id).count()
        assert bool(away) is book.away
        events = [
            (event.id, event.act, event.from_status, event.to_status, event.by_id, event.at)
            for event in match.events
        ]
        assert len(events) == book.events
        assert events[: len(book.log)] == book.log, "an event was changed"
        if len(events) > len(book.log):
            assert match.version > self.version
        assert (match.seconding_act is not None) is (book.asked is not None)
        assert (match.released_at is not None) is book.was_released
        self.version, book.log = match.version, events

    def teardown(self):
        """Leave nothing to the next run."""
        db.session.rollback()
