"""What a community does with its idea after writing it: each act is one POST."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from matcher.errors import Stale, WrongState
from matcher.extensions import db
from matcher.models.idea import IdeaStatus
from matcher.services import access, idea_moves, ideas, matching
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.community.blueprint import bp
from matcher.web.community.forms import CopyForm, SendBackForm, WithdrawForm
from matcher.web.forms import ActForm, VersionedForm
from matcher.web.matching import get_index

Answer = Any


def seen_version() -> int:
    """Return the version that the reader of a lone button saw; raises Stale without one."""
    form = VersionedForm()
    if not form.validate_on_submit():
        raise Stale("stale")
    return int(form.version.data)


def back_to(idea_id: int) -> Answer:
    """Return to the idea's page."""
    return redirect(url_for(".view_idea", idea_id=idea_id))


@bp.post("/ideas/<id:idea_id>/recall")
def recall_idea(idea_id: int) -> Answer:
    """Take a submission back while nobody has opened it."""
    ideas.recall_idea(get_actor(), idea_id, now=clock.now(), version=seen_version())
    db.session.commit()
    flash(_("You have taken the idea back: it is a draft again."), "success")
    return back_to(idea_id)


@bp.route("/ideas/<id:idea_id>/withdraw", methods=["GET", "POST"])
def withdraw_idea(idea_id: int) -> Answer:
    """Ask once more, then withdraw."""
    actor = get_actor()
    idea = access.get_own_idea(actor, idea_id)
    form = WithdrawForm(data={"version": idea.version})
    if form.validate_on_submit():
        ideas.withdraw_idea(
            actor, idea_id, now=clock.now(), note=form.note.data, version=form.version.data
        )
        db.session.commit()
        flash(_("The idea is withdrawn."), "success")
        return back_to(idea_id)
    if idea.status not in idea_moves.OPEN:
        raise WrongState("move", status=idea.status)
    page = render_template("community/withdraw.html", form=form, idea=idea)
    return page, 422 if form.errors else 200


@bp.post("/ideas/<id:idea_id>/sign-off")
def sign_off_idea(idea_id: int) -> Answer:
    """The head signs: the idea goes to the office."""
    ideas.sign_off_idea(get_actor(), idea_id, now=clock.now(), version=seen_version())
    db.session.commit()
    return redirect(url_for(".submitted", idea_id=idea_id))


@bp.route("/ideas/<id:idea_id>/send-back", methods=["GET", "POST"])
def send_back_idea(idea_id: int) -> Answer:
    """The head gives the draft back to its author with a word."""
    actor = get_actor()
    idea = access.get_own_idea(actor, idea_id)
    form = SendBackForm(data={"version": idea.version})
    if form.validate_on_submit():
        ideas.send_back_idea(
            actor, idea_id, form.note.data, now=clock.now(), version=form.version.data
        )
        db.session.commit()
        flash(_("The draft is back with its author."), "success")
        return redirect(url_for(".list_ideas"))
    idea_moves.check_move(idea, "send_back")
    page = render_template("community/send_back.html", form=form, idea=idea)
    return page, 422 if form.errors else 200


@bp.post("/ideas/<id:idea_id>/confirm")
def confirm_idea(idea_id: int) -> Answer:
    """Say that the current revision is what the community wants."""
    if ActForm().validate_on_submit():
        ideas.confirm_idea(get_actor(), idea_id, now=clock.now())
        db.session.commit()
        flash(_("Thank you: the office sees that the idea is current."), "success")
    return back_to(idea_id)


@bp.post("/ideas/<id:idea_id>/renew")
def renew_idea(idea_id: int) -> Answer:
    """Answer "still current?" with yes; an idea that had grown stale is ranked again."""
    if ActForm().validate_on_submit():
        now, today = clock.now(), clock.today()
        idea = ideas.renew_idea(get_actor(), idea_id, now=now)
        if idea.status is IdeaStatus.PUBLISHED:
            matching.rank_idea(get_index(), idea, now=now, today=today)
        db.session.commit()
        flash(_("Thank you. We ask again in three months."), "success")
    return back_to(idea_id)


@bp.post("/ideas/<id:idea_id>/copy")
def copy_idea(idea_id: int) -> Answer:
    """Start a new draft with the text of this idea."""
    form = CopyForm()
    if not form.validate_on_submit():
        return back_to(idea_id)
    copy = ideas.copy_idea(get_actor(), idea_id, now=clock.now(), key=form.key.data)
    db.session.commit()
    flash(_("A copy is made as a new draft. Change what is different."), "success")
    return back_to(copy.id)
