"""The queue of pairs: saved views, filters, and one decision on many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from matcher.errors import MatcherError
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.match import Match, MatchStatus
from matcher.models.user import Membership
from matcher.services import decisions, queue, taxonomy
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.auth.forms import one_line
from matcher.web.converters import LARGEST_ID
from matcher.web.filters import localised
from matcher.web.staff import pair_words
from matcher.web.staff.blueprint import bp
from matcher.web.staff.pair_forms import SelectedForm

Answer = Any

VIEWS = {
    "look": _l("To look at"),
    "waiting": _l("All that wait"),
    "release": _l("To release"),
    "answers": _l("Donors’ answers"),
    "approve": _l("To approve"),
    "introduce": _l("To introduce"),
    "old": _l("Over 7 days"),
    "returned": _l("Returned pairs"),
    "mine": _l("My pairs"),
    "seconding": _l("For a second person"),
    "with_donor": _l("With donors"),
    "closed": _l("Closed pairs"),
}
SORTS = {
    "fit": _l("The strongest fit first"),
    "wait": _l("The longest wait first"),
    "amount": _l("The largest amount first"),
    "title": _l("By title"),
}
EMPTY = {
    "look": _l("Nothing to look at. New pairs come when ideas are published."),
    "waiting": _l("Nothing waits for a decision. New pairs come when ideas are published."),
    "release": _l("Every suggestion has been looked at. Publish ideas or check the donors’ data."),
    "answers": _l("No donor waits for an answer. See which pairs are with donors now."),
    "approve": _l("Nothing can be approved now: a donor’s yes and a confirmed idea are needed."),
    "introduce": _l("No approved pair waits for its introduction."),
    "old": _l("Nothing has waited for more than a week."),
    "returned": _l("No pair has come back."),
    "mine": _l("You have acted on no open pair yet. Start with those that wait for release."),
    "seconding": _l("Nobody asks for a second person."),
    "with_donor": _l("No pair is with a donor now. Release the best suggestions."),
    "closed": _l("No pair has been closed yet."),
}
KEYS = ("view", "q", "donor", "community", "raion", "band", "eligibility", "sector", "sort")


def read_filter() -> queue.Filter:
    """Return what the address asks for; what makes no sense asks for nothing."""
    args = request.args
    view, sort = args.get("view", ""), args.get("sort", "")
    return queue.Filter(
        view=view if view in VIEWS else "look",
        words=one_line(args.get("q", "")[:200]),
        donor_id=row_id(args.get("donor")),
        community_id=row_id(args.get("community")),
        raion=args.get("raion", "")[:19],
        band=args.get("band", "") if args.get("band") in wording.BANDS else "",
        eligibility=args.get("eligibility", "")
        if args.get("eligibility") in wording.OUTCOMES
        else "",
        sector=args.get("sector", "")[:3],
        sort=sort if sort in SORTS else "fit",
    )


def row_id(text: str | None) -> int | None:
    """Return an id of the address, or None when it cannot be one."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def queue_args() -> dict[str, str]:
    """Return the reader's place in the queue, to carry it from page to page."""
    return {key: request.args[key][:200] for key in KEYS if request.args.get(key)}


def queue_url() -> str:
    """Return the address of the view one came from; the first view needs no name."""
    args = queue_args()
    if args.get("view") == "look":
        del args["view"]
    return url_for("staff.queue", **args)


@bp.get("/queue", endpoint="queue")
def list_queue() -> Answer:
    """Show the pairs that wait, those of one idea together, its best donor first."""
    return show_queue(get_actor(), SelectedForm(formdata=None))


def show_queue(actor: Membership, form: SelectedForm, chosen: Sequence[int] = ()) -> str:
    """Render the queue."""
    asked = read_filter()
    number = row_id(request.args.get("page")) or 1
    page = queue.list_queue(actor, asked, page=number, now=clock.now())
    donors, communities = queue.parties(actor, asked, now=clock.now())
    args = {**queue_args(), "view": asked.view}
    raions = {row.raion_code: localised(row, "raion") for row in communities if row.raion_code}
    return render_template(
        "staff/queue.html",
        listed=page,
        groups=group_by_idea(page.rows),
        views=[
            ("" if view == "look" else view, str(label), page.counts[view])
            for view, label in VIEWS.items()
        ],
        view=asked.view,
        empty_text=str(EMPTY[asked.view]),
        is_narrowed=any(key in request.args for key in KEYS[1:-1]),
        sorts=list(SORTS.items()),
        bands=list(wording.BANDS.items()),
        outcomes=list(wording.OUTCOMES.items()),
        sectors=[(code, localised(term, "name")) for code, term in taxonomy.sectors().items()],
        donors=pair_words.named(donors),
        communities=pair_words.named(communities),
        raions=sorted(raions.items(), key=lambda row: row[1]),
        args=args,
        form=form,
        chosen=frozenset(chosen),
        can_decide=any(row.status is MatchStatus.SUGGESTED for row in page.rows),
        load_text=pair_words.load_text,
    )


def group_by_idea(rows: Sequence[Match]) -> list[list[Match]]:
    """Return the rows in groups of one idea, in their order."""
    groups: dict[int, list[Match]] = defaultdict(list)
    for row in rows:
        groups[row.idea_id].append(row)
    return list(groups.values())


@bp.post("/queue/decide")
def decide_selected() -> Answer:
    """Release or dismiss the ticked pairs; say which did not go and why."""
    actor = get_actor()
    form = SelectedForm()
    ids = [match_id for match_id in form.match_id.data or [] if 0 < match_id <= LARGEST_ID]
    if form.validate_on_submit():
        problem = check_selection(form, ids)
        if problem is None:
            return decide(actor, form, list(dict.fromkeys(ids)))
        form.form_errors.append(problem)
    return show_queue(actor, form, ids), 422 if form.errors else 200


def check_selection(form: SelectedForm, ids: Sequence[int]) -> str | None:
    """Return what is missing before the decision, or None."""
    if form.act.data not in ("release", "dismiss"):
        return _("Choose what to do with the pairs.")
    if not ids:
        return _("Tick at least one pair.")
    if form.act.data == "dismiss" and not form.reason.data:
        return _("Choose a reason: the engine and your colleagues learn from it.")
    if form.act.data == "dismiss" and form.reason.data == Reason.OTHER and not form.note.data:
        return str(wording.ERRORS["reason_text"])
    return None


def decide(actor: Membership, form: SelectedForm, ids: list[int]) -> Answer:
    """Do it, and go back to the queue with what came of it."""
    reason = Reason(form.reason.data) if form.act.data == "dismiss" else None
    done, refused = decisions.decide_many(
        actor,
        ids,
        form.act.data,
        now=clock.now(),
        today=clock.today(),
        reason=reason,
        note=form.note.data or "",
        versions=seen_versions(form),
    )
    tell_done(done, form.act.data)
    tell_refused(actor, refused)
    db.session.commit()
    return redirect(queue_url())


def seen_versions(form: SelectedForm) -> dict[int, int]:
    """Return which version of each pair the reader saw; what is garbled counts as version 0."""
    pairs = [value.partition(":") for value in form.seen.data or []]
    return {
        match_id: row_id(version) or 0
        for text, _colon, version in pairs
        if (match_id := row_id(text)) is not None
    }


def tell_done(done: Sequence[Match], act: str) -> None:
    """Say how many pairs went."""
    asked = sum(1 for row in done if row.status is MatchStatus.SUGGESTED)
    moved = len(done) - asked
    if moved and act == "release":
        flash(ngettext("%(num)s pair released.", "%(num)s pairs released.", moved), "success")
    elif moved:
        flash(ngettext("%(num)s pair dismissed.", "%(num)s pairs dismissed.", moved), "success")
    if asked:
        text = ngettext(
            "%(num)s restricted pair waits for a second person.",
            "%(num)s restricted pairs wait for a second person.",
            asked,
        )
        flash(text, "warning")


def tell_refused(actor: Membership, refused: Sequence[tuple[int, MatcherError]]) -> None:
    """Say which pairs stayed, grouped by the cause; only those that the reader may see."""
    seen = queue.list_pairs(actor, [match_id for match_id, _error in refused])
    names = {row.id: pair_words.pair_name(row) for row in seen}
    causes: dict[str, list[str]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for match_id, error in refused:
        cause = pair_words.block_text(error)
        counts[cause] += 1
        if match_id in names:
            causes[cause].append(names[match_id])
    for cause, count in counts.items():
        text = ngettext(
            "%(num)s pair stayed: %(cause)s",
            "%(num)s pairs stayed: %(cause)s",
            count,
            cause=cause,
        )
        listed = "; ".join(causes[cause][:5])
        flash(
            f"{text} ({listed}{'…' if len(causes[cause]) > 5 else ''})" if listed else text,
            "warning",
        )
