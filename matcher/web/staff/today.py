"""The office's first page: what waits, the longest wait first."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask_babel import lazy_gettext as _l

from matcher.services import agenda, idea_lists
from matcher.services.agenda import Kind
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.matching import get_index
from matcher.web.staff.blueprint import bp

FIRST_IDEAS = 5

WORDS = {
    Kind.IDEAS_TO_CHECK: _l("Ideas to check"),
    Kind.PAIRS_TO_RELEASE: _l("Pairs to send to donors or to put aside"),
    Kind.QUESTIONS: _l("Questions of donors"),
    Kind.INTERESTED: _l("Donors are interested: approve or refuse"),
    Kind.TO_INTRODUCE: _l("Approved pairs to introduce"),
    Kind.SECONDING: _l("Restricted pairs that wait for a second person"),
    Kind.FOLLOW_UPS: _l("Introduced pairs to ask about"),
    Kind.CONTACTS_DUE: _l("Next steps with donors that are due"),
    Kind.ACCESS_REQUESTS: _l("Requests for access"),
    Kind.FAILED_LETTERS: _l("Letters that could not be sent"),
    Kind.PROPOSALS: _l("Priorities that donors propose, to verify"),
    Kind.STALE_PROFILES: _l("Priorities of donors past their day of review"),
    Kind.RENEWALS: _l("Ideas whose communities have not said that they are current"),
}

TARGETS: dict[Kind, tuple[str, dict[str, str]]] = {
    Kind.IDEAS_TO_CHECK: ("staff.list_ideas", {"status": "submitted", "sort": "wait"}),
    Kind.PAIRS_TO_RELEASE: ("staff.queue", {}),
    Kind.QUESTIONS: ("staff.queue", {"view": "answers", "sort": "wait"}),
    Kind.INTERESTED: ("staff.queue", {"view": "answers", "sort": "wait"}),
    Kind.TO_INTRODUCE: ("staff.queue", {"view": "introduce", "sort": "wait"}),
    Kind.SECONDING: ("staff.queue", {"view": "seconding"}),
    Kind.FOLLOW_UPS: ("staff.follow_up", {}),
    Kind.CONTACTS_DUE: ("staff.list_donors", {}),
    Kind.ACCESS_REQUESTS: ("staff.list_access_requests", {}),
    Kind.FAILED_LETTERS: ("staff.list_letters", {"status": "failed"}),
    Kind.PROPOSALS: ("staff.list_donors", {}),
    Kind.STALE_PROFILES: ("staff.list_donors", {}),
    Kind.RENEWALS: ("staff.list_ideas", {"status": "stale"}),
}


def waiting_row(row: agenda.Waiting) -> dict[str, Any]:
    """Return one kind of work as the page shows it: words, number, address, age."""
    endpoint, arguments = TARGETS[row.kind]
    return {
        "label": str(WORDS[row.kind]),
        "count": row.count,
        "href": url_for(endpoint, **arguments),
        "since": row.since,
    }


@bp.get("/")
def today() -> str:
    """Show what waits for the office and the submissions that have waited longest."""
    actor = get_actor()
    day = clock.today()
    waiting = agenda.list_waiting(actor, today=day)
    checks = idea_lists.list_to_check(
        actor, get_index(), limit=FIRST_IDEAS, now=clock.now(), today=day
    )
    return render_template(
        "staff/today.html",
        waiting=[waiting_row(row) for row in waiting],
        checks=checks,
        to_check=sum(row.count for row in waiting if row.kind is Kind.IDEAS_TO_CHECK),
        run=agenda.last_run(),
    )
