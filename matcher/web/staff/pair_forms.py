"""The forms of the office's pages about pairs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from matcher.models.codes import Channel, Language, Reason
from matcher.models.match import FeedbackValue
from matcher.web import wording
from matcher.web.auth.forms import many_lines, one_line
from matcher.web.forms import BaseForm, KeyedForm, VersionedForm
from matcher.web.parsed_fields import DayField, MoneyField

NOTE = 2000
TOO_LONG = _l("This text is too long. Keep the most important part of it.")


def with_blank(label: Any, options: list[SelectChoice]) -> list[SelectChoice]:
    """Put a line that chooses nothing before the choices."""
    return [SelectChoice("", label), *options]


def reason_field(*validators: Any) -> SelectField:
    """Return the field for a code of reason."""
    return SelectField(
        _l("Reason"),
        list(validators),
        choices=with_blank(_l("Choose a reason"), wording.choices(Reason)),
        filters=[lambda code: code or None],
    )


def note_field(label: Any, *validators: Any) -> TextAreaField:
    """Return a field for a few sentences."""
    checks = [*(validators or [Optional()]), Length(max=NOTE, message=TOO_LONG)]
    return TextAreaField(label, checks, filters=[many_lines])


class DecideForm(VersionedForm):
    """Release or approve: a lone button that knows what its reader saw."""


class FreshForm(BaseForm):
    """A lone button that needs no version: the act itself looks at the latest event."""


class ReasonForm(VersionedForm):
    """Dismiss or refuse: a reason, and words where the code says nothing."""

    reason = reason_field(InputRequired(_l("Choose a reason.")))
    note = note_field(_l("In a few words"))


class IntroduceForm(VersionedForm):
    """Introduce the two sides, with the letters now or tomorrow morning."""

    when = HiddenField(validators=[Length(max=20)])


class ReopenForm(VersionedForm):
    """Bring a closed pair back; the words go into its history."""

    note = note_field(
        _l("Why do you open it again?"), InputRequired(_l("Say why the pair is opened again."))
    )


ANSWERS = {
    "interested": _l("They are interested"),
    "ask": _l("They have a question"),
    "decline": _l("Not for them"),
}


class AnswerForm(VersionedForm):
    """What a donor without an account has told the office."""

    answer = RadioField(
        _l("What did the donor say?"), [InputRequired(_l("Choose what the donor said."))]
    )
    reason = reason_field(Optional())
    note = note_field(_l("Question or note"))
    language = SelectField(
        _l("Language of the question"),
        choices=[
            SelectChoice(Language.EN.value, "English"),
            SelectChoice(Language.UK.value, "Українська"),
        ],
        default=Language.EN.value,
    )
    channel = SelectField(
        _l("How did they say it?"),
        [InputRequired(_l("Choose how they said it."))],
        choices=with_blank(_l("Choose a channel"), wording.choices(Channel)),
    )
    on = DayField(_l("On which day?"), [InputRequired(_l("Enter the day, like 05.11.2026."))])
    of = StringField(
        _l("Who said it: the post, no name"),
        [InputRequired(_l("Enter the post of the person who said it.")), Length(max=120)],
        filters=[one_line],
    )

    def offer(self, acts: Collection[str]) -> None:
        """Offer the answers that fit the state of the pair."""
        self.answer.choices = [
            SelectChoice(code, label) for code, label in ANSWERS.items() if code in acts
        ]


class RelayForm(BaseForm):
    """A question or an answer in the words in which the office passes it on."""

    text = note_field(_l("Text that is passed on"), InputRequired(_l("Write the text.")))


OUTCOMES = {
    "talks": _l("They are talking"),
    "fund": _l("Funded"),
    "not_funded": _l("Not funded"),
    "lapse": _l("Nobody pursues it any more"),
}


class OutcomeForm(VersionedForm):
    """What became of a pair."""

    outcome = RadioField(_l("What happened?"), [InputRequired(_l("Choose what happened."))])
    amount = MoneyField(_l("Amount funded"), [Optional()])
    on = DayField(_l("Day of the decision"), [Optional()])
    in_full = BooleanField(_l("The idea is funded in full: put it into the archive"))
    reason = reason_field(Optional())
    note = note_field(_l("In a few words"))

    def offer(self, acts: Collection[str]) -> None:
        """Offer the outcomes that fit the state of the pair."""
        self.outcome.choices = [
            SelectChoice(code, label) for code, label in OUTCOMES.items() if code in acts
        ]


class FeedbackForm(BaseForm):
    """What the reader thinks of the engine's suggestion."""

    value = RadioField(
        _l("Was this a good suggestion?"),
        [InputRequired(_l("Choose an answer."))],
        choices=wording.choices(FeedbackValue),
    )


class SelectedForm(BaseForm):
    """Several pairs of the queue at once."""

    match_id = SelectMultipleField(coerce=int, validate_choice=False)
    seen = SelectMultipleField(validate_choice=False)
    act = HiddenField(validators=[InputRequired(), Length(max=20)])
    reason = reason_field(Optional())
    note = note_field(_l("In a few words"))


class AddPairForm(KeyedForm):
    """A pair that the engine missed."""

    idea_id = SelectField(_l("Idea"), [InputRequired(_l("Choose the idea."))], choices=[])
    profile_id = SelectField(
        _l("Donor and priority"), [InputRequired(_l("Choose the donor."))], choices=[]
    )
    reason = note_field(
        _l("Why do they fit?"), InputRequired(_l("Say in a sentence why they fit."))
    )


class ContactForm(KeyedForm):
    """One line of the log of an introduced pair."""

    on = DayField(_l("Day"), [InputRequired(_l("Enter the day, like 05.11.2026."))])
    channel = SelectField(_l("How"), choices=wording.choices(Channel))
    said = StringField(
        _l("What was said"),
        [InputRequired(_l("Write one line about the contact.")), Length(max=1000)],
        filters=[one_line],
    )
    next_step = StringField(_l("Next step"), [Optional(), Length(max=500)], filters=[one_line])
    due_on = DayField(_l("Next contact on"), [Optional()])


class SnoozeForm(BaseForm):
    """Put the next contact off."""

    days = SelectField(
        _l("Remind me"),
        choices=[
            SelectChoice("7", _l("in a week")),
            SelectChoice("14", _l("in two weeks")),
            SelectChoice("30", _l("in a month")),
        ],
        default="14",
    )
