"""Donors' priorities and calls: entered, changed, verified, ended; proposals decided."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.errors import Duplicate, Invalid, NotFound, Stale
from matcher.extensions import db
from matcher.models.profile import CallState, Profile, ProfileKind, ProfileRevision, ProposalStatus
from matcher.services import donors, matching, profiles
from matcher.services.freshness import Freshness
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.auth.forms import one_line, show_error
from matcher.web.forms import VersionedForm
from matcher.web.matching import get_index
from matcher.web.profile_forms import ProfileForm, initial_values, new_profile_form, profile_form
from matcher.web.profile_words import change_rows, rule_rows, text_rows, theme_rows
from matcher.web.staff.blueprint import bp
from matcher.web.staff.donor_forms import DecisionForm
from matcher.web.staff.list_pages import chosen_code, show_both, slice_page, status_of
from matcher.web.wording import WORDS

Answer = Any
VIEWS = ("", "open", "waiting", "overdue", "over")


@bp.get("/calls")
def list_calls() -> str:
    """List all priorities and calls by deadline, with what waits for a check."""
    rows = profiles.list_profiles(
        get_actor(), today=clock.today(), kind=chosen_code(ProfileKind, "kind")
    )
    words = one_line(request.args.get("q"))[:200].casefold()
    rows = [row for row in rows if says(row.profile, words)]
    counts = {view: sum(is_in_view(row, view) for row in rows) for view in VIEWS}
    view = request.args.get("view", "")
    shown = [row for row in rows if is_in_view(row, view)]
    part, page, pages = slice_page(shown)
    return render_template(
        "staff/calls.html",
        rows=part,
        counts=counts,
        kinds=[(code.value, word) for code, word in WORDS[ProfileKind].items()],
        page=page,
        pages=pages,
        total=len(shown),
    )


def says(profile: Profile, words: str) -> bool:
    """Tell whether all words stand in the titles or in the donor's names."""
    donor = profile.organisation
    text = " ".join((profile.title_uk, profile.title_en, donor.name_uk, donor.name_en)).casefold()
    return all(word in text for word in words.split())


def is_in_view(row: profiles.ProfileRow, view: str) -> bool:
    """Tell whether a saved view shows the row."""
    is_over = row.profile.ended or row.state is CallState.CLOSED
    late = row.freshness not in (Freshness.FRESH,)
    tests = {
        "open": not is_over,
        "waiting": row.proposal is not None and not row.profile.ended,
        "overdue": late and not is_over,
        "over": is_over,
    }
    return tests.get(view, True)


@bp.get("/profiles/<id:profile_id>")
def view_profile(profile_id: int) -> str:
    """Show one profile with its rules, its history and what waits for a decision."""
    profile = profiles.get_profile(get_actor(), profile_id)
    return show_profile(profile, DecisionForm(formdata=None))


def show_profile(profile: Profile, form: DecisionForm) -> str:
    """Render the page of a profile."""
    row = profiles.as_row(profile, today=clock.today())
    return render_template(
        "staff/profile.html",
        profile=profile,
        row=row,
        texts=text_rows(profile),
        themes=theme_rows(profile),
        rules=rule_rows(profile, profile.kind),
        changes=change_rows(profile, row.proposal.content) if row.proposal else [],
        history=[revision_item(revision) for revision in reversed(profile.revisions)],
        form=form,
    )


def revision_item(revision: ProfileRevision) -> dict[str, Any]:
    """Return one wording of the past for the timeline."""
    if profiles.was_replaced(revision):
        label = _("Wording %(number)s: replaced by a newer one", number=revision.number)
    else:
        label = {
            ProposalStatus.PROPOSED: _("Wording %(number)s: proposed", number=revision.number),
            ProposalStatus.VERIFIED: _("Wording %(number)s: in force", number=revision.number),
            ProposalStatus.DECLINED: _("Wording %(number)s: declined", number=revision.number),
        }[revision.status]
    who = revision.decided_by or revision.proposed_by
    is_open = revision.status is ProposalStatus.PROPOSED
    return {
        "label": label,
        "state": "now" if is_open else "done",
        "when": revision.decided_at or revision.proposed_at,
        "who": who.name if who else "",
        "note": revision.note,
    }


def rank(profile: Profile) -> None:
    """Rank the ideas anew for a profile that has changed, in the same transaction."""
    matching.rank_profile(get_index(), profile, now=clock.now(), today=clock.today())


@bp.route("/donors/<id:organisation_id>/profiles/new", methods=["GET", "POST"])
def create_profile(organisation_id: int) -> Answer:
    """Enter a donor's priorities or a call (``?kind=call``)."""
    actor = get_actor()
    donor = donors.get_donor(actor, organisation_id)
    kind = chosen_code(ProfileKind, "kind") or ProfileKind.STANDING
    form = new_profile_form(kind)
    if form.validate_on_submit():
        try:
            profile = profiles.create_profile(
                actor,
                donor.id,
                kind,
                form.content(),
                now=clock.now(),
                today=clock.today(),
                key=form.key.data,
            )
        except Duplicate as error:
            return show_made_before(form, error)
        rank(profile)
        db.session.commit()
        flash(_("Saved and verified; the ideas are ranked for it."), "success")
        return redirect(url_for(".view_profile", profile_id=profile.id))
    page = render_template(
        "staff/profile_form.html", form=form, donor=donor, profile=None, kind=kind
    )
    return page, status_of(form)


def show_made_before(form: Any, error: Duplicate) -> Answer:
    """The same form came with other content: show both, overwrite neither."""
    made_id = error.details.get("subject_id")
    if not isinstance(made_id, int):
        raise error
    made = profiles.get_profile(get_actor(), made_id)
    return show_both(
        form,
        stored_form(made),
        made.version,
        action=url_for(".edit_profile", profile_id=made.id),
        keep=url_for(".view_profile", profile_id=made.id),
    )


def stored_form(profile: Profile) -> ProfileForm:
    """Return the form as the profile is stored, whatever was sent."""
    values = initial_values(profile)
    form = ProfileForm(formdata=None, data=values)
    form.prepare(profile.kind, values["territories"])
    return form


@bp.route("/profiles/<id:profile_id>/edit", methods=["GET", "POST"])
def edit_profile(profile_id: int) -> Answer:
    """Change a profile; what the office writes is verified at once."""
    actor = get_actor()
    profile = profiles.get_profile(actor, profile_id)
    form = profile_form(profile)
    if form.validate_on_submit():
        try:
            profiles.propose(
                actor,
                profile.id,
                form.content(),
                now=clock.now(),
                today=clock.today(),
                version=form.version.data,
            )
        except Stale:
            return show_both(form, stored_form(profile), profile.version)
        rank(profile)
        db.session.commit()
        flash(_("Saved and verified; the ideas are ranked for it."), "success")
        return redirect(url_for(".view_profile", profile_id=profile.id))
    page = render_template(
        "staff/profile_form.html",
        form=form,
        donor=profile.organisation,
        profile=profile,
        kind=profile.kind,
    )
    return page, status_of(form)


def seen_version() -> int:
    """Return the version that the reader of a lone button saw; raises Stale without one."""
    form = VersionedForm()
    if not form.validate_on_submit():
        raise Stale("stale")
    return int(form.version.data)


@bp.post("/profiles/<id:profile_id>/verify")
def verify_profile(profile_id: int) -> Response:
    """Note that the wording in force is still right."""
    actor = get_actor()
    profile = profiles.verify(
        actor, profile_id, now=clock.now(), today=clock.today(), version=seen_version()
    )
    rank(profile)
    db.session.commit()
    flash(_("Verified for a year; the ideas are ranked for it."), "success")
    return redirect(url_for(".view_profile", profile_id=profile_id))


@bp.post("/profiles/<id:profile_id>/end")
def end_profile(profile_id: int) -> Response:
    """End a programme or call: nothing is offered to it any more."""
    profile = profiles.end_profile(get_actor(), profile_id, now=clock.now(), version=seen_version())
    db.session.commit()
    flash(_("Ended. Pairs that were still open have lapsed; both sides get a letter."), "success")
    return redirect(url_for(".view_profile", profile_id=profile.id))


@bp.post("/profiles/<id:profile_id>/proposals/<id:revision_id>")
def decide_proposal(profile_id: int, revision_id: int) -> Answer:
    """Put a donor's wording in force, or leave the old one with a word why."""
    actor = get_actor()
    profile = profiles.get_profile(actor, profile_id)
    if profiles.get_proposal(actor, revision_id).profile_id != profile.id:
        raise NotFound("proposal")
    form = DecisionForm()
    if not form.validate_on_submit():
        return show_profile(profile, form), 422
    decision = ProposalStatus(form.decision.data)
    try:
        profiles.decide_proposal(
            actor,
            revision_id,
            decision,
            note=form.note.data or "",
            now=clock.now(),
            today=clock.today(),
        )
    except Invalid as error:
        show_error(form, error, "decision")
        return show_profile(profile, form), 422
    if decision is ProposalStatus.VERIFIED:
        rank(profile)
    db.session.commit()
    said = {
        ProposalStatus.VERIFIED: _("The new wording is in force; the ideas are ranked for it."),
        ProposalStatus.DECLINED: _("The old wording stays; the donor gets a letter."),
    }
    flash(said[decision], "success")
    return redirect(url_for(".view_profile", profile_id=profile_id))
