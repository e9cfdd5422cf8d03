"""One pair for the office: both texts with the reasons, and what can be decided."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_wtf import FlaskForm

from matcher.models.match import Match
from matcher.models.user import Membership
from matcher.services import (
    decisions,
    evidence,
    follow_up,
    freshness,
    queue,
    verdicts,
)
from matcher.services.index import Index
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.evidence_words import shared_rows, text_language
from matcher.web.matching import get_index
from matcher.web.staff import pair_forms, pair_words
from matcher.web.staff.blueprint import bp
from matcher.web.staff.queue import queue_args, queue_url, read_filter

Answer = Any
IDEA_TEXTS = (
    ("title", "uk"),
    ("summary", "uk"),
    ("problem", "uk"),
    ("activities", "uk"),
    ("result", "uk"),
    ("title_en", "en"),
    ("summary_en", "en"),
)
PROFILE_TEXTS = (("title_en", "en"), ("text_en", "en"), ("title_uk", "uk"), ("text_uk", "uk"))


@bp.get("/matches/<id:match_id>")
def view_match(match_id: int) -> Answer:
    """Show one pair."""
    return show_match(get_actor(), match_id)


def show_match(
    actor: Membership,
    match_id: int,
    sent: tuple[str, FlaskForm] | None = None,
    errors: tuple[str, ...] = (),
) -> str:
    """Render the page of a pair; a form that was sent replaces the fresh one of its act."""
    match = queue.get_pair(actor, match_id)
    now, today = clock.now(), clock.today()
    steps = queue.next_steps(actor, match, now=now, today=today)
    forms = make_forms(actor, match, steps)
    if sent is not None:
        forms[sent[0]] = sent[1]
    return render_template(
        "staff/match.html",
        match=match,
        idea=match.idea,
        profile=match.profile,
        idea_texts=texts(match.idea_revision.content, IDEA_TEXTS),
        profile_texts=texts(match.profile_revision.content, PROFILE_TEXTS),
        release_text=decisions.find_release_text(match.idea, match.profile.organisation.reads),
        confirmation=decisions.find_confirmation(match.idea),
        others=queue.other_pairs(actor, match),
        history=pair_words.history(match.events),
        notes=follow_up.list_notes(actor, match.id),
        question=queue.open_question(match),
        steps=steps,
        blocks={act: pair_words.block_text(error) for act, error in steps.blocks.items()},
        forms=forms,
        sent=sent[0] if sent else "",
        has_errors=bool(errors or (sent and sent[1].errors)),
        errors=errors,
        text_language=text_language,
        load_text=pair_words.load_text,
        **three_signals(match),
        **about_donor(actor, match),
        **place_in_queue(actor, match),
    )


def three_signals(match: Match) -> dict[str, Any]:
    """Return fit with its reasons, verdicts and missing facts: each by itself."""
    found = find_evidence(get_index(), match)
    return {
        "found": found,
        "terms": shared_rows(found, weighs=True),
        "parts": pair_words.score_parts(found.explanation) if found else [],
        "verdicts": verdicts.as_rows(verdicts.judge_match(match, today=clock.today())),
        "missing": verdicts.missing_facts(match.idea),
    }


def about_donor(actor: Membership, match: Match) -> dict[str, Any]:
    """Return how fresh the priorities are, whether they are open, and how busy the donor is."""
    donor_id, today = match.profile.organisation_id, clock.today()
    return {
        "freshness": freshness.freshness(match.profile, today=today).value,
        "is_profile_open": freshness.is_open(match.profile, today=today),
        "load": queue.donor_load(actor, [donor_id]).get(donor_id, 0),
    }


def place_in_queue(actor: Membership, match: Match) -> dict[str, Any]:
    """Return the pair's neighbours in the view from which the reader came, if from one."""
    before = after = place = total = None
    if "view" in request.args:
        before, after, place, total = queue.neighbours(
            actor, match.id, read_filter(), now=clock.now()
        )
    return {
        "args": queue_args(),
        "queue_url": queue_url(),
        "before": before,
        "after": after,
        "place": place,
        "total": total,
    }


def texts(
    content: dict[str, Any], fields: tuple[tuple[str, str], ...]
) -> list[tuple[str, str, str]]:
    """Return (field, language, text) of the texts that are there."""
    return [(name, lang, content[name]) for name, lang in fields if content.get(name)]


def find_evidence(index: Index, match: Match) -> evidence.Evidence | None:
    """Return the words that met; nothing while no matching run is in force: a look fits none."""
    if index.find_run() is None:
        return None
    return evidence.evidence(index, match, now=clock.now(), today=clock.today())


def make_forms(actor: Membership, match: Match, steps: queue.Steps) -> dict[str, FlaskForm]:
    """Return a fresh form for each act that the pair's page may offer."""
    fresh = {"formdata": None, "data": {"version": match.version}}
    said = queue.find_feedback(actor, match)
    question = queue.open_question(match)
    text = ""
    if question is not None:
        text = question.answer if question.relayed_at else question.text
    answer = pair_forms.AnswerForm(
        prefix="answer-",
        formdata=None,
        data={
            "version": match.version,
            "on": clock.today(),
            "language": match.profile.organisation.reads.value,
        },
    )
    answer.offer(steps.acts)
    outcome = pair_forms.OutcomeForm(
        prefix="outcome-", formdata=None, data={"version": match.version, "on": clock.today()}
    )
    outcome.offer(steps.acts)
    return {
        "reason": pair_forms.ReasonForm(**fresh),
        "reopen": pair_forms.ReopenForm(prefix="reopen-", **fresh),
        "introduce": pair_forms.IntroduceForm(prefix="introduce-", **fresh),
        "answer": answer,
        "outcome": outcome,
        "relay": pair_forms.RelayForm(prefix="relay-", formdata=None, data={"text": text}),
        "feedback": pair_forms.FeedbackForm(
            prefix="feedback-", formdata=None, data={"value": said.value.value if said else None}
        ),
    }
