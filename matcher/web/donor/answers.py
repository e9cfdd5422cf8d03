"""What a donor answers on an idea; each answer is one POST with the version its reader saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from matcher.errors import MatcherError, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Language, Reason
from matcher.models.match import FeedbackValue, Match
from matcher.models.user import Membership
from matcher.services import decisions, donor_matches, moves, replies
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.donor import words
from matcher.web.donor.blueprint import bp
from matcher.web.donor.forms import AskForm, DeclineForm, FeedbackForm, InterestForm
from matcher.web.donor.matches import show_match
from matcher.web.evidence_words import text_language
from matcher.web.forms import ActForm

Answer = Any
NOT_SENT = frozenset({"csrf_token", "version"})


def back_to(match_id: int) -> Answer:
    """Return to the page of the pair."""
    return redirect(url_for(".view_match", match_id=match_id))


def give(match_id: int, act: str, said: str, answer: Callable[[Membership], object]) -> Answer:
    """Record an answer and offer to undo it; a second click and a late answer are told apart."""
    try:
        answer(get_actor())
        db.session.commit()
    except (Stale, WrongState) as error:
        db.session.rollback()
        actor = get_actor()
        if donor_matches.was_said(actor, match_id, act, said, now=clock.now()) is None:
            return show_changed(actor, match_id, act, error)
        return back_to(match_id)
    offer_undo(match_id, act)
    return back_to(match_id)


DONE = {
    "interested": lambda: _("The office knows that you are interested."),
    "ask": lambda: _("Your question is with the office."),
    "decline": lambda: _("Noted: not for you."),
    "talks": lambda: _("Noted: you are talking."),
    "not_funded": lambda: _("Noted: not funded."),
}


def offer_undo(match_id: int, act: str) -> None:
    """Say that it is done and offer to take it back."""
    flash(
        {
            "text": DONE[act](),
            "action": url_for("donor.undo", match_id=match_id),
            "label": _("Undo (15 min)"),
        },
        "undo",
    )


def show_changed(actor: Membership, match_id: int, act: str, error: MatcherError) -> Answer:
    """Show what the reader wrote beside how the pair stands now; nothing written is lost."""
    row = donor_matches.get_row(actor, match_id, today=clock.today())
    sent = [(name, value) for name, value in request.form.items() if name not in NOT_SENT]
    page = render_template(
        "donor/changed.html",
        row=row,
        match=row.match,
        wrote=[value for name, value in sent if name in ("note", "text") and value],
        sent=sent,
        history=words.history(row.match)[-3:],
        again=request.path if row.match.status in moves.MOVES[act].sources else None,
        words=words,
    )
    return page, 409


@bp.post("/matches/<id:match_id>/interested")
def express_interest(match_id: int) -> Answer:
    """Say yes."""
    form = InterestForm()
    if not form.validate_on_submit():
        actor = get_actor()
        row = donor_matches.get_row(actor, match_id, today=clock.today())
        return show_match(actor, row, form), 422
    said = form.note.data or ""
    return give(
        match_id,
        "interested",
        said,
        lambda actor: replies.express_interest(
            actor, match_id, now=clock.now(), note=said, version=form.version.data
        ),
    )


@bp.route("/matches/<id:match_id>/question", methods=["GET", "POST"])
def ask_question(match_id: int) -> Answer:
    """Ask something; the office passes it on."""
    actor = get_actor()
    row = donor_matches.get_row(actor, match_id, today=clock.today())
    form = AskForm(data={"version": row.match.version})
    if form.validate_on_submit():
        said = form.text.data
        return give(
            match_id,
            "ask",
            said,
            lambda actor: replies.ask_question(
                actor,
                match_id,
                said,
                language=Language(text_language(said)),
                now=clock.now(),
                version=form.version.data,
            ),
        )
    return show_form("donor/ask.html", row.match, "ask", form, row)


@bp.route("/matches/<id:match_id>/decline", methods=["GET", "POST"])
def decline_match(match_id: int) -> Answer:
    """Say no, with a reason."""
    actor = get_actor()
    row = donor_matches.get_row(actor, match_id, today=clock.today())
    form = DeclineForm(data={"version": row.match.version})
    if form.validate_on_submit():
        said = form.note.data or ""
        return give(
            match_id,
            "decline",
            said,
            lambda actor: replies.decline_match(
                actor,
                match_id,
                Reason(form.reason.data),
                now=clock.now(),
                note=said,
                version=form.version.data,
            ),
        )
    return show_form("donor/decline.html", row.match, "decline", form, row)


def show_form(template: str, match: Match, act: str, form: Any, row: Any) -> Answer:
    """Render the page of one answer; where it is not possible any more, the pair itself."""
    if not form.is_submitted() and match.status not in moves.MOVES[act].sources:
        flash(str(words.NEXT_STEPS[match.status]))
        return back_to(match.id)
    page = render_template(template, form=form, row=row, match=match, words=words)
    return page, 422 if form.errors else 200


@bp.post("/matches/<id:match_id>/restore")
def restore_match(match_id: int) -> Answer:
    """Take back a "no"."""
    if ActForm().validate_on_submit():
        replies.restore_match(get_actor(), match_id, now=clock.now(), today=clock.today())
        db.session.commit()
        flash(_("The idea is back on your list."), "success")
    return back_to(match_id)


@bp.post("/matches/<id:match_id>/undo")
def undo(match_id: int) -> Answer:
    """Take back one's own latest answer within 15 minutes."""
    if ActForm().validate_on_submit():
        decisions.undo(get_actor(), match_id, now=clock.now())
        db.session.commit()
        flash(_("Undone. No letter has been sent."), "success")
    return back_to(match_id)


@bp.post("/matches/<id:match_id>/feedback")
def give_feedback(match_id: int) -> Answer:
    """Keep what the reader thinks of the suggestion."""
    actor = get_actor()
    row = donor_matches.get_row(actor, match_id, today=clock.today())
    form = FeedbackForm()
    if not form.validate_on_submit():
        interest = InterestForm(formdata=None, data={"version": row.match.version})
        return show_match(actor, row, interest, form), 422
    decisions.give_feedback(actor, match_id, FeedbackValue(form.value.data), now=clock.now())
    db.session.commit()
    flash(_("Thank you: this helps to choose better."), "success")
    return back_to(match_id)
