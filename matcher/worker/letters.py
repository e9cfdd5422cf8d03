"""Writes a letter: its text in the recipient's language, its link, its headers."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale

from matcher.extensions import db
from matcher.models.job import Job
from matcher.models.user import AccessRequest, AccessRequestStatus, User
from matcher.services import access, jobs, links, settings
from matcher.web.idea_words import organisation_name
from matcher.worker.letter_facts import (
    Facts,
    NotForThem,
    gather,
    in_language,
    name_of_idea,
)
from matcher.worker.letter_kinds import KINDS, MATCH_PAGES, PROFILE_PAGES, Kind, Side

WIDTH = 76
SUBJECT_LENGTH = 160


def write_letter(job: Job, *, now: datetime) -> EmailMessage:
    """Return the letter of a job; raises NotForThem when it must not be sent.

    A one-time link gets a fresh secret here, so the caller commits before sending.
    """
    kind = KINDS.get(str(job.payload.get("letter")))
    if kind is None or job.recipient is None:
        raise NotForThem("unknown_letter")
    if jobs.was_undone(job.match_event_id):
        raise NotForThem("undone")
    facts = gather(kind, job.recipient, job.payload, now=now)
    with force_locale(facts.language.value):
        return compose(job, kind, facts, now=now)


def compose(job: Job, kind: Kind, facts: Facts, *, now: datetime) -> EmailMessage:
    """Return the letter in the language in force."""
    office = settings.read_all()
    name = job.payload["letter"]
    values = {
        **describe(facts, job.payload),
        "url": build_url(kind, facts, now=now),
        "site": current_app.config["PUBLIC_URL"],
        "office": office[f"office_name_{facts.language.value}"],
        "demo": office["demo"] == "1",
        "lang": facts.language.value,
    }
    templates = current_app.jinja_env
    subject = templates.get_template(f"mail/{name}.subject.txt").render(values)
    text = templates.get_template(f"mail/{name}.txt").render(values)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = textwrap.shorten(one_line(subject), SUBJECT_LENGTH, placeholder=" …")
    message["From"] = Address(one_line(str(values["office"])), addr_spec=office["sender"])
    message["To"] = Address(one_line(facts.recipient.name), addr_spec=facts.recipient.email)
    message["Date"] = now
    message["Message-ID"] = message_id(job, office["sender"])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(wrap(text))
    message["Content-Language"] = facts.language.value
    return message


def message_id(job: Job, sender: str) -> str:
    """Return an id that a letter keeps when it is sent again, and no other letter has."""
    moment = int(job.created_at.timestamp())
    return f"<letter-{job.id}-{moment}@{sender.rpartition('@')[2]}>"


def one_line(text: str) -> str:
    """Return the text without line breaks: a name must not become a header."""
    return " ".join(text.split())


def wrap(text: str) -> str:
    """Return the text in lines of readable length; addresses stay whole."""
    lines = [
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.strip().splitlines()
    ]
    return "\n".join(lines) + "\n"


def build_url(kind: Kind, facts: Facts, *, now: datetime) -> str:
    """Return the address of the page that the letter leads to."""
    values: dict[str, Any] = {}
    if facts.link is not None:
        values["token"] = links.renew_secret(facts.link.id, now)
    if isinstance(kind.page, str):
        return public_url(kind.page, values)
    assert facts.side is not None
    endpoint = kind.page[facts.side]
    if kind.page is MATCH_PAGES and facts.match is not None:
        values["match_id"] = facts.match.id
    elif kind.page is PROFILE_PAGES and facts.profile is not None:
        values["profile_id"] = facts.profile.id
    elif facts.idea is not None:
        values["idea_id"] = facts.idea.id
    return public_url(endpoint, values)


def public_url(endpoint: str, values: Mapping[str, Any]) -> str:
    """Return the address of a page as readers outside see it, without a request at hand."""
    base = urlsplit(current_app.config["PUBLIC_URL"])
    adapter = current_app.url_map.bind(base.netloc, base.path or "/", url_scheme=base.scheme)
    return adapter.build(endpoint, dict(values), force_external=True)


def describe(facts: Facts, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what templates may speak of: names, dates and the sides' contacts, no texts."""
    language, match = facts.language, facts.match
    idea, profile = facts.idea, facts.profile
    seat = facts.seat
    return {
        "side": facts.side.value if facts.side else "",
        "idea": name_of_idea(facts),
        "community": organisation_name(idea.organisation) if idea else "",
        "donor": organisation_name(profile.organisation) if profile else "",
        "profile": in_language(profile, "title", language) if profile else "",
        "decision": facts.revision.status if facts.revision else None,
        "review_by": idea.review_by if idea else None,
        "time": payload.get("time", 1),
        "expires_at": facts.link.expires_at if facts.link else None,
        "seat": seat,
        "seat_organisation": organisation_name(seat.organisation) if seat else "",
        "seats": list_seats(facts.recipient),
        "requests": count_requests() if facts.request else 0,
        "overdue": facts.overdue,
        "contacts": list_contacts(facts) if match is not None else [],
    }


def list_seats(user: User) -> list[tuple[Any, str]]:
    """Return the roles of a person with the organisations they hold in."""
    return [
        (seat.role, organisation_name(seat.organisation))
        for seat in user.memberships
        if seat.ended_at is None
    ]


def count_requests() -> int:
    """Return how many requests for access wait for a decision."""
    statement = sa.select(sa.func.count()).where(
        AccessRequest.status == AccessRequestStatus.REQUESTED
    )
    return db.session.scalar(statement) or 0


def list_contacts(facts: Facts) -> list[tuple[str, list[User]]]:
    """Return both organisations with their people: of an introduced pair only."""
    match = facts.match
    if match is None or match.status not in KINDS["match_introduced"].states:
        return []
    community, donor = match.idea.organisation, match.profile.organisation
    parties = [donor, community] if facts.side is Side.COMMUNITY else [community, donor]
    return [(organisation_name(party), access.people_of(party.id)) for party in parties]
