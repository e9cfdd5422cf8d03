"""Who may see and touch what: the row guards that every lookup goes through.

An actor is a `Membership`: a person acts with the rights of one seat. Whatever a
guard hides does not exist for that reader: it is missing from lookups, lists and counts.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from matcher.errors import NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.idea import Clearance, Idea, IdeaPartner, IdeaStatus, Sensitivity
from matcher.models.match import ContactNote, Match
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile
from matcher.models.user import Conflict, Membership, Role, User

AUTHORS = frozenset({Role.EDITOR, Role.HEAD})
OFFICE = frozenset({Role.STAFF, Role.LEAD})


def require(actor: Membership, roles: Collection[Role]) -> None:
    """Raise NotAllowed unless the actor's seat has one of ``roles``."""
    if actor.role not in roles:
        raise NotAllowed("role")


def conflicting_organisations(user_id: sa.ColumnElement[int] | int) -> sa.Select[int]:
    """Return ids of the organisations in which the person has an interest.

    Declared conflicts, and every seat in a community, agency or donor: a person who sits
    in the office and in a community has a conflict by that alone.
    """
    declared = sa.select(Conflict.organisation_id).where(
        Conflict.user_id == user_id, Conflict.ended_at.is_(None)
    )
    seats = (
        sa.select(Membership.organisation_id)
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None))
        .where(Membership.role.in_([Role.EDITOR, Role.HEAD, Role.DONOR]))
    )
    return sa.select(sa.union(declared, seats).subquery().c.organisation_id)


def has_conflict(actor: Membership, idea: Idea, profile: Profile | None = None) -> bool:
    """Tell whether the person behind an office seat has an interest in the idea or the donor."""
    partners = sa.select(IdeaPartner.organisation_id).where(IdeaPartner.idea_id == idea.id)
    parties = [idea.organisation_id, *([profile.organisation_id] if profile else [])]
    conflict = conflicting_organisations(actor.user_id).subquery()
    organisation_id = conflict.c.organisation_id
    statement = sa.select(organisation_id).where(
        organisation_id.in_(parties) | organisation_id.in_(partners)
    )
    return db.session.scalars(statement.limit(1)).first() is not None


def ideas_seen_by(actor: Membership) -> sa.Select[Idea]:
    """Return the statement of all ideas this seat may see in full (for an author: its own)."""
    statement = sa.select(Idea)
    if actor.role in AUTHORS:
        partner = sa.select(IdeaPartner.idea_id).where(
            IdeaPartner.organisation_id == actor.organisation_id
        )
        shared = sa.and_(Idea.id.in_(partner), was_sent())
        return statement.where(sa.or_(Idea.organisation_id == actor.organisation_id, shared))
    if actor.role in OFFICE:
        return statement.where(
            sa.or_(was_sent(), Idea.entered_by_office),
            *office_idea_guards(actor),
        )
    return statement.where(sa.false())


def was_sent() -> sa.ColumnElement[bool]:
    """Return the condition that the community has sent the idea and not taken it back.

    A draft that was withdrawn unsent stays its community's own.
    """
    unsent = [IdeaStatus.DRAFT, IdeaStatus.AWAITING_SIGNOFF]
    return sa.and_(Idea.revision > 0, Idea.status.not_in(unsent))


def office_idea_guards(actor: Membership) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on Idea that keep conflicts and restricted ideas from office seats."""
    conflicts = conflicting_organisations(actor.user_id)
    partner = aliased(IdeaPartner)
    guards = [
        Idea.organisation_id.not_in(conflicts),
        sa.not_(
            sa.exists().where(partner.idea_id == Idea.id, partner.organisation_id.in_(conflicts))
        ),
    ]
    if actor.role is Role.STAFF:
        cleared = sa.select(Clearance.idea_id).where(Clearance.user_id == actor.user_id)
        guards.append(sa.or_(Idea.sensitivity != Sensitivity.RESTRICTED, Idea.id.in_(cleared)))
    return guards


def matches_seen_by(actor: Membership) -> sa.Select[Match]:
    """Return the statement of all matches this seat may see, joined to Idea and Profile."""
    statement = (
        sa.select(Match)
        .join(Idea, Match.idea_id == Idea.id)
        .join(Profile, Match.profile_id == Profile.id)
    )
    if actor.role in OFFICE:
        conflicts = conflicting_organisations(actor.user_id)
        return statement.where(
            *office_idea_guards(actor), Profile.organisation_id.not_in(conflicts)
        )
    if actor.role is Role.DONOR:
        return statement.where(
            Profile.organisation_id == actor.organisation_id, Match.released_at.is_not(None)
        )
    if actor.role in AUTHORS:
        own = sa.select(ideas_seen_by(actor).subquery().c.id)
        return statement.where(Match.idea_id.in_(own), Match.released_at.is_not(None))
    return statement.where(sa.false())


def notes_seen_by(actor: Membership) -> sa.Select[ContactNote]:
    """Return the statement of the lines of donors' logs that this office seat may read.

    A line about a pair is hidden with its pair.
    """
    require(actor, OFFICE)
    pairs = matches_seen_by(actor).with_only_columns(Match.id, maintain_column_froms=True)
    return sa.select(ContactNote).where(
        ContactNote.organisation_id.not_in(conflicting_organisations(actor.user_id)),
        sa.or_(ContactNote.match_id.is_(None), ContactNote.match_id.in_(pairs)),
    )


def get_idea(actor: Membership, idea_id: int) -> Idea:
    """Return one idea this seat may see; raises NotFound."""
    idea = db.session.scalars(ideas_seen_by(actor).where(Idea.id == idea_id)).one_or_none()
    if idea is None:
        raise NotFound("idea")
    return idea


def get_own_idea(actor: Membership, idea_id: int) -> Idea:
    """Return one idea of the actor's own organisation, not of a partner; raises NotFound."""
    idea = get_idea(actor, idea_id)
    if actor.role not in AUTHORS:
        raise NotAllowed("role")
    if idea.organisation_id != actor.organisation_id:
        raise NotAllowed("partner")
    return idea


def get_match(actor: Membership, match_id: int) -> Match:
    """Return one match this seat may see; raises NotFound."""
    match = db.session.scalars(matches_seen_by(actor).where(Match.id == match_id)).one_or_none()
    if match is None:
        raise NotFound("match")
    return match


def get_organisation(actor: Membership, organisation_id: int) -> Organisation:
    """Return an organisation: the office sees all, others their own; raises NotFound."""
    organisation = db.session.get(Organisation, organisation_id)
    own = organisation is not None and organisation.id == actor.organisation_id
    if organisation is None or not (own or actor.role in {*OFFICE, Role.ADMIN}):
        raise NotFound("organisation")
    return organisation


def office_people(*, roles: Collection[Role] = OFFICE) -> list[User]:
    """Return the people who sit in the office now, by name."""
    statement = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.role.in_(roles), Membership.ended_at.is_(None), sa.not_(User.is_locked))
        .distinct()
        .order_by(User.name, User.id)
    )
    return list(db.session.scalars(statement))


def people_of(organisation_id: int) -> list[User]:
    """Return the people who have a seat in the organisation now, by name."""
    statement = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, Membership.ended_at.is_(None))
        .where(sa.not_(User.is_locked))
        .distinct()
        .order_by(User.name, User.id)
    )
    return list(db.session.scalars(statement))


def heads_of(organisation_id: int) -> list[User]:
    """Return the heads of an organisation."""
    statement = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role == Role.HEAD,
            Membership.ended_at.is_(None),
        )
        .order_by(User.id)
    )
    return list(db.session.scalars(statement))
