"""The form of a donor's priorities or of a call, for the office and for donors themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField, URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from matcher.errors import Invalid
from matcher.models.codes import ApplicantType, Readiness
from matcher.models.organisation import TerritoryStatusCode
from matcher.models.profile import Profile, ProfileKind
from matcher.services import idea_choices, profile_content, taxonomy
from matcher.web import wording
from matcher.web.auth.forms import many_lines, one_line
from matcher.web.filters import localised
from matcher.web.forms import BaseForm, KeyedForm, VersionedForm
from matcher.web.idea_forms import CheckboxesField
from matcher.web.idea_words import place_name
from matcher.web.parsed_fields import DayField, MoneyField, PercentField
from matcher.web.parsing import Sum
from matcher.web.profile_words import FIELD_WORDS, values_of

LONGEST = profile_content.LONGEST_TEXT


def title_field(name: str) -> StringField:
    """Return the field for a title."""
    limit = Length(max=200, message=_l("The title is too long: 200 characters at most."))
    return StringField(FIELD_WORDS[name], [Optional(), limit], filters=[one_line])


def text_field(name: str) -> TextAreaField:
    """Return the field for a long text."""
    limit = Length(
        max=LONGEST, message=_l("This text is too long. Keep the most important part of it.")
    )
    return TextAreaField(FIELD_WORDS[name], [Optional(), limit], filters=[many_lines])


class ProfileFields(BaseForm):
    """The fields themselves; `ProfileForm` changes a profile, `NewProfileForm` makes one."""

    kind = ProfileKind.STANDING
    kept_territories: tuple[str, ...] = ()

    title_en = title_field("title_en")
    title_uk = title_field("title_uk")
    text_en = text_field("text_en")
    text_uk = text_field("text_uk")
    exclusions_en = text_field("exclusions_en")
    exclusions_uk = text_field("exclusions_uk")
    sectors = CheckboxesField(FIELD_WORDS["sectors"], [Optional()])
    sdgs = CheckboxesField(FIELD_WORDS["sdgs"], [Optional()])
    clusters = CheckboxesField(FIELD_WORDS["clusters"], [Optional()])
    amount_min = MoneyField(_l("Smallest sum for one project"), [Optional()])
    amount_max = MoneyField(_l("Largest sum for one project"), [Optional()])
    own_share_min_pct = PercentField(FIELD_WORDS["own_share_min_pct"], [Optional()])
    readiness_min = SelectField(FIELD_WORDS["readiness_min"], [Optional()])
    applicant_types = CheckboxesField(FIELD_WORDS["applicant_types"], [Optional()])
    raions = CheckboxesField(_l("Raions"), [Optional()])
    communities = CheckboxesField(_l("Single communities"), [Optional()])
    statuses_required = CheckboxesField(FIELD_WORDS["statuses_required"], [Optional()])
    statuses_excluded = CheckboxesField(FIELD_WORDS["statuses_excluded"], [Optional()])
    sectors_excluded = CheckboxesField(FIELD_WORDS["sectors_excluded"], [Optional()])
    opens_on = DayField(FIELD_WORDS["opens_on"], [Optional()])
    closes_on = DayField(FIELD_WORDS["closes_on"], [Optional()])
    source_url = URLField(
        FIELD_WORDS["source_url"],
        [Optional(), Length(max=500, message=_l("Use up to 500 characters"))],
        filters=[one_line],
    )

    def prepare(self, kind: ProfileKind, territories: Iterable[str] = ()) -> None:
        """Set the choices; standing priorities have no dates."""
        self.kind = kind
        sectors = term_choices(taxonomy.sectors())
        self.sectors.choices = sectors
        self.sectors_excluded.choices = list(sectors)
        self.sdgs.choices = [
            SelectChoice(code, f"{code}. {localised(term, 'name')}")
            for code, term in taxonomy.sdgs().items()
        ]
        self.clusters.choices = term_choices(taxonomy.clusters())
        self.applicant_types.choices = wording.choices(ApplicantType)
        self.statuses_required.choices = wording.choices(TerritoryStatusCode)
        self.statuses_excluded.choices = wording.choices(TerritoryStatusCode)
        self.readiness_min.choices = [
            SelectChoice("", _("Any readiness")),
            *wording.choices(Readiness),
        ]
        raions, communities = place_choices()
        self.raions.choices, self.communities.choices = raions, communities
        offered = {choice.value for choice in (*raions, *communities)}
        # A code of another level (the oblast, a town) is not offered here and not lost either.
        self.kept_territories = tuple(code for code in territories if code not in offered)
        if kind is ProfileKind.STANDING:
            del self.opens_on
            del self.closes_on

    def content(self) -> dict[str, Any]:
        """Return the wording as `profiles.propose` and `profiles.create_profile` take it."""
        low: Sum | None = self.amount_min.data
        high: Sum | None = self.amount_max.data
        known = low or high
        places = [*(self.raions.data or ()), *(self.communities.data or ())]
        texts = {name: self[name].data or "" for name in profile_content.TITLES}
        texts |= {name: self[name].data or "" for name in profile_content.TEXTS}
        lists = profile_content.LISTS - {"territories"}
        return {
            **texts,
            **{name: list(self[name].data or ()) for name in lists},
            "territories": [*self.kept_territories, *places],
            "amount_min": low.amount if low else None,
            "amount_max": high.amount if high else None,
            "currency": known.currency if known else None,
            "own_share_min_pct": self.own_share_min_pct.data,
            "readiness_min": self.readiness_min.data or None,
            "opens_on": self.opens_on.data if "opens_on" in self else None,
            "closes_on": self.closes_on.data if "closes_on" in self else None,
            "source_url": self.source_url.data or "",
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then what they say together."""
        if not super().validate(extra_validators):
            return False
        low, high = self.amount_min.data, self.amount_max.data
        if low and high and low.currency != high.currency:
            self.amount_max.errors = [_("Write both sums in the same currency.")]
            return False
        try:
            profile_content.clean(self.content(), self.kind)
        except Invalid as error:
            name = str(error.details.get("field", ""))
            field = self._fields.get(name) or self.title_en
            field.errors = [*field.errors, wording.error(error)]
            return False
        return True


class ProfileForm(ProfileFields, VersionedForm):
    """Changes a profile; a donor's change is a proposal to the office."""


class NewProfileForm(ProfileFields, KeyedForm):
    """Enters a new profile or call."""


def term_choices(terms: Mapping[str, taxonomy.Term]) -> list[SelectChoice]:
    """Return the terms of a taxonomy as choices, in the reader's language."""
    return [SelectChoice(code, localised(term, "name")) for code, term in terms.items()]


def place_choices() -> tuple[list[SelectChoice], list[SelectChoice]]:
    """Return the raions and the communities as choices, by name."""
    places = [
        (place_name(code), code, place.type is None)
        for code, place in idea_choices.territory_names().items()
    ]
    raions = [SelectChoice(code, name) for name, code, is_raion in sorted(places) if is_raion]
    rest = [SelectChoice(code, name) for name, code, is_raion in sorted(places) if not is_raion]
    return raions, rest


def initial_values(content: Profile | Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a profile or of the stored content of a wording."""
    values = values_of(content)
    currency = values["currency"]
    for name in ("amount_min", "amount_max"):
        amount: Decimal | None = values[name]
        values[name] = Sum(amount, currency) if amount is not None and currency else None
    values["sdgs"] = [str(code) for code in values["sdgs"]]
    values["raions"] = values["communities"] = values["territories"]
    return values


def profile_form(profile: Profile, content: Mapping[str, Any] | None = None) -> ProfileForm:
    """Return the form of a profile, filled from it (or from ``content``) or from what was sent.

    Use: ``form = profile_form(profile)``; when ``form.validate_on_submit()``, pass
    ``form.content()`` and ``version=form.version.data`` to `profiles.propose`; render with the
    macro `profile_fields(form)` of macros/profile.html.
    """
    shown = initial_values(profile if content is None else content)
    form = ProfileForm(data={**shown, "version": profile.version})
    form.prepare(profile.kind, shown["territories"])
    return form


def new_profile_form(kind: ProfileKind) -> NewProfileForm:
    """Return the empty form of a new profile or call."""
    form = NewProfileForm()
    form.prepare(kind)
    return form
