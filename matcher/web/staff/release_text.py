"""Writing the text that outsiders read: the original beside it, every place marked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from matcher.errors import NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea
from matcher.models.user import Membership
from matcher.services import release_texts
from matcher.services.release_texts import TextMark, Wording
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.staff.blueprint import bp
from matcher.web.staff.check_forms import ReleaseTextForm

Answer = Any


def field_of(fragment: str) -> str:
    """Return the name of the field that asks why a marked fragment may stand."""
    return "reason-" + hashlib.sha256(fragment.encode()).hexdigest()[:12]


@bp.route("/ideas/<id:idea_id>/release-text/<language>", methods=["GET", "POST"])
def edit_release_text(idea_id: int, language: str) -> Answer:
    """Write, save and confirm the title and summary in one language."""
    if language not in set(Language):
        raise NotFound("language")
    actor, tongue = get_actor(), Language(language)
    idea = release_texts.get_writable(actor, idea_id)
    form = ReleaseTextForm(data=starting_point(idea, tongue))
    given = given_reasons(idea, form) if form.is_submitted() else {}
    if form.validate_on_submit() and request.form.get("act") in ("save", "confirm"):
        try:
            return store(actor, idea, tongue, form, given)
        except Stale:
            db.session.rollback()
            return show_stale(actor, idea_id, tongue, form)
        except WrongState as error:
            if error.code not in ("release_text_marks", "release_text_read"):
                raise
            db.session.rollback()
            form.form_errors.append(wording.error(error))
    idea = release_texts.get_writable(actor, idea_id)
    accepted = {**release_texts.accepted_reasons(idea), **given}
    return show(idea, tongue, form, accepted), 422 if form.errors else 200


def starting_point(idea: Idea, language: Language) -> dict[str, str]:
    """Return what the form holds at first: the stored text, else the community's own words."""
    text = release_texts.find_text(idea, language)
    source = text or release_texts.proposals(idea).get(language) or Wording("", "")
    return {
        "title": source.title,
        "summary": source.summary,
        "origin": source.origin.value,
        "seen": release_texts.digest(text),
    }


def marks_of_form(form: ReleaseTextForm, accepted: Mapping[str, str]) -> list[TextMark]:
    """Return the marks of what stands in the form now."""
    text = Wording(form.title.data or "", form.summary.data or "")
    return release_texts.marks_in(text, accepted)


def given_reasons(idea: Idea, form: ReleaseTextForm) -> dict[str, str]:
    """Return the reasons that were sent, by fragment; an empty one takes a consent back."""
    names = {row.mark.fragment: field_of(row.mark.fragment) for row in marks_of_form(form, {})}
    return {
        fragment: request.form[name].strip()[:500]
        for fragment, name in names.items()
        if name in request.form
    }


def store(
    actor: Membership,
    idea: Idea,
    language: Language,
    form: ReleaseTextForm,
    accepted: Mapping[str, str],
) -> Answer:
    """Save the wording, and confirm it when the reader pressed that button."""
    confirm = request.form["act"] == "confirm"
    release_texts.save(
        actor,
        idea.id,
        language,
        title=form.title.data,
        summary=form.summary.data,
        origin=form.text_origin,
        accepted=accepted,
        confirm=confirm,
        seen=form.seen.data or "",
        now=clock.now(),
    )
    db.session.commit()
    if confirm:
        flash(_("The text is confirmed: this is what donors and the public read."), "success")
        return redirect(url_for(".view_idea", idea_id=idea.id))
    flash(_("Saved. Nobody outside reads the text before it is confirmed."), "success")
    return redirect(url_for(".edit_release_text", idea_id=idea.id, language=language.value))


def show(idea: Idea, language: Language, form: ReleaseTextForm, accepted: Mapping[str, str]) -> str:
    """Show the form with the original beside it and a field for every marked fragment."""
    marks = marks_of_form(form, accepted)
    text = release_texts.find_text(idea, language)
    proposals = release_texts.proposals(idea)
    return render_template(
        "staff/release_text.html",
        idea=idea,
        language=language.value,
        other_language=next(one.value for one in Language if one is not language),
        form=form,
        text=text,
        is_current=text is not None and release_texts.is_current(idea, text),
        is_read=text is not None
        and text.reviewed_at is not None
        and idea.status in release_texts.IN_USE,
        originals=[(one.value, proposals[one]) for one in Language if one in proposals],
        marks=[
            {
                "number": number,
                "fragment": row.mark.fragment,
                "kind": row.mark.kind,
                "name": field_of(row.mark.fragment),
                "reason": accepted.get(row.mark.fragment, ""),
            }
            for number, row in enumerate(unique(marks), start=1)
        ],
        spans={name: spans(marks, name) for name in ("title", "summary")},
    )


def unique(marks: list[TextMark]) -> list[TextMark]:
    """Return the marks with each fragment once: one reason holds wherever it stands."""
    return list({row.mark.fragment: row for row in reversed(marks)}.values())[::-1]


def spans(marks: list[TextMark], field: str) -> list[tuple[int, int, int]]:
    """Return the marks of a field for the macro `marked`; the same fragment, the same number."""
    numbers = {row.mark.fragment: number for number, row in enumerate(unique(marks), start=1)}
    return [
        (row.mark.start, row.mark.end, numbers[row.mark.fragment])
        for row in marks
        if row.field == field
    ]


def show_stale(
    actor: Membership, idea_id: int, language: Language, form: ReleaseTextForm
) -> Answer:
    """A colleague saved this text meanwhile: show both with a form to choose."""
    idea = release_texts.get_writable(actor, idea_id)
    text = release_texts.find_text(idea, language)
    saved = text or Wording("", "")
    rows = [
        {
            "label": str(form[name].label.text),
            "mine": form[name].data,
            "saved": getattr(saved, name),
        }
        for name in ("title", "summary")
        if form[name].data != getattr(saved, name)
    ]
    again = {"seen": release_texts.digest(text)}
    fields = [
        (name, again.get(name, value))
        for name, value in request.form.items()
        if name not in ("csrf_token", "_restored")
    ]
    page = render_template(
        "staff/idea_stale.html",
        rows=rows,
        fields=fields,
        action=request.path,
        keep=url_for(".edit_release_text", idea_id=idea_id, language=language.value),
        message=wording.ERRORS["stale"],
        mine_label=_("Save mine instead"),
    )
    return page, 409
