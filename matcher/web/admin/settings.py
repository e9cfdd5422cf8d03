"""The settings of this installation that people change on a page."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import Field, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from matcher.extensions import db
from matcher.models.codes import CURRENCIES
from matcher.services import settings
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.admin.blueprint import bp
from matcher.web.auth.forms import email_field, one_line
from matcher.web.forms import BaseForm

ENGLISH_AMOUNT = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
LARGEST_AMOUNT = Decimal(10) ** 12
FIELDS = ("office_name_uk", "office_name_en", "sender", "four_eyes_above", "four_eyes_currency")


def plain_number(text: str) -> str:
    """Return an amount as people write it in digits: 100 000,50 and 100,000.50 are one."""
    digits = "".join(text.split())
    if ENGLISH_AMOUNT.fullmatch(digits):
        return digits.replace(",", "")
    return digits.replace(",", ".")


def grouped(amount: str) -> str:
    """Return a stored amount with its thousands apart."""
    return format(Decimal(amount), ",f").replace(",", " ")


def office_name_field(label: object) -> StringField:
    """Return the field for the name of the office in one language."""
    return StringField(
        label,
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter the name of the office")),
            Length(max=200, message=_l("Use up to 200 characters")),
        ],
    )


class SettingsForm(BaseForm):
    """The names of the office, the sender of letters, the limit of the two-person rule."""

    office_name_uk = office_name_field(_l("Name of the office in Ukrainian"))
    office_name_en = office_name_field(_l("Name of the office in English"))
    sender = email_field()
    four_eyes_above = StringField(
        _l("Two people decide above this amount"),
        filters=[one_line],
        validators=[DataRequired(_l("Enter an amount"))],
    )
    four_eyes_currency = SelectField(
        _l("Currency of that amount"), choices=[SelectChoice(code) for code in CURRENCIES]
    )

    def validate_four_eyes_above(self, field: Field) -> None:
        """The amount is a number that the database can hold."""
        try:
            amount = Decimal(plain_number(field.data))
        except InvalidOperation:
            amount = Decimal(-1)
        in_range = amount.is_finite() and 0 <= amount <= LARGEST_AMOUNT
        if not in_range or amount != round(amount, 2):
            raise ValidationError(_l("Enter an amount in digits, for example 100 000"))


@bp.route("/settings", methods=["GET", "POST"])
def edit_settings() -> str | Response | tuple[str, int]:
    """Show and change the settings of this installation."""
    stored = settings.read_all()
    stored["four_eyes_above"] = grouped(stored["four_eyes_above"])
    form = SettingsForm(data={name: stored[name] for name in FIELDS})
    form.sender.label.text = _("Letters are sent from")
    if form.validate_on_submit():
        values = {name: form[name].data for name in FIELDS}
        values["four_eyes_above"] = format(Decimal(plain_number(values["four_eyes_above"])), "f")
        settings.change(get_actor(), values, now=clock.now())
        db.session.commit()
        flash(_("The settings are saved."), "success")
        return redirect(url_for(".edit_settings"))
    page = render_template("admin/settings.html", form=form)
    return page, 422 if form.errors and request.method == "POST" else 200
