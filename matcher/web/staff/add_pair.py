"""A pair that the engine missed, added by hand with a reason."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from matcher.errors import Duplicate, MatcherError
from matcher.extensions import db
from matcher.models.idea import Idea
from matcher.models.match import Match
from matcher.models.profile import Profile
from matcher.models.user import Membership
from matcher.services import form_keys, matching, queue
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.filters import localised
from matcher.web.idea_words import organisation_name
from matcher.web.matching import get_index
from matcher.web.staff.blueprint import bp
from matcher.web.staff.pair_forms import AddPairForm, with_blank
from matcher.web.staff.queue import row_id

Answer = Any
LABEL = 150


@bp.route("/matches/new", methods=["GET", "POST"])
def add_pair() -> Answer:
    """Add a pair that the engine missed; the quality page counts it as a miss."""
    actor = get_actor()
    form = AddPairForm()
    if not form.is_submitted():
        form.idea_id.data = request.args.get("idea")
        form.profile_id.data = request.args.get("profile")
    offer(actor, form)
    known: int | None = None
    errors: list[str] = []
    if form.validate_on_submit():
        try:
            match = make_pair(actor, form)
        except MatcherError as error:
            db.session.rollback()
            if error.code == "form_key":
                raise
            errors = [wording.error(error)]
            found = error.details.get("match_id") if isinstance(error, Duplicate) else None
            known = found if isinstance(found, int) else None
        else:
            db.session.commit()
            flash(_("The pair is added. Look at it and release it."), "success")
            return redirect(url_for(".view_match", match_id=match.id))
    page = render_template(
        "staff/add_pair.html", form=form, errors=errors, known=known, has_errors=bool(errors)
    )
    return page, 422 if form.errors or errors else 200


def make_pair(actor: Membership, form: AddPairForm) -> Match:
    """Add the pair once, however often the same form is sent."""
    content = {name: form[name].data for name in ("idea_id", "profile_id", "reason")}
    known = form_keys.find_subject(actor, form.key.data, "add_pair", content)
    if known is not None:
        return queue.get_pair(actor, known)
    match = matching.add_pair(
        actor,
        get_index(),
        idea_id=int(form.idea_id.data),
        profile_id=int(form.profile_id.data),
        reason=form.reason.data,
        now=clock.now(),
        today=clock.today(),
    )
    form_keys.remember(actor, form.key.data, "add_pair", content, match.id, now=clock.now())
    return match


def offer(actor: Membership, form: AddPairForm) -> None:
    """Offer the ideas and priorities that can make a pair now."""
    ideas, profiles = queue.pair_choices(
        actor,
        idea_id=row_id(form.idea_id.data),
        profile_id=row_id(form.profile_id.data),
        today=clock.today(),
    )
    form.idea_id.choices = with_blank(_("Choose the idea"), [idea_choice(row) for row in ideas])
    form.profile_id.choices = with_blank(
        _("Choose the donor and its priority"), [profile_choice(row) for row in profiles]
    )


def idea_choice(idea: Idea) -> SelectChoice:
    """Return an idea as a choice."""
    label = f"{idea.code} · {idea.title} · {organisation_name(idea.organisation)}"
    return SelectChoice(str(idea.id), label[:LABEL])


def profile_choice(profile: Profile) -> SelectChoice:
    """Return a profile as a choice."""
    label = f"{localised(profile.organisation, 'name')} · {localised(profile, 'title')}"
    return SelectChoice(str(profile.id), label[:LABEL])
