"""Ideas in words: facts, verdicts on rules and history as rows that the templates print."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from matcher.models.codes import ApplicantType, BeneficiaryGroup, Language, Readiness
from matcher.models.idea import SECTION_FIELDS, Idea, IdeaEvent, Section, Sensitivity
from matcher.services import idea_choices, taxonomy
from matcher.web import wording
from matcher.web.filters import day, localised, money, number, percent

Row = dict[str, Any]

DOCUMENT_WORDS = {
    "council_decision": _l("Decision of the council"),
    "support_letter": _l("Letter of support"),
    "cost_estimate": _l("Cost estimate"),
    "feasibility": _l("Feasibility study"),
    "design": _l("Design documents"),
    "expert_review": _l("Expert review of the design"),
}

FIELD_WORDS = {
    "title": _l("Title"),
    "summary": _l("Summary"),
    "problem": _l("The problem"),
    "activities": _l("What will be done"),
    "result": _l("The result"),
    "sector": _l("Sector"),
    "sdg": _l("Sustainable development goal"),
    "strategy_goal_id": _l("Goal of the strategy"),
    "title_en": _l("Title in English"),
    "summary_en": _l("Summary in English"),
    "beneficiaries": _l("How many people it helps"),
    "beneficiary_groups": _l("Whom it helps"),
    "place_katottg": _l("Place"),
    "partner_ids": _l("Partner communities"),
    "sensitivity": _l("Who may see the idea"),
    "amount": _l("Amount needed"),
    "own_share_pct": _l("Own share"),
    "duration_months": _l("Duration"),
    "applicant_type": _l("Who applies"),
    "partners": _l("Partners"),
    "capacity": _l("Experience and people"),
    "readiness": _l("Readiness"),
    "documents": _l("Documents at hand"),
    "dream_id": _l("Number in DREAM"),
    "prozorro_id": _l("Number in Prozorro"),
}

# Where a fact is entered, if the field of the form has another name.
ANCHORS = {"partner_ids": "partners_chosen", "documents": "document_council_decision"}

OUTSIDE_FIELDS = (
    "sector",
    "sdg",
    "beneficiaries",
    "beneficiary_groups",
    "amount",
    "own_share_pct",
    "duration_months",
    "applicant_type",
    "readiness",
)

TEXTS_UK = frozenset(
    {"title", "summary", "problem", "activities", "result", "partners", "capacity"}
)
TEXTS_EN = frozenset({"title_en", "summary_en"})


def field_word(name: str) -> str:
    """Return the label of a field of an idea."""
    return str(FIELD_WORDS.get(name, FIELD_WORDS["title"]))


def document_word(code: str) -> str:
    """Return the name of a document of the checklist."""
    return str(DOCUMENT_WORDS.get(code, _("Another document")))


def section_of(name: str) -> Section | None:
    """Return the section of the form in which a field stands."""
    if name in ("partner_ids", "partners_involved"):
        return Section.PEOPLE
    return next((section for section, names in SECTION_FIELDS.items() if name in names), None)


# Places


def place_name(code: str | None) -> str:
    """Return the name of a territory, with the type of a community: two share one name."""
    if not code:
        return ""
    if "territory_names" not in g:
        g.territory_names = idea_choices.territory_names()
    names: dict[str, idea_choices.PlaceName] = g.territory_names
    if code not in names:
        names.update(idea_choices.settlement_names([code]))
    if code in names:
        name = localised(names[code], "name")
        kind = names[code].type
        return f"{name} {wording.word(kind)}" if kind else name
    own = any(known[:4] == code[:4] for known in names)
    return _("the whole oblast") if own else _("another oblast")


def organisation_name(organisation: Any) -> str:
    """Return the name of an organisation; a community with its type and raion."""
    name = localised(organisation, "name")
    if organisation.community_type is None:
        return name
    name = f"{name} {wording.word(organisation.community_type)}"
    raion = localised(organisation, "raion")
    return f"{name}, {raion}" if raion else name


# Facts


def value_of(idea: Idea | Mapping[str, Any], name: str) -> Any:
    """Return a field of an idea or of the content of a revision."""
    return idea.get(name) if isinstance(idea, Mapping) else getattr(idea, name)


def term_name(terms: Mapping[str, Any], code: object) -> str:
    """Return the name of a code of a taxonomy; nothing for none."""
    term = terms.get(str(code)) if code is not None else None
    return localised(term, "name") if term else ""


def months(value: int | None) -> str:
    """Write a count of months."""
    if value is None:
        return ""
    return ngettext("%(num)s month", "%(num)s months", value)


def word_list(kind: type[BeneficiaryGroup], codes: Sequence[str] | None) -> str:
    """Return the words of several codes, separated by commas; unknown codes are left out."""
    known = [kind(code) for code in codes or () if code in set(kind)]
    return wording.join_words(wording.word(code) for code in known)


def documents_text(documents: Mapping[str, str] | None) -> str:
    """Return the documents at hand, one a line, with their dates."""
    lines = []
    for code, written in (documents or {}).items():
        try:
            when = day(date.fromisoformat(written))
        except ValueError:
            when = ""
        lines.append(f"{document_word(code)}: {when}" if when else document_word(code))
    return "\n".join(lines)


def goal_text(goal_id: int | None) -> str:
    """Return the text of a strategy goal."""
    if goal_id is None:
        return ""
    if "strategy_goals" not in g:
        g.strategy_goals = {goal.id: goal for goal in idea_choices.list_goals()}
    goal = g.strategy_goals.get(goal_id)
    return localised(goal, "text") if goal else ""


def partner_names(idea: Idea | Mapping[str, Any]) -> str:
    """Return the partner communities, one a line."""
    if not isinstance(idea, Mapping):
        return "\n".join(organisation_name(partner) for partner in idea.partners_involved)
    ids = idea.get("partner_ids") or []
    known = {row.id: row for row in idea_choices.list_communities(but=0)} if ids else {}
    return "\n".join(organisation_name(known[key]) for key in ids if key in known)


def _amount(idea: Idea | Mapping[str, Any]) -> str:
    amount = value_of(idea, "amount")
    if amount is None:
        return ""
    return money(Decimal(str(amount)), value_of(idea, "currency"))


def _share(idea: Idea | Mapping[str, Any]) -> str:
    share = value_of(idea, "own_share_pct")
    return "" if share is None else percent(Decimal(str(share)), 2, 100)


def _code(kind: Any, name: str) -> Callable[[Any], str]:
    def write(idea: Any) -> str:
        code = value_of(idea, name)
        return wording.word(kind(code)) if code else ""

    return write


WRITERS: dict[str, Callable[[Any], str]] = {
    "sector": lambda idea: term_name(taxonomy.sectors(), value_of(idea, "sector")),
    "sdg": lambda idea: term_name(taxonomy.sdgs(), value_of(idea, "sdg")),
    "strategy_goal_id": lambda idea: goal_text(value_of(idea, "strategy_goal_id")),
    "beneficiaries": lambda idea: (
        "" if value_of(idea, "beneficiaries") is None else number(value_of(idea, "beneficiaries"))
    ),
    "beneficiary_groups": lambda idea: word_list(
        BeneficiaryGroup, value_of(idea, "beneficiary_groups")
    ),
    "place_katottg": lambda idea: place_name(value_of(idea, "place_katottg")),
    "partner_ids": partner_names,
    "sensitivity": _code(Sensitivity, "sensitivity"),
    "amount": _amount,
    "own_share_pct": _share,
    "duration_months": lambda idea: months(value_of(idea, "duration_months")),
    "applicant_type": _code(ApplicantType, "applicant_type"),
    "readiness": _code(Readiness, "readiness"),
    "documents": lambda idea: documents_text(value_of(idea, "documents")),
}


def fact(idea: Idea | Mapping[str, Any], name: str) -> str:
    """Return one field of an idea (or of a revision's content) in words."""
    if name in WRITERS:
        return WRITERS[name](idea)
    return str(value_of(idea, name) or "")


def fact_names(section: Section) -> list[str]:
    """Return the fields of a section as they are shown: a sum is one fact with its currency."""
    names = [name for name in SECTION_FIELDS[section] if name != "currency"]
    if section is Section.PEOPLE:
        names.append("partner_ids")
    return names


def text_language(name: str) -> str | None:
    """Return the language of a field's text, for its lang attribute, where it may differ."""
    if name in TEXTS_EN:
        return Language.EN.value
    return Language.UK.value if name in TEXTS_UK else None


def fact_rows(
    idea: Idea | Mapping[str, Any],
    section: Section | str | None = None,
    edit: str | None = None,
    outside: bool = False,
) -> list[Row]:
    """Return the facts of an idea as rows for `summary_list`.

    ``section`` limits them to one section, ``outside`` to what people outside of the
    community and the office may read: no place, no texts, no partners.
    """
    if outside:
        names = list(OUTSIDE_FIELDS)
    elif section is not None:
        names = fact_names(Section(section))
    else:
        names = [name for one in Section for name in fact_names(one)]
    return [
        {
            "name": name,
            "label": field_word(name),
            "value": fact(idea, name),
            "lang": text_language(name),
            "edit": f"{edit}#{ANCHORS.get(name, name)}" if edit else None,
        }
        for name in names
    ]


# History

IDEA_ACTS = {
    "ask_signoff": _l("Sent to the head for approval"),
    "send_back": _l("The head gave it back"),
    "submit": _l("Submitted"),
    "resubmit": _l("Submitted again after changes"),
    "recall": _l("Taken back by the community"),
    "return": _l("The office asked for changes"),
    "publish": _l("Accepted and published"),
    "reject": _l("Not accepted"),
    "revise": _l("Changed by the community"),
    "hold": _l("Put on hold"),
    "grow_stale": _l("Nobody confirmed that it is current"),
    "resume": _l("Current again"),
    "withdraw": _l("Withdrawn"),
    "archive": _l("Put into the archive"),
    "funded": _l("Funded"),
    "merge": _l("Joined with another idea"),
}
# Words that the office or the head says to the authors; all others stay where they were said.
NOTES_FOR_COMMUNITY = frozenset({"send_back", "reject", "return"})


def event_rows(
    events: Sequence[IdeaEvent],
    names: bool | Collection[int] = True,
    notes: bool | Collection[str] = True,
) -> list[Row]:
    """Return the history of an idea as items for `timeline`, oldest first.

    ``names`` shows who acted: everybody, nobody, or the people of these ids. ``notes`` shows
    all words that were said, those that are meant for the community, or those of these acts.
    """
    said = NOTES_FOR_COMMUNITY if notes is False else notes
    return [
        {
            "label": str(IDEA_ACTS.get(event.act, _("Changed"))),
            "state": "bad" if event.act in ("reject", "withdraw") else "done",
            "when": event.at,
            "who": event.by.name if event.by and _holds(names, event.by_id) else "",
            "note": event.note if _holds(said, event.act) else "",
        }
        for event in events
    ]


def _holds(chosen: bool | Collection[Any], value: object) -> bool:
    return chosen if isinstance(chosen, bool) else value in chosen
