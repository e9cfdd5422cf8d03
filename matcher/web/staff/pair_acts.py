"""The office's acts on one pair; each is sent from the pair's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from matcher.errors import Invalid, Stale
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.match import Match
from matcher.models.user import Membership
from matcher.services import access, decisions, moves, queue
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.clock import KYIV
from matcher.web.filters import moment
from matcher.web.staff import pair_forms, pair_words
from matcher.web.staff.blueprint import bp
from matcher.web.staff.pairs import show_match
from matcher.web.staff.queue import queue_args, queue_url, read_filter

Answer = Any
Do = Callable[[Membership], object]
BOTH = ["GET", "POST"]
MORNING = time(9)
TWICE = timedelta(minutes=1)


def run(
    match_id: int,
    name: str,
    form: FlaskForm,
    do: Do,
    *,
    act: str = "",
    go_on: bool = True,
    said: str = "",
) -> Answer:
    """Do one act that was sent from a pair's page, then go on to the next pair of the queue.

    ``name`` is the form's place on the page, ``act`` the act on the pair; ``said`` replaces
    the sentence that confirms it.
    """
    actor = get_actor()
    match = access.get_match(actor, match_id)
    here = url_for(".view_match", match_id=match_id, **queue_args())
    if not form.is_submitted():
        return redirect(here)
    if not form.validate_on_submit():
        status = 422 if form.errors else 200
        return show_match(actor, match_id, (name, form), lone_errors(name, form)), status
    target = next_address(actor, match_id) if go_on else here
    try:
        do(actor)
    except Stale:
        db.session.rollback()
        return answer_stale(actor, match_id, form, act, target)
    except Invalid as error:
        db.session.rollback()
        return answer_invalid(actor, match_id, name, form, error), 422
    confirm(actor, match, act, said)
    db.session.commit()
    return redirect(target)


def lone_errors(name: str, form: FlaskForm) -> tuple[str, ...]:
    """Return the errors of a lone button: it has no fields on the page to tie them to."""
    if name:
        return ()
    return tuple(str(error) for row in form.errors.values() for error in row)


def answer_invalid(
    actor: Membership, match_id: int, name: str, form: FlaskForm, error: Invalid
) -> str:
    """Show the page again with the sentence by its field, or on top."""
    field = error.details.get("field")
    if name and isinstance(field, str) and field in form:
        form[field].errors = [*form[field].errors, wording.error(error)]
        return show_match(actor, match_id, (name, form))
    return show_match(actor, match_id, (name, form) if name else None, (wording.error(error),))


def next_address(actor: Membership, match_id: int) -> str:
    """Return where to go after a decision: the next pair of the queue one came from."""
    args = queue_args()
    if "view" not in args:
        return url_for(".view_match", match_id=match_id)
    _before, after, place, _total = queue.neighbours(
        actor, match_id, read_filter(), now=clock.now()
    )
    if after is None or place == 0:
        return queue_url()
    return url_for(".view_match", match_id=after, **args)


def confirm(actor: Membership, match: Match, act: str, said: str) -> None:
    """Say what was done, with a button that undoes it while that is possible."""
    if act in ("release", "approve") and match.seconding_act == act:
        flash(
            _("%(pair)s: a second person has to confirm.", pair=pair_words.pair_name(match)),
            "warning",
        )
        return
    text = said or str(pair_words.DONE[act])
    text = f"{pair_words.pair_name(match)}. {text}"
    if act and moves.can_undo(actor, match, now=clock.now()):
        address = url_for(".undo", match_id=match.id, **queue_args())
        flash({"text": text, "action": address, "label": _("Undo (15 min)")}, "undo")
    else:
        flash(text, "success")


def answer_stale(
    actor: Membership, match_id: int, form: FlaskForm, act: str, target: str
) -> Answer:
    """Show what somebody did meanwhile beside what this person tried; nothing is overwritten."""
    match = queue.get_pair(actor, match_id)
    last = match.events[-1] if match.events else None
    if last and last.act == act and last.by_id == actor.user_id and clock.now() - last.at < TWICE:
        return redirect(target)  # An impatient second click: the first one did it.
    words = form_words(form)
    if act:
        words.insert(0, (_("Your decision"), pair_words.act_word(act)))
    theirs = [(_("State"), wording.word(match.status))]
    if last is not None:
        theirs += [
            (_("What happened"), pair_words.act_word(last.act)),
            (_("Who"), pair_words.who(last)),
            (_("When"), moment(last.at)),
            (_("Words"), pair_words.note(last)),
        ]
    page = render_template(
        "errors/409.html",
        message=_("Somebody changed this pair after you had opened it. Nothing was overwritten."),
        mine=words,
        theirs=theirs,
        again=url_for(".view_match", match_id=match_id, **queue_args()),
    )
    return page, 409


def form_words(form: FlaskForm) -> list[tuple[str, str]]:
    """Return what somebody wrote and chose, so that it is not lost."""
    rows = []
    for field in form:
        if not field.data or field.short_name in ("version", "csrf_token", "when", "language"):
            continue
        chosen = [str(one.label.text) for one in field if one.checked] if _is_group(field) else []
        if hasattr(field, "iter_choices") and not chosen:
            chosen = [str(row.label) for row in field.iter_choices() if row.value == field.data]
        value = ", ".join(chosen) or str(field._value() if hasattr(field, "_value") else field.data)
        rows.append((str(field.label.text), value))
    return rows


def _is_group(field: Any) -> bool:
    return hasattr(field, "option_widget") and field.widget.__class__.__name__ == "ListWidget"


# Decisions


@bp.route("/matches/<id:match_id>/release", methods=BOTH)
def release_match(match_id: int) -> Answer:
    """Show the pair to its donor."""
    form = pair_forms.DecideForm()

    def do(actor: Membership) -> object:
        return decisions.release_match(
            actor, match_id, now=clock.now(), today=clock.today(), version=form.version.data
        )

    return run(match_id, "", form, do, act="release")


@bp.route("/matches/<id:match_id>/dismiss", methods=BOTH)
def dismiss_match(match_id: int) -> Answer:
    """Put a suggestion aside."""
    form = pair_forms.ReasonForm()

    def do(actor: Membership) -> object:
        return decisions.dismiss_match(
            actor,
            match_id,
            Reason(form.reason.data),
            now=clock.now(),
            note=form.note.data or "",
            version=form.version.data,
        )

    return run(match_id, "reason", form, do, act="dismiss")


@bp.route("/matches/<id:match_id>/approve", methods=BOTH)
def approve_match(match_id: int) -> Answer:
    """Approve what the donor wants and the community has confirmed."""
    form = pair_forms.DecideForm()

    def do(actor: Membership) -> object:
        return decisions.approve_match(
            actor, match_id, now=clock.now(), today=clock.today(), version=form.version.data
        )

    return run(match_id, "", form, do, act="approve")


@bp.route("/matches/<id:match_id>/refuse", methods=BOTH)
def refuse_match(match_id: int) -> Answer:
    """Refuse a pair that the donor wants."""
    form = pair_forms.ReasonForm()

    def do(actor: Membership) -> object:
        return decisions.refuse_match(
            actor,
            match_id,
            Reason(form.reason.data),
            now=clock.now(),
            note=form.note.data or "",
            version=form.version.data,
        )

    return run(match_id, "reason", form, do, act="refuse")


@bp.route("/matches/<id:match_id>/introduce", methods=BOTH)
def introduce_match(match_id: int) -> Answer:
    """Introduce the two sides; the letters leave now or at nine tomorrow, Kyiv time."""
    form = pair_forms.IntroduceForm(prefix="introduce-")
    send_at = tomorrow_morning(clock.now()) if form.when.data == "tomorrow" else None

    def do(actor: Membership) -> object:
        return decisions.introduce_match(
            actor, match_id, now=clock.now(), send_at=send_at, version=form.version.data
        )

    said = ""
    if send_at is not None:
        said = _("Introduced; the letters leave on %(moment)s.", moment=moment(send_at))
    return run(match_id, "introduce", form, do, act="introduce", said=said)


def tomorrow_morning(now: datetime) -> datetime:
    """Return nine o'clock of the next day in Kyiv."""
    day = now.astimezone(KYIV).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, tzinfo=KYIV)


@bp.post("/matches/<id:match_id>/take-back")
def take_back_match(match_id: int) -> Answer:
    """Withdraw a request for a second person."""
    form = pair_forms.FreshForm()

    def do(actor: Membership) -> object:
        return decisions.take_back_match(actor, match_id, now=clock.now())

    return run(match_id, "", form, do, go_on=False, said=_("The request is taken back."))


@bp.post("/matches/<id:match_id>/undo")
def undo(match_id: int) -> Answer:
    """Take back one's own latest act."""
    form = pair_forms.FreshForm()

    def do(actor: Membership) -> object:
        return decisions.undo(actor, match_id, now=clock.now())

    return run(match_id, "", form, do, go_on=False, said=_("Undone. Decide again when you like."))


@bp.route("/matches/<id:match_id>/reopen", methods=BOTH)
def reopen_match(match_id: int) -> Answer:
    """Bring a closed pair back to where it was."""
    form = pair_forms.ReopenForm(prefix="reopen-")

    def do(actor: Membership) -> object:
        return decisions.reopen_match(
            actor, match_id, form.note.data, now=clock.now(), version=form.version.data
        )

    return run(match_id, "reopen", form, do, go_on=False, said=_("The pair is open again."))
