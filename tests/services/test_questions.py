"""Questions and answers, relayed by the office both ways."""

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import IdeaPartner
from matcher.models.job import Job
from matcher.models.match import MatchStatus
from matcher.models.user import Role
from matcher.services import decisions, questions, replies
from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def staff():
    """Return a staff seat."""
    return factories.seat(Role.STAFF)


@pytest.fixture
def donor():
    """Return a donor's seat."""
    return factories.seat(Role.DONOR)


@pytest.fixture
def question(donor):
    """Return a question that was just asked."""
    profile = factories.profile(donor.organisation)
    match = factories.match(None, profile, status=MatchStatus.RELEASED)
    return replies.ask_question(donor, match.id, "How many?", language=Language.EN, now=NOW)


@pytest.fixture
def editor(question):
    """Return a seat of the community that is asked."""
    return factories.seat(Role.EDITOR, question.match.idea.organisation)


def told(letter):
    """Return who gets this letter."""
    jobs = db.session.scalars(sa.select(Job)).all()
    return {job.recipient_id for job in jobs if job.payload["letter"] == letter}


def test_a_question_goes_through_the_office_both_ways(question, staff, donor, editor):
    questions.relay_question(staff, question.id, " Скільки? ", now=NOW)
    assert question.relayed_text == "Скільки?"
    assert editor.user_id in told("question_relayed")
    questions.answer_question(editor, question.id, "Триста", now=NOW)
    assert staff.user_id in told("question_answered")
    questions.relay_answer(staff, question.id, "Three hundred", now=NOW)
    assert told("answer_relayed") == {donor.user_id}
    assert question.match.status is MatchStatus.RELEASED
    acts = [event.act for event in question.match.events]
    assert acts == ["ask", "question_relayed", "answered"]


def test_the_community_sees_a_question_when_it_was_passed_on(question, staff, editor):
    with pytest.raises(NotFound):
        questions.get_question(editor, question.id)
    questions.relay_question(staff, question.id, "Скільки?", now=NOW)
    assert questions.get_question(editor, question.id) is question
    with pytest.raises(NotFound):
        questions.get_question(factories.seat(Role.EDITOR), question.id)


def test_a_question_is_passed_on_once(question, staff):
    questions.relay_question(staff, question.id, "Скільки?", now=NOW)
    with pytest.raises(WrongState):
        questions.relay_question(staff, question.id, "Ще раз", now=NOW)


def test_a_question_that_was_passed_on_cannot_be_unasked(question, staff, donor):
    questions.relay_question(staff, question.id, "Скільки?", now=NOW)
    with pytest.raises(NotAllowed):
        decisions.undo(donor, question.match_id, now=NOW)


def test_a_partner_does_not_answer(question, staff):
    questions.relay_question(staff, question.id, "Скільки?", now=NOW)
    partner = factories.seat(Role.EDITOR)
    idea_id = question.match.idea_id
    db.session.add(IdeaPartner(idea_id=idea_id, organisation_id=partner.organisation_id))
    db.session.flush()
    with pytest.raises(NotAllowed, match="partner"):
        questions.answer_question(partner, question.id, "Ми", now=NOW)


def test_others_do_not_relay(question, donor, editor):
    for actor in (donor, editor):
        with pytest.raises(NotAllowed):
            questions.relay_question(actor, question.id, "x", now=NOW)
        with pytest.raises(NotAllowed):
            questions.relay_answer(actor, question.id, "x", now=NOW)
    with pytest.raises(NotAllowed):
        questions.answer_question(donor, question.id, "x", now=NOW)


def test_an_answer_comes_before_it_is_relayed_and_once(question, staff):
    with pytest.raises(WrongState):
        questions.relay_answer(staff, question.id, "x", now=NOW)
    questions.answer_question(staff, question.id, "Триста", now=NOW)
    with pytest.raises(WrongState):
        questions.answer_question(staff, question.id, "Чотириста", now=NOW)
    questions.relay_answer(staff, question.id, "300", now=NOW)
    with pytest.raises(WrongState):
        questions.relay_answer(staff, question.id, "400", now=NOW)


def test_a_pair_that_waits_no_more_takes_no_answer(question, staff, donor):
    replies.express_interest(donor, question.match_id, now=NOW)
    with pytest.raises(WrongState):
        questions.relay_question(staff, question.id, "x", now=NOW)


def test_empty_words_are_asked_about(question, staff):
    with pytest.raises(Invalid):
        questions.relay_question(staff, question.id, " \n ", now=NOW)
