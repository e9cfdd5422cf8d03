"""The office's ideas: the list, one idea with all that belongs to it, entering for a community."""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm.exc import StaleDataError

from matcher.errors import Duplicate, Invalid, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, IdeaRevision, IdeaStatus, Section, Sensitivity
from matcher.models.user import Membership, Role
from matcher.services import (
    access,
    checking,
    decisions,
    idea_lists,
    idea_moves,
    ideas,
    progress,
    release_texts,
    taxonomy,
)
from matcher.web import clock, idea_forms, idea_versions, wording
from matcher.web.access import get_actor
from matcher.web.idea_forms import term_choices
from matcher.web.idea_words import fact, field_word, organisation_name
from matcher.web.matching import get_index
from matcher.web.staff import idea_acts, release_text  # noqa: F401  # and their routes
from matcher.web.staff.blueprint import bp
from matcher.web.staff.check_forms import ClearForm, NewBehalfForm

Answer = Any

FIRST_PAIRS = 10
# What the bar at the foot of the window offers, and what stands at the end of the page.
MAIN_ACTS = frozenset({"open", "publish", "submit", "resume", "send_confirmation", "return"})
RARE_ACTS = frozenset({"reject", "hold", "merge", "archive", "withdraw"})


# The list


def read_filter() -> idea_lists.Filter:
    """Return the filter of the address; what makes no sense there asks for nothing."""
    args = request.args
    status, sensitivity = args.get("status", ""), args.get("sensitivity", "")
    # What waits for the office: the longest wait first; all else: the latest change first.
    usual = "wait" if status == IdeaStatus.SUBMITTED else "-changed"
    sort = args.get("sort", "") or usual
    return idea_lists.Filter(
        status=IdeaStatus(status) if status in set(IdeaStatus) else None,
        community_id=args.get("community", type=int),
        sector=args.get("sector", ""),
        sensitivity=Sensitivity(sensitivity) if sensitivity in set(Sensitivity) else None,
        words=args.get("q", "")[:200],
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )


@bp.get("/ideas")
def list_ideas() -> str:
    """Show the ideas that this seat sees, by state, community, sector, class and words."""
    actor = get_actor()
    page = max(request.args.get("page", 1, type=int), 1)
    asked = read_filter()
    rows, total = idea_lists.list_page(actor, asked, page=page)
    checks = []
    if asked.status is IdeaStatus.SUBMITTED:
        found = idea_lists.look_at(actor, get_index(), rows, now=clock.now(), today=clock.today())
        checks = found
    counts = idea_lists.count_by_status(actor)
    states = [(state.value, wording.word(state), counts[state]) for state in counts_order(counts)]
    return render_template(
        "staff/ideas.html",
        ideas=rows,
        checks={row.idea.id: row for row in checks},
        chips=[("", _("All"), sum(counts.values())), *states],
        communities=[
            (row.id, organisation_name(row)) for row in idea_lists.list_communities(actor)
        ],
        sectors=term_choices(taxonomy.sectors()),
        classes=[(code, short_class(Sensitivity(code))) for code in Sensitivity],
        page=page,
        pages=max(1, ceil(total / idea_lists.PAGE)),
        total=total,
    )


def counts_order(counts: dict[IdeaStatus, int]) -> list[IdeaStatus]:
    """Return the states that have ideas: what waits for the office first."""
    first = [IdeaStatus.SUBMITTED, IdeaStatus.PUBLISHED, IdeaStatus.CHANGES_REQUESTED]
    rest = [state for state in IdeaStatus if state not in first]
    return [state for state in (*first, *rest) if counts.get(state)]


def short_class(sensitivity: Sensitivity) -> str:
    """Return the class of an idea in a word or two, for lists."""
    return {
        Sensitivity.OPEN: pgettext("class of an idea", "Open"),
        Sensitivity.AFTER_APPROVAL: pgettext("class of an idea", "After release"),
        Sensitivity.RESTRICTED: pgettext("class of an idea", "Restricted"),
    }[sensitivity]


# One idea


@bp.get("/ideas/<id:idea_id>")
def view_idea(idea_id: int) -> str:
    """Show an idea whole: text, facts, what is missing, places named, pairs, history, acts."""
    actor = get_actor()
    idea = access.get_idea(actor, idea_id)
    check = idea_lists.look_at(actor, get_index(), [idea], now=clock.now(), today=clock.today())[0]
    is_draft = idea.status is IdeaStatus.DRAFT
    return render_template(
        "staff/idea.html",
        idea=idea,
        short_class=short_class(idea.sensitivity),
        check=check,
        missing=[wording.lower_first(field_word(name)) for name in missing_of(idea, check)],
        releases=[release_row(idea, language) for language in Language],
        can_publish=any(release_texts.is_current(idea, text) for text in idea.release_texts),
        pairs=idea_lists.list_pairs(actor, idea),
        changes=revision_changes(idea.revisions),
        requests=ideas.open_requests(idea),
        confirmation=decisions.find_confirmation(idea),
        sections=section_tasks(idea) if is_draft else [],
        pairs_first=FIRST_PAIRS,
        acts=possible_acts(actor, idea),
        main_acts=MAIN_ACTS,
        rare_acts=RARE_ACTS,
        clearances=idea_lists.list_clearances([idea.id]).get(idea.id, []),
        clear_form=clear_form(actor, idea),
        section_words={section.value: wording.word(section) for section in Section},
    )


def missing_of(idea: Idea, check: idea_lists.Check) -> list[str]:
    """Return required and useful fields that are empty, each once."""
    names = [*ideas.missing_fields(idea), *check.missing, *progress.useful_facts(idea)]
    return list(dict.fromkeys(names))


def release_row(idea: Idea, language: Language) -> dict[str, Any]:
    """Return the release text of one language beside the community's own words, with marks."""
    text = release_texts.find_text(idea, language)
    marks = release_texts.marks_of(idea, language)
    return {
        "language": language.value,
        "text": text,
        "is_current": text is not None and release_texts.is_current(idea, text),
        "own": release_texts.proposals(idea).get(language),
        "open_marks": sum(mark.is_open for mark in marks),
        "spans": {name: release_text.spans(marks, name) for name in ("title", "summary")},
    }


def revision_changes(revisions: list[IdeaRevision]) -> list[dict[str, Any]]:
    """Return, newest first, what each revision changed against the one before."""
    rows = []
    for old, new in pairwise(revisions):
        names = [name for name in new.content if new.content.get(name) != old.content.get(name)]
        fields = [
            {
                "label": field_word(name),
                "old": fact(old.content, name),
                "new": fact(new.content, name),
            }
            for name in names
            if name != "currency"
        ]
        rows.append({"revision": new, "fields": fields})
    return rows[::-1]


def section_tasks(idea: Idea) -> list[dict[str, Any]]:
    """Return the sections of a draft that the office enters, as a task list."""
    return [
        {
            "label": wording.word(row.section),
            "href": url_for(".edit_section", idea_id=idea.id, section=row.section.value),
            "status": row.state.value,
            "status_label": section_state(row.state),
        }
        for row in progress.section_progress(idea)
    ]


def section_state(state: progress.SectionState) -> str:
    """Return the word for how far a section is."""
    return {
        progress.SectionState.NOT_STARTED: _("not started"),
        progress.SectionState.IN_PROGRESS: _("in progress"),
        progress.SectionState.DONE: _("done"),
        progress.SectionState.NEEDS_CHANGE: _("needs a change"),
    }[state]


def possible_acts(actor: Membership, idea: Idea) -> frozenset[str]:
    """Return the acts that this seat may do with the idea in its present state."""
    moves = idea_moves.MOVES
    names = ("publish", "return", "reject", "hold", "resume", "archive")
    acts = {name for name in names if idea.status in moves[name].sources}
    if "archive" in acts:
        acts.add("merge")
    if idea.status is IdeaStatus.SUBMITTED and idea.opened_at is None:
        acts.add("open")
    if idea.status in release_texts.WRITABLE:
        acts.add("release_text")
    if idea.status is IdeaStatus.PUBLISHED and decisions.find_confirmation(idea) is None:
        acts.add("send_confirmation")
    if idea.entered_by_office and ideas.open_sections(idea):
        acts.add("edit")
        if ideas.has_unsubmitted_changes(idea) and not ideas.missing_fields(idea):
            acts.add("submit")
    if actor.role is Role.LEAD and idea.status in idea_moves.OPEN:
        acts.add("withdraw")
    return frozenset(acts)


def clear_form(actor: Membership, idea: Idea) -> ClearForm | None:
    """Return the form that names a person for a restricted idea, for leads."""
    if actor.role is not Role.LEAD or idea.sensitivity is not Sensitivity.RESTRICTED:
        return None
    known = checking.cleared_ids([idea.id]).get(idea.id, set())
    form = ClearForm(formdata=None)
    form.person.choices = [
        (person.id, person.name)
        for person in access.office_people(roles={Role.STAFF})
        if person.id not in known
    ]
    return form if form.person.choices else None


# Entering an idea for a community


@bp.route("/ideas/new", methods=["GET", "POST"])
def create_idea() -> Answer:
    """Start a draft for a community that telephones or sends paper."""
    form = NewBehalfForm()
    form.prepare()
    if form.validate_on_submit():
        try:
            idea = checking.create_on_behalf(
                get_actor(),
                form.community.data,
                title=form.title.data,
                summary=form.summary.data,
                key=form.key.data,
                now=clock.now(),
            )
        except Duplicate as duplicate:
            return show_other_draft(form, duplicate)
        except Invalid as error:
            db.session.rollback()
            form.community.errors = [wording.error(error)]
            return render_template("staff/idea_new.html", form=form), 422
        db.session.commit()
        flash(_("The draft is saved. Fill in the sections, then submit it."), "success")
        return redirect(url_for(".view_idea", idea_id=idea.id))
    return render_template("staff/idea_new.html", form=form), 422 if form.errors else 200


def show_other_draft(form: NewBehalfForm, duplicate: Duplicate) -> Answer:
    """The same form came with other content: show both texts, overwrite neither."""
    subject_id = duplicate.details.get("subject_id")
    if not isinstance(subject_id, int):
        raise duplicate
    saved = access.get_idea(get_actor(), subject_id)
    rows = [
        {"label": field_word(name), "mine": form[name].data, "saved": getattr(saved, name)}
        for name in ("title", "summary")
        if form[name].data != getattr(saved, name)
    ]
    fields = [(name, str(form[name].data)) for name in ("title", "summary", "community")]
    fields.append(("key", NewBehalfForm(formdata=None).key.data))
    page = render_template(
        "staff/idea_stale.html",
        rows=rows,
        fields=fields,
        action=url_for(".create_idea"),
        keep=url_for(".view_idea", idea_id=saved.id),
        message=wording.ERRORS["form_key"],
        mine_label=_("Save mine as another draft"),
    )
    return page, 409


@bp.route("/ideas/<id:idea_id>/<section>/edit", methods=["GET", "POST"])
def edit_section(idea_id: int, section: str) -> Answer:
    """Change one section of an idea that the office entered."""
    if section not in set(Section):
        raise NotFound("section")
    part, actor = Section(section), get_actor()
    idea = ideas.get_editable(actor, idea_id)
    if part not in ideas.open_sections(idea):
        raise WrongState("section")
    form = idea_forms.section_form(idea, part)
    if form.validate_on_submit():
        try:
            ideas.save_section(
                actor,
                idea.id,
                part,
                form.values(),
                now=clock.now(),
                version=idea_forms.seen_version(idea, part, form),
                partner_ids=form.partner_ids(),
            )
            db.session.commit()
        except (Stale, StaleDataError):
            db.session.rollback()
            return show_stale_section(actor, idea_id, part, form)
        flash(_("Saved: %(section)s.", section=wording.word(part)), "success")
        return redirect(url_for(".view_idea", idea_id=idea.id))
    page = render_template("staff/idea_section.html", form=form, idea=idea, section=part)
    return page, 422 if form.errors else 200


def show_stale_section(
    actor: Membership, idea_id: int, section: Section, form: idea_forms.SectionForm
) -> Answer:
    """Somebody saved this section meanwhile: show both texts with a form to choose."""
    idea = ideas.get_editable(actor, idea_id)
    saved = idea_versions.stored_form(idea, section)
    again = {"version": str(idea.version), "seen": idea_forms.section_digest(idea, section)}
    fields = [
        (name, again.get(name, value))
        for name in request.form
        if name not in ("csrf_token", "_restored")
        for value in request.form.getlist(name)
    ]
    page = render_template(
        "staff/idea_stale.html",
        rows=idea_versions.differences(form, saved),
        fields=fields,
        action=request.path,
        keep=url_for(".edit_section", idea_id=idea_id, section=section.value),
        message=wording.ERRORS["stale"],
        mine_label=_("Save mine instead"),
    )
    return page, 409
