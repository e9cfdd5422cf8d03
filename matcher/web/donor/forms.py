"""The forms of the donor's pages: interest, question, decline, outcome, feedback."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional

from matcher.models.codes import Reason
from matcher.models.match import FeedbackValue, MatchStatus
from matcher.web import clock, wording
from matcher.web.forms import BaseForm, VersionedForm
from matcher.web.idea_forms import strip, text_limit
from matcher.web.parsed_fields import DayField, MoneyField

NOTE_LENGTH = 2000


def needs_words(reason: str | None, note: str | None) -> bool:
    """Tell whether the code says nothing by itself and the words are missing."""
    return reason == Reason.OTHER.value and not note


class InterestForm(VersionedForm):
    """Yes, with a word for the office if wanted."""

    note = TextAreaField(
        _l("A note for the office"), [Optional(), text_limit(NOTE_LENGTH)], filters=[strip]
    )


class AskForm(VersionedForm):
    """A question that the office passes on."""

    text = TextAreaField(
        _l("Your question"),
        [DataRequired(_l("Write the question.")), text_limit(NOTE_LENGTH)],
        filters=[strip],
    )


class DeclineForm(VersionedForm):
    """No, with a reason."""

    reason = RadioField(
        _l("Why is it not for you?"),
        choices=wording.choices(Reason),
        validators=[InputRequired(_l("Choose the closest reason."))],
    )
    note = TextAreaField(
        _l("In your words"), [Optional(), text_limit(NOTE_LENGTH)], filters=[strip]
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for words when the reason says nothing by itself."""
        valid = bool(super().validate(extra_validators))
        if needs_words(self.reason.data, self.note.data):
            self.note.errors = [_("Say in a few words what the reason is.")]
            return False
        return valid


class Outcome(StrEnum):
    """What became of an introduction."""

    TALKS = "talks"
    IN_FULL = "in_full"
    IN_PART = "in_part"
    NOT_FUNDED = "not_funded"


OUTCOMES = {
    Outcome.TALKS: _l("We are talking"),
    Outcome.IN_FULL: _l("We fund it in full"),
    Outcome.IN_PART: _l("We fund a part of it"),
    Outcome.NOT_FUNDED: _l("We do not fund it"),
}
FUNDED = frozenset({Outcome.IN_FULL, Outcome.IN_PART})


class OutcomeForm(VersionedForm):
    """What became of an introduction; which fields are needed depends on the answer."""

    outcome = RadioField(
        _l("Where things stand"),
        validators=[InputRequired(_l("Choose what describes it best."))],
    )
    amount = MoneyField(_l("The sum"), [Optional()])
    day = DayField(_l("Date of the decision"), [Optional()])
    reason = SelectField(_l("Why not"), [Optional()])
    note = TextAreaField(
        _l("A note for the office"), [Optional(), text_limit(NOTE_LENGTH)], filters=[strip]
    )

    def offer(self, status: MatchStatus) -> None:
        """Offer what can be said now: talks begin once."""
        self.outcome.choices = [
            SelectChoice(outcome.value, words)
            for outcome, words in OUTCOMES.items()
            if outcome is not Outcome.TALKS or status is MatchStatus.INTRODUCED
        ]
        self.reason.choices = [SelectChoice("", _l("Choose a reason")), *wording.choices(Reason)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for what the chosen answer needs."""
        valid = bool(super().validate(extra_validators))
        needed: list[tuple[Any, str]] = []
        if self.outcome.data in FUNDED:
            if self.amount.data is None and not self.amount.errors:
                needed.append((self.amount, _("Enter the sum with its currency.")))
            if self.day.data is None and not self.day.errors:
                needed.append((self.day, _("Enter the day of the decision.")))
        if self.outcome.data == Outcome.NOT_FUNDED:
            if not self.reason.data:
                needed.append((self.reason, _("Choose the closest reason.")))
            elif needs_words(self.reason.data, self.note.data):
                needed.append((self.note, _("Say in a few words what the reason is.")))
        for field, message in needed:
            field.errors = [message]
        return valid and not needed

    def validate_amount(self, field: MoneyField) -> None:
        """A grant is more than nothing, in a currency."""
        if field.data is not None and field.data.amount <= 0:
            raise ValidationError(_("Enter the sum with its currency."))

    def validate_day(self, field: DayField) -> None:
        """What is decided lies behind."""
        day: date | None = field.data
        if day is not None and day > clock.today():
            raise ValidationError(_("This day lies ahead. Enter the day of the decision."))


class FeedbackForm(BaseForm):
    """What the donor thinks of a suggestion."""

    value = RadioField(
        _l("What do you think of this suggestion?"),
        choices=wording.choices(FeedbackValue),
        validators=[InputRequired(_l("Choose an answer."))],
    )
