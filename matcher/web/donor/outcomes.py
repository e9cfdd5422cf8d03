"""What a donor says after the introduction: talks, money, or no money and why."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _

from matcher.errors import Invalid, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.match import Match, MatchStatus
from matcher.services import donor_matches, outcomes
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.donor import words
from matcher.web.donor.answers import back_to, offer_undo, show_changed
from matcher.web.donor.blueprint import bp
from matcher.web.donor.forms import FUNDED, Outcome, OutcomeForm

REPORTABLE = frozenset({MatchStatus.INTRODUCED, MatchStatus.IN_TALKS})
ACTS = {
    Outcome.TALKS: "talks",
    Outcome.IN_FULL: "fund",
    Outcome.IN_PART: "fund",
    Outcome.NOT_FUNDED: "not_funded",
}


@bp.route("/matches/<id:match_id>/outcome", methods=["GET", "POST"])
def report_outcome(match_id: int) -> Any:
    """Say how an introduced pair stands."""
    actor = get_actor()
    row = donor_matches.get_row(actor, match_id, today=clock.today())
    form = OutcomeForm(data={"version": row.match.version})
    form.offer(row.match.status)
    if not form.is_submitted() and row.match.status not in REPORTABLE:
        flash(str(words.NEXT_STEPS[row.match.status]))
        return back_to(match_id)
    if form.validate_on_submit():
        outcome = Outcome(form.outcome.data)
        try:
            record(row.match, outcome, form)
            db.session.commit()
        except Invalid as error:
            db.session.rollback()
            form.amount.errors = [wording.error(error)]
            row = donor_matches.get_row(get_actor(), match_id, today=clock.today())
        except (Stale, WrongState) as error:
            db.session.rollback()
            actor = get_actor()
            act, said = ACTS[outcome], form.note.data or ""
            if donor_matches.was_said(actor, match_id, act, said, now=clock.now()) is None:
                return show_changed(actor, match_id, act, error)
            return back_to(match_id)
        else:
            thank(match_id, outcome)
            return back_to(match_id)
    page = render_template("donor/outcome.html", form=form, row=row, match=row.match, words=words)
    return page, 422 if form.errors else 200


def record(match: Match, outcome: Outcome, form: OutcomeForm) -> None:
    """Record the outcome; money without talks before it has talks noted first."""
    actor, now = get_actor(), clock.now()
    version, note = form.version.data, form.note.data or ""
    if outcome is Outcome.TALKS:
        outcomes.record_talks(actor, match.id, now=now, note=note, version=version)
    elif outcome is Outcome.NOT_FUNDED:
        reason = Reason(form.reason.data)
        outcomes.record_no_funding(actor, match.id, reason, now=now, note=note, version=version)
    else:
        if match.status is MatchStatus.INTRODUCED:
            outcomes.record_talks(actor, match.id, now=now, version=version)
            version = None
        outcomes.record_funding(
            actor,
            match.id,
            amount=form.amount.data.amount,
            currency=form.amount.data.currency,
            day=form.day.data,
            in_full=outcome is Outcome.IN_FULL,
            now=now,
            note=note,
            version=version,
        )


def thank(match_id: int, outcome: Outcome) -> None:
    """Say that it is recorded; what can be undone offers it."""
    if outcome in FUNDED:
        flash(_("Thank you. The office and the community see that you fund the idea."), "success")
    else:
        offer_undo(match_id, ACTS[outcome])
