"""The words of the donor's pages: where a pair stands, what happens next, its history."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.engine.eligibility import Outcome
from matcher.models.idea import TextOrigin
from matcher.models.match import Match, MatchEvent, MatchStatus
from matcher.models.user import Role
from matcher.services import donor_matches, verdicts
from matcher.services.donor_matches import Budget, Row, View
from matcher.services.evidence import Evidence
from matcher.web import wording
from matcher.web.evidence_words import text_language
from matcher.web.verdict_words import verdict_rows

VIEWS = {
    View.OPEN: _l("All open"),
    View.TO_ANSWER: _l("To answer"),
    View.WITH_OFFICE: _l("With the office"),
    View.INTRODUCED: _l("Introduced"),
    View.FINISHED: _l("Finished"),
    View.EXCLUDED: _l("Excluded by your rules"),
}
BUDGETS = {
    Budget.SMALL: _l("up to €50,000"),
    Budget.MIDDLE: _l("€50,000 to €250,000"),
    Budget.LARGE: _l("€250,000 to €1m"),
    Budget.LARGEST: _l("over €1m"),
    Budget.UNKNOWN: _l("not stated"),
}
STATUS_WORDS = {
    MatchStatus.RELEASED: _l("Awaiting your answer"),
    MatchStatus.QUESTION: _l("You have asked a question"),
    MatchStatus.INTERESTED: _l("You are interested"),
    MatchStatus.APPROVED: _l("Approved by the office"),
    MatchStatus.INTRODUCED: _l("Introduced"),
    MatchStatus.IN_TALKS: _l("In talks"),
    MatchStatus.FUNDED: _l("Funded"),
    MatchStatus.NOT_FUNDED: _l("Not funded"),
    MatchStatus.DECLINED: _l("Not for you"),
    MatchStatus.REFUSED: _l("Not pursued by the office"),
    MatchStatus.LAPSED: _l("Pair closed"),
}
NEXT_STEPS = {
    MatchStatus.RELEASED: _l("Say whether you are interested, ask, or say that it is not for you."),
    MatchStatus.QUESTION: _l(
        "The office passes your question to the community and brings you the answer. You can "
        "answer before it comes."
    ),
    MatchStatus.INTERESTED: _l(
        "The community confirms that the idea is current; then the office approves the pair and "
        "introduces you."
    ),
    MatchStatus.APPROVED: _l("The office prepares the introduction."),
    MatchStatus.INTRODUCED: _l("You can talk to each other directly. Tell the office how it goes."),
    MatchStatus.IN_TALKS: _l("Tell the office what the talks have led to."),
    MatchStatus.FUNDED: _l("Thank you. The community and the office see that you fund it."),
    MatchStatus.NOT_FUNDED: _l("The talks have ended without funding. The idea stays open."),
    MatchStatus.DECLINED: _l(
        "The idea stays open for other donors. You can take your “no” back while your programme "
        "is open."
    ),
    MatchStatus.REFUSED: _l("The office has decided not to go on with this pair."),
    MatchStatus.LAPSED: _l("The call has closed, or the idea was withdrawn or funded."),
}
ACTS = {
    "release": _l("Sent to you"),
    "interested": _l("Interested"),
    "ask": _l("Question asked"),
    "answered": _l("Answer received"),
    "decline": _l("Not for us"),
    "approve": _l("Approved by the office"),
    "refuse": _l("Not pursued by the office"),
    "introduce": _l("Introduced"),
    "talks": _l("Talks began"),
    "fund": _l("Funded"),
    "not_funded": _l("Ended without funding"),
    "lapse": _l("Pair closed"),
    "reopened": _l("Opened again by the office"),
    "restored": _l("Taken up again"),
}
BAD_ACTS = frozenset({"decline", "refuse", "not_funded", "lapse"})


def origin_word(row: Row) -> str:
    """Say who wrote the text; nothing when it is the community's own language."""
    if row.text is None or row.text.language == row.match.idea.language:
        return ""
    if row.text.origin is TextOrigin.MACHINE:
        return _("Machine translation, checked by the office")
    return _("Translated by a person")


def broken_rules(row: Row) -> list[dict[str, Any]]:
    """Return the rules that the idea does not meet, worded with both values."""
    broken = [one for one in row.verdicts if one.outcome is Outcome.NOT_ELIGIBLE]
    return verdict_rows(verdicts.as_rows(tuple(broken)))


def history(match: Match) -> list[dict[str, Any]]:
    """Return the pair's history for a timeline; undone and inner acts are left out."""
    undone = {event.undoes_id for event in match.events if event.undoes_id}
    return [
        {
            "label": str(ACTS[event.act]),
            "state": "bad" if event.act in BAD_ACTS else "done",
            "when": event.at,
            "who": who(event),
            "note": note(event),
            "lang": text_language(event.note),
        }
        for event in donor_matches.visible_events(match)
        if event.act in ACTS and event.id not in undone
    ]


def who(event: MatchEvent) -> str:
    """Name a colleague of the donor; of all others the side alone."""
    if event.role is Role.DONOR and event.by is not None:
        return event.by.name
    if event.behalf_channel is not None:
        return _("told to the office")
    return _("the office") if event.by_id else ""


def note(event: MatchEvent) -> str:
    """Return the reason and, of the donor's own acts, the words that were said."""
    reason = wording.word(event.reason)
    own = event.role is Role.DONOR or event.behalf_channel is not None
    return ". ".join(part for part in (reason, event.note if own else "") if part)


def shared_words(found: Evidence | None, best: int = 4) -> list[tuple[str, str]]:
    """Return the strongest words of the idea that met the priorities, with their language."""
    words = [notion.idea for notion in found.shared] if found is not None else []
    named = {word.casefold(): word for word in reversed(words)}
    return [(word, text_language(word)) for word in list(reversed(named.values()))[:best]]
