"""The small forms of the community's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from matcher.models.codes import Language
from matcher.models.match import FeedbackValue
from matcher.web import wording
from matcher.web.auth.forms import LANGUAGES, email_field, many_lines, name_field, one_line
from matcher.web.forms import BaseForm, KeyedForm, VersionedForm
from matcher.web.idea_forms import LONG, text_limit


class CheckForm(KeyedForm):
    """Consent and submission; the key makes a double click submit once."""

    version = IntegerField(
        widget=HiddenInput(),
        validators=[
            InputRequired(_l("Open this form again.")),
            NumberRange(min=1, max=2**31 - 1, message=_l("Open this form again.")),
        ],
    )
    consent = BooleanField(
        _l("I may speak for the applicant, and the office may show this text to donors."),
        validators=[InputRequired(_l("Tick the box if you agree: without it nothing is sent."))],
    )


class CopyForm(KeyedForm):
    """Start a new idea with the text of another."""


class WithdrawForm(VersionedForm):
    """Withdraw, with a word for the office if wanted."""

    note = TextAreaField(
        _l("Why do you withdraw the idea?"), [Optional(), text_limit(1000)], filters=[many_lines]
    )


class SendBackForm(VersionedForm):
    """The head's word to the author."""

    note = TextAreaField(
        _l("What should the author change?"),
        [DataRequired(_l("Say what should be changed.")), text_limit(2000)],
        filters=[many_lines],
    )


class AnswerForm(BaseForm):
    """The community's answer to a donor's question."""

    answer = TextAreaField(
        _l("Your answer"),
        [DataRequired(_l("Write the answer.")), text_limit(LONG)],
        filters=[many_lines],
    )


class FeedbackForm(BaseForm):
    """What the community thinks of a pair."""

    value = RadioField(
        _l("What do you think of this pair?"),
        choices=wording.choices(FeedbackValue),
        validators=[InputRequired(_l("Choose an answer."))],
    )


class InviteForm(BaseForm):
    """A head invites a colleague."""

    email = email_field()
    name = name_field()
    post = StringField(_l("Post"), [Optional(), Length(max=120)], filters=[one_line])
    language = RadioField(
        _l("Language of letters and pages"),
        choices=LANGUAGES,
        default=Language.UK.value,
        validators=[InputRequired(_l("Choose a language."))],
    )
