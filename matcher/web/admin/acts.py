"""Words for the acts of the audit trail: an act is a subject and what was done to it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.models.idea import IdeaStatus
from matcher.models.match import MatchStatus
from matcher.models.user import Role
from matcher.web import wording
from matcher.web.filters import day, moment

SUBJECTS = {
    "access": _l("Request for access"),
    "access_request": _l("Request for access"),
    "clearance": _l("Clearance"),
    "conflict": _l("Conflict of interest"),
    "contact": _l("Contact log"),
    "contact_note": _l("Contact log"),
    "donor": _l("Donor"),
    "community": _l("Community"),
    "feedback": _l("Feedback"),
    "goal": _l("Goal of a strategy"),
    "idea": _l("Idea"),
    "invitation": _l("Invitation"),
    "job": _l("Letter"),
    "letter": _l("Letter"),
    "match": _l("Pair"),
    "match_run": _l("Matching run"),
    "membership": _l("Role of a person"),
    "organisation": _l("Organisation"),
    "password": _l("Password"),
    "profile": _l("Profile or call"),
    "question": _l("Question"),
    "exchange_rate": _l("Exchange rate"),
    "rate": _l("Exchange rate"),
    "release_text": _l("Release text"),
    "run": _l("Matching run"),
    "seat": _l("Role of a person"),
    "settings": _l("Settings"),
    "strategy_goal": _l("Goal of a strategy"),
    "territory": _l("Territory list"),
    "territory_status": _l("Territory list"),
    "user": _l("Account"),
}

VERBS = {
    "accepted": _l("accepted"),
    "added": _l("added"),
    "answered": _l("answered"),
    "approved": _l("approved"),
    "archived": _l("put into the archive"),
    "asked": _l("asked"),
    "cancelled": _l("cancelled"),
    "changed": _l("changed"),
    "changes_requested": _l("changes asked for"),
    "cleared": _l("person cleared"),
    "closed": _l("closed"),
    "confirmed": _l("confirmed"),
    "copied": _l("copied"),
    "created": _l("created"),
    "decided": _l("decided"),
    "declared": _l("declared"),
    "declined": _l("declined"),
    "dismissed": _l("dismissed"),
    "ended": _l("ended"),
    "funded": _l("funded"),
    "given": _l("given"),
    "in_talks": _l("in talks"),
    "interested": _l("the donor is interested"),
    "introduced": _l("introduced"),
    "lapsed": _l("lapsed"),
    "left": _l("closed by its owner"),
    "locked": _l("locked"),
    "merged": _l("merged"),
    "not_funded": _l("not funded"),
    "on_hold": _l("put on hold"),
    "opened": _l("opened"),
    "proposed": _l("proposed"),
    "published": _l("published"),
    "question": _l("the donor asks"),
    "recalled": _l("recalled"),
    "recorded": _l("recorded"),
    "refused": _l("refused"),
    "rejected": _l("not accepted"),
    "relayed": _l("passed on"),
    "released": _l("released to the donor"),
    "renewed": _l("confirmed as current"),
    "reopened": _l("reopened"),
    "requested": _l("sent"),
    "reset_asked": _l("link for a new one asked for"),
    "restored": _l("restored"),
    "resumed": _l("taken up again"),
    "saved": _l("saved"),
    "seconding_asked": _l("second person asked for"),
    "sent": _l("sent"),
    "sent_back": _l("sent back"),
    "sign_in_failed": _l("failed sign-in"),
    "signed_in": _l("signed in"),
    "signed_off": _l("signed off"),
    "snoozed": _l("postponed"),
    "stale": _l("waits for a check"),
    "started": _l("begun"),
    "submitted": _l("submitted"),
    "suggested": _l("suggested"),
    "taken_back": _l("taken back"),
    "undone": _l("undone"),
    "unlocked": _l("unlocked"),
    "updated": _l("changed"),
    "verified": _l("verified"),
    "viewed": _l("looked at"),
    "withdrawn": _l("withdrawn"),
}

NAMES = {
    "amount": _l("Amount"),
    "currency": _l("Currency"),
    "fields": _l("Fields"),
    "four_eyes_above": _l("Two people decide above"),
    "four_eyes_currency": _l("Currency of the limit"),
    "idea_id": _l("Idea"),
    "language": _l("Language"),
    "match_id": _l("Pair"),
    "office_name_en": _l("Name of the office in English"),
    "office_name_uk": _l("Name of the office in Ukrainian"),
    "organisation_id": _l("Organisation"),
    "profile_id": _l("Profile or call"),
    "reason": _l("Reason"),
    "revision": _l("Revision"),
    "role": _l("Role"),
    "sender": _l("Sender of letters"),
    "status": _l("Status"),
    "user_id": _l("Person"),
    "version": _l("Version"),
}


def subject_name(kind: str) -> str:
    """Return the word for the kind of a subject; an unknown one reads as it is written."""
    return str(SUBJECTS[kind]) if kind in SUBJECTS else kind.replace("_", " ").capitalize()


def act_name(act: str) -> str:
    """Return the words for an act, "Idea: published"."""
    subject, _dot, verb = act.partition(".")
    done = str(VERBS[verb]) if verb in VERBS else verb.replace("_", " ")
    return f"{subject_name(subject)}: {done}" if done else subject_name(subject)


def value_name(name: str) -> str:
    """Return the word for a value that an entry holds."""
    return str(NAMES[name]) if name in NAMES else name.replace("_", " ").capitalize()


def value_words(name: str, value: object) -> str:
    """Return a value of an entry as people read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_words(name, item) for item in value) or "–"
    if isinstance(value, str):
        return _code_words(name, value) or _time_words(value) or value
    return f"№ {value}" if name.endswith("_id") else str(value)


def _code_words(name: str, value: str) -> str:
    """Return the word for a role or a status, or nothing for other codes."""
    kinds: tuple[type[StrEnum], ...] = ()
    if name == "role":
        kinds = (Role,)
    if name == "status":
        kinds = (IdeaStatus, MatchStatus)
    for kind in kinds:
        if value in set(kind):
            return wording.word(kind(value))
    return ""


def _time_words(value: str) -> str:
    """Return a stored date or moment in words, or nothing for other texts."""
    if len(value) < len("2026-11-22") or value[4:5] != "-":
        return ""
    try:
        if len(value) == len("2026-11-22"):
            return day(date.fromisoformat(value))
        return moment(datetime.fromisoformat(value))
    except ValueError:
        return ""
