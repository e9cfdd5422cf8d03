"""The donor's own priorities: what is in force, a new wording tried and sent to the office."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from matcher.errors import Stale
from matcher.extensions import db
from matcher.models.profile import Profile
from matcher.services import preview, profile_content, profiles
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.donor.blueprint import bp
from matcher.web.matching import get_index
from matcher.web.profile_forms import ProfileForm, profile_form
from matcher.web.profile_words import change_rows, rule_rows, text_rows, theme_rows

TRY = "preview"


@bp.get("/profile")
def list_profiles() -> str:
    """Show the donor's priorities and calls, and what waits for the office."""
    rows = profiles.list_profiles(get_actor(), today=clock.today())
    return render_template("donor/profiles.html", rows=rows)


@bp.route("/profile/<id:profile_id>", methods=["GET", "POST"])
def edit_profile(profile_id: int) -> Any:
    """Change the priorities: try the wording on what may be seen, then send it to the office."""
    profile = profiles.get_profile(get_actor(), profile_id)
    if profile.ended:
        return show_ended(profile)
    proposal = profiles.find_proposal(profile)
    form = profile_form(profile, proposal.content if proposal else None)
    if not form.validate_on_submit():
        return show_form(profile, form, status=422 if form.errors else 200)
    if request.form.get("act") == TRY:
        return show_form(profile, form)
    if not adds_something(profile, form):
        flash(_("Nothing has changed in this wording, so nothing was sent."))
        return redirect(url_for(".edit_profile", profile_id=profile_id))
    try:
        profiles.propose(
            get_actor(),
            profile_id,
            form.content(),
            now=clock.now(),
            today=clock.today(),
            version=form.version.data,
        )
        db.session.commit()
    except Stale:
        db.session.rollback()
        return show_both(profile_id, form)
    sent = _(
        "Sent to the office. Until it has checked the new wording, the current one stays in force."
    )
    flash(sent, "success")
    return redirect(url_for(".list_profiles"))


def adds_something(profile: Profile, form: ProfileForm) -> bool:
    """Tell whether the wording differs from what is in force and from what waits already."""
    values = profile_content.clean(form.content(), profile.kind)
    proposal = profiles.find_proposal(profile)
    if proposal is not None:
        return bool(proposal.content != profile_content.as_json(values))
    return bool(profile_content.changed_fields(profile, values))


def show_form(
    profile: Profile, form: ProfileForm, *, status: int = 200, changes: Any = ()
) -> tuple[str, int]:
    """Render the form with what its wording would find."""
    actor = get_actor()
    found = None
    if not form.errors:
        found = preview.preview(
            actor, get_index(), form.content(), profile.kind, today=clock.today()
        )
    page = render_template(
        "donor/profile_form.html",
        form=form,
        profile=profile,
        row=profiles.as_row(profile, today=clock.today()),
        found=found,
        tried=request.method == "POST" and found is not None,
        changes=changes,
    )
    return page, status


def show_both(profile_id: int, form: ProfileForm) -> tuple[str, int]:
    """Show what was sent beside what is in force now; the form keeps what was sent."""
    profile = profiles.get_profile(get_actor(), profile_id)
    content = profile_content.as_json(profile_content.clean(form.content(), profile.kind))
    form.version.raw_data = None
    form.version.data = profile.version
    return show_form(profile, form, status=409, changes=change_rows(profile, content))


def show_ended(profile: Profile) -> str:
    """Show a programme that has ended: it can be read and not changed."""
    return render_template(
        "donor/profile_ended.html",
        profile=profile,
        texts=text_rows(profile),
        themes=theme_rows(profile),
        rules=rule_rows(profile, profile.kind),
    )
