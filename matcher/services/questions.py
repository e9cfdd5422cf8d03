"""Questions and answers on a pair: asked by the donor, relayed by the office both ways."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matcher.errors import Invalid, NotFound, WrongState
from matcher.extensions import db
from matcher.models.match import Match, MatchStatus, Question
from matcher.models.user import Membership
from matcher.services import access, audit, moves, outbox
from matcher.services.moves import make_move


def get_question(actor: Membership, question_id: int) -> Question:
    """Return a question on a pair that this seat may see; communities see relayed ones only."""
    statement = access.matches_seen_by(actor).with_only_columns(Match.id)
    found = sa.select(Question).where(Question.id == question_id, Question.match_id.in_(statement))
    if actor.role in access.AUTHORS:
        found = found.where(Question.relayed_at.is_not(None))
    question = db.session.scalars(found).one_or_none()
    if question is None:
        raise NotFound("question")
    return question


def check_waiting(question: Question, *, answered: bool) -> None:
    """Raise WrongState unless the pair still waits and the answer is there, or not yet."""
    waiting = question.match.status is MatchStatus.QUESTION
    if not waiting or bool(question.answered_at) != answered or question.answer_relayed_at:
        raise WrongState("question")


def relay_question(actor: Membership, question_id: int, text: str, *, now: datetime) -> Question:
    """Pass the question to the community in words that the office has read and worded."""
    access.require(actor, access.OFFICE)
    question = get_question(actor, question_id)
    check_waiting(question, answered=False)
    if question.relayed_at is not None:
        raise WrongState("question")
    question.relayed_text = required(text)
    question.relayed_at = now
    # The community reads it now: the donor's asking can no longer be undone.
    moves.add_event(question.match, "question_relayed", question.match.status, actor, now=now)
    outbox.queue_letter(
        "question_relayed",
        access.people_of(question.match.idea.organisation_id),
        now=now,
        subject={"match_id": question.match_id, "question_id": question.id},
    )
    db.session.flush()
    return question


def answer_question(actor: Membership, question_id: int, text: str, *, now: datetime) -> Question:
    """Answer as the lead community, or record its answer as the office."""
    access.require(actor, access.AUTHORS | access.OFFICE)
    question = get_question(actor, question_id)
    if actor.role in access.AUTHORS:
        access.get_own_idea(actor, question.match.idea_id)
    check_waiting(question, answered=False)
    question.answer = required(text)
    question.answered_at, question.answered_by_id = now, actor.user_id
    audit.record(actor, "question.answered", question.match, now=now)
    outbox.queue_letter(
        "question_answered",
        access.office_people(),
        now=now,
        subject={"match_id": question.match_id, "question_id": question.id},
    )
    db.session.flush()
    return question


def relay_answer(actor: Membership, question_id: int, text: str, *, now: datetime) -> Question:
    """Pass the answer to the donor; the pair is with the donor again."""
    access.require(actor, access.OFFICE)
    question = get_question(actor, question_id)
    check_waiting(question, answered=True)
    question.relayed_answer = required(text)
    question.answer_relayed_at = now
    event = make_move(question.match, "answered", actor, now=now)
    outbox.queue_letter(
        "answer_relayed",
        access.people_of(question.match.profile.organisation_id),
        now=now,
        subject={"match_id": question.match_id, "question_id": question.id},
        event=event,
    )
    db.session.flush()
    return question


def required(text: str) -> str:
    """Return the text without outer blanks; raises Invalid when nothing is left."""
    if not text.strip():
        raise Invalid("reason_text", field="text")
    return text.strip()
