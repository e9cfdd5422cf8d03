"""The donor's list of ideas that were sent to it, and one of them with its evidence."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Any

from flask import after_this_request, render_template, request, session
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from matcher.extensions import db
from matcher.models.match import Match, MatchStatus
from matcher.models.user import Membership
from matcher.services import (
    documents,
    donor_matches,
    evidence,
    following,
    freshness,
    moves,
    verdicts,
)
from matcher.services.donor_matches import Budget, Filters, Row, View
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.donor import words
from matcher.web.donor.blueprint import bp
from matcher.web.donor.forms import FeedbackForm, InterestForm
from matcher.web.evidence_words import shared_rows
from matcher.web.matching import get_index

PER_PAGE = 25
NEW_SINCE = "new_since"
NO_VISIT = "-"


@bp.get("/matches")
def list_matches() -> str:
    """Show what the office has sent, best fit first; what breaks a rule stands apart."""
    actor = get_actor()
    rows = donor_matches.list_rows(actor, since=new_since(actor), today=clock.today())
    filters = read_filters()
    chosen = donor_matches.choose(rows, filters)
    pages = max(1, ceil(len(chosen) / PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    counts = donor_matches.count_views(rows)
    on_page = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
    explained = has_run()
    return render_template(
        "donor/matches.html",
        rows=[(row, find_evidence(row) if explained else None) for row in on_page],
        view=filters.view,
        counts=counts,
        new=sum(row.is_new for row in rows),
        chips=[
            ("" if view is View.OPEN else view.value, str(words.VIEWS[view]), counts[view])
            for view in View
        ],
        filtered=filters != Filters(view=filters.view),
        profiles=sorted({row.match.profile for row in rows}, key=lambda profile: profile.id),
        raions=raions_of(rows),
        sectors=sorted({code for row in rows if (code := row.content.get("sector"))}),
        budgets=[(budget.value, str(words.BUDGETS[budget])) for budget in Budget],
        page=page,
        pages=pages,
        total=len(chosen),
        words=words,
        can_answer=can_answer,
    )


def read_filters() -> Filters:
    """Return what the address asks for; what it does not know means the whole list."""
    view = request.args.get("view", "")
    return Filters(
        View(view) if view in set(View) else View.OPEN,
        *(request.args.get(name, "") for name in ("profile", "sector", "raion", "budget")),
    )


def raions_of(rows: list[Row]) -> list[Any]:
    """Return one organisation for each raion in the list, by the raion's name."""
    places = {row.match.idea.organisation.raion_code: row.match.idea.organisation for row in rows}
    return sorted(
        (place for code, place in places.items() if code), key=lambda place: place.raion_uk or ""
    )


def find_evidence(row: Row, best: int = 4) -> evidence.Evidence | None:
    """Return the words that met, in the release text alone; `has_run` says whether it can."""
    if row.text is None:
        return None
    content = {"title": row.text.title, "summary": row.text.summary}
    document = documents.release_document(row.text)
    return evidence.explain(
        get_index(), document, row.match, content, documents.release_places, best=best
    )


def has_run() -> bool:
    """Tell whether a matching run is in force; reading a page starts none."""
    return get_index().find_run() is not None


def can_answer(match: Match, act: str) -> bool:
    """Tell whether the donor can make this move now."""
    return match.status in moves.MOVES[act].sources


def new_since(actor: Membership) -> datetime | None:
    """Return the visit before this session; the first look of a session is noted afterwards.

    What came since then stays marked as new until the reader has signed in anew.
    """
    known = session.get(NEW_SINCE)
    if known is None:
        before = actor.last_visit_at
        session[NEW_SINCE] = known = before.isoformat() if before else NO_VISIT
        note_visit_afterwards(actor.id)
    return None if known == NO_VISIT else datetime.fromisoformat(known)


def note_visit_afterwards(seat_id: int) -> None:
    """Write the visit down once the page is made; a page is shown even where that fails."""
    moment = clock.now()

    @after_this_request
    def note(response: Response) -> Response:
        db.session.rollback()
        try:
            donor_matches.note_visit(seat_id, now=moment)
        except OperationalError:
            session.pop(NEW_SINCE, None)
        return response


@bp.get("/matches/<id:match_id>")
def view_match(match_id: int) -> str:
    """Show why the idea fits, its facts, each rule, the history and what can be answered."""
    actor = get_actor()
    row = donor_matches.get_row(actor, match_id, today=clock.today())
    return show_match(actor, row, InterestForm(data={"version": row.match.version}))


def show_match(
    actor: Membership, row: Row, form: InterestForm, feedback: FeedbackForm | None = None
) -> str:
    """Render the page of one pair."""
    match = row.match
    found = find_evidence(row, best=8) if has_run() else None
    said = following.find_feedback(actor, match)
    if feedback is None:
        feedback = FeedbackForm(formdata=None, data={"value": said.value.value if said else None})
    is_open = freshness.is_open(match.profile, today=clock.today())
    return render_template(
        "donor/match.html",
        row=row,
        match=match,
        idea=match.idea,
        found=found,
        shared=shared_rows(found, weighs=True),
        priorities=match.profile_revision.content,
        verdicts=verdicts.as_rows(row.verdicts),
        history=words.history(match),
        people=donor_matches.community_people(match),
        can_undo=moves.can_undo(actor, match, now=clock.now()),
        can_restore=match.status is MatchStatus.DECLINED and is_open,
        can_report=match.status in (MatchStatus.INTRODUCED, MatchStatus.IN_TALKS),
        can_answer=can_answer,
        words=words,
        form=form,
        feedback=feedback,
    )
