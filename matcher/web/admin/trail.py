"""The audit trail: who did what, filtered by act, person, subject and days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import ceil

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import TextInput

from matcher.models.audit import AuditEvent
from matcher.services import audit_trail
from matcher.web.access import get_actor
from matcher.web.admin.accounts import page_number
from matcher.web.admin.acts import act_name, subject_name, value_name, value_words
from matcher.web.admin.blueprint import bp
from matcher.web.auth.forms import one_line
from matcher.web.clock import KYIV
from matcher.web.converters import LARGEST_ID
from matcher.web.forms import BaseForm
from matcher.web.parsed_fields import DayField


class TrailForm(BaseForm):
    """Filters in the address; nothing is changed, so there is no token."""

    class Meta:
        csrf = False

    act = SelectField(_l("Act"), validators=[Optional()])
    person = StringField(
        _l("Person"),
        filters=[one_line],
        validators=[Length(max=200, message=_l("Use up to 200 characters"))],
    )
    subject = SelectField(_l("Concerns"), validators=[Optional()])
    number = IntegerField(
        _l("Its number"),
        widget=TextInput(),
        validators=[
            Optional(),
            NumberRange(min=1, max=LARGEST_ID, message=_l("Enter a number from the list")),
        ],
    )
    since = DayField(_l("First day"), validators=[Optional()])
    until = DayField(_l("Last day"), validators=[Optional()])


@bp.get("/audit")
def list_audit() -> tuple[str, int]:
    """Show the trail, newest first."""
    actor = get_actor()
    form = TrailForm(formdata=request.args)
    acts = sorted((act_name(act), act) for act in audit_trail.list_acts(actor))
    kinds = sorted((subject_name(kind), kind) for kind in audit_trail.list_subject_kinds(actor))
    form.act.choices = [
        SelectChoice("", _l("All acts")),
        *(SelectChoice(act, name) for name, act in acts),
    ]
    form.subject.choices = [
        SelectChoice("", _l("Everything")),
        *(SelectChoice(kind, name) for name, kind in kinds),
    ]
    is_right = form.validate()
    filters = chosen_filters(form) if is_right else audit_trail.Filters()
    page = page_number()
    events, total = audit_trail.list_events(actor, filters, page=page)
    body = render_template(
        "admin/audit.html",
        form=form,
        rows=[describe(event) for event in events],
        total=total,
        page=page,
        pages=ceil(total / audit_trail.PER_PAGE),
    )
    return body, 200 if is_right else 422


def chosen_filters(form: TrailForm) -> audit_trail.Filters:
    """Return what the form asks for; days are days in Kyiv, both included."""
    next_day = form.until.data + timedelta(days=1) if form.until.data else None
    return audit_trail.Filters(
        act=form.act.data or "",
        person=form.person.data or "",
        subject_kind=form.subject.data or "",
        subject_id=form.number.data,
        since=start_of(form.since.data),
        until=start_of(next_day),
    )


def start_of(day: date | None) -> datetime | None:
    """Return the first moment of a day in Kyiv, or None."""
    return None if day is None else datetime.combine(day, time(), KYIV).astimezone(UTC)


def describe(event: AuditEvent) -> dict[str, object]:
    """Return what one line of the trail shows."""
    names = [
        name
        for name in sorted({*event.old, *event.new})
        if event.old.get(name) != event.new.get(name)
    ]
    return {
        "event": event,
        "act": act_name(event.act),
        "subject": subject_name(event.subject_kind),
        "changes": [
            (
                value_name(name),
                value_words(name, event.old.get(name)),
                value_words(name, event.new.get(name)),
            )
            for name in names
        ],
    }
