"""The forms of the office's acts on ideas."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from matcher.models.codes import Reason
from matcher.models.idea import Section, TextOrigin
from matcher.services import idea_choices
from matcher.web import wording
from matcher.web.auth.forms import many_lines, one_line
from matcher.web.forms import BaseForm, VersionedForm
from matcher.web.idea_forms import SUMMARY, NewIdeaForm, text_limit
from matcher.web.idea_words import organisation_name

NOTE = 2000


class ReasonForm(VersionedForm):
    """A reason by its code, with words where the code says too little."""

    reason = RadioField(
        _l("Reason"),
        choices=wording.choices(Reason),
        validators=[InputRequired(_l("Choose a reason."))],
    )
    note = TextAreaField(_l("In your words"), [Optional(), text_limit(NOTE)], filters=[many_lines])

    def validate_note(self, field: TextAreaField) -> None:
        """ "Another reason" says nothing by itself."""
        if self.reason.data == Reason.OTHER and not field.data:
            raise ValidationError(str(wording.ERRORS["reason_text"]))


class NoteForm(VersionedForm):
    """An act that needs a word of explanation."""

    note = TextAreaField(
        _l("Why?"),
        [InputRequired(_l("Say in a few words why.")), text_limit(NOTE)],
        filters=[many_lines],
    )


class ReturnForm(VersionedForm):
    """What to change, section by section; an empty field asks for nothing."""

    essence = TextAreaField(_l("The essence"), [Optional(), text_limit(NOTE)], filters=[many_lines])
    people = TextAreaField(
        _l("People and community"), [Optional(), text_limit(NOTE)], filters=[many_lines]
    )
    budget = TextAreaField(_l("Budget"), [Optional(), text_limit(NOTE)], filters=[many_lines])
    capacity = TextAreaField(
        _l("Partners and capacity"), [Optional(), text_limit(NOTE)], filters=[many_lines]
    )
    documents = TextAreaField(_l("Documents"), [Optional(), text_limit(NOTE)], filters=[many_lines])

    def notes(self) -> dict[Section, str]:
        """Return the words by section, for those sections that have some."""
        return {
            section: self[section.value].data for section in Section if self[section.value].data
        }

    def validate_essence(self, field: TextAreaField) -> None:
        """At least one section has to be named."""
        if not any(self[section.value].data for section in Section):
            raise ValidationError(_("Write in at least one section what to change."))


class MergeForm(VersionedForm):
    """The number of the idea that stays."""

    into = StringField(
        _l("Number of the idea that stays"),
        [InputRequired(_l("Enter the number of the other idea.")), Length(max=20)],
        filters=[one_line],
    )


class NewBehalfForm(NewIdeaForm):
    """The first save of an idea that the office enters for a community."""

    community = SelectField(
        _l("Community"),
        coerce=int,
        validators=[InputRequired(_l("Choose the community."))],
    )

    def prepare(self) -> None:
        """Offer the communities in use."""
        self.community.choices = [
            (row.id, organisation_name(row)) for row in idea_choices.list_communities(but=0)
        ]


class ReleaseTextForm(BaseForm):
    """What outsiders read; ``seen`` is the digest of the wording the writer started from."""

    seen = HiddenField(validators=[Length(max=64)])
    origin = HiddenField(validators=[Length(max=20)])
    title = StringField(
        _l("Title for donors"),
        [InputRequired(_l("Enter a title.")), Length(max=200)],
        filters=[one_line],
    )
    summary = TextAreaField(
        _l("Summary for donors"),
        [InputRequired(_l("Enter a summary.")), text_limit(SUMMARY)],
        filters=[many_lines],
    )

    @property
    def text_origin(self) -> TextOrigin:
        """Return who wrote the text; an unknown word is a person's."""
        machine = self.origin.data == TextOrigin.MACHINE
        return TextOrigin.MACHINE if machine else TextOrigin.HUMAN


class ClearForm(BaseForm):
    """Whom a lead names for a restricted idea."""

    person = SelectField(
        _l("Member of staff"), coerce=int, validators=[InputRequired(_l("Choose a person."))]
    )
