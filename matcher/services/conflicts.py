"""Interests that people of the office have in organisations: declared, listed, ended."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matcher.errors import Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.user import Conflict, Membership, Role, User
from matcher.services import access, alphabet, audit

SIDES = (OrganisationKind.COMMUNITY, OrganisationKind.AGENCY, OrganisationKind.DONOR)
LONGEST_NOTE = 500


def list_conflicts(actor: Membership) -> list[Conflict]:
    """Return the interests in force: one's own; for a lead those of all people, by name."""
    access.require(actor, access.OFFICE)
    statement = (
        sa.select(Conflict)
        .join(User, Conflict.user_id == User.id)
        .where(Conflict.ended_at.is_(None))
        .options(joinedload(Conflict.user), joinedload(Conflict.organisation))
        .order_by(User.name, Conflict.id)
    )
    if actor.role is not Role.LEAD:
        statement = statement.where(Conflict.user_id == actor.user_id)
    return list(db.session.scalars(statement))


def list_sides() -> list[Organisation]:
    """Return the organisations in which somebody may have an interest, by kind and name."""
    statement = sa.select(Organisation).where(Organisation.kind.in_(SIDES))
    return sorted(
        db.session.scalars(statement),
        key=lambda row: (SIDES.index(row.kind), alphabet.sort_key(row.name_uk), row.id),
    )


def declare(
    actor: Membership,
    organisation_id: int,
    *,
    user_id: int | None = None,
    note: str = "",
    now: datetime,
) -> Conflict:
    """Declare an interest: one's own, or as a lead that of a colleague. It binds at once."""
    access.require(actor, access.OFFICE)
    person_id = user_id or actor.user_id
    if person_id != actor.user_id:
        access.require(actor, {Role.LEAD})
        if person_id not in {user.id for user in access.office_people()}:
            raise Invalid("conflict_person", field="user_id")
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None or organisation.kind not in SIDES:
        raise Invalid("conflict_organisation", field="organisation_id")
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid("text_long", field="note")
    same = sa.select(Conflict).where(
        Conflict.user_id == person_id,
        Conflict.organisation_id == organisation.id,
        Conflict.ended_at.is_(None),
    )
    if db.session.scalars(same).first() is not None:
        raise Invalid("conflict_exists", field="organisation_id")
    conflict = Conflict(
        user_id=person_id,
        organisation_id=organisation.id,
        note=note.strip(),
        declared_by_id=actor.user_id,
        created_at=now,
    )
    db.session.add(conflict)
    db.session.flush()
    new = {"user_id": person_id, "organisation_id": organisation.id}
    audit.record(actor, "conflict.declared", conflict, now=now, new=new)
    db.session.flush()
    return conflict


def end_conflict(actor: Membership, conflict_id: int, *, now: datetime) -> Conflict:
    """End an interest; a lead who is not the person concerned does it.

    Whoever could end the own interest could decide about the own pairs a minute later.
    """
    access.require(actor, access.OFFICE)
    conflict = db.session.get(Conflict, conflict_id)
    is_own = conflict is not None and conflict.user_id == actor.user_id
    if conflict is None or not (is_own or actor.role is Role.LEAD):
        raise NotFound("conflict")
    if is_own or actor.role is not Role.LEAD:
        raise NotAllowed("conflict_lead")
    if conflict.ended_at is not None:
        raise WrongState("conflict_ended")
    conflict.ended_at = now
    new = {"user_id": conflict.user_id, "organisation_id": conflict.organisation_id}
    audit.record(actor, "conflict.ended", conflict, now=now, new=new)
    db.session.flush()
    return conflict
