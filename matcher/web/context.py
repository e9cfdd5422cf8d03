"""What every template may use: the reader, the office, the menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from matcher.models.codes import Language
from matcher.models.user import Membership, Role
from matcher.services import counting, settings, taxonomy
from matcher.services.sessions import active_seats
from matcher.web import wording
from matcher.web.access import find_actor, get_login


def select_language() -> str:
    """Return the reader's language: the account's, else the one chosen here, else Ukrainian."""
    login = get_login()
    if login is not None:
        return str(login.user.language)
    chosen = session.get("language")
    return chosen if chosen in set(Language) else str(Language.UK)


def current_language() -> str:
    """Return the language of this page: uk or en."""
    return str(get_locale())[:2]


def menu(actor: Membership | None) -> list[tuple[str, str, str, str]]:
    """Return (label, endpoint, group prefix of endpoints, name of the count) for this reader."""
    if actor is None:
        return [
            (_("Open ideas"), "public.list_ideas", "public.list_ideas", ""),
            (_("Guidance"), "public.guidance", "public.guidance", ""),
        ]
    if actor.role in (Role.EDITOR, Role.HEAD):
        return [
            (_("Our ideas"), "community.list_ideas", "community.", "needs_action"),
            (_("Guidance"), "public.guidance", "public.guidance", ""),
        ]
    if actor.role is Role.DONOR:
        return [
            (_("Matches"), "donor.list_matches", "donor.list_matches", "matches"),
            (_("Our priorities"), "donor.list_profiles", "donor.list_profiles", ""),
            (_("Open ideas"), "public.list_ideas", "public.list_ideas", ""),
        ]
    if actor.role is Role.ADMIN:
        return [
            (_("Accounts"), "admin.list_users", "admin.list_users", ""),
            (_("Settings"), "admin.edit_settings", "admin.edit_settings", ""),
            (_("Audit"), "admin.list_audit", "admin.list_audit", ""),
        ]
    return [
        (_("Today"), "staff.today", "staff.today", ""),
        (_("Ideas"), "staff.list_ideas", "staff.list_ideas", "ideas"),
        (_("Pairs"), "staff.queue", "staff.queue", "pairs"),
        (_("Follow up"), "staff.follow_up", "staff.follow_up", "due"),
        (_("Donors"), "staff.list_donors", "staff.list_donors", ""),
        (_("Lists and people"), "staff.list_communities", "staff.list_communities", "requests"),
    ]


# The pages that belong to an entry of the menu besides its first one.
IDEA_PAGES = (
    "view_idea open_idea publish_idea return_idea reject_idea edit_release_text hold_idea "
    "resume_idea archive_idea merge_idea create_idea edit_section submit_idea withdraw_idea "
    "send_confirmation clear_person list_restricted"
)
PAIR_PAGES = (
    "decide_selected view_match release_match dismiss_match approve_match refuse_match "
    "introduce_match take_back_match reopen_match record_answer relay_question relay_answer "
    "record_outcome give_feedback add_pair"
)
DONOR_PAGES = (
    "view_donor create_donor edit_donor verify_donor add_contact_note finish_contact_note "
    "briefing_pack view_profile create_profile edit_profile verify_profile decide_proposal "
    "end_profile"
)
LIST_PAGES = (
    "edit_community list_access_requests decide_access_request invite_person list_calls "
    "list_rates list_goals edit_goal list_territories add_territory_status end_territory_status "
    "list_conflicts end_conflict list_letters view_letter retry_letter list_runs start_run "
    "cancel_run"
)
PAGES = {
    "staff.list_ideas": frozenset(f"staff.{name}" for name in IDEA_PAGES.split()),
    "staff.queue": frozenset(f"staff.{name}" for name in PAIR_PAGES.split()),
    "staff.follow_up": frozenset({"staff.snooze_match"}),
    "staff.list_donors": frozenset(f"staff.{name}" for name in DONOR_PAGES.split()),
    "staff.list_communities": frozenset(f"staff.{name}" for name in LIST_PAGES.split()),
    "donor.list_matches": frozenset(
        f"donor.{name}" for name in ("view_match", "ask_question", "decline_match")
    )
    | {"donor.express_interest", "donor.report_outcome", "donor.give_feedback"},
    "donor.list_profiles": frozenset({"donor.edit_profile"}),
    "admin.list_users": frozenset({"admin.view_user"}),
    "public.list_ideas": frozenset({"public.view_idea"}),
    "public.guidance": frozenset({"public.example_idea"}),
}


def is_current(endpoint: str, target: str, group: str) -> bool:
    """Tell whether a page belongs to this entry of the menu."""
    if endpoint == target or endpoint in PAGES.get(target, ()):
        return True
    return group.endswith(".") and endpoint.startswith(group)


def navigation(actor: Membership | None) -> list[tuple[str, str, bool, int | None]]:
    """Return (label, href, is current, count) for the menu of this reader."""
    counts = counting.menu_counts(actor) if actor is not None else {}
    endpoint = request.endpoint or ""
    return [
        (
            label,
            url_for(target),
            is_current(endpoint, target, group),
            counts.get(count) or None,
        )
        for label, target, group, count in menu(actor)
        if target in current_app.view_functions
    ]


def term_name(terms: Mapping[str, taxonomy.Term], code: object) -> str:
    """Return the name of a code in the reader's language; an unknown code shows itself."""
    if code is None:
        return ""
    term = terms.get(str(code))
    if term is None:
        return str(code)
    return term.name_en if current_language() == "en" else term.name_uk


def register(app: Flask) -> None:
    """Give templates what they share."""
    app.jinja_env.filters["word"] = wording.word
    app.jinja_env.filters["band"] = lambda code: str(wording.BANDS[code])
    app.jinja_env.filters["outcome"] = lambda code: str(wording.OUTCOMES[code])
    app.jinja_env.filters["sector"] = lambda code: term_name(taxonomy.sectors(), code)
    app.jinja_env.filters["sdg"] = lambda code: term_name(taxonomy.sdgs(), code)
    app.jinja_env.filters["cluster"] = lambda code: term_name(taxonomy.clusters(), code)

    @app.context_processor
    def shared() -> dict[str, Any]:
        login = get_login()
        actor = find_actor()
        office = settings.read_all()
        language = current_language()
        return {
            "actor": actor,
            "person": login.user if login is not None else None,
            "seats": active_seats(login.user) if login is not None else [],
            "office_name": office[f"office_name_{language}"],
            "demo": office["demo"] == "1",
            "lang": language,
            "nav": navigation(actor),
        }
