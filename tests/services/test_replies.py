"""What a donor answers, itself or through the office."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Channel, Language, Reason
from matcher.models.idea import IdeaConfirmation
from matcher.models.job import Job
from matcher.models.match import MatchStatus
from matcher.models.profile import ProfileKind
from matcher.models.user import Role
from matcher.services import moves, replies
from matcher.services.moves import Behalf
from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("session")
S = MatchStatus
TODAY = NOW.date()
BEHALF = Behalf(Channel.LETTER, TODAY, "Head of programme")


@pytest.fixture
def match():
    """Return a released pair."""
    return factories.match(status=S.RELEASED)


@pytest.fixture
def donor(match):
    """Return a seat of the pair's donor."""
    return factories.seat(Role.DONOR, match.profile.organisation)


def letters():
    """Return the kinds of letters that are queued."""
    return {job.payload["letter"] for job in db.session.scalars(sa.select(Job))}


def acts(actor, match, **more):
    """Return the three answers as functions."""
    return (
        lambda: replies.express_interest(actor, match.id, now=NOW, **more),
        lambda: replies.ask_question(
            actor, match.id, "Why?", language=Language.EN, now=NOW, **more
        ),
        lambda: replies.decline_match(actor, match.id, Reason.CAPACITY, now=NOW, **more),
    )


def test_another_donor_does_not_see_the_pair(match):
    for do in acts(factories.seat(Role.DONOR), match):
        with pytest.raises(NotFound):
            do()


def test_a_pair_that_was_not_released_does_not_exist_for_its_donor(match, donor):
    match.released_at, match.status = None, S.SUGGESTED
    for do in acts(donor, match):
        with pytest.raises(NotFound):
            do()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD])
def test_communities_do_not_answer_for_donors(match, role):
    for do in acts(factories.seat(role, match.idea.organisation), match, behalf=BEHALF):
        with pytest.raises(NotAllowed):
            do()


def test_the_office_answers_only_on_somebodys_behalf(match):
    staff = factories.seat(Role.STAFF)
    for do in acts(staff, match):
        with pytest.raises(NotAllowed):
            do()
    replies.express_interest(staff, match.id, now=NOW, behalf=BEHALF)
    event = match.events[-1]
    assert (event.behalf_channel, event.behalf_on, event.behalf_of) == (
        Channel.LETTER,
        TODAY,
        "Head of programme",
    )
    assert event.by_id == staff.user_id


def test_a_yes_asks_for_the_confirmation_that_is_missing(match, donor):
    factories.seat(Role.STAFF)
    replies.express_interest(donor, match.id, now=NOW)
    assert match.status is S.INTERESTED
    assert letters() == {"donor_interested", "confirmation_wanted"}


def test_a_yes_asks_for_no_second_confirmation(match, donor):
    factories.seat(Role.STAFF)
    row = IdeaConfirmation(idea_id=match.idea_id, revision=1, by_id=donor.user_id, at=NOW)
    db.session.add(row)
    replies.express_interest(donor, match.id, now=NOW)
    assert letters() == {"donor_interested"}


def test_a_question_needs_words(match, donor):
    with pytest.raises(Invalid):
        replies.ask_question(donor, match.id, "  ", language=Language.EN, now=NOW)
    question = replies.ask_question(donor, match.id, "Why?", language=Language.EN, now=NOW)
    assert (question.text, match.status) == ("Why?", S.QUESTION)


def test_a_decline_needs_words_for_another_reason_and_stays_away(match, donor):
    with pytest.raises(Invalid):
        replies.decline_match(donor, match.id, Reason.OTHER, now=NOW)
    replies.decline_match(donor, match.id, Reason.CAPACITY, now=NOW)
    assert match.status is S.DECLINED
    assert moves.find_suppression(match) is not None
    assert "match_declined" in letters()


def test_an_answer_on_another_version_is_stale(match, donor):
    for do in acts(donor, match, version=match.version + 1):
        with pytest.raises(Stale):
            do()


def test_a_donor_takes_its_decline_back_while_the_profile_is_open(match, donor):
    replies.express_interest(donor, match.id, now=NOW)
    replies.decline_match(donor, match.id, Reason.CAPACITY, now=NOW)
    replies.restore_match(donor, match.id, now=NOW, today=TODAY)
    assert match.status is S.INTERESTED
    assert moves.find_suppression(match) is None
    with pytest.raises(WrongState):
        replies.restore_match(donor, match.id, now=NOW, today=TODAY)


def test_nothing_is_restored_to_a_closed_call():
    call = factories.profile(kind=ProfileKind.CALL, closes_on=TODAY)
    match = factories.match(None, call, status=S.RELEASED)
    donor = factories.seat(Role.DONOR, call.organisation)
    replies.decline_match(donor, match.id, Reason.CAPACITY, now=NOW)
    with pytest.raises(WrongState, match="profile_closed"):
        replies.restore_match(donor, match.id, now=NOW, today=TODAY + timedelta(days=1))
    replies.restore_match(donor, match.id, now=NOW, today=TODAY)


@pytest.mark.parametrize("role", [Role.STAFF, Role.LEAD, Role.EDITOR])
def test_others_do_not_restore(match, role):
    with pytest.raises(NotAllowed):
        replies.restore_match(factories.seat(role), match.id, now=NOW, today=TODAY)
