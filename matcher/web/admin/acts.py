"""Words for the acts of the audit trail: an act is a subject and what was done to it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as pgettext

from matcher.models.codes import Reason
from matcher.models.idea import IdeaStatus, Section, TextOrigin
from matcher.models.match import MatchStatus
from matcher.models.organisation import TerritoryStatusCode
from matcher.models.profile import ProfileKind
from matcher.models.user import Role
from matcher.web import wording
from matcher.web.filters import day, moment
from matcher.web.idea_words import FIELD_WORDS, field_word, place_name

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

# Said after the subject and a colon; a context of its own, because the same English words
# are states, buttons and labels elsewhere.
VERBS = {
    "ask_signoff": pgettext("act", "sent to the head"),
    "confirmation_asked": pgettext("act", "confirmation asked for"),
    "link_made": pgettext("act", "link for a new one made"),
    "loaded": pgettext("act", "loaded"),
    "retried": pgettext("act", "tried again"),
    "set_up": pgettext("act", "set up"),
    "step_done": pgettext("act", "step done"),
    "accepted": pgettext("act", "accepted"),
    "added": pgettext("act", "added"),
    "answered": pgettext("act", "answered"),
    "approved": pgettext("act", "approved"),
    "archived": pgettext("act", "put into the archive"),
    "asked": pgettext("act", "asked"),
    "cancelled": pgettext("act", "cancelled"),
    "changed": pgettext("act", "changed"),
    "changes_requested": pgettext("act", "changes asked for"),
    "cleared": pgettext("act", "person cleared"),
    "closed": pgettext("act", "closed"),
    "confirmed": pgettext("act", "confirmed"),
    "copied": pgettext("act", "copied"),
    "created": pgettext("act", "created"),
    "decided": pgettext("act", "decided"),
    "declared": pgettext("act", "declared"),
    "declined": pgettext("act", "declined"),
    "dismissed": pgettext("act", "dismissed"),
    "ended": pgettext("act", "ended"),
    "funded": pgettext("act", "funded"),
    "given": pgettext("act", "given"),
    "in_talks": pgettext("act", "in talks"),
    "interested": pgettext("act", "the donor is interested"),
    "introduced": pgettext("act", "introduced"),
    "lapsed": pgettext("act", "lapsed"),
    "left": pgettext("act", "closed by its owner"),
    "locked": pgettext("act", "locked"),
    "merged": pgettext("act", "merged"),
    "not_funded": pgettext("act", "not funded"),
    "on_hold": pgettext("act", "put on hold"),
    "opened": pgettext("act", "opened"),
    "proposed": pgettext("act", "proposed"),
    "published": pgettext("act", "published"),
    "question": pgettext("act", "the donor asks"),
    "recalled": pgettext("act", "recalled"),
    "recorded": pgettext("act", "recorded"),
    "refused": pgettext("act", "refused"),
    "rejected": pgettext("act", "not accepted"),
    "relayed": pgettext("act", "passed on"),
    "released": pgettext("act", "released to the donor"),
    "renewed": pgettext("act", "confirmed as current"),
    "reopened": pgettext("act", "reopened"),
    "requested": pgettext("act", "sent"),
    "reset_asked": pgettext("act", "link for a new one asked for"),
    "restored": pgettext("act", "restored"),
    "resumed": pgettext("act", "taken up again"),
    "saved": pgettext("act", "saved"),
    "seconding_asked": pgettext("act", "second person asked for"),
    "sent": pgettext("act", "sent"),
    "sent_back": pgettext("act", "sent back"),
    "sign_in_failed": pgettext("act", "failed sign-in"),
    "signed_in": pgettext("act", "signed in"),
    "signed_off": pgettext("act", "signed off"),
    "snoozed": pgettext("act", "postponed"),
    "stale": pgettext("act", "waits for a check"),
    "started": pgettext("act", "begun"),
    "submitted": pgettext("act", "submitted"),
    "suggested": pgettext("act", "suggested"),
    "taken_back": pgettext("act", "taken back"),
    "undone": pgettext("act", "undone"),
    "unlocked": pgettext("act", "unlocked"),
    "updated": pgettext("act", "changed"),
    "verified": pgettext("act", "verified"),
    "viewed": pgettext("act", "looked at"),
    "withdrawn": pgettext("act", "withdrawn"),
}

# Moves of an idea or a pair are named by the act, other entries by what has been done.
SAME = {
    "approve": "approved",
    "approve_asked": "seconding_asked",
    "archive": "archived",
    "answer_relayed": "relayed",
    "ask": "question",
    "decline": "declined",
    "dismiss": "dismissed",
    "fund": "funded",
    "granted": "cleared",
    "grow_stale": "stale",
    "hold": "on_hold",
    "introduce": "introduced",
    "lapse": "lapsed",
    "publish": "published",
    "question_relayed": "relayed",
    "recall": "recalled",
    "refuse": "refused",
    "reject": "rejected",
    "release": "released",
    "release_asked": "seconding_asked",
    "resubmit": "submitted",
    "resume": "resumed",
    "return": "changes_requested",
    "revise": "changed",
    "send_back": "sent_back",
    "set": "saved",
    "still_right": "verified",
    "submit": "submitted",
    "suggest_again": "suggested",
    "talks": "in_talks",
    "withdraw": "withdrawn",
}

NAMES = {
    "day": _l("Day"),
    "due_on": _l("Next contact"),
    "in_full": _l("In full"),
    "into": _l("Idea"),
    "katottg": _l("Territory"),
    "kind": _l("Kind"),
    "length": _l("Letters"),
    "marks_accepted": _l("Marked places accepted"),
    "on": _l("Day"),
    "origin": _l("Origin"),
    "review_by": _l("Check again by"),
    "section": _l("Section"),
    "uah": _l("Hryvnias for one"),
    "valid_from": _l("Valid from"),
    "valid_to": _l("Valid to"),
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


KINDS: dict[str, tuple[type[StrEnum], ...]] = {
    "role": (Role,),
    "status": (IdeaStatus, MatchStatus, TerritoryStatusCode),
    "reason": (Reason,),
    "section": (Section,),
    "origin": (TextOrigin,),
    "kind": (ProfileKind,),
}


def subject_name(kind: str) -> str:
    """Return the word for the kind of a subject; an unknown one reads as it is written."""
    return str(SUBJECTS[kind]) if kind in SUBJECTS else kind.replace("_", " ").capitalize()


def act_name(act: str) -> str:
    """Return the words for an act, "Idea: published"."""
    subject, _dot, verb = act.partition(".")
    verb = SAME.get(verb, verb)
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
    if name == "fields":
        known = (part for part in value.split(",") if part in FIELD_WORDS)
        return wording.join_words(field_word(part) for part in known)
    if name == "katottg":
        return place_name(value)
    if name == "language":
        return {"uk": _("Ukrainian"), "en": _("English")}.get(value, "")
    for kind in KINDS.get(name, ()):
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
