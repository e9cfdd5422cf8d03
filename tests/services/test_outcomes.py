"""What came of a pair: talks, money in full and in part, lapses by itself."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import IdeaStatus
from matcher.models.job import Job
from matcher.models.match import MatchStatus
from matcher.models.organisation import ExchangeRate
from matcher.models.profile import ProfileKind
from matcher.models.user import Role
from matcher.services import decisions, freshness, outcomes
from matcher.web.clock import KYIV
from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("session")
S = MatchStatus
TODAY = NOW.date()


@pytest.fixture
def staff():
    """Return a staff seat."""
    return factories.seat(Role.STAFF)


def fund(actor, match, amount="40000", currency="EUR", *, in_full=False, day=TODAY):
    """Record a funding."""
    return outcomes.record_funding(
        actor,
        match.id,
        amount=Decimal(amount),
        currency=currency,
        day=day,
        in_full=in_full,
        now=NOW,
    )


def talking(staff, **values):
    """Make a pair that went from its introduction to talks."""
    match = factories.match(status=S.INTRODUCED, **values)
    outcomes.record_talks(staff, match.id, now=NOW)
    return match


def test_the_donor_or_the_office_says_what_came_of_it(staff):
    match = factories.match(status=S.INTRODUCED)
    for role in (Role.EDITOR, Role.HEAD):
        with pytest.raises(NotAllowed):
            outcomes.record_talks(factories.seat(role, match.idea.organisation), match.id, now=NOW)
    with pytest.raises(NotFound):
        outcomes.record_talks(factories.seat(Role.DONOR), match.id, now=NOW)
    donor = factories.seat(Role.DONOR, match.profile.organisation)
    assert outcomes.record_talks(donor, match.id, now=NOW).status is S.IN_TALKS


def test_money_in_part_leaves_the_idea_open_with_the_rest(staff):
    match = talking(staff)
    other = factories.match(match.idea, status=S.RELEASED)
    fund(staff, match, "40000")
    assert (match.status, match.funded_amount, match.funded_on) == (S.FUNDED, 40000, TODAY)
    assert match.idea.status is IdeaStatus.PUBLISHED
    assert match.idea.secured == Decimal(40000)
    assert other.status is S.RELEASED


def test_money_in_full_archives_the_idea_and_ends_its_other_pairs(staff):
    match = talking(staff)
    others = [factories.match(match.idea, status=status) for status in (S.SUGGESTED, S.APPROVED)]
    done = factories.match(match.idea, status=S.DECLINED)
    fund(staff, match, "85000", in_full=True)
    assert (match.idea.status, match.idea.reason) == (
        IdeaStatus.ARCHIVED,
        Reason.ALREADY_FUNDED,
    )
    assert {row.status for row in others} == {S.LAPSED}
    assert (match.status, done.status) == (S.FUNDED, S.DECLINED)
    assert match.idea.events[-1].act == "funded"


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_sum_is_positive(staff, amount):
    match = talking(staff)
    with pytest.raises(Invalid, match="amount"):
        fund(staff, match, amount)


def test_a_funding_counts_at_the_rate_of_its_day(staff):
    for day, uah in ((date(2026, 1, 1), 40), (TODAY, 50)):
        db.session.add(ExchangeRate(currency="EUR", day=day, uah=Decimal(uah)))
    db.session.flush()
    first = talking(staff)
    fund(staff, first, "400000", "UAH", day=date(2026, 6, 1))
    assert first.idea.secured == Decimal(10000)
    second = factories.match(first.idea, status=S.IN_TALKS)
    fund(staff, second, "500", "EUR")
    assert first.idea.secured == Decimal(10500)


def test_a_funding_without_a_rate_is_asked_about(staff):
    match = talking(staff)
    with pytest.raises(Invalid, match="rate_missing"):
        fund(staff, match, "100", "UAH")


def test_money_needs_talks_first(staff):
    with pytest.raises(WrongState):
        fund(staff, factories.match(status=S.INTRODUCED))


def test_a_funding_that_is_opened_again_is_counted_no_more(staff):
    match = talking(staff)
    fund(staff, match)
    decisions.reopen_match(staff, match.id, "помилка в сумі", now=NOW)
    assert match.status is S.IN_TALKS
    assert match.funded_amount is match.funded_on is None
    assert match.idea.secured == 0


def test_no_money_needs_a_reason_in_words_where_the_code_says_nothing(staff):
    match = talking(staff)
    with pytest.raises(Invalid):
        outcomes.record_no_funding(staff, match.id, Reason.OTHER, now=NOW)
    outcomes.record_no_funding(staff, match.id, Reason.OTHER, now=NOW, note="змінили план")
    assert match.status is S.NOT_FUNDED


def test_the_office_alone_lets_a_pair_lapse_and_never_an_approved_one(staff):
    match = factories.match(status=S.INTRODUCED)
    with pytest.raises(NotAllowed):
        outcomes.lapse_match(
            factories.seat(Role.DONOR, match.profile.organisation), match.id, now=NOW
        )
    assert outcomes.lapse_match(staff, match.id, now=NOW).status is S.LAPSED
    with pytest.raises(WrongState):
        outcomes.lapse_match(staff, factories.match(status=S.APPROVED).id, now=NOW)


# By itself


def call(closes_on, **values):
    """Make a call that closes on a day."""
    return factories.profile(kind=ProfileKind.CALL, closes_on=closes_on, **values)


def test_a_call_is_open_until_midnight_in_kyiv():
    closes = date(2026, 11, 22)
    last = datetime(2026, 11, 22, 21, 59, 59, tzinfo=UTC).astimezone(KYIV).date()
    after = datetime(2026, 11, 22, 22, 0, tzinfo=UTC).astimezone(KYIV).date()
    assert freshness.is_open(call(closes), today=last)
    assert not freshness.is_open(call(closes), today=after)


def test_pairs_of_a_closed_call_lapse_once_and_everybody_is_told_once():
    over = call(TODAY - timedelta(days=1))
    donor = factories.seat(Role.DONOR, over.organisation)
    pairs = {
        status: factories.match(None, over, status=status)
        for status in (S.SUGGESTED, S.RELEASED, S.QUESTION, S.INTERESTED, S.APPROVED, S.IN_TALKS)
    }
    today = factories.match(None, call(TODAY), status=S.RELEASED)
    lapsed = outcomes.lapse_closed_calls(today=TODAY, now=NOW)
    assert {row.id for row in lapsed} == {
        pairs[s].id for s in (S.SUGGESTED, S.RELEASED, S.QUESTION, S.INTERESTED)
    }
    assert (pairs[S.APPROVED].status, pairs[S.IN_TALKS].status) == (S.APPROVED, S.IN_TALKS)
    assert today.status is S.RELEASED
    told = [
        job.payload["match_id"]
        for job in db.session.scalars(sa.select(Job).where(Job.recipient_id == donor.user_id))
    ]
    assert sorted(told) == sorted(pairs[s].id for s in (S.RELEASED, S.QUESTION, S.INTERESTED))
    assert pairs[S.SUGGESTED].events[-1].by_id is None
    assert outcomes.lapse_closed_calls(today=TODAY, now=NOW) == []
    assert db.session.scalar(
        sa.select(sa.func.count(Job.id)).where(Job.recipient_id == donor.user_id)
    ) == len(told)


def test_pairs_of_an_ended_programme_lapse():
    match = factories.match(None, factories.profile(ended=True), status=S.RELEASED)
    assert outcomes.lapse_closed_calls(today=TODAY, now=NOW) == [match]


def test_a_withdrawn_idea_ends_its_open_pairs_alone():
    idea = factories.idea()
    open_one = factories.match(idea, status=S.APPROVED)
    closed = factories.match(idea, status=S.FUNDED, funded_amount=Decimal(1), funded_on=TODAY)
    foreign = factories.match()
    outcomes.lapse_pairs_of_idea(idea, Reason.NOT_READY, None, now=NOW)
    assert (open_one.status, closed.status, foreign.status) == (S.LAPSED, S.FUNDED, S.SUGGESTED)
    assert open_one.events[-1].reason is Reason.NOT_READY
