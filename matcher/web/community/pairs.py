"""One released pair as its community sees it; feedback; answers to a donor's questions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import ReleaseText
from matcher.models.match import FeedbackValue, Match
from matcher.models.user import Membership
from matcher.services import decisions, evidence, following, ideas, questions, verdicts
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.community import words
from matcher.web.community.blueprint import bp
from matcher.web.community.forms import AnswerForm, FeedbackForm
from matcher.web.evidence_words import shared_rows, text_language
from matcher.web.matching import get_index

Answer = Any


@bp.get("/matches/<id:match_id>")
def view_match(match_id: int) -> Answer:
    """Show which priority the idea met, by which words, and what each rule says."""
    actor = get_actor()
    match = get_pair(actor, match_id)
    said = following.find_feedback(actor, match)
    form = FeedbackForm(data={"value": said.value.value if said else None})
    return show_match(actor, match, form)


def get_pair(actor: Membership, match_id: int) -> Match:
    """Return a pair that the community may see; raises NotFound."""
    match = following.find_pair(actor, match_id)
    if match is None:
        raise NotFound("match")
    return match


def show_match(actor: Membership, match: Match, form: FeedbackForm) -> str:
    """Render the page of a pair."""
    is_own = match.idea.organisation_id == actor.organisation_id
    editable = is_own and bool(ideas.open_sections(match.idea))
    text = release_text(match)
    found = find_evidence(match, text)
    return render_template(
        "community/match.html",
        match=match,
        idea=match.idea,
        pair=words.pair_item(match),
        text=text,
        found=found,
        terms=shared_rows(found),
        priorities=match.profile_revision.content,
        verdicts=verdicts.as_rows(verdicts.judge_working_text(match, today=clock.today())),
        edit_idea=match.idea if editable else None,
        history=words.pair_history(match.events),
        questions=[row for row in match.questions if row.relayed_at] if is_own else [],
        contacts=following.donor_people(match) if is_own else [],
        has_changed=following.has_changed_since(match),
        text_language=text_language,
        form=form,
    )


def release_text(match: Match) -> ReleaseText | None:
    """Return what the donor reads of the idea; in Ukrainian where that exists as well."""
    languages = (Language.UK, match.profile.organisation.reads)
    texts = (decisions.find_release_text(match.idea, language) for language in languages)
    return next((text for text in texts if text is not None), None)


def find_evidence(match: Match, text: ReleaseText | None) -> evidence.Evidence | None:
    """Return the words that met; nothing while no matching run is in force."""
    index = get_index()
    if text is None or index.find_run() is None:
        return None
    return evidence.outside_evidence(
        index, match, text.language, now=clock.now(), today=clock.today()
    )


@bp.post("/matches/<id:match_id>/feedback")
def give_feedback(match_id: int) -> Answer:
    """Keep what the reader thinks of a pair."""
    actor = get_actor()
    match = get_pair(actor, match_id)
    form = FeedbackForm()
    if not form.validate_on_submit():
        return show_match(actor, match, form), 422
    decisions.give_feedback(actor, match_id, FeedbackValue(form.value.data), now=clock.now())
    db.session.commit()
    flash(_("Thank you: this helps to choose better."), "success")
    return redirect(url_for(".view_match", match_id=match_id))


@bp.route("/questions/<id:question_id>/answer", methods=["GET", "POST"])
def answer_question(question_id: int) -> Answer:
    """Answer a donor's question; the office passes the answer on."""
    actor = get_actor()
    question = questions.get_question(actor, question_id)
    form = AnswerForm()
    done = redirect(url_for(".view_match", match_id=question.match_id))
    if form.validate_on_submit():
        if question.answer == form.answer.data:
            return done
        questions.answer_question(actor, question_id, form.answer.data, now=clock.now())
        db.session.commit()
        flash(_("Your answer is with the office: it reads it and passes it on."), "success")
        return done
    if question.answered_at is not None and not form.is_submitted():
        return done
    page = render_template(
        "community/answer.html",
        form=form,
        question=question,
        match=question.match,
        idea=question.match.idea,
        text_language=text_language,
    )
    return page, 422 if form.errors else 200
