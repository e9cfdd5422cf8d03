"""The community's ideas: the list, one idea as a task list or as a road, its revisions."""

from __future__ import annotations

from math import ceil

from flask import render_template, request
from flask_babel import gettext as _

from matcher.models.idea import Idea, IdeaStatus
from matcher.models.user import Membership
from matcher.services import access, following, idea_moves, ideas, progress, similar
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.community import words
from matcher.web.community.blueprint import bp
from matcher.web.community.forms import CopyForm
from matcher.web.idea_words import NOTES_FOR_COMMUNITY
from matcher.web.matching import get_index

PER_PAGE = 25
VIEWS: dict[str, frozenset[IdeaStatus]] = {
    "": frozenset(IdeaStatus),
    "writing": frozenset(
        {IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF, IdeaStatus.CHANGES_REQUESTED}
    ),
    "open": frozenset(
        {IdeaStatus.SUBMITTED, IdeaStatus.PUBLISHED, IdeaStatus.ON_HOLD, IdeaStatus.STALE}
    ),
    "closed": frozenset({IdeaStatus.REJECTED, IdeaStatus.WITHDRAWN, IdeaStatus.ARCHIVED}),
}


@bp.get("/ideas")
def list_ideas() -> str:
    """Show the ideas of one's own organisation and those it takes part in."""
    actor = get_actor()
    rows = ideas.list_ideas(actor)
    view = request.args.get("view", "")
    chosen = [row for row in rows if row.status in VIEWS.get(view, VIEWS[""])]
    pages = max(1, ceil(len(chosen) / PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    counts = {name: sum(row.status in states for row in rows) for name, states in VIEWS.items()}
    on_page = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
    return render_template(
        "community/ideas.html",
        ideas=on_page,
        standings=following.standings(actor, on_page, today=clock.today()),
        next_step=words.next_step,
        chips=[
            ("", _("All"), counts[""]),
            ("writing", _("Being written"), counts["writing"]),
            ("open", _("With the office and donors"), counts["open"]),
            ("closed", _("Closed ideas"), counts["closed"]),
        ],
        page=page,
        pages=pages,
        total=len(chosen),
        copy_form=CopyForm(),
    )


@bp.get("/ideas/<id:idea_id>")
def view_idea(idea_id: int) -> str:
    """Show a draft as its task list, any other idea as the road it has gone."""
    actor = get_actor()
    idea = access.get_idea(actor, idea_id)
    if idea.status is IdeaStatus.DRAFT and idea.organisation_id == actor.organisation_id:
        return show_draft(actor, idea)
    return show_road(actor, idea)


def show_draft(actor: Membership, idea: Idea) -> str:
    """Show a draft as a task list with hints."""
    sections = progress.section_progress(idea)
    missing = [name for row in sections for name in row.missing]
    useful = [name for name in progress.useful_facts(idea) if name not in missing]
    hints = similar.find_hints(get_index(), actor, idea, now=clock.now(), today=clock.today())
    return render_template(
        "community/draft.html",
        idea=idea,
        tasks=words.task_items(idea, sections, ideas.open_sections(idea)),
        done=progress.count_done(sections),
        missing=ideas.missing_fields(idea),
        tips=[str(words.HINTS[name]) for name in (*missing, *useful) if name in words.HINTS][:4],
        similar_ideas=hints.similar,
        donors=str(words.DONOR_STEPS[hints.donors]) if hints.donors else "",
        sent_back=last_note(idea, "send_back"),
        copy_form=CopyForm(),
    )


def show_road(actor: Membership, idea: Idea) -> str:
    """Show the steps, what waits for the reader, the pairs and the history."""
    pairs = following.list_pairs(actor, idea)
    waiting = following.needs(actor, idea, pairs, today=clock.today())
    is_own = idea.organisation_id == actor.organisation_id
    editable = ideas.open_sections(idea) if is_own else frozenset()
    return render_template(
        "community/idea.html",
        idea=idea,
        is_own=is_own,
        insiders=insiders(actor) if is_own else (),
        notes=NOTES_FOR_COMMUNITY if is_own else (),
        needs=[words.need_item(idea, row) for row in waiting],
        steps=words.step_items(following.steps(idea, pairs)),
        pairs=[words.pair_item(pair) for pair in pairs],
        requests=ideas.open_requests(idea),
        tasks=words.task_items(idea, progress.section_progress(idea), editable) if editable else [],
        can_recall=is_own and idea.status is IdeaStatus.SUBMITTED and idea.opened_at is None,
        can_withdraw=is_own and idea.status in idea_moves.OPEN,
        reason=words.REJECTIONS.get(idea.reason) if idea.reason else None,
        copy_form=CopyForm(),
    )


def insiders(actor: Membership) -> set[int]:
    """Return the people whose names a reader of this organisation may see."""
    return {user.id for user in access.people_of(actor.organisation_id)}


def last_note(idea: Idea, act: str) -> str:
    """Return the words of the latest act if it was this one."""
    last = idea.events[-1] if idea.events else None
    return last.note if last is not None and last.act == act else ""


@bp.get("/ideas/<id:idea_id>/revisions/<int:number>")
def view_revision(idea_id: int, number: int) -> str:
    """Show a submitted text as it was."""
    actor = get_actor()
    revision = ideas.get_revision(actor, idea_id, min(number, 2**31 - 1))
    return render_template(
        "community/revision.html",
        revision=revision,
        idea=revision.idea,
        shows_author=revision.created_by_id in insiders(actor),
    )
