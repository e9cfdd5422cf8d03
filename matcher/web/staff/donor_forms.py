"""The small forms of the donors' pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField, URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from matcher.models.codes import Channel, Language
from matcher.models.organisation import DonorKind
from matcher.models.profile import ProposalStatus
from matcher.web import wording
from matcher.web.auth.forms import LANGUAGES, many_lines, one_line
from matcher.web.forms import BaseForm, KeyedForm, VersionedForm
from matcher.web.parsed_fields import DayField

TOO_LONG = _l("This text is too long. Keep the most important part of it.")
DECISIONS = (
    SelectChoice(ProposalStatus.VERIFIED.value, _l("Put the new wording in force")),
    SelectChoice(ProposalStatus.DECLINED.value, _l("Leave the old wording")),
)


def name_field(label: Any) -> StringField:
    """Return the field for the name of an organisation."""
    return StringField(
        label,
        filters=[one_line],
        validators=[
            InputRequired(_l("Enter the name in both languages.")),
            Length(max=200, message=_l("Use up to 200 characters")),
        ],
    )


class DonorFields(BaseForm):
    """What the office knows of a donor."""

    name_uk = name_field(_l("Name in Ukrainian"))
    name_en = name_field(_l("Name in English"))
    donor_kind = SelectField(
        _l("Kind of donor"),
        choices=wording.choices(DonorKind),
        validators=[InputRequired(_l("Choose from the list."))],
    )
    reads = RadioField(
        _l("Language in which the donor reads ideas"),
        choices=LANGUAGES,
        default=Language.EN.value,
        validators=[InputRequired(_l("Choose a language."))],
    )
    source_url = URLField(
        _l("Website"),
        [Optional(), Length(max=500, message=_l("Use up to 500 characters"))],
        filters=[one_line],
    )
    note = TextAreaField(
        _l("Note for colleagues"),
        [
            Optional(),
            Length(max=4000, message=TOO_LONG),
        ],
        filters=[many_lines],
    )

    def values(self) -> dict[str, Any]:
        """Return what `donors.create_donor` and `donors.edit_donor` store."""
        return {
            "name_uk": self.name_uk.data,
            "name_en": self.name_en.data,
            "donor_kind": DonorKind(self.donor_kind.data),
            "reads": Language(self.reads.data),
            "source_url": self.source_url.data or "",
            "note": self.note.data or "",
        }


class NewDonorForm(DonorFields, KeyedForm):
    """Enters a donor."""


class DonorForm(DonorFields, VersionedForm):
    """Changes a donor."""

    is_active = BooleanField(_l("We work with this donor"))

    def values(self) -> dict[str, Any]:
        """Return the facts and whether the donor is in use."""
        return {**super().values(), "is_active": bool(self.is_active.data)}


class ContactForm(KeyedForm):
    """One line of the log of talks."""

    on = DayField(_l("Day of the talk"), [InputRequired(_l("Enter the day."))])
    channel = RadioField(
        _l("How you talked"),
        choices=wording.choices(Channel),
        validators=[InputRequired(_l("Choose how you talked."))],
    )
    said = TextAreaField(
        _l("What was said"),
        [
            InputRequired(_l("Write down what was said.")),
            Length(max=4000, message=TOO_LONG),
        ],
        filters=[many_lines],
    )
    next_step = StringField(
        _l("Next step"),
        [Optional(), Length(max=500, message=_l("Use up to 500 characters"))],
        filters=[one_line],
    )
    due_on = DayField(_l("By when"), [Optional()])


class DecisionForm(BaseForm):
    """The office's word on a wording that a donor proposed."""

    decision = RadioField(
        _l("Decision"), choices=DECISIONS, validators=[InputRequired(_l("Choose an answer."))]
    )
    note = TextAreaField(
        _l("Word to the donor"),
        [Optional(), Length(max=2000, message=_l("Use up to 2,000 characters"))],
        filters=[many_lines],
    )
