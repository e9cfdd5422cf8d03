"""The words of the community's pages: steps, what waits, polite words about a donor's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.match import Match, MatchEvent, MatchStatus
from matcher.services.following import Need, NeedRow, Standing, Step, StepRow
from matcher.services.progress import SectionProgress, SectionState
from matcher.web import wording
from matcher.web.idea_words import field_word, section_of

STEPS = {
    Step.SUBMITTED: _l("Submitted"),
    Step.CHECK: _l("Check by the office"),
    Step.PAIRS: _l("Pairs with donors"),
    Step.INTEREST: _l("A donor is interested"),
    Step.INTRODUCTION: _l("Introduction"),
    Step.DECISION: _l("The donor’s decision"),
}
NOW_NOTES = {
    Step.SUBMITTED: _l("Not with the office yet."),
    Step.CHECK: _l("Usually within five working days. Staff read whether everything is clear."),
    Step.PAIRS: _l("The office chooses the donors whose priorities fit and sends them the idea."),
    Step.INTEREST: _l("The idea is with donors. You get a letter when one of them answers."),
    Step.INTRODUCTION: _l("The office introduces you to the donor. Contacts open on that day."),
    Step.DECISION: _l("You talk with the donor directly; the office is there to help."),
}
SECTION_STATES = {
    SectionState.NOT_STARTED: _l("Not started"),
    SectionState.IN_PROGRESS: _l("In progress"),
    SectionState.DONE: _l("Done"),
    SectionState.NEEDS_CHANGE: _l("Needs a change"),
}
NEXT_STEPS = {
    IdeaStatus.DRAFT: _l("Go on writing and submit"),
    IdeaStatus.AWAITING_SIGNOFF: _l("The head reads and signs"),
    IdeaStatus.SUBMITTED: _l("The office reads it"),
    IdeaStatus.CHANGES_REQUESTED: _l("Change the named sections and submit again"),
    IdeaStatus.PUBLISHED: _l("The office looks for donors"),
    IdeaStatus.ON_HOLD: _l("The office has stopped it for a time"),
    IdeaStatus.STALE: _l("Say whether it is still current"),
}
NEED_STEPS = {
    Need.SIGN_OFF: _l("Read the draft and sign it"),
    Need.CHANGE: NEXT_STEPS[IdeaStatus.CHANGES_REQUESTED],
    Need.ANSWER: _l("Answer the donor’s question"),
    Need.CONFIRM: _l("A donor is interested: confirm that the idea is current"),
    Need.RENEW: NEXT_STEPS[IdeaStatus.STALE],
    Need.RESUBMIT: _l("Check your changes and submit them"),
}
PAIR_STEPS = {
    MatchStatus.RELEASED: _l("Donors are reading the idea"),
    MatchStatus.QUESTION: _l("The office passes on the donor’s question or your answer"),
    MatchStatus.INTERESTED: _l("A donor is interested, the office prepares its decision"),
    MatchStatus.APPROVED: _l("The office prepares the introduction"),
    MatchStatus.INTRODUCED: _l("Talk with the donor directly"),
    MatchStatus.IN_TALKS: _l("Go on talking with the donor"),
}
HINTS = {
    "title": _l("Give the idea a title."),
    "summary": _l("Donors read the summary first: add it."),
    "problem": _l("Describe the problem: donors’ words are looked for in it."),
    "activities": _l("Say what will be done: it carries most of the words that match."),
    "result": _l("Say what will change: donors compare results."),
    "sector": _l("Choose a sector: donors sort by it."),
    "sdg": _l("Name a development goal: many donors ask for one."),
    "title_en": _l("An English title and summary open the idea to donors who read English."),
    "beneficiaries": _l("Donors look for the number of people: add it."),
    "beneficiary_groups": _l("Tick whom it helps: many calls are for certain people only."),
    "amount": _l("Add the sum: it settles the rule on the size of a grant."),
    "own_share_pct": _l("Add your own share, even 0: it settles the rule on co-financing."),
    "duration_months": _l("Add how long it takes: donors plan by years."),
    "applicant_type": _l("Say who applies: it settles the rule on applicants."),
    "capacity": _l("Say who will run it: donors trust experience."),
    "readiness": _l("Say how far the idea is: some donors take ready designs only."),
}
PAIR_WORDS = {
    MatchStatus.RELEASED: _l("The donor is reading the idea."),
    MatchStatus.QUESTION: _l("The donor has a question."),
    MatchStatus.INTERESTED: _l("The donor is interested. The office prepares the next step."),
    MatchStatus.APPROVED: _l("The office has approved the pair and prepares the introduction."),
    MatchStatus.INTRODUCED: _l("You have been introduced: talk to each other directly."),
    MatchStatus.IN_TALKS: _l("You are talking with the donor."),
    MatchStatus.FUNDED: _l("The donor funds the idea."),
    MatchStatus.NOT_FUNDED: _l("The talks have ended without money this time."),
    MatchStatus.DECLINED: _l("The donor thanks you for the idea and cannot take it up now."),
    MatchStatus.REFUSED: _l("The office did not take this pair further."),
    MatchStatus.LAPSED: _l("This pair is closed: the call has ended or the idea has changed."),
}
STATUS_WORDS = {
    MatchStatus.RELEASED: _l("With the donor"),
    MatchStatus.QUESTION: _l("A question"),
    MatchStatus.INTERESTED: _l("The donor is interested"),
    MatchStatus.APPROVED: _l("Approved"),
    MatchStatus.INTRODUCED: _l("Introduced"),
    MatchStatus.IN_TALKS: _l("In talks"),
    MatchStatus.FUNDED: _l("Funded"),
    MatchStatus.NOT_FUNDED: _l("Ended"),
    MatchStatus.DECLINED: _l("Not this time"),
    MatchStatus.REFUSED: _l("Not this time"),
    MatchStatus.LAPSED: _l("Pair closed"),
}
REASON_WORDS = {
    Reason.NOT_OUR_THEME: _l("The theme is outside of what this donor funds now."),
    Reason.AMOUNT_OUT_OF_RANGE: _l("The sum does not fit the size of this donor’s grants."),
    Reason.TERRITORY_SECURITY: _l("The donor cannot work in this territory now."),
    Reason.APPLICANT_TYPE: _l("This donor gives money to another kind of applicant."),
    Reason.DEADLINE_IMPOSSIBLE: _l("The time left was not enough."),
    Reason.COFINANCING_MISSING: _l("This donor asks for an own share of the community."),
    Reason.NOT_READY: _l("The donor looks for ideas at a later stage of preparation."),
    Reason.ALREADY_FUNDED: _l("A similar need is already being funded."),
    Reason.CAPACITY: _l("The donor has no free money or people at the moment."),
    Reason.OTHER: _l("The donor has its own reasons; the office can tell you more."),
}
ADVICE = {
    Reason.NOT_OUR_THEME: _l(
        "Nothing is wrong with the idea. It stays open for other donors; check whether the "
        "summary names the main need in its first sentence."
    ),
    Reason.AMOUNT_OUT_OF_RANGE: _l(
        "Split the idea into stages, join with neighbours, or name who pays for the rest."
    ),
    Reason.TERRITORY_SECURITY: _l(
        "Consider whether a part can be done elsewhere: training, equipment, services online."
    ),
    Reason.APPLICANT_TYPE: _l(
        "Ask a partner that may apply (an organisation, an enterprise, a hospital) to lead."
    ),
    Reason.DEADLINE_IMPOSSIBLE: _l(
        "Prepare the documents now, so that you are ready for the next call."
    ),
    Reason.COFINANCING_MISSING: _l(
        "State an own share; work, premises and equipment count with many donors."
    ),
    Reason.NOT_READY: _l("Add what you have: a cost estimate, a council decision, a design."),
    Reason.ALREADY_FUNDED: _l("Say in the idea what is still missing besides what is funded."),
    Reason.CAPACITY: _l("Keep the idea current: the donor may come back to it."),
    Reason.OTHER: _l("Ask the office what would help; the idea stays open for other donors."),
}
REJECTIONS = {
    Reason.NOT_OUR_THEME: _l("The office works with ideas of another kind."),
    Reason.AMOUNT_OUT_OF_RANGE: _l("No donor of the office gives sums of this size."),
    Reason.TERRITORY_SECURITY: _l("The idea cannot be offered from this territory now."),
    Reason.APPLICANT_TYPE: _l("This applicant cannot receive help through the office."),
    Reason.DEADLINE_IMPOSSIBLE: _l("The time left is not enough."),
    Reason.COFINANCING_MISSING: _l("Without an own share no donor can be found."),
    Reason.NOT_READY: _l("The idea is not clear enough yet to be shown to donors."),
    Reason.ALREADY_FUNDED: _l("The same need is funded already or stands in another idea."),
    Reason.CAPACITY: _l("The office cannot take up the idea now."),
    Reason.OTHER: _l("The office has explained the reason in its note."),
}
PAIR_ACTS = {
    "release": _l("Sent to the donor"),
    "ask": _l("The donor asked a question"),
    "answered": _l("Your answer was passed on"),
    "interested": _l("The donor is interested"),
    "approve": _l("Approved by the office"),
    "introduce": _l("Introduced"),
    "talks": _l("Talks began"),
    "fund": _l("Funded"),
    "not_funded": _l("The talks ended"),
    "decline": _l("The donor cannot take it up"),
    "refuse": _l("The office did not take it further"),
    "lapse": _l("Pair closed"),
    "reopened": _l("Opened again"),
    "restored": _l("The donor came back to it"),
}
BAD_ACTS = frozenset({"not_funded", "decline", "refuse", "lapse"})
DONOR_STEPS = {
    "0": _l("No fitting donor is known yet. More facts may find one."),
    "1-4": _l("Possible donors: 1–4"),
    "5-9": _l("Possible donors: 5–9"),
    "10+": _l("Possible donors: 10 or more"),
}


def next_step(idea: Idea, standing: Standing) -> str:
    """Return in a few words what happens next: first what waits for the reader."""
    if standing.needs:
        return str(NEED_STEPS[standing.needs[0].need])
    if idea.status is IdeaStatus.PUBLISHED and standing.furthest in PAIR_STEPS:
        return str(PAIR_STEPS[standing.furthest])
    return str(NEXT_STEPS.get(idea.status, ""))


def step_items(rows: Sequence[StepRow]) -> list[dict[str, Any]]:
    """Return the steps as items of a timeline."""
    return [
        {
            "label": str(STEPS[row.step]),
            "state": row.state.value,
            "when": row.when,
            "note": str(NOW_NOTES[row.step]) if row.state == "now" else "",
        }
        for row in rows
    ]


def task_items(
    idea: Idea, rows: Sequence[SectionProgress], open_sections: frozenset[Any]
) -> list[dict[str, Any]]:
    """Return the sections as tasks; a closed one has no link."""
    return [
        {
            "label": wording.word(row.section),
            "href": section_url(idea, row.section) if row.section in open_sections else None,
            "status": row.state.value,
            "status_label": str(SECTION_STATES[row.state]),
            "hint": _("Still empty: %(facts)s", facts=facts_list(row.missing))
            if row.missing and row.state is SectionState.IN_PROGRESS
            else "",
        }
        for row in rows
    ]


def facts_list(names: Sequence[str]) -> str:
    """Return the labels of fields in a sentence."""
    return ", ".join(wording.lower_first(field_word(name)) for name in names)


def section_url(idea: Idea, section: Any, **more: Any) -> str:
    """Return the address of a section's form."""
    return url_for("community.edit_section", idea_id=idea.id, section=str(section), **more)


def missing_item(idea: Idea, name: str) -> dict[str, str]:
    """Return a required field that is empty, with the address where it is filled."""
    section = section_of(name)
    return {
        "label": field_word(name),
        "href": section_url(idea, section, **{"from": "check"}) + f"#{name}",
    }


def need_item(idea: Idea, row: NeedRow) -> dict[str, Any]:
    """Return what waits as a sentence with a link or a button."""
    act = {"idea_id": idea.id}
    items: dict[Need, tuple[str, str, str, str]] = {
        Need.SIGN_OFF: (
            _("The draft waits for your signature."),
            _("Read and sign"),
            url_for("community.check_answers", **act),
            "get",
        ),
        Need.CHANGE: (
            _("The office asks for changes. Open the sections below, change them, submit again."),
            _("Check and submit again"),
            url_for("community.check_answers", **act),
            "get",
        ),
        Need.CONFIRM: (
            _("A donor is interested. Confirm that the idea is still what you want."),
            _("Yes, the idea is current"),
            url_for("community.confirm_idea", **act),
            "post",
        ),
        Need.RENEW: (
            _("Is the idea still current? Without an answer it leaves the list of open ideas."),
            _("Yes, still current"),
            url_for("community.renew_idea", **act),
            "post",
        ),
        Need.RESUBMIT: (
            _("You have changed the idea and not submitted the changes yet."),
            _("Check and submit the changes"),
            url_for("community.check_answers", **act),
            "get",
        ),
    }
    if row.need is Need.ANSWER and row.question is not None:
        url = url_for("community.answer_question", question_id=row.question.id)
        return {"text": _("A donor has a question."), "label": _("Answer"), "url": url, "by": "get"}
    text, label, url, by = items[row.need]
    return {"text": text, "label": label, "url": url, "by": by}


def closing_reason(match: Match) -> Reason | None:
    """Return the code with which the pair was closed."""
    for event in reversed(match.events):
        if event.to_status == match.status and event.from_status != match.status:
            return event.reason
    return None


def pair_item(match: Match) -> dict[str, Any]:
    """Return a pair in polite words: no score, no note of the donor."""
    reason = closing_reason(match)
    closed = match.status in (
        MatchStatus.DECLINED,
        MatchStatus.REFUSED,
        MatchStatus.NOT_FUNDED,
        MatchStatus.LAPSED,
    )
    return {
        "match": match,
        # A refusal by the office is no fault of the community: the same calm sign.
        "status": "declined" if match.status is MatchStatus.REFUSED else match.status.value,
        "status_label": str(STATUS_WORDS.get(match.status, STATUS_WORDS[MatchStatus.LAPSED])),
        "text": str(PAIR_WORDS.get(match.status, PAIR_WORDS[MatchStatus.LAPSED])),
        "reason": str(REASON_WORDS[reason]) if closed and reason else "",
        "advice": str(ADVICE[reason]) if closed and reason else "",
    }


def pair_history(events: Sequence[MatchEvent]) -> list[dict[str, Any]]:
    """Return the history that the community may read; undone and inner acts are left out."""
    undone = {event.undoes_id for event in events if event.undoes_id}
    return [
        {
            "label": str(PAIR_ACTS[event.act]),
            "state": "bad" if event.act in BAD_ACTS else "done",
            "when": event.at,
        }
        for event in events
        if event.act in PAIR_ACTS and event.id not in undone
    ]
