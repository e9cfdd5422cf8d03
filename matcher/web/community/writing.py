"""Writing an idea: the first save, one section after the other, checking, submitting."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from matcher.errors import Duplicate, Invalid, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus, Section
from matcher.models.user import Membership, Role
from matcher.services import access, following, ideas, matching, progress, settings
from matcher.web import clock, idea_forms, idea_versions, wording
from matcher.web.access import get_actor
from matcher.web.community import words
from matcher.web.community.blueprint import bp
from matcher.web.community.forms import CheckForm
from matcher.web.idea_words import field_word
from matcher.web.matching import get_index

Answer = Any


@bp.route("/ideas/new", methods=["GET", "POST"])
def create_idea() -> Answer:
    """Make a draft from a title and a summary."""
    form = idea_forms.NewIdeaForm()
    if form.validate_on_submit():
        try:
            idea = start(form)
        except Duplicate as duplicate:
            return show_other_draft(form, duplicate)
        db.session.commit()
        flash(_("The draft “%(title)s” is saved. Go on when it suits you.", title=idea.title))
        return redirect(url_for(".view_idea", idea_id=idea.id))
    return render_template("community/new.html", form=form), 422 if form.errors else 200


def start(form: idea_forms.NewIdeaForm) -> Idea:
    """Make the draft; of two clicks at the same moment the second finds the first one's."""
    for is_last in (False, True):
        try:
            return ideas.start_draft(
                get_actor(),
                title=form.title.data,
                summary=form.summary.data,
                key=form.key.data,
                now=clock.now(),
            )
        except Duplicate as duplicate:
            if is_last or duplicate.details.get("subject_id") is not None:
                raise
            db.session.rollback()
    raise AssertionError("the second try returns or raises")


def show_other_draft(form: idea_forms.NewIdeaForm, duplicate: Duplicate) -> Answer:
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
    fields = [("title", form.title.data), ("summary", form.summary.data)]
    fields.append(("key", idea_forms.NewIdeaForm(formdata=None).key.data))
    page = render_template(
        "community/stale.html",
        rows=rows,
        fields=fields,
        action=url_for(".create_idea"),
        keep=url_for(".view_idea", idea_id=saved.id),
        message=wording.ERRORS["form_key"],
        mine_label=_("Save mine as another draft"),
    )
    return page, 409


def get_section(code: str) -> Section:
    """Return the section of a code in an address; raises NotFound."""
    try:
        return Section(code)
    except ValueError as error:
        raise NotFound("section") from error


@bp.route("/ideas/<id:idea_id>/<section>/edit", methods=["GET", "POST"])
def edit_section(idea_id: int, section: str) -> Answer:
    """Change the fields of one section."""
    part = get_section(section)
    actor = get_actor()
    idea = ideas.get_editable(actor, idea_id)
    if part not in ideas.open_sections(idea):
        raise WrongState("section")
    form = idea_forms.section_form(idea, part)
    if form.validate_on_submit():
        try:
            save(actor, idea, part, form)
            db.session.commit()
        except (Stale, StaleDataError):
            db.session.rollback()
            return show_stale(actor, idea_id, part, form)
        flash(_("Saved: %(section)s.", section=wording.word(part)), "success")
        warn_of_places(idea, part)
        return redirect(next_page(idea))
    request_row = ideas.open_requests(idea).get(part)
    page = render_template(
        "community/section.html",
        form=form,
        idea=idea,
        section=part,
        note=request_row.note if request_row else None,
        back=next_page(idea),
    )
    return page, 422 if form.errors else 200


def warn_of_places(idea: Idea, section: Section) -> None:
    """Say which words of the texts for outsiders give a place away; nothing is refused."""
    fragments = progress.telling_fragments(idea) if section is Section.ESSENCE else []
    if fragments:
        found = ", ".join(f"«{fragment}»" for fragment in fragments[:5])
        flash(
            _("Outsiders should not learn exact places. Look again at: %(text)s", text=found),
            "warning",
        )


def save(actor: Membership, idea: Idea, section: Section, form: idea_forms.SectionForm) -> None:
    """Hand the section to the service."""
    ideas.save_section(
        actor,
        idea.id,
        section,
        form.values(),
        now=clock.now(),
        version=idea_forms.seen_version(idea, section, form),
        partner_ids=form.partner_ids(),
    )


def next_page(idea: Idea) -> str:
    """Return where a section leads back to: the page that sent the reader here, or the idea."""
    if request.args.get("from") == "check":
        return url_for(".check_answers", idea_id=idea.id)
    return url_for(".view_idea", idea_id=idea.id)


def show_stale(
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
        "community/stale.html",
        rows=idea_versions.differences(form, saved),
        fields=fields,
        action=request.full_path.rstrip("?"),
        keep=url_for(".edit_section", idea_id=idea_id, section=section.value),
        message=wording.ERRORS["stale"],
        mine_label=_("Save mine instead"),
    )
    return page, 409


@bp.route("/ideas/<id:idea_id>/check", methods=["GET", "POST"])
def check_answers(idea_id: int) -> Answer:
    """Read everything once more, agree and submit."""
    actor = get_actor()
    idea = ideas.get_editable(actor, idea_id)
    form = CheckForm(data={"version": idea.version})
    if form.validate_on_submit():
        try:
            return submit(actor, idea_id, form)
        except Invalid:
            db.session.rollback()
    elif not may_submit(actor, idea):
        return redirect(url_for(".view_idea", idea_id=idea_id))
    idea = ideas.get_editable(actor, idea_id)
    missing = ideas.missing_fields(idea)
    page = render_template(
        "community/check.html",
        form=form,
        idea=idea,
        editable=ideas.open_sections(idea),
        missing=[words.missing_item(idea, name) for name in missing],
        unchanged=is_unchanged(idea),
        fragments=progress.telling_fragments(idea),
        signs=idea.status is IdeaStatus.AWAITING_SIGNOFF,
        to_head=ideas.needs_signoff(actor, idea),
        section_url=words.section_url,
        sections={section.value: wording.word(section) for section in Section},
    )
    return page, 422 if form.is_submitted() else 200


def submit(actor: Membership, idea_id: int, form: CheckForm) -> Answer:
    """Submit once, rank a changed published idea anew, show what happens next."""
    now, today = clock.now(), clock.today()
    idea = following.submit_once(
        actor, idea_id, key=form.key.data, version=form.version.data, now=now
    )
    if idea.status is IdeaStatus.PUBLISHED:
        matching.rank_idea(get_index(), idea, now=now, today=today)
    db.session.commit()
    return redirect(url_for(".submitted", idea_id=idea_id))


def may_submit(actor: Membership, idea: Idea) -> bool:
    """Tell whether there is something to check: a text that this reader may send."""
    if idea.status is IdeaStatus.AWAITING_SIGNOFF:
        return actor.role is Role.HEAD
    return bool(ideas.open_sections(idea))


def is_unchanged(idea: Idea) -> bool:
    """Tell whether a published idea stands as it was last submitted."""
    is_revised = idea.status in (IdeaStatus.PUBLISHED, IdeaStatus.STALE)
    return is_revised and not ideas.has_unsubmitted_changes(idea)


@bp.get("/ideas/<id:idea_id>/submitted")
def submitted(idea_id: int) -> Answer:
    """Say what was received, under which number, and what happens by when."""
    idea = access.get_own_idea(get_actor(), idea_id)
    if idea.status is IdeaStatus.DRAFT:
        return redirect(url_for(".view_idea", idea_id=idea_id))
    return render_template(
        "community/submitted.html",
        idea=idea,
        office_email=settings.read("sender"),
        can_recall=idea.status is IdeaStatus.SUBMITTED and idea.opened_at is None,
    )
