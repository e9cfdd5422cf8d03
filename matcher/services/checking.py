"""What the office does with ideas: open, publish, return, reject, hold, archive, merge, confirm."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from matcher.errors import Duplicate, Invalid, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import (
    ChangeRequest,
    Clearance,
    Idea,
    IdeaConfirmation,
    IdeaEvent,
    IdeaStatus,
    Section,
    Sensitivity,
)
from matcher.models.organisation import OrganisationKind
from matcher.models.user import LinkPurpose, Membership, OneTimeLink, Role, User
from matcher.services import access, audit, decisions, ideas, links, outbox, outcomes, release_texts
from matcher.services.idea_moves import OPEN, check_move, check_version, move_idea

TAKES_IN = OPEN - {IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF}


def get_checked(actor: Membership, idea_id: int, version: int | None = None) -> Idea:
    """Return an idea this office seat may act on; raises NotFound, NotAllowed, Stale."""
    access.require(actor, access.OFFICE)
    idea = access.get_idea(actor, idea_id)
    check_version(idea, version)
    return idea


def tell_community(idea: Idea, letter: str, *, now: datetime) -> None:
    """Queue a letter for everybody of the community that leads the idea."""
    people = access.people_of(idea.organisation_id)
    outbox.queue_letter(letter, people, now=now, subject={"idea_id": idea.id})


# The check of a submission


def open_idea(
    actor: Membership, idea_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Begin the check: from now on the community cannot recall its submission by itself."""
    idea = get_checked(actor, idea_id, version)
    if idea.status is not IdeaStatus.SUBMITTED:
        raise WrongState("move", status=idea.status)
    if idea.opened_at is None:
        idea.opened_at = now
        audit.record(actor, "idea.opened", idea, now=now, new={"revision": idea.revision})
        db.session.flush()
    return idea


def publish_idea(
    actor: Membership, idea_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Publish a submission whose release text is confirmed in one language at least."""
    idea = get_checked(actor, idea_id, version)
    check_move(idea, "publish")
    if not any(release_texts.is_current(idea, text) for text in idea.release_texts):
        raise WrongState("release_text_needed")
    idea.opened_at = idea.opened_at or now
    idea.review_by, idea.reminders = (now + ideas.REVIEW_AFTER).date(), 0
    move_idea(idea, "publish", actor, now=now)
    tell_community(idea, "idea_published", now=now)
    return idea


def return_idea(
    actor: Membership,
    idea_id: int,
    sections: Mapping[Section, str],
    *,
    now: datetime,
    version: int | None = None,
) -> Idea:
    """Ask for changes: only the named sections open again, with the office's words beside them."""
    idea = get_checked(actor, idea_id, version)
    check_move(idea, "return")
    if not sections:
        raise Invalid("sections", field="sections")
    for section, note in sections.items():
        if not note.strip():
            raise Invalid("section_note", field=str(section))
        request = ChangeRequest(
            idea=idea, section=section, note=note.strip(), asked_by_id=actor.user_id, asked_at=now
        )
        db.session.add(request)
    idea.opened_at = idea.opened_at or now
    move_idea(idea, "return", actor, now=now)
    tell_community(idea, "idea_returned", now=now)
    return idea


def reject_idea(
    actor: Membership,
    idea_id: int,
    reason: Reason,
    *,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Idea:
    """Decline a submission with a reason that the community reads."""
    idea = get_checked(actor, idea_id, version)
    decisions.check_reason(reason, note)
    move_idea(idea, "reject", actor, now=now, reason=reason, note=note.strip())
    tell_community(idea, "idea_rejected", now=now)
    return idea


# Afterwards


def hold_idea(
    actor: Membership, idea_id: int, note: str, *, now: datetime, version: int | None = None
) -> Idea:
    """Put a published idea on hold: its pairs stay, none is released or approved meanwhile."""
    idea = get_checked(actor, idea_id, version)
    if not note.strip():
        raise Invalid("reason_text", field="note")
    move_idea(idea, "hold", actor, now=now, note=note.strip())
    return idea


def resume_idea(
    actor: Membership, idea_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Bring an idea back that was on hold or had not been renewed; ninety days begin anew."""
    idea = get_checked(actor, idea_id, version)
    move_idea(idea, "resume", actor, now=now)
    idea.review_by, idea.reminders = (now + ideas.REVIEW_AFTER).date(), 0
    db.session.flush()
    return idea


def archive_idea(
    actor: Membership,
    idea_id: int,
    reason: Reason,
    *,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Idea:
    """Put an idea away for good; its open pairs lapse and those who knew of them are told."""
    idea = get_checked(actor, idea_id, version)
    decisions.check_reason(reason, note)
    move_idea(idea, "archive", actor, now=now, reason=reason, note=note.strip())
    outcomes.lapse_pairs_of_idea(idea, reason, actor, now=now)
    return idea


def merge_idea(
    actor: Membership, idea_id: int, into_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Archive a duplicate and let its community join the other idea as a partner; return that."""
    idea = get_checked(actor, idea_id, version)
    if into_id == idea.id:
        raise Invalid("merge_self", field="into")
    into = get_checked(actor, into_id)
    if into.status not in TAKES_IN:
        raise WrongState("merge_closed", status=into.status)
    joins = idea.organisation.kind is OrganisationKind.COMMUNITY
    if joins and idea.organisation_id not in {into.organisation_id, *partner_ids(into)}:
        into.partners_involved.append(idea.organisation)
        into.updated_at = now
    note = into.code
    move_idea(idea, "archive", actor, now=now, reason=Reason.ALREADY_FUNDED, note=note)
    outcomes.lapse_pairs_of_idea(idea, Reason.ALREADY_FUNDED, actor, now=now)
    tell_of_merger(into, idea, actor, now=now)
    audit.record(actor, "idea.merged", idea, now=now, new={"into": into.id})
    db.session.flush()
    return into


def tell_of_merger(into: Idea, duplicate: Idea, actor: Membership, *, now: datetime) -> None:
    """Note in the history of the idea that stays which one was joined with it."""
    event = IdeaEvent(
        idea=into,
        act="merge",
        from_status=into.status,
        to_status=into.status,
        revision=into.revision,
        note=duplicate.code,
        by_id=actor.user_id,
        at=now,
    )
    db.session.add(event)


def partner_ids(idea: Idea) -> set[int]:
    """Return the ids of the idea's partner communities."""
    return {partner.id for partner in idea.partners_involved}


# On behalf of a community


def create_on_behalf(
    actor: Membership, community_id: int, *, title: str, summary: str, key: str, now: datetime
) -> Idea:
    """Start a draft for a community that telephones or sends paper."""
    access.require(actor, access.OFFICE)
    if has_interest(actor, community_id):
        raise Invalid("organisation", field="organisation")
    return ideas.start_draft(
        actor, title=title, summary=summary, key=key, now=now, for_id=community_id
    )


def has_interest(actor: Membership, organisation_id: int) -> bool:
    """Tell whether the person behind an office seat has an interest in the organisation."""
    interests = access.conflicting_organisations(actor.user_id).subquery()
    found = sa.select(interests.c.organisation_id).where(
        interests.c.organisation_id == organisation_id
    )
    return db.session.scalars(found).first() is not None


def submit_on_behalf(
    actor: Membership, idea_id: int, *, now: datetime, version: int | None = None
) -> Idea:
    """Submit what the office entered; its head confirms it by a link before any approval."""
    access.require(actor, access.OFFICE)
    return ideas.submit_idea(actor, idea_id, now=now, version=version)


def withdraw_on_behalf(
    actor: Membership, idea_id: int, *, now: datetime, note: str, version: int | None = None
) -> Idea:
    """Withdraw an idea because its community asked for it; for leads, with a word."""
    access.require(actor, {Role.LEAD})
    if not note.strip():
        raise Invalid("reason_text", field="note")
    return ideas.withdraw_idea(actor, idea_id, now=now, note=note.strip(), version=version)


# Confirmation by a one-time link


def send_confirmation(actor: Membership, idea_id: int, *, now: datetime) -> list[User]:
    """Send the community's heads a link that confirms the present revision; return the heads."""
    idea = get_checked(actor, idea_id)
    if idea.status is not IdeaStatus.PUBLISHED:
        raise WrongState("not_published")
    heads = [head for head in access.heads_of(idea.organisation_id) if not head.is_locked]
    if not heads:
        raise WrongState("no_head")
    for head in heads:
        link, _secret = links.create(
            LinkPurpose.CONFIRM_IDEA, head, now=now, created_by=actor.user, subject_id=idea.id
        )
        # The letter makes the secret anew when it is written, so none waits in the database.
        subject = {"idea_id": idea.id, "link_id": link.id}
        outbox.queue_letter("idea_confirm_link", [head], now=now, subject=subject)
    audit.record(actor, "idea.confirmation_asked", idea, now=now, new={"revision": idea.revision})
    db.session.flush()
    return heads


def get_confirmation_link(secret: str, *, now: datetime) -> tuple[OneTimeLink, Idea, Membership]:
    """Return the link, its idea and the seat of its holder; raises NotFound when it holds no more.

    A head who has left the community meanwhile confirms nothing.
    """
    link = links.get_valid(LinkPurpose.CONFIRM_IDEA, secret, now=now)
    idea = db.session.get(Idea, link.subject_id)
    if idea is None:
        raise NotFound("link")
    statement = sa.select(Membership).where(
        Membership.user_id == link.user_id,
        Membership.organisation_id == idea.organisation_id,
        Membership.role.in_(access.AUTHORS),
        Membership.ended_at.is_(None),
    )
    seat = db.session.scalars(statement.order_by(Membership.id).limit(1)).first()
    if seat is None:
        raise NotFound("link")
    return link, idea, seat


def idea_of_link(secret: str, *, now: datetime) -> Idea:
    """Return the idea that a confirmation link asks about; it is used by the second step."""
    return get_confirmation_link(secret, now=now)[1]


def confirm_by_link(secret: str, *, now: datetime) -> IdeaConfirmation:
    """Confirm the present revision of the idea by a one-time link, without signing in."""
    link, idea, seat = get_confirmation_link(secret, now=now)
    if idea.status is not IdeaStatus.PUBLISHED:
        raise WrongState("not_published")
    links.use(link, now=now)
    return ideas.add_confirmation(idea, link.user_id, seat, now=now)


# Restricted ideas


def clear_person(actor: Membership, idea_id: int, user_id: int, *, now: datetime) -> Clearance:
    """Let one member of staff see a restricted idea; a lead says so and it is logged."""
    access.require(actor, {Role.LEAD})
    idea = get_checked(actor, idea_id)
    if idea.sensitivity is not Sensitivity.RESTRICTED:
        raise WrongState("not_restricted")
    if user_id not in {person.id for person in access.office_people(roles={Role.STAFF})}:
        raise NotFound("user")
    if user_id in cleared_ids([idea.id]).get(idea.id, set()):
        raise Duplicate("cleared")
    clearance = Clearance(
        idea_id=idea.id, user_id=user_id, granted_by_id=actor.user_id, granted_at=now
    )
    db.session.add(clearance)
    audit.record(actor, "clearance.granted", idea, now=now, new={"user_id": user_id})
    db.session.flush()
    return clearance


def cleared_ids(idea_ids: Collection[int]) -> dict[int, set[int]]:
    """Return who was named for each of these ideas."""
    statement = sa.select(Clearance.idea_id, Clearance.user_id).where(
        Clearance.idea_id.in_(idea_ids)
    )
    found: dict[int, set[int]] = {}
    for idea_id, user_id in db.session.execute(statement):
        found.setdefault(idea_id, set()).add(user_id)
    return found
