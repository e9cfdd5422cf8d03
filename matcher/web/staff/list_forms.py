"""The small forms of the pages of lists and people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from matcher.models.codes import CURRENCIES, Language
from matcher.models.organisation import Organisation, TerritoryStatusCode
from matcher.models.user import Membership, Role, User
from matcher.services import accounts
from matcher.services.rates import HRYVNIA
from matcher.web import wording
from matcher.web.auth.forms import (
    LANGUAGES,
    email_field,
    many_lines,
    name_field,
    one_line,
    post_field,
)
from matcher.web.forms import BaseForm, VersionedForm
from matcher.web.idea_words import organisation_name
from matcher.web.parsed_fields import DayField, ParsedField
from matcher.web.profile_forms import place_choices
from matcher.web.quantities import Number, Unclear, tokens

CHOOSE = _l("Choose from the list.")
LONG = _l("Use up to 500 characters")
CODE_LIMIT = Length(max=40, message=_l("Use up to 40 characters"))
STRANGE_RATE = Decimal(10_000)


def parse_rate(text: str) -> Decimal:
    """Return how many hryvnias one unit costs; four decimals at most."""
    numbers = [token.amount for token in tokens(text) if isinstance(token, Number)]
    if len(numbers) != 1:
        raise Unclear(_("Write one number, for example “48,7412”."))
    if numbers[0] != round(numbers[0], 4):
        raise Unclear(_("Write four decimals at most."))
    return numbers[0]


class RateForm(BaseForm):
    """The rate of a currency on a day."""

    currency = SelectField(
        _l("Currency"),
        choices=[SelectChoice(code, code) for code in CURRENCIES if code != HRYVNIA],
        validators=[InputRequired(CHOOSE)],
    )
    uah = ParsedField(
        _l("Hryvnias for one unit"),
        [InputRequired(_l("Enter the rate."))],
        parse=parse_rate,
        write=lambda value: f"{value.normalize():f}".replace(".", ","),
    )
    day = DayField(_l("Day of the rate"), [InputRequired(_l("Enter the day."))])
    source = StringField(
        _l("Source"),
        [Optional(), Length(max=200, message=_l("Use up to 200 characters"))],
        filters=[one_line],
    )

    def validate_uah(self, field: ParsedField) -> None:
        """A rate that large has lost its comma."""
        if field.data is not None and not 0 < field.data < STRANGE_RATE:
            raise ValidationError(
                _("Check the rate: %(rate)s hryvnias for one unit?", rate=field.text)
            )


class GoalForm(BaseForm):
    """A goal of a strategy."""

    list_code = StringField(
        _l("Strategy"),
        [
            InputRequired(_l("Enter the short name of the strategy.")),
            Length(max=40, message=_l("Use up to 40 characters")),
        ],
        filters=[one_line],
    )
    code = StringField(
        _l("Number of the goal"),
        [
            InputRequired(_l("Enter the number of the goal.")),
            Length(max=40, message=_l("Use up to 40 characters")),
        ],
        filters=[one_line],
    )
    text_uk = StringField(
        _l("Text in Ukrainian"),
        [InputRequired(_l("Enter the text in Ukrainian.")), Length(max=500, message=LONG)],
        filters=[one_line],
    )
    text_en = StringField(
        _l("Text in English"),
        [InputRequired(_l("Enter the text in English.")), Length(max=500, message=LONG)],
        filters=[one_line],
    )
    source_url = URLField(
        _l("Where it is published"), [Optional(), Length(max=500, message=LONG)], filters=[one_line]
    )
    is_active = BooleanField(_l("Offered in the idea form"), default=True)


class TerritoryForm(BaseForm):
    """An entry of the official territory list."""

    katottg = SelectField(_l("Community or raion"), validators=[InputRequired(CHOOSE)])
    status = RadioField(
        _l("Status"),
        choices=wording.choices(TerritoryStatusCode),
        validators=[InputRequired(CHOOSE)],
    )
    valid_from = DayField(_l("Holds from"), [InputRequired(_l("Enter the day."))])
    valid_to = DayField(_l("Holds until"), [Optional()])
    source = StringField(
        _l("Order or list that says so"),
        [
            InputRequired(_l("Name the order or list that says so.")),
            Length(max=500, message=LONG),
        ],
        filters=[one_line],
    )

    def prepare(self) -> None:
        """Offer the raions, then the communities."""
        raions, communities = place_choices()
        self.katottg.choices = [SelectChoice("", _("Choose from the list")), *raions, *communities]


class EndTerritoryForm(BaseForm):
    """The last day of an entry."""

    valid_to = DayField(_l("Last day"), [InputRequired(_l("Enter the day."))])


class CommunityForm(VersionedForm):
    """What the office sets for a community."""

    needs_signoff = BooleanField(_l("The head signs each idea before it goes to the office"))
    is_active = BooleanField(_l("May submit ideas and have accounts"))


class ConflictForm(BaseForm):
    """An interest that a person of the office has."""

    user_id = SelectField(_l("Who"), [Optional()], coerce=int)
    organisation_id = SelectField(
        _l("Community, agency or donor"), validators=[InputRequired(CHOOSE)]
    )
    note = TextAreaField(
        _l("What kind of interest"),
        [Optional(), Length(max=500, message=LONG)],
        filters=[many_lines],
    )

    def prepare(self, actor: Membership, people: list[User], sides: list[Organisation]) -> None:
        """Offer the colleagues to a lead, to others themselves alone."""
        if actor.role is Role.LEAD:
            self.user_id.choices = [SelectChoice(row.id, row.name) for row in people]
        else:
            del self.user_id
        self.organisation_id.choices = organisation_choices(sides)


class RequestForm(BaseForm):
    """A decision on a request for an account."""

    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("confirm", _l("Confirm: send the invitation")),
            SelectChoice("decline", _l("Decline")),
        ],
        validators=[InputRequired(_l("Choose an answer."))],
    )
    role = SelectField(_l("Role"), validators=[InputRequired(CHOOSE)])
    organisation_id = SelectField(_l("Organisation"), validators=[Optional()])

    def prepare(self, sides: list[Organisation]) -> None:
        """Offer the roles a stranger may ask for, and the organisations."""
        self.role.choices = [
            SelectChoice(role.value, wording.WORDS[Role][role]) for role in accounts.ASKABLE
        ]
        self.organisation_id.choices = organisation_choices(sides)


class InviteForm(BaseForm):
    """The office invites somebody."""

    role = SelectField(_l("Role"), validators=[InputRequired(CHOOSE)])
    organisation_id = SelectField(_l("Organisation"), validators=[InputRequired(CHOOSE)])
    name = name_field()
    post = post_field()
    email = email_field()
    language = RadioField(
        _l("Language of letters and pages"),
        choices=LANGUAGES,
        default=Language.UK.value,
        validators=[InputRequired(_l("Choose a language."))],
    )

    def prepare(self, actor: Membership, organisations: list[Organisation]) -> None:
        """Offer the roles that this person may give."""
        roles = [role for role, who in accounts.INVITERS.items() if actor.role in who]
        self.role.choices = [SelectChoice(role.value, wording.WORDS[Role][role]) for role in roles]
        self.organisation_id.choices = organisation_choices(organisations)


def organisation_choices(rows: list[Organisation]) -> list[Any]:
    """Return organisations as choices, the first of which chooses nothing."""
    return [
        SelectChoice("", _("Choose from the list")),
        *(SelectChoice(str(row.id), organisation_name(row)) for row in rows),
    ]
