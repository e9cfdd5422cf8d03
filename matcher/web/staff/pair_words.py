"""Pairs in words: acts, history, reasons to wait, the parts of a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from matcher.engine import Explanation
from matcher.errors import MatcherError
from matcher.models.match import Match, MatchEvent
from matcher.models.organisation import Organisation
from matcher.web import wording
from matcher.web.evidence_words import text_language
from matcher.web.filters import day, localised, moment
from matcher.web.idea_words import organisation_name

ACTS = {
    "release": _l("Sent to the donor"),
    "release_asked": _l("Release asked for: a second person has to confirm"),
    "dismiss": _l("Dismissed"),
    "interested": _l("The donor is interested"),
    "ask": _l("The donor asked a question"),
    "question_relayed": _l("The question went to the community"),
    "answered": _l("The answer went to the donor"),
    "decline": _l("The donor declined"),
    "approve": _l("Approved"),
    "approve_asked": _l("Approval asked for: a second person has to confirm"),
    "refuse": _l("Refused by the office"),
    "introduce": _l("The two sides were introduced"),
    "talks": _l("They are talking"),
    "fund": _l("Funded"),
    "not_funded": _l("Not funded"),
    "lapse": _l("Lapsed"),
    "suggest_again": _l("Suggested again: the idea or the priorities have changed"),
    "added_by_hand": _l("Added by hand"),
    "undone": _l("Undone"),
    "taken_back": _l("The request for a second person was taken back"),
    "reopened": _l("Opened again"),
    "restored": _l("The donor took its refusal back"),
}
BAD = frozenset({"dismiss", "decline", "refuse", "not_funded", "lapse"})
DONE = {
    "release": _l("Sent to the donor."),
    "dismiss": _l("Dismissed."),
    "approve": _l("Approved."),
    "refuse": _l("Refused."),
    "introduce": _l("The two sides are introduced: they see each other’s contacts."),
    "talks": _l("Noted: they are talking."),
    "fund": _l("Noted: funded."),
    "not_funded": _l("Noted: not funded."),
    "lapse": _l("The pair is closed."),
    "interested": _l("Noted: the donor is interested."),
    "ask": _l("Noted: the donor has a question."),
    "decline": _l("Noted: the donor declines."),
}
PARTS = {
    "word": _l("Words that both texts share"),
    "spelling": _l("Words that are spelt alike"),
    "learnt": _l("What this donor’s earlier decisions say"),
    "hub": _l("Correction for texts that fit almost everything"),
}
BLOCKS = {
    "not_confirmed": _l(
        "Approval waits: the community has not confirmed that the idea is current."
    ),
    "same_person": _l("You cannot decide on this alone: a colleague has to confirm."),
    "amount_unknown": _l("Approval waits: the idea states no amount. Ask the community for it."),
    "rate_missing": _l("Approval waits: enter the exchange rate of this currency first."),
}


def act_word(act: str) -> str:
    """Return the word for an act."""
    return str(ACTS.get(act, _("Changed")))


def block_text(error: MatcherError) -> str:
    """Return why an act has to wait."""
    if error.code == "undo_pending":
        return _(
            "Introduce after %(until)s: until then the approval can be undone.",
            until=moment(error.details["until"]),  # type: ignore[arg-type]
        )
    if error.code == "release_text_missing":
        return _("Release waits: confirm the release text in the donor’s language first.")
    return str(BLOCKS[error.code]) if error.code in BLOCKS else wording.error(error)


def history(events: Sequence[MatchEvent]) -> list[dict[str, Any]]:
    """Return the acts on a pair as items of a timeline, oldest first."""
    return [
        {
            "label": act_word(event.act),
            "state": "bad" if event.act in BAD else "done",
            "when": event.at,
            "who": who(event),
            "note": note(event),
            "lang": text_language(event.note) if event.note and not event.reason else "",
        }
        for event in events
    ]


def who(event: MatchEvent) -> str:
    """Return who acted, and for whom it was recorded."""
    name = event.by.name if event.by else _("by itself")
    if event.behalf_channel is None or event.behalf_on is None:
        return name
    return _(
        "%(name)s recorded it for the donor (%(of)s, %(channel)s, %(day)s)",
        name=name,
        of=event.behalf_of,
        channel=wording.word(event.behalf_channel).lower(),
        day=day(event.behalf_on),
    )


def note(event: MatchEvent) -> str:
    """Return the reason and the words of an act."""
    parts = [wording.word(event.reason) if event.reason else "", event.note]
    return ". ".join(part for part in parts if part)


def score_parts(explanation: Explanation) -> list[dict[str, Any]]:
    """Return the sums of the kinds of parts that make a score, in the engine's unit."""
    totals: dict[str, float] = dict.fromkeys(PARTS, 0.0)
    for part in explanation.parts:
        totals[part.kind] += part.contribution
    most = max((abs(value) for value in totals.values()), default=0.0) or 1.0
    return [
        {"label": str(PARTS[kind]), "value": value, "share": max(value, 0.0) / most}
        for kind, value in totals.items()
        if kind != "learnt" or value
    ]


def pair_name(match: Match) -> str:
    """Return a pair in one line."""
    donor = localised(match.profile.organisation, "name")
    return f"{match.idea.code} → {donor}"


def load_text(count: int) -> str:
    """Say how many open introductions a donor has."""
    return ngettext("%(num)s open introduction", "%(num)s open introductions", count)


def named(rows: Sequence[Organisation]) -> list[tuple[str, str]]:
    """Return organisations as options of a filter, by the name that the reader reads."""
    return sorted(((str(row.id), organisation_name(row)) for row in rows), key=lambda row: row[1])
