"""How an account begins: asking for access, confirming, inviting, the first administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from matcher.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.user import (
    AccessRequest,
    AccessRequestStatus,
    LinkPurpose,
    Membership,
    Role,
    User,
)
from matcher.services import access, audit, links, outbox, sessions, settings, throttle

ASKABLE = (Role.EDITOR, Role.HEAD, Role.DONOR)
APPLICANTS = (OrganisationKind.COMMUNITY, OrganisationKind.AGENCY)
KINDS: dict[Role, tuple[OrganisationKind, ...]] = {
    Role.EDITOR: APPLICANTS,
    Role.HEAD: APPLICANTS,
    Role.DONOR: (OrganisationKind.DONOR,),
    Role.STAFF: (OrganisationKind.OFFICE,),
    Role.LEAD: (OrganisationKind.OFFICE,),
    Role.ADMIN: (OrganisationKind.OFFICE,),
}
INVITERS: dict[Role, frozenset[Role]] = {
    Role.EDITOR: frozenset({Role.HEAD, Role.STAFF, Role.LEAD}),
    Role.HEAD: access.OFFICE,
    Role.DONOR: access.OFFICE,
    Role.STAFF: frozenset({Role.LEAD}),
    Role.LEAD: frozenset({Role.LEAD}),
}


@dataclass(frozen=True)
class Invitation:
    """What an invitation made: a seat and, for a new person, a link.

    ``secret`` is the link to show once to the office, which may hand it over itself. It is
    None for a person who has a password already, for seats in the office, and for heads.
    """

    user: User
    membership: Membership
    secret: str | None


def clean_email(email: str) -> str:
    """Return the e-mail as it is stored and compared: without spaces, in small letters."""
    return email.strip().lower()


def find_user(email: str) -> User | None:
    """Return the person with this e-mail, or None."""
    statement = sa.select(User).where(User.email == clean_email(email))
    return db.session.scalars(statement).one_or_none()


def is_in_office(user: User) -> bool:
    """Tell whether the person has a seat in the office now."""
    return any(seat.role in sessions.OFFICE_ROLES for seat in sessions.active_seats(user))


def list_askable_organisations() -> list[Organisation]:
    """Return the communities and agencies a stranger may name, communities first, by name."""
    statement = (
        sa.select(Organisation)
        .where(Organisation.kind.in_(APPLICANTS), Organisation.is_active)
        .order_by(Organisation.kind.desc(), Organisation.name_uk, Organisation.id)
    )
    return list(db.session.scalars(statement))


def request_access(
    *,
    email: str,
    name: str,
    post: str,
    role: Role,
    language: Language,
    organisation_id: int | None = None,
    organisation_name: str = "",
    note: str = "",
    address: str = "",
    now: datetime,
) -> AccessRequest:
    """Ask for an account as a stranger; an open request of the same e-mail stays as it is."""
    email = clean_email(email)
    throttle.check(throttle.REQUEST, email, address, now=now)
    _check_asking(role, organisation_id, organisation_name)
    throttle.note(throttle.REQUEST, email, address, now=now)
    open_request = _find_open_request(email)
    if open_request is not None:
        return open_request
    request = AccessRequest(
        email=email,
        name=name.strip(),
        post=post.strip(),
        language=language,
        role=role,
        organisation_id=organisation_id,
        organisation_name=organisation_name.strip(),
        note=note.strip(),
        created_at=now,
    )
    db.session.add(request)
    db.session.flush()
    audit.record(None, "access.requested", request, now=now, new={"role": role})
    subject = {"request_id": request.id}
    outbox.queue_letter("access_requested", access.office_people(), now=now, subject=subject)
    db.session.flush()
    return request


def _check_asking(role: Role, organisation_id: int | None, organisation_name: str) -> None:
    """Raise Invalid unless a stranger may ask for this role in this organisation."""
    if role not in ASKABLE:
        raise Invalid("role_organisation", field="role")
    known_ids = {organisation.id for organisation in list_askable_organisations()}
    named = organisation_id is not None or organisation_name.strip()
    if not named or organisation_id not in {None, *known_ids}:
        raise Invalid("organisation_missing", field="organisation")


def _find_open_request(email: str) -> AccessRequest | None:
    """Return the open request of this e-mail, or None."""
    statement = sa.select(AccessRequest).where(
        AccessRequest.email == email, AccessRequest.status == AccessRequestStatus.REQUESTED
    )
    return db.session.scalars(statement.order_by(AccessRequest.id)).first()


def list_requests(
    actor: Membership, *, status: AccessRequestStatus | None = AccessRequestStatus.REQUESTED
) -> list[AccessRequest]:
    """Return the requests for access in a state (all for None), oldest first."""
    access.require(actor, access.OFFICE)
    statement = sa.select(AccessRequest).options(joinedload(AccessRequest.organisation))
    if status is not None:
        statement = statement.where(AccessRequest.status == status)
    statement = statement.order_by(AccessRequest.created_at, AccessRequest.id)
    return list(db.session.scalars(statement))


def get_request(actor: Membership, request_id: int) -> AccessRequest:
    """Return one request for access; raises NotFound."""
    access.require(actor, access.OFFICE)
    request = db.session.get(AccessRequest, request_id)
    if request is None:
        raise NotFound("request")
    return request


def confirm_request(
    actor: Membership,
    request_id: int,
    *,
    organisation_id: int | None = None,
    role: Role | None = None,
    now: datetime,
) -> Invitation:
    """Confirm that the person is who they say and invite them.

    ``organisation_id`` and ``role`` correct what was asked for; an organisation written
    in words has to be chosen here.
    """
    request = _get_undecided(actor, request_id)
    role = role or request.role
    organisation_id = organisation_id or request.organisation_id
    if organisation_id is None:
        raise Invalid("organisation_missing", field="organisation")
    invitation = invite(
        actor,
        email=request.email,
        name=request.name,
        post=request.post,
        role=role,
        organisation_id=organisation_id,
        language=request.language,
        now=now,
    )
    _decide(actor, request, AccessRequestStatus.CONFIRMED, now=now)
    return invitation


def decline_request(actor: Membership, request_id: int, *, now: datetime) -> AccessRequest:
    """Decline a request for access; no letter is sent, staff telephone where it is needed."""
    request = _get_undecided(actor, request_id)
    _decide(actor, request, AccessRequestStatus.DECLINED, now=now)
    return request


def _get_undecided(actor: Membership, request_id: int) -> AccessRequest:
    request = get_request(actor, request_id)
    if request.status is not AccessRequestStatus.REQUESTED:
        raise WrongState("request_decided")
    return request


def _decide(
    actor: Membership, request: AccessRequest, status: AccessRequestStatus, *, now: datetime
) -> None:
    audit.record(
        actor,
        f"access.{status}",
        request,
        now=now,
        old={"status": request.status},
        new={"status": status},
    )
    request.status = status
    request.decided_at = now
    request.decided_by_id = actor.user_id
    db.session.flush()


def invite(
    actor: Membership,
    *,
    email: str,
    name: str,
    post: str,
    role: Role,
    organisation_id: int,
    language: Language,
    now: datetime,
) -> Invitation:
    """Give a person a seat: a new one by an invitation, a known one by a letter that says so.

    Raises NotAllowed, Invalid (the role does not fit the organisation) and Duplicate (the
    seat exists and its holder has accepted it).
    """
    organisation = _check_inviting(actor, role, organisation_id)
    if clean_email(email) == actor.user.email:
        raise NotAllowed("oneself")
    user = _find_or_make_user(email, name=name, post=post, language=language, now=now)
    seat = give_seat(actor, user, organisation, role, now=now)
    if user.password_hash is not None:
        outbox.queue_letter("seat_added", [user], now=now, subject={"membership_id": seat.id})
        db.session.flush()
        return Invitation(user, seat, None)
    queue_invitation(user, seat, now=now, created_by=actor.user)
    if actor.role not in access.OFFICE or is_in_office(user):
        return Invitation(user, seat, None)
    _link, secret = links.create(
        LinkPurpose.INVITATION,
        user,
        now=now,
        created_by=actor.user,
        membership=seat,
        keep_others=True,
    )
    return Invitation(user, seat, secret)


def _check_inviting(actor: Membership, role: Role, organisation_id: int) -> Organisation:
    """Return the organisation if the actor may give this seat in it."""
    access.require(actor, INVITERS.get(role, frozenset()))
    organisation = db.session.get(Organisation, organisation_id)
    foreign = actor.role is Role.HEAD and organisation_id != actor.organisation_id
    if organisation is None or foreign or not organisation.is_active:
        raise NotFound("organisation")
    if organisation.kind not in KINDS[role]:
        raise Invalid("role_organisation", field="role")
    return organisation


def _find_or_make_user(
    email: str, *, name: str, post: str, language: Language, now: datetime
) -> User:
    """Return the person with this e-mail, made where it is new; who had left comes back."""
    user = find_user(email)
    if user is None:
        user = User(
            email=clean_email(email),
            name=name.strip(),
            post=post.strip(),
            language=language,
            created_at=now,
        )
        try:
            with db.session.begin_nested():
                db.session.add(user)
        except IntegrityError as error:  # somebody invited the same person just now
            raise Duplicate("seat_exists") from error
    elif user.left_at is not None:
        user.left_at = None
        user.password_hash = None
    return user


def give_seat(
    actor: Membership | None, user: User, organisation: Organisation, role: Role, *, now: datetime
) -> Membership:
    """Give the person a seat or open an ended one; raises Duplicate when it is held already.

    The seat of a person who has not accepted yet may be given again: the link is renewed.
    """
    seat = next(
        (
            seat
            for seat in user.memberships
            if seat.organisation_id == organisation.id and seat.role is role
        ),
        None,
    )
    if seat is not None and seat.ended_at is None and user.password_hash is not None:
        raise Duplicate("seat_exists")
    if seat is None:
        seat = Membership(user=user, organisation=organisation, role=role, created_at=now)
        db.session.add(seat)
    seat.ended_at = None
    db.session.flush()
    new = {"user_id": user.id, "organisation_id": organisation.id, "role": role}
    audit.record(actor, "seat.given", seat, now=now, new=new)
    return seat


def queue_invitation(
    user: User, seat: Membership, *, now: datetime, created_by: User | None = None
) -> str:
    """Make a fresh link, queue its letter and return the link's secret."""
    link, secret = links.create(
        LinkPurpose.INVITATION, user, now=now, created_by=created_by, membership=seat
    )
    outbox.queue_letter("invitation", [user], now=now, subject={"link_id": link.id})
    db.session.flush()
    return secret


def create_first_admin(name: str, email: str, *, now: datetime) -> tuple[User, str]:
    """Make the first person of an installation, who sits in the office as admin and as lead.

    Returns the person and the secret of the link that sets the password.
    """
    user = _find_or_make_user(email, name=name, post="", language=Language.UK, now=now)
    office = find_office() or _make_office(now)
    for role in (Role.ADMIN, Role.LEAD):
        if not any(seat.role is role for seat in sessions.active_seats(user)):
            give_seat(None, user, office, role, now=now)
    _link, secret = links.create(LinkPurpose.INVITATION, user, now=now)
    return user, secret


def find_office() -> Organisation | None:
    """Return the organisation that is the office itself, or None before the set-up."""
    statement = sa.select(Organisation).where(Organisation.kind == OrganisationKind.OFFICE)
    return db.session.scalars(statement.order_by(Organisation.id)).first()


def _make_office(now: datetime) -> Organisation:
    names = settings.read_all()
    office = Organisation(
        kind=OrganisationKind.OFFICE,
        name_uk=names["office_name_uk"],
        name_en=names["office_name_en"],
        created_at=now,
    )
    db.session.add(office)
    db.session.flush()
    return office
