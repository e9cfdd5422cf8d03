"""What communities do with their ideas: write, submit, recall, withdraw, confirm, renew, copy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matcher.errors import Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.idea import (
    CONTENT_FIELDS,
    SECTION_FIELDS,
    ChangeRequest,
    Idea,
    IdeaConfirmation,
    IdeaRevision,
    IdeaStatus,
    Section,
    Sensitivity,
)
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.user import Membership, Role
from matcher.services import access, audit, decisions, form_keys, moves, outbox, outcomes
from matcher.services.idea_moves import check_move, check_version, move_idea

REVIEW_AFTER = timedelta(days=90)
REQUIRED = ("title", "summary", "problem", "activities", "result", "sector", "beneficiaries")
EDITABLE_WHOLE = frozenset({IdeaStatus.DRAFT, IdeaStatus.PUBLISHED, IdeaStatus.STALE})


# Reading


def list_ideas(actor: Membership) -> list[Idea]:
    """Return the ideas this seat sees, the last changed first."""
    statement = (
        access.ideas_seen_by(actor)
        .options(selectinload(Idea.change_requests), selectinload(Idea.organisation))
        .order_by(Idea.updated_at.desc(), Idea.id.desc())
    )
    return list(db.session.scalars(statement))


def get_revision(actor: Membership, idea_id: int, number: int) -> IdeaRevision:
    """Return one revision of an idea this seat may see; raises NotFound."""
    idea = access.get_idea(actor, idea_id)
    statement = sa.select(IdeaRevision).where(
        IdeaRevision.idea_id == idea.id, IdeaRevision.number == number
    )
    revision = db.session.scalars(statement).one_or_none()
    if revision is None:
        raise NotFound("revision")
    return revision


def open_requests(idea: Idea) -> dict[Section, ChangeRequest]:
    """Return staff's open requests for change by section."""
    return {row.section: row for row in idea.change_requests if row.resolved_at is None}


def open_sections(idea: Idea) -> frozenset[Section]:
    """Return the sections that may be edited in the idea's present state."""
    if idea.status is IdeaStatus.CHANGES_REQUESTED:
        return frozenset(open_requests(idea))
    return frozenset(Section) if idea.status in EDITABLE_WHOLE else frozenset()


def missing_fields(idea: Idea) -> list[str]:
    """Return the names of required fields that are still empty."""
    return [name for name in REQUIRED if getattr(idea, name) in (None, "", [])]


def has_unsubmitted_changes(idea: Idea) -> bool:
    """Tell whether the working text differs from the last submitted revision."""
    if not idea.revisions:
        return True
    return snapshot(idea) != idea.revisions[-1].content


def snapshot(idea: Idea) -> dict[str, Any]:
    """Return the idea's content as a revision keeps it."""
    content = {name: audit.plain(getattr(idea, name)) for name in CONTENT_FIELDS}
    content["partner_ids"] = sorted(partner.id for partner in idea.partners_involved)
    return content


# Writing


def get_editable(actor: Membership, idea_id: int, version: int | None = None) -> Idea:
    """Return an idea this seat may edit: its author's side, or the office that entered it."""
    if actor.role in access.OFFICE:
        idea = access.get_idea(actor, idea_id)
        if not idea.entered_by_office:
            raise NotAllowed("role")
    else:
        idea = access.get_own_idea(actor, idea_id)
    check_version(idea, version)
    return idea


def start_draft(
    actor: Membership, *, title: str, summary: str, key: str, now: datetime, for_id: int = 0
) -> Idea:
    """Make a draft once for this form key; the office names the community it writes for."""
    access.require(actor, access.AUTHORS | access.OFFICE)
    content = {"title": title, "summary": summary, "for": for_id}
    known = form_keys.find_subject(actor, key, "idea.started", content)
    if known is not None:
        return access.get_idea(actor, known)
    organisation_id = for_id if actor.role in access.OFFICE else actor.organisation_id
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None or organisation.kind not in (
        OrganisationKind.COMMUNITY,
        OrganisationKind.AGENCY,
    ):
        raise Invalid("organisation", field="organisation")
    idea = Idea(
        code=next_code(now),
        organisation=organisation,
        created_by_id=actor.user_id,
        entered_by_office=actor.role in access.OFFICE,
        status=IdeaStatus.DRAFT,
        status_at=now,
        title=title,
        summary=summary,
        place_katottg=organisation.katottg,
        applicant_type="community" if organisation.katottg else "agency",
        sensitivity=Sensitivity.AFTER_APPROVAL,
        is_example=actor.user.is_example,
        created_at=now,
        updated_at=now,
    )
    db.session.add(idea)
    db.session.flush()
    form_keys.remember(actor, key, "idea.started", content, idea.id, now=now)
    audit.record(actor, "idea.started", idea, now=now)
    db.session.flush()
    return idea


def next_code(now: datetime) -> str:
    """Return the next number of the year, for example 2026-0042: people say it by telephone."""
    prefix = f"{now.year}-"
    statement = sa.select(sa.func.max(Idea.code)).where(Idea.code.like(f"{prefix}%"))
    last = db.session.scalar(statement)
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:05d}"


def save_section(
    actor: Membership,
    idea_id: int,
    section: Section,
    values: Mapping[str, Any],
    *,
    now: datetime,
    version: int | None = None,
    partner_ids: Collection[int] | None = None,
) -> Idea:
    """Store the fields of one section; a closed section raises WrongState.

    Texts are audited by field name only; amounts and codes with their old and new value.
    """
    idea = get_editable(actor, idea_id, version)
    if section not in open_sections(idea):
        raise WrongState("section", section=section)
    wanted = values.get("sensitivity", idea.sensitivity)
    if idea.revision and idea.sensitivity is Sensitivity.RESTRICTED is not wanted:
        raise Invalid("restricted_stays", field="sensitivity")  # the office has relied on it
    changed = [
        name
        for name in SECTION_FIELDS[section]
        if name in values and getattr(idea, name) != values[name]
    ]
    for name in changed:
        setattr(idea, name, values[name])
    if partner_ids is not None and section is Section.PEOPLE:
        idea.partners_involved = list_partners(idea, partner_ids)
    idea.updated_at = now
    audit.record(
        actor, "idea.saved", idea, now=now, new={"section": section, "fields": ",".join(changed)}
    )
    db.session.flush()
    return idea


def list_partners(idea: Idea, partner_ids: Collection[int]) -> list[Organisation]:
    """Return the communities of these ids, without the lead itself."""
    statement = sa.select(Organisation).where(
        Organisation.id.in_(partner_ids),
        Organisation.id != idea.organisation_id,
        Organisation.kind == OrganisationKind.COMMUNITY,
    )
    return list(db.session.scalars(statement.order_by(Organisation.name_uk)))


def copy_idea(actor: Membership, idea_id: int, *, now: datetime, key: str) -> Idea:
    """Start a new draft with the content of an own idea."""
    source = access.get_own_idea(actor, idea_id)
    copy = start_draft(actor, title=source.title, summary=source.summary, key=key, now=now)
    if copy.created_at != now:  # the button was pressed twice: what was written since stays
        return copy
    for name in CONTENT_FIELDS:
        setattr(copy, name, getattr(source, name))
    db.session.flush()
    return copy


# Submitting


def submit_idea(
    actor: Membership, idea_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Submit a draft, a returned idea or a changed published one; a head may have to sign first.

    Raises Invalid with the list of missing fields, or WrongState.
    """
    idea = get_editable(actor, idea_id, version)
    missing = missing_fields(idea)
    if missing:
        raise Invalid("missing", fields=missing)
    if idea.status in (IdeaStatus.PUBLISHED, IdeaStatus.STALE):
        return submit_revision(actor, idea, now=now)
    if idea.status is IdeaStatus.AWAITING_SIGNOFF and actor.role is Role.EDITOR:
        raise NotAllowed("signoff")
    if needs_signoff(actor, idea):
        move_idea(idea, "ask_signoff", actor, now=now)
        outbox.queue_letter(
            "idea_awaits_signoff",
            access.heads_of(idea.organisation_id),
            now=now,
            subject={"idea_id": idea.id},
        )
        return idea
    act = "resubmit" if idea.status is IdeaStatus.CHANGES_REQUESTED else "submit"
    check_move(idea, act)
    add_revision(actor, idea, now=now)
    for request in open_requests(idea).values():
        request.resolved_at = now
    idea.opened_at = None
    move_idea(idea, act, actor, now=now)
    tell_office(idea, "idea_submitted", now=now)
    return idea


def needs_signoff(actor: Membership, idea: Idea) -> bool:
    """Tell whether the head has to sign this draft: a setting of the community."""
    return (
        idea.organisation.needs_signoff
        and idea.status is IdeaStatus.DRAFT
        and actor.role is Role.EDITOR
    )


def submit_revision(actor: Membership, idea: Idea, *, now: datetime) -> Idea:
    """Make a new revision of a published idea; its open pairs show that the idea has changed."""
    if not has_unsubmitted_changes(idea):
        return renew_idea(actor, idea.id, now=now) if idea.status is IdeaStatus.STALE else idea
    add_revision(actor, idea, now=now)
    move_idea(idea, "resume" if idea.status is IdeaStatus.STALE else "revise", actor, now=now)
    idea.review_by, idea.reminders = (now + REVIEW_AFTER).date(), 0
    tell_office(idea, "idea_revised", now=now)
    db.session.flush()
    return idea


def add_revision(actor: Membership, idea: Idea, *, now: datetime) -> IdeaRevision:
    """Freeze the working text as the next revision."""
    idea.revision += 1
    revision = IdeaRevision(
        idea=idea,
        number=idea.revision,
        content=snapshot(idea),
        created_by_id=actor.user_id,
        created_at=now,
    )
    db.session.add(revision)
    outcomes.forget_seconding(idea)
    db.session.flush()
    return revision


def tell_office(idea: Idea, letter: str, *, now: datetime) -> None:
    """Queue a letter for the office; who may not see the idea is dropped when it is sent."""
    outbox.queue_letter(letter, access.office_people(), now=now, subject={"idea_id": idea.id})


def sign_off_idea(
    actor: Membership, idea_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Sign a draft that waits for the head; it is submitted with that."""
    access.require(actor, {Role.HEAD})
    idea = get_editable(actor, idea_id, version)
    if idea.status is not IdeaStatus.AWAITING_SIGNOFF:
        raise WrongState("move", status=idea.status)
    return submit_idea(actor, idea_id, now=now)


def send_back_idea(
    actor: Membership, idea_id: int, note: str, *, now: datetime, version: int | None = None
) -> Idea:
    """The head gives the draft back to its author with a word."""
    access.require(actor, {Role.HEAD})
    idea = get_editable(actor, idea_id, version)
    move_idea(idea, "send_back", actor, now=now, note=note)
    outbox.queue_letter("idea_sent_back", [idea.created_by], now=now, subject={"idea_id": idea.id})
    return idea


# Afterwards


def recall_idea(
    actor: Membership, idea_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Take a submission back while staff have not opened it."""
    idea = get_editable(actor, idea_id, version)
    check_move(idea, "recall")
    if idea.opened_at is not None:
        raise WrongState("opened")
    move_idea(idea, "recall", actor, now=now)
    return idea


def withdraw_idea(
    actor: Membership, idea_id: int, *, now: datetime, note: str = "", version: int | None = None
) -> Idea:
    """Withdraw an idea in any open state; its open pairs lapse and everybody is told once."""
    if actor.role is Role.LEAD:
        idea = access.get_idea(actor, idea_id)
        check_version(idea, version)
    else:
        access.require(actor, access.AUTHORS)
        idea = get_editable(actor, idea_id, version)
        check_move(idea, "withdraw")
        if idea.revision and idea.organisation.needs_signoff and actor.role is Role.EDITOR:
            raise NotAllowed("signoff")  # what the head has signed, the head takes back
    move_idea(idea, "withdraw", actor, now=now, note=note)
    outcomes.lapse_pairs_of_idea(idea, None, actor, now=now)
    return idea


def confirm_idea(actor: Membership, idea_id: int, *, now: datetime) -> IdeaConfirmation:
    """Say that the current revision is what the community wants; approval needs it."""
    idea = access.get_own_idea(actor, idea_id)
    if idea.status is not IdeaStatus.PUBLISHED:
        raise WrongState("not_published")
    return add_confirmation(idea, actor.user_id, actor, now=now)


def add_confirmation(
    idea: Idea, user_id: int, actor: Membership | None, *, now: datetime
) -> IdeaConfirmation:
    """Store the dated fact, a second click the same one; a head may give it by a one-time link."""
    known = decisions.find_confirmation(idea)
    if known is not None and known.by_id == user_id and now - known.at < moves.UNDO_WINDOW:
        return known
    confirmation = IdeaConfirmation(idea_id=idea.id, revision=idea.revision, by_id=user_id, at=now)
    db.session.add(confirmation)
    audit.record(actor, "idea.confirmed", idea, now=now, new={"revision": idea.revision})
    tell_office(idea, "idea_confirmed", now=now)
    db.session.flush()
    return confirmation


def renew_idea(actor: Membership, idea_id: int, *, now: datetime) -> Idea:
    """Answer "still current" with yes: another 90 days; a stale idea comes back."""
    idea = access.get_own_idea(actor, idea_id)
    if idea.status is IdeaStatus.STALE:
        move_idea(idea, "resume", actor, now=now)
    elif idea.status is not IdeaStatus.PUBLISHED:
        raise WrongState("move", status=idea.status)
    idea.review_by, idea.reminders = (now + REVIEW_AFTER).date(), 0
    audit.record(actor, "idea.renewed", idea, now=now, new={"review_by": idea.review_by})
    db.session.flush()
    return idea


def grow_stale(idea: Idea, *, now: datetime) -> None:
    """Nobody answered whether the idea is current: it leaves the ranking until somebody does."""
    move_idea(idea, "grow_stale", None, now=now)
    people = access.people_of(idea.organisation_id)
    outbox.queue_letter("idea_stale", people, now=now, subject={"idea_id": idea.id})
