"""How far the writing of an idea is: the state of each section and the facts still missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matcher.models.idea import Idea, IdeaStatus, Section
from matcher.services import release_texts
from matcher.services.ideas import REQUIRED, open_requests


class SectionState(StrEnum):
    """How far one section is."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    NEEDS_CHANGE = "needs_change"


# What a section needs to count as done; fields that are filled by themselves show no start.
WANTED: dict[Section, tuple[str, ...]] = {
    Section.ESSENCE: ("title", "summary", "problem", "activities", "result", "sector"),
    Section.PEOPLE: ("beneficiaries", "beneficiary_groups"),
    Section.BUDGET: ("amount", "own_share_pct", "duration_months"),
    Section.CAPACITY: ("applicant_type", "capacity"),
    Section.DOCUMENTS: ("readiness",),
}
FILLED_BEFOREHAND = frozenset({"applicant_type"})
# Facts of these sections are not required, but donors sort and refuse by them.
HELPS_MATCHING = (
    "sdg",
    "title_en",
    "beneficiary_groups",
    "amount",
    "own_share_pct",
    "duration_months",
    "readiness",
    "capacity",
)


@dataclass(frozen=True)
class SectionProgress:
    """One section: its state and the wanted fields that are empty."""

    section: Section
    state: SectionState
    missing: tuple[str, ...]


def is_empty(idea: Idea, name: str) -> bool:
    """Tell whether a field holds nothing; zero is something."""
    return getattr(idea, name) in (None, "", [], {})


def section_progress(idea: Idea) -> list[SectionProgress]:
    """Return the progress of the five sections, in the order of the form."""
    asked = open_requests(idea) if idea.status is IdeaStatus.CHANGES_REQUESTED else {}
    return [_progress(idea, section, asked=section in asked) for section in Section]


def _progress(idea: Idea, section: Section, *, asked: bool) -> SectionProgress:
    missing = tuple(name for name in WANTED[section] if is_empty(idea, name))
    started = any(name not in missing and name not in FILLED_BEFOREHAND for name in WANTED[section])
    if asked:
        state = SectionState.NEEDS_CHANGE
    elif not missing:
        state = SectionState.DONE
    else:
        state = SectionState.IN_PROGRESS if started else SectionState.NOT_STARTED
    return SectionProgress(section, state, missing)


def count_done(sections: list[SectionProgress]) -> int:
    """Return how many sections are done."""
    return sum(1 for row in sections if row.state is SectionState.DONE)


def useful_facts(idea: Idea) -> list[str]:
    """Return empty fields beyond the required ones that would help donors decide."""
    return [name for name in HELPS_MATCHING if name not in REQUIRED and is_empty(idea, name)]


def telling_fragments(idea: Idea) -> list[str]:
    """Return what gives a place away in the texts that outsiders will read: a hint, no refusal."""
    found = [
        mark.mark.fragment
        for wording in release_texts.proposals(idea).values()
        for mark in release_texts.marks_in(wording, {})
    ]
    return list(dict.fromkeys(found))
