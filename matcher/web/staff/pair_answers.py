"""What others said about a pair, recorded by the office: answers, questions, outcomes."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from matcher.errors import Invalid, NotFound
from matcher.models.codes import Channel, Language, Reason
from matcher.models.match import FeedbackValue, Question
from matcher.models.user import Membership
from matcher.services import access, decisions, outcomes, questions, queue, replies
from matcher.services.moves import Behalf
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.staff import pair_forms
from matcher.web.staff.blueprint import bp
from matcher.web.staff.pair_acts import BOTH, run

Answer = Any


@bp.route("/matches/<id:match_id>/answer", methods=BOTH)
def record_answer(match_id: int) -> Answer:
    """Record what a donor told the office."""
    actor = get_actor()
    steps = queue.next_steps(
        actor, access.get_match(actor, match_id), now=clock.now(), today=clock.today()
    )
    form = pair_forms.AnswerForm(prefix="answer-")
    form.offer(steps.acts or pair_forms.ANSWERS)

    def do(actor: Membership) -> object:
        return record(actor, match_id, form)

    return run(match_id, "answer", form, do, act=form.answer.data or "", go_on=False)


def record(actor: Membership, match_id: int, form: pair_forms.AnswerForm) -> object:
    """Do what the donor's answer means."""
    if form.on.data > clock.today():
        raise Invalid("day_future", field="on")
    behalf = Behalf(Channel(form.channel.data), form.on.data, form.of.data)
    note, version, now = form.note.data or "", form.version.data, clock.now()
    if form.answer.data == "interested":
        return replies.express_interest(
            actor, match_id, now=now, note=note, behalf=behalf, version=version
        )
    if form.answer.data == "ask":
        if not note:
            raise Invalid("reason_text", field="note")
        language = Language(form.language.data)
        return replies.ask_question(
            actor, match_id, note, language=language, now=now, behalf=behalf, version=version
        )
    if not form.reason.data:
        raise Invalid("reason", field="reason")
    reason = Reason(form.reason.data)
    return replies.decline_match(
        actor, match_id, reason, now=now, note=note, behalf=behalf, version=version
    )


def get_open_question(actor: Membership, match_id: int) -> Question:
    """Return the question that the pair waits for; raises NotFound."""
    question = queue.open_question(queue.get_pair(actor, match_id))
    if question is None:
        raise NotFound("question")
    return question


@bp.route("/matches/<id:match_id>/relay-question", methods=BOTH)
def relay_question(match_id: int) -> Answer:
    """Pass the donor's question to the community, in the office's words."""
    form = pair_forms.RelayForm(prefix="relay-")

    def do(actor: Membership) -> object:
        question = get_open_question(actor, match_id)
        return questions.relay_question(actor, question.id, form.text.data, now=clock.now())

    said = _("The question is with the community.")
    return run(match_id, "relay", form, do, go_on=False, said=said)


@bp.route("/matches/<id:match_id>/relay-answer", methods=BOTH)
def relay_answer(match_id: int) -> Answer:
    """Pass the community's answer to the donor; one that was told by telephone is recorded."""
    form = pair_forms.RelayForm(prefix="relay-")

    def do(actor: Membership) -> object:
        question = get_open_question(actor, match_id)
        if question.answered_at is None:
            questions.answer_question(actor, question.id, form.text.data, now=clock.now())
        return questions.relay_answer(actor, question.id, form.text.data, now=clock.now())

    said = _("The answer is with the donor.")
    return run(match_id, "relay", form, do, go_on=False, said=said)


@bp.route("/matches/<id:match_id>/outcome", methods=BOTH)
def record_outcome(match_id: int) -> Answer:
    """Record what became of a pair."""
    actor = get_actor()
    steps = queue.next_steps(
        actor, access.get_match(actor, match_id), now=clock.now(), today=clock.today()
    )
    form = pair_forms.OutcomeForm(prefix="outcome-")
    form.offer(steps.acts or pair_forms.OUTCOMES)

    def do(actor: Membership) -> object:
        return record_result(actor, match_id, form)

    return run(match_id, "outcome", form, do, act=form.outcome.data or "", go_on=False)


def record_result(actor: Membership, match_id: int, form: pair_forms.OutcomeForm) -> object:
    """Do what the outcome means."""
    note, version, now = form.note.data or "", form.version.data, clock.now()
    if form.outcome.data == "talks":
        return outcomes.record_talks(actor, match_id, now=now, note=note, version=version)
    if form.outcome.data == "lapse":
        return outcomes.lapse_match(actor, match_id, now=now, note=note, version=version)
    if form.outcome.data == "fund":
        return record_money(actor, match_id, form)
    if not form.reason.data:
        raise Invalid("reason", field="reason")
    return outcomes.record_no_funding(
        actor, match_id, Reason(form.reason.data), now=now, note=note, version=version
    )


def record_money(actor: Membership, match_id: int, form: pair_forms.OutcomeForm) -> object:
    """Record a funding: how much, when, and whether it covers the idea."""
    if form.amount.data is None:
        raise Invalid("amount", field="amount")
    if form.on.data is None or form.on.data > clock.today():
        raise Invalid("day_future", field="on")
    return outcomes.record_funding(
        actor,
        match_id,
        amount=form.amount.data.amount,
        currency=form.amount.data.currency,
        day=form.on.data,
        in_full=form.in_full.data,
        now=clock.now(),
        version=form.version.data,
    )


@bp.route("/matches/<id:match_id>/feedback", methods=BOTH)
def give_feedback(match_id: int) -> Answer:
    """Keep what the reader thinks of the engine's suggestion."""
    form = pair_forms.FeedbackForm(prefix="feedback-")

    def do(actor: Membership) -> object:
        value = FeedbackValue(form.value.data)
        return decisions.give_feedback(actor, match_id, value, now=clock.now())

    said = _("Thank you: the quality page counts it.")
    return run(match_id, "feedback", form, do, go_on=False, said=said)
