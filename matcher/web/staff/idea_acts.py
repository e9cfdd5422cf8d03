"""What the office does with an idea: each act is one form or one button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError

from matcher.errors import Invalid, MatcherError, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Idea
from matcher.models.user import Membership, Role
from matcher.services import access, checking, idea_lists, idea_moves, matching
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.forms import ActForm, VersionedForm
from matcher.web.idea_words import field_word
from matcher.web.matching import get_index
from matcher.web.staff.blueprint import bp
from matcher.web.staff.check_forms import ClearForm, MergeForm, NoteForm, ReasonForm, ReturnForm

Answer = Any
Do = Callable[[Membership, Any], object]

# Act -> title, what it means, label of the button, kind of the button.
PAGES: dict[str, tuple[object, object, object, str]] = {
    "return": (
        _l("Ask for changes"),
        _l(
            "Only the sections in which you write something open again. The community reads your "
            "words beside the fields."
        ),
        _l("Return to the community"),
        "primary",
    ),
    "reject": (
        _l("Decline the idea?"),
        _l("The community reads the reason and your words, and may copy the idea as a new one."),
        _l("Decline"),
        "danger",
    ),
    "hold": (
        _l("Put the idea on hold?"),
        _l("Its pairs stay as they are; nothing is sent to donors or approved meanwhile."),
        _l("Put the idea on hold"),
        "primary",
    ),
    "archive": (
        _l("Put the idea into the archive?"),
        _l("It leaves all lists, its open pairs end, and donors who have it are told once."),
        _l("Move to the archive"),
        "danger",
    ),
    "merge": (
        _l("Join with another idea"),
        _l(
            "This idea goes into the archive and its open pairs end. Its community becomes a "
            "partner of the idea that stays and sees it."
        ),
        _l("Join"),
        "danger",
    ),
    "withdraw": (
        _l("Withdraw the idea for the community?"),
        _l("Do this only when the community has asked for it. Open pairs end."),
        _l("Withdraw for the community"),
        "danger",
    ),
}


def back_to(idea_id: int) -> Answer:
    """Return to the idea's page."""
    return redirect(url_for(".view_idea", idea_id=idea_id))


def seen_version() -> int:
    """Return the version that the reader of a lone button saw; raises Stale without one."""
    form = VersionedForm()
    if not form.validate_on_submit():
        raise Stale("stale")
    return int(form.version.data)


def run(idea_id: int, act: str, form: VersionedForm, do: Do, done: str, move: str = "") -> Answer:
    """Show the form of an act, or do it; words that came too late are shown again, not lost."""
    actor = get_actor()
    idea = checking.get_checked(actor, idea_id)
    if not form.is_submitted():
        idea_moves.check_move(idea, move or act)
        form.version.data = idea.version
        return show(idea, act, form), 200
    if not form.validate_on_submit():
        return show(idea, act, form), 422
    try:
        do(actor, form)
        db.session.commit()
    except (Stale, StaleDataError) as error:
        db.session.rollback()
        return show_again(actor, idea_id, act, form, error), 409
    except Invalid as error:
        db.session.rollback()
        form.form_errors.append(wording.error(error))
        return show(checking.get_checked(actor, idea_id), act, form), 422
    flash(done, "success")
    return back_to(idea_id)


def show(idea: Idea, act: str, form: VersionedForm) -> str:
    """Show the page of an act."""
    title, text, label, kind = PAGES[act]
    check = None
    if act == "merge":
        actor = get_actor()
        now, today = clock.now(), clock.today()
        check = idea_lists.look_at(actor, get_index(), [idea], now=now, today=today)[0]
    return render_template(
        "staff/idea_act.html",
        idea=idea,
        act=act,
        form=form,
        page_title=str(title),
        text=str(text),
        label=str(label),
        kind=kind,
        check=check,
    )


def show_again(
    actor: Membership, idea_id: int, act: str, form: VersionedForm, error: Exception
) -> str:
    """Somebody changed the idea meanwhile: keep the words, show them with the present state."""
    idea = checking.get_checked(actor, idea_id)
    form.version.raw_data, form.version.data = None, idea.version
    form.form_errors.append(wording.ERRORS["stale"])
    return show(idea, act, form)


# The check


@bp.post("/ideas/<id:idea_id>/open")
def open_idea(idea_id: int) -> Answer:
    """Begin the check of a submission."""
    checking.open_idea(get_actor(), idea_id, now=clock.now(), version=seen_version())
    db.session.commit()
    flash(_("You have begun the check: the community can no longer take the idea back by itself."))
    return back_to(idea_id)


@bp.post("/ideas/<id:idea_id>/publish")
def publish_idea(idea_id: int) -> Answer:
    """Publish a submission and rank it at once."""
    now, today = clock.now(), clock.today()
    try:
        idea = checking.publish_idea(get_actor(), idea_id, now=now, version=seen_version())
    except WrongState as error:
        if error.code != "release_text_needed":
            raise
        db.session.rollback()
        flash(wording.error(error), "error")
        return redirect(url_for(".edit_release_text", idea_id=idea_id, language="en"))
    matches = matching.rank_idea(get_index(), idea, now=now, today=today)
    db.session.commit()
    flash(
        _("The idea is published. Suggested pairs: %(count)s.", count=len(matches)),
        "success",
    )
    return back_to(idea_id)


@bp.route("/ideas/<id:idea_id>/return", methods=["GET", "POST"])
def return_idea(idea_id: int) -> Answer:
    """Ask for changes in named sections."""

    def do(actor: Membership, form: ReturnForm) -> object:
        return checking.return_idea(
            actor, idea_id, form.notes(), now=clock.now(), version=form.version.data
        )

    return run(idea_id, "return", ReturnForm(), do, _("The idea is with the community again."))


@bp.route("/ideas/<id:idea_id>/reject", methods=["GET", "POST"])
def reject_idea(idea_id: int) -> Answer:
    """Decline a submission with a reason."""

    def do(actor: Membership, form: ReasonForm) -> object:
        return checking.reject_idea(
            actor,
            idea_id,
            Reason(form.reason.data),
            now=clock.now(),
            note=form.note.data or "",
            version=form.version.data,
        )

    return run(idea_id, "reject", ReasonForm(), do, _("The idea is declined."))


# Afterwards


@bp.route("/ideas/<id:idea_id>/hold", methods=["GET", "POST"])
def hold_idea(idea_id: int) -> Answer:
    """Put a published idea on hold."""

    def do(actor: Membership, form: NoteForm) -> object:
        return checking.hold_idea(
            actor, idea_id, form.note.data, now=clock.now(), version=form.version.data
        )

    return run(idea_id, "hold", NoteForm(), do, _("The idea is on hold."))


@bp.post("/ideas/<id:idea_id>/resume")
def resume_idea(idea_id: int) -> Answer:
    """Bring an idea back and rank it anew."""
    now, today = clock.now(), clock.today()
    idea = checking.resume_idea(get_actor(), idea_id, now=now, version=seen_version())
    matching.rank_idea(get_index(), idea, now=now, today=today)
    db.session.commit()
    flash(_("The idea is current again."), "success")
    return back_to(idea_id)


@bp.route("/ideas/<id:idea_id>/archive", methods=["GET", "POST"])
def archive_idea(idea_id: int) -> Answer:
    """Put an idea away for good."""

    def do(actor: Membership, form: ReasonForm) -> object:
        return checking.archive_idea(
            actor,
            idea_id,
            Reason(form.reason.data),
            now=clock.now(),
            note=form.note.data or "",
            version=form.version.data,
        )

    return run(idea_id, "archive", ReasonForm(), do, _("The idea is in the archive."))


@bp.route("/ideas/<id:idea_id>/merge", methods=["GET", "POST"])
def merge_idea(idea_id: int) -> Answer:
    """Join a duplicate with the idea that stays."""

    def do(actor: Membership, form: MergeForm) -> object:
        try:
            into = idea_lists.get_by_code(actor, form.into.data)
        except NotFound as error:
            raise Invalid("merge_unknown", field="into") from error
        try:
            return checking.merge_idea(
                actor, idea_id, into.id, now=clock.now(), version=form.version.data
            )
        except WrongState as error:
            if error.code == "merge_closed":
                raise Invalid("merge_closed", field="into") from error
            raise

    done = _("The two ideas are joined; this one is in the archive.")
    return run(idea_id, "merge", MergeForm(), do, done, move="archive")


@bp.route("/ideas/<id:idea_id>/withdraw", methods=["GET", "POST"])
def withdraw_idea(idea_id: int) -> Answer:
    """Withdraw an idea because its community asked for it; for leads."""

    def do(actor: Membership, form: NoteForm) -> object:
        return checking.withdraw_on_behalf(
            actor, idea_id, now=clock.now(), note=form.note.data, version=form.version.data
        )

    return run(idea_id, "withdraw", NoteForm(), do, _("The idea is withdrawn."))


# On behalf, and by link


@bp.post("/ideas/<id:idea_id>/submit")
def submit_idea(idea_id: int) -> Answer:
    """Submit what the office entered for a community."""
    try:
        checking.submit_on_behalf(get_actor(), idea_id, now=clock.now(), version=seen_version())
        db.session.commit()
    except Invalid as error:
        db.session.rollback()
        names = error.details.get("fields", [])
        missing = ", ".join(field_word(str(name)) for name in names)  # type: ignore[attr-defined]
        flash(_("Still missing: %(fields)s.", fields=missing), "error")
        return back_to(idea_id)
    flash(_("The idea is submitted for the community."), "success")
    return back_to(idea_id)


@bp.post("/ideas/<id:idea_id>/send-confirmation")
def send_confirmation(idea_id: int) -> Answer:
    """Ask the community's head by a one-time link whether the idea is current."""
    if not ActForm().validate_on_submit():
        return back_to(idea_id)
    try:
        heads = checking.send_confirmation(get_actor(), idea_id, now=clock.now())
    except WrongState as error:
        if error.code != "no_head":
            raise
        db.session.rollback()
        flash(wording.error(error), "error")
        return back_to(idea_id)
    db.session.commit()
    names = ", ".join(head.name for head in heads)
    flash(
        _("The link is on its way to: %(names)s. It works for seven days.", names=names), "success"
    )
    return back_to(idea_id)


@bp.route("/ideas/<id:idea_id>/clear", methods=["GET", "POST"])
def clear_person(idea_id: int) -> Answer:
    """Name a member of staff who may see a restricted idea."""
    actor = get_actor()
    idea = checking.get_checked(actor, idea_id)
    form = ClearForm()
    form.person.choices = [
        (person.id, person.name) for person in access.office_people(roles={Role.STAFF})
    ]
    if form.validate_on_submit():
        try:
            checking.clear_person(actor, idea_id, form.person.data, now=clock.now())
        except MatcherError as error:
            if error.code != "cleared":
                raise
            db.session.rollback()
            flash(wording.error(error), "error")
            return back_to(idea_id)
        db.session.commit()
        flash(
            _("This person sees the idea from now on; the step is in the audit trail."), "success"
        )
        return back_to(idea_id)
    page = render_template("staff/idea_clear.html", idea=idea, form=form)
    return page, 422 if form.errors else 200
