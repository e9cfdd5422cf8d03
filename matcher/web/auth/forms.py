"""Forms of the account pages."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import lazy_gettext as _l
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from matcher.errors import MatcherError
from matcher.models.codes import Language
from matcher.models.user import Role
from matcher.web import wording
from matcher.web.forms import BaseForm

LANGUAGES = [SelectChoice(Language.UK, "Українська"), SelectChoice(Language.EN, "English")]
OTHER = "other"
EMAIL_SHAPE = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\".]+")


def one_line(text: str | None) -> str:
    """Return the text in one line, without characters that nobody sees."""
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text or "")
    shown = "".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Cs"))
    return " ".join(shown.split())


def many_lines(text: str | None) -> str:
    """Return the text without characters that nobody sees, with its lines kept."""
    return "\n".join(one_line(line) for line in (text or "").splitlines()).strip()


def email_field() -> EmailField:
    """Return the field for an e-mail that letters will go to."""
    return EmailField(
        _l("Work e-mail"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter your e-mail")),
            Length(max=254, message=_l("Use an e-mail of up to 254 characters")),
            Regexp(
                re.compile(EMAIL_SHAPE.pattern + r"\Z"),
                message=_l("Enter an e-mail like name@community.example"),
            ),
        ],
    )


def name_field() -> StringField:
    """Return the field for a person's name."""
    return StringField(
        _l("First and last name"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter the name")),
            Length(max=120, message=_l("Use up to 120 characters")),
        ],
    )


def post_field(required: bool = False) -> StringField:
    """Return the field for the post a person holds."""
    presence = DataRequired(_l("Enter the post")) if required else Optional()
    return StringField(
        _l("Post"),
        filters=[one_line],
        validators=[presence, Length(max=120, message=_l("Use up to 120 characters"))],
    )


def phone_field() -> TelField:
    """Return the field for a telephone number."""
    return TelField(
        _l("Telephone"),
        filters=[one_line],
        validators=[
            Optional(),
            Length(max=40, message=_l("Use up to 40 characters")),
            Regexp(r"[0-9 ()+.,/-]+\Z", message=_l("Use digits, spaces and + only")),
        ],
    )


def show_error(form: BaseForm, error: MatcherError, default: str = "password") -> None:
    """Put the sentence for a domain error beside the field it is about."""
    named = str(error.details.get("field", default))
    field: Field = form[named if named in form else default]
    field.errors = [*field.errors, wording.error(error)]


class SignInForm(BaseForm):
    """E-mail and password."""

    email = EmailField(
        _l("E-mail"), filters=[one_line], validators=[DataRequired(_l("Enter your e-mail"))]
    )
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password"))])
    next = HiddenField()


class ForgotPasswordForm(BaseForm):
    """The e-mail of an account whose password is forgotten."""

    email = email_field()


class NewPasswordForm(BaseForm):
    """A new password, by the link of a letter."""

    password = PasswordField(
        _l("New password"), validators=[InputRequired(_l("Enter a new password"))]
    )


class InvitationForm(BaseForm):
    """What an invited person says about oneself, and the first password."""

    name = name_field()
    post = post_field()
    phone = phone_field()
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter a password"))])


class ChangePasswordForm(BaseForm):
    """The present password and a new one."""

    current = PasswordField(
        _l("Present password"), validators=[InputRequired(_l("Enter your present password"))]
    )
    password = PasswordField(
        _l("New password"), validators=[InputRequired(_l("Enter a new password"))]
    )


class LeaveForm(BaseForm):
    """The present password, to close the account."""

    current = PasswordField(
        _l("Present password"), validators=[InputRequired(_l("Enter your present password"))]
    )


class ProfileForm(BaseForm):
    """What a person may change about oneself."""

    name = name_field()
    post = post_field()
    phone = phone_field()
    language = RadioField(_l("Language of pages and letters"), choices=LANGUAGES)


class AccessRequestForm(BaseForm):
    """Somebody without an account asks for one."""

    role = RadioField(
        _l("What you do"),
        choices=[
            SelectChoice(Role.EDITOR, _l("I prepare project ideas")),
            SelectChoice(Role.HEAD, _l("I head the community or organisation")),
            SelectChoice(Role.DONOR, _l("I work for a donor")),
        ],
        validators=[InputRequired(_l("Choose what you do"))],
    )
    organisation = SelectField(
        _l("Community or organisation"),
        validators=[InputRequired(_l("Choose your community or “Another organisation”"))],
    )
    organisation_name = StringField(
        _l("Name of another organisation"),
        filters=[one_line],
        validators=[Length(max=200, message=_l("Use up to 200 characters"))],
    )
    name = name_field()
    post = post_field(required=True)
    email = email_field()
    note = TextAreaField(
        _l("Who can confirm your request?"),
        filters=[many_lines],
        validators=[Optional(), Length(max=1000, message=_l("Use up to 1,000 characters"))],
    )

    def validate_organisation(self, field: Field) -> None:
        """A donor is not in the list of communities."""
        if self.role.data == Role.DONOR and field.data not in ("", OTHER):
            raise ValidationError(_l("Choose “Another organisation” and write the donor’s name"))

    def validate_organisation_name(self, field: Field) -> None:
        """Another organisation has to be named."""
        if self.organisation.data == OTHER and not field.data:
            raise ValidationError(_l("Write the name of your organisation"))

    @property
    def organisation_id(self) -> int | None:
        """Return the id of the chosen community or agency, None for another organisation."""
        return None if self.organisation.data == OTHER else int(self.organisation.data)
