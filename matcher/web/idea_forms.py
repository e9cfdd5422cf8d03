"""The forms in which an idea is written: one for each section, for its authors and for staff."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from matcher.models.codes import ApplicantType, BeneficiaryGroup, Readiness
from matcher.models.idea import Idea, Section, Sensitivity
from matcher.models.organisation import Organisation
from matcher.services import form_keys, idea_choices, taxonomy
from matcher.web import wording
from matcher.web.auth.forms import many_lines, one_line
from matcher.web.clock import today
from matcher.web.filters import localised, money
from matcher.web.forms import KeyedForm, VersionedForm
from matcher.web.idea_words import DOCUMENT_WORDS, FIELD_WORDS, organisation_name
from matcher.web.parsed_fields import (
    CountField,
    DayField,
    MoneyField,
    MonthsField,
    PercentField,
)
from matcher.web.parsing import Sum

SUMMARY = 1500
LONG = 6000
SMALLEST_SUM = Decimal(1000)


strip = many_lines  # the name under which the forms of a donor's answers use it


def text_limit(limit: int) -> Length:
    """Return the validator of a long text."""
    return Length(
        max=limit, message=_l("This text is too long. Keep the most important part of it.")
    )


def with_none(choices: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Put a line that chooses nothing before the choices."""
    return [("", _("Choose from the list")), *choices]


def term_choices(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the terms of a taxonomy as choices, in the reader's language."""
    return [(code, localised(term, "name")) for code, term in terms.items()]


def goal_choices() -> list[tuple[str, str]]:
    """Return the goals of strategies as choices; a long text is cut at a word."""
    return [
        (str(goal.id), f"{goal.code}. {localised(goal, 'text')}"[:160])
        for goal in idea_choices.list_goals()
    ]


def place_choices(idea: Idea, communities: Sequence[Organisation]) -> list[tuple[str, str]]:
    """Return where an idea may help: the community and its settlements; any for an agency."""
    lead = idea.organisation
    if lead.katottg is None:
        return with_none([(str(row.katottg), organisation_name(row)) for row in communities])
    settlements = idea_choices.list_settlements(idea)
    return [
        (lead.katottg, organisation_name(lead)),
        *((row.katottg, localised(row, "name")) for row in settlements),
    ]


number_limit = Length(max=60, message=_l("This number is too long: 60 characters at most."))


class ChoiceField(SelectField):  # type: ignore[misc]
    """A select whose first line chooses nothing: nothing is an empty text, in and out."""

    def process_data(self, value: Any) -> None:
        """Show nothing as the first line."""
        super().process_data("" if value is None else value)


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewIdeaForm(KeyedForm):
    """The first save: a title and a summary make a draft."""

    title = StringField(
        FIELD_WORDS["title"],
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter a title: what and for whom.")),
            Length(max=200, message=_l("The title is too long: 200 characters at most.")),
        ],
    )
    summary = TextAreaField(
        FIELD_WORDS["summary"], filters=[many_lines], validators=[text_limit(SUMMARY)]
    )


class SectionForm(VersionedForm):
    """One section of an idea; ``seen`` tells whether another section alone has changed since."""

    names: tuple[str, ...] = ()
    seen = HiddenField(validators=[Length(max=64)])

    def prepare(self, idea: Idea) -> None:
        """Set the choices that depend on the idea and its community."""

    def values(self) -> dict[str, Any]:
        """Return what `ideas.save_section` stores."""
        values = {name: self[name].data for name in self.names}
        for name in values:
            if isinstance(self[name], ChoiceField):
                values[name] = values[name] or None
        return values

    def partner_ids(self) -> Collection[int] | None:
        """Return the partner communities, where this section asks for them."""
        return None


class EssenceForm(SectionForm):
    """What the idea is."""

    names = (
        "title",
        "summary",
        "problem",
        "activities",
        "result",
        "sector",
        "sdg",
        "strategy_goal_id",
        "title_en",
        "summary_en",
    )
    title = StringField(
        FIELD_WORDS["title"],
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter a title: what and for whom.")),
            Length(max=200, message=_l("The title is too long: 200 characters at most.")),
        ],
    )
    summary = TextAreaField(FIELD_WORDS["summary"], [text_limit(SUMMARY)], filters=[many_lines])
    problem = TextAreaField(
        _l("What problem do you solve?"), [text_limit(LONG)], filters=[many_lines]
    )
    activities = TextAreaField(_l("What will you do?"), [text_limit(LONG)], filters=[many_lines])
    result = TextAreaField(_l("What will change?"), [text_limit(LONG)], filters=[many_lines])
    sector = ChoiceField(FIELD_WORDS["sector"])
    sdg = ChoiceField(FIELD_WORDS["sdg"], [Optional()])
    strategy_goal_id = ChoiceField(FIELD_WORDS["strategy_goal_id"], [Optional()])
    title_en = StringField(
        FIELD_WORDS["title_en"],
        [Optional(), Length(max=200, message=_l("The title is too long: 200 characters at most."))],
        filters=[one_line],
    )
    summary_en = TextAreaField(
        FIELD_WORDS["summary_en"], [Optional(), text_limit(SUMMARY)], filters=[many_lines]
    )

    def prepare(self, idea: Idea) -> None:
        """Offer the sectors, the development goals and the goals of strategies."""
        self.sector.choices = with_none(term_choices(taxonomy.sectors()))
        self.sdg.choices = with_none(
            [(code, f"{code}. {name}") for code, name in term_choices(taxonomy.sdgs())]
        )
        self.strategy_goal_id.choices = with_none(goal_choices())

    def values(self) -> dict[str, Any]:
        """Return the fields with the numbers as numbers."""
        values = super().values()
        for name in ("sdg", "strategy_goal_id"):
            values[name] = int(values[name]) if values[name] else None
        return values


class PeopleForm(SectionForm):
    """Whom it helps, where, and who may know."""

    names = ("beneficiaries", "beneficiary_groups", "place_katottg", "sensitivity")
    beneficiaries = CountField(FIELD_WORDS["beneficiaries"])
    beneficiary_groups = CheckboxesField(
        FIELD_WORDS["beneficiary_groups"], choices=wording.choices(BeneficiaryGroup)
    )
    place_katottg = ChoiceField(FIELD_WORDS["place_katottg"])
    partners_chosen = CheckboxesField(FIELD_WORDS["partner_ids"], [Optional()], coerce=int)
    sensitivity = RadioField(
        FIELD_WORDS["sensitivity"],
        choices=wording.choices(Sensitivity),
        validators=[InputRequired(_l("Choose who may see the idea."))],
    )

    def prepare(self, idea: Idea) -> None:
        """Offer the settlements of the community and the communities that may join."""
        others = idea_choices.list_communities(but=idea.organisation_id)
        self.place_katottg.choices = place_choices(idea, others)
        self.partners_chosen.choices = [(row.id, organisation_name(row)) for row in others]

    def values(self) -> dict[str, Any]:
        """Return the fields with the class as its code."""
        values = super().values()
        values["sensitivity"] = Sensitivity(values["sensitivity"])
        return values

    def partner_ids(self) -> Collection[int] | None:
        """Return the communities that were ticked."""
        return list(self.partners_chosen.data or [])


class BudgetForm(SectionForm):
    """What it costs and how long it takes."""

    names = ("amount", "own_share_pct", "duration_months")
    amount = MoneyField(_l("How much money is needed?"))
    own_share_pct = PercentField(FIELD_WORDS["own_share_pct"])
    duration_months = MonthsField(_l("How long does it take?"))

    def validate_amount(self, field: MoneyField) -> None:
        """A sum that small has probably lost its "thousand"."""
        if field.data is not None and field.data.amount < SMALLEST_SUM:
            short = f"{field.data.amount.normalize():f}".replace(".", ",")
            raise ValidationError(
                _(
                    "This is only %(sum)s. Did you mean thousands? Write “%(short)s тис.”.",
                    sum=money(field.data.amount, field.data.currency),
                    short=short,
                )
            )

    def values(self) -> dict[str, Any]:
        """Return the sum as the idea keeps it: an amount and a currency."""
        values = super().values()
        total: Sum | None = values["amount"]
        values["amount"] = total.amount if total else None
        values["currency"] = total.currency if total else None
        return values


class CapacityForm(SectionForm):
    """Who does it and with whom."""

    names = ("applicant_type", "partners", "capacity")
    applicant_type = ChoiceField(FIELD_WORDS["applicant_type"])
    partners = TextAreaField(
        FIELD_WORDS["partners"], [Optional(), text_limit(LONG)], filters=[many_lines]
    )
    capacity = TextAreaField(FIELD_WORDS["capacity"], [text_limit(LONG)], filters=[many_lines])

    def prepare(self, idea: Idea) -> None:
        """Offer the kinds of applicants."""
        self.applicant_type.choices = with_none(wording.choices(ApplicantType))

    def values(self) -> dict[str, Any]:
        """Return the fields with the kind as its code."""
        values = super().values()
        kind = values["applicant_type"]
        values["applicant_type"] = ApplicantType(kind) if kind else None
        return values


class DocumentsForm(SectionForm):
    """How far it is; a document is a date, never a file."""

    names = ("readiness", "dream_id", "prozorro_id")
    document_codes = tuple(DOCUMENT_WORDS)
    readiness = RadioField(
        _l("How far is the idea?"),
        choices=wording.choices(Readiness),
        validators=[Optional()],
    )
    document_council_decision = DayField(DOCUMENT_WORDS["council_decision"])
    document_support_letter = DayField(DOCUMENT_WORDS["support_letter"])
    document_cost_estimate = DayField(DOCUMENT_WORDS["cost_estimate"])
    document_feasibility = DayField(DOCUMENT_WORDS["feasibility"])
    document_design = DayField(DOCUMENT_WORDS["design"])
    document_expert_review = DayField(DOCUMENT_WORDS["expert_review"])
    dream_id = StringField(FIELD_WORDS["dream_id"], [Optional(), number_limit], filters=[one_line])
    prozorro_id = StringField(
        FIELD_WORDS["prozorro_id"], [Optional(), number_limit], filters=[one_line]
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A document that is at hand has a day that has been."""
        valid = bool(super().validate(extra_validators))
        for code in self.document_codes:
            field = self[f"document_{code}"]
            if field.data is not None and field.data > today():
                field.errors = [_("This day is still to come. Write the date of the document.")]
                valid = False
        return valid

    def values(self) -> dict[str, Any]:
        """Return the fields with the documents by code, each with its date."""
        values = super().values()
        values["readiness"] = Readiness(values["readiness"]) if values["readiness"] else None
        dates = {code: self[f"document_{code}"].data for code in self.document_codes}
        values["documents"] = {code: day.isoformat() for code, day in dates.items() if day}
        return values


FORMS: dict[Section, type[SectionForm]] = {
    Section.ESSENCE: EssenceForm,
    Section.PEOPLE: PeopleForm,
    Section.BUDGET: BudgetForm,
    Section.CAPACITY: CapacityForm,
    Section.DOCUMENTS: DocumentsForm,
}


def initial_values(idea: Idea, section: Section) -> dict[str, Any]:
    """Return what the section's form shows of an idea."""
    names = FORMS[section].names
    values = {name: getattr(idea, name) for name in names if hasattr(idea, name)}
    if section is Section.PEOPLE:
        values["partners_chosen"] = [partner.id for partner in idea.partners_involved]
    if section is Section.BUDGET:
        known = idea.amount is not None and idea.currency is not None
        values["amount"] = Sum(idea.amount, idea.currency) if known else None  # type: ignore[arg-type]
    if section is Section.DOCUMENTS:
        values |= {
            f"document_{code}": _stored_day(idea.documents.get(code)) for code in DOCUMENT_WORDS
        }
    return values


def _stored_day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


def section_digest(idea: Idea, section: Section) -> str:
    """Return a fingerprint of what the section holds now."""
    return form_keys.content_digest(initial_values(idea, section))


def section_form(idea: Idea, section: Section) -> SectionForm:
    """Return the section's form, filled from the idea or from what was sent.

    Use: ``form = section_form(idea, section)``; when ``form.validate_on_submit()``, pass
    ``form.values()``, ``form.partner_ids()`` and ``seen_version(idea, section, form)`` to
    `ideas.save_section`; render with the macro `section_fields(form, section)`.
    """
    form = FORMS[section](
        data={
            **initial_values(idea, section),
            "version": idea.version,
            "seen": section_digest(idea, section),
        }
    )
    form.prepare(idea)
    return form


def seen_version(idea: Idea, section: Section, form: SectionForm) -> int:
    """Return the version to save against.

    Somebody may have saved another section meanwhile: then nothing of this one is lost, and
    the present version counts as seen.
    """
    if form.seen.data == section_digest(idea, section):
        return idea.version
    return int(form.version.data)
