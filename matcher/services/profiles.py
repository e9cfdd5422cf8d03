"""Donors' priorities and calls: donors propose a wording, staff verify it, it grows old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matcher.errors import Invalid, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.match import Match
from matcher.models.profile import (
    CallState,
    Profile,
    ProfileKind,
    ProfileRevision,
    ProposalStatus,
)
from matcher.models.user import Membership, Role
from matcher.services import (
    access,
    audit,
    donors,
    form_keys,
    freshness,
    moves,
    outbox,
    outcomes,
    profile_content,
    ranking,
)
from matcher.services.freshness import Freshness

REVIEW_AFTER = timedelta(days=365)
READERS = frozenset({Role.DONOR, *access.OFFICE})


@dataclass(frozen=True)
class ProfileRow:
    """A profile as a list shows it on a day."""

    profile: Profile
    freshness: Freshness
    state: CallState | None
    proposal: ProfileRevision | None


# Reading


def profiles_seen_by(actor: Membership) -> sa.Select[Profile]:
    """Return the statement of the profiles this seat may see: donors their own, the office all
    but those of organisations in which the person has an interest.
    """
    statement = sa.select(Profile)
    if actor.role is Role.DONOR:
        return statement.where(Profile.organisation_id == actor.organisation_id)
    if actor.role in access.OFFICE:
        conflicts = access.conflicting_organisations(actor.user_id)
        return statement.where(Profile.organisation_id.not_in(conflicts))
    return statement.where(sa.false())


def get_profile(actor: Membership, profile_id: int) -> Profile:
    """Return one profile with its wordings; raises NotFound."""
    statement = (
        profiles_seen_by(actor)
        .where(Profile.id == profile_id)
        .options(
            joinedload(Profile.organisation),
            joinedload(Profile.verified_by),
            selectinload(Profile.revisions).options(
                joinedload(ProfileRevision.proposed_by), joinedload(ProfileRevision.decided_by)
            ),
        )
    )
    profile = db.session.scalars(statement).one_or_none()
    if profile is None:
        raise NotFound("profile")
    return profile


def list_profiles(
    actor: Membership,
    *,
    today: date,
    organisation_id: int | None = None,
    kind: ProfileKind | None = None,
    with_ended: bool = True,
) -> list[ProfileRow]:
    """Return the profiles this seat may see: those in use first, calls by the day they close."""
    access.require(actor, READERS)
    statement = profiles_seen_by(actor).options(
        joinedload(Profile.organisation), selectinload(Profile.revisions)
    )
    if organisation_id is not None:
        statement = statement.where(Profile.organisation_id == organisation_id)
    if kind is not None:
        statement = statement.where(Profile.kind == kind)
    if not with_ended:
        statement = statement.where(sa.not_(Profile.ended))
    rows = [as_row(profile, today=today) for profile in db.session.scalars(statement)]
    return sorted(rows, key=order_key)


def as_row(profile: Profile, *, today: date) -> ProfileRow:
    """Return what a list shows of a profile."""
    return ProfileRow(
        profile,
        freshness.freshness(profile, today=today),
        freshness.call_state(profile, today=today),
        find_proposal(profile),
    )


def order_key(row: ProfileRow) -> tuple[bool, bool, date, str, int]:
    """Order what is in use before what is over, and the next deadline before later ones."""
    profile = row.profile
    is_over = profile.ended or row.state is CallState.CLOSED
    closes = profile.closes_on or date.max
    title = profile.title_uk or profile.title_en
    return is_over, profile.kind is not ProfileKind.CALL, closes, title, profile.id


def find_proposal(profile: Profile) -> ProfileRevision | None:
    """Return the wording that waits for the office's check, or None."""
    waiting = (row for row in profile.revisions if row.status is ProposalStatus.PROPOSED)
    return max(waiting, key=lambda row: row.number, default=None)


def was_replaced(revision: ProfileRevision) -> bool:
    """Tell whether a proposal was never decided because its donor sent a newer one."""
    return revision.status is ProposalStatus.DECLINED and revision.decided_by_id is None


# Writing


def create_profile(
    actor: Membership,
    organisation_id: int,
    kind: ProfileKind,
    content: Mapping[str, Any],
    *,
    now: datetime,
    today: date,
    key: str = "",
) -> Profile:
    """Enter a donor's priorities or a call, verified at once; once for each form key."""
    access.require(actor, access.OFFICE)
    donor = donors.get_donor(actor, organisation_id)
    values = profile_content.clean(content, kind)
    sent = {"organisation_id": organisation_id, "kind": kind, **profile_content.as_json(values)}
    known = form_keys.find_subject(actor, key, "profile.created", sent) if key else None
    if known is not None:
        return get_profile(actor, known)
    profile = Profile(
        organisation=donor,
        kind=kind,
        is_example=donor.is_example,
        created_at=now,
        updated_at=now,
    )
    db.session.add(profile)
    db.session.flush()
    if key:
        form_keys.remember(actor, key, "profile.created", sent, profile.id, now=now)
    audit.record(actor, "profile.created", profile, now=now, new={"kind": kind})
    revision = add_revision(actor, profile, values, now=now)
    accept(actor, profile, revision, now=now, today=today)
    return profile


def propose(
    actor: Membership,
    profile_id: int,
    content: Mapping[str, Any],
    *,
    now: datetime,
    today: date,
    version: int | None = None,
) -> ProfileRevision:
    """Send a new wording: a donor's waits for the office, the office's own holds at once.

    A newer proposal takes the place of one that still waits. Raises NotFound, Invalid, Stale,
    and WrongState for a programme that has ended.
    """
    access.require(actor, READERS)
    profile = get_open_profile(actor, profile_id, version)
    values = profile_content.clean(content, profile.kind)
    is_donor = actor.role is Role.DONOR
    if not is_donor and profile.revision and not profile_content.changed_fields(profile, values):
        return confirm_present(actor, profile, now=now, today=today)
    if is_donor:
        replace_proposal(profile)
    revision = add_revision(actor, profile, values, now=now)
    if is_donor:
        audit.record(
            actor,
            "profile.proposed",
            profile,
            now=now,
            new={
                "number": revision.number,
                "fields": profile_content.changed_fields(profile, values),
            },
        )
        subject = {"profile_id": profile.id}
        outbox.queue_letter("profile_proposed", access.office_people(), now=now, subject=subject)
        db.session.flush()
    else:
        accept(actor, profile, revision, now=now, today=today)
    return revision


def get_open_profile(actor: Membership, profile_id: int, version: int | None) -> Profile:
    """Return a profile that may still be changed, in the version its reader saw."""
    profile = get_profile(actor, profile_id)
    if version is not None and profile.version != version:
        raise Stale("stale", profile_id=profile.id)
    if profile.ended:
        raise WrongState("profile_closed")
    return profile


def replace_proposal(profile: Profile) -> None:
    """Put aside what waits: its donor has thought again. Nobody has decided about it."""
    for row in profile.revisions:
        if row.status is ProposalStatus.PROPOSED:
            row.status = ProposalStatus.DECLINED
    db.session.flush()


def add_revision(
    actor: Membership,
    profile: Profile,
    values: Mapping[str, Any],
    *,
    now: datetime,
) -> ProfileRevision:
    """Store a wording under the next number."""
    revision = ProfileRevision(
        profile=profile,
        number=next_number(profile),
        content=profile_content.as_json(values),
        status=ProposalStatus.PROPOSED,
        proposed_by_id=actor.user_id,
        proposed_at=now,
    )
    db.session.add(revision)
    db.session.flush()
    return revision


def next_number(profile: Profile) -> int:
    """Return the next free number of a wording."""
    return max((row.number for row in profile.revisions), default=0) + 1


def accept(
    actor: Membership, profile: Profile, revision: ProfileRevision, *, now: datetime, today: date
) -> None:
    """Put a wording in force: from now on ideas are ranked against it."""
    values = profile_content.clean(revision.content, profile.kind)
    fields = profile_content.changed_fields(profile, values)
    if revision.number < profile.revision:
        # It waited while another wording came in force: numbers only ever grow, pairs rely on it.
        revision.number = next_number(profile)
    old = profile.revision
    profile_content.put_in_force(profile, values)
    profile.revision, profile.updated_at = revision.number, now
    revision.status = ProposalStatus.VERIFIED
    revision.decided_by_id, revision.decided_at = actor.user_id, now
    note_verified(actor, profile, today=today)
    audit.record(
        actor,
        "profile.verified",
        profile,
        now=now,
        old={"revision": old},
        new={"revision": profile.revision, "fields": fields, "review_by": profile.review_by},
    )
    db.session.flush()


def note_verified(actor: Membership, profile: Profile, *, today: date) -> None:
    """Note who vouches for what is in force, and until when."""
    profile.verified_on, profile.verified_by_id = today, actor.user_id
    profile.review_by = today + REVIEW_AFTER


def confirm_present(
    actor: Membership, profile: Profile, *, now: datetime, today: date
) -> ProfileRevision:
    """Note that what is in force is still right; return its wording."""
    old = profile.review_by
    note_verified(actor, profile, today=today)
    audit.record(
        actor,
        "profile.still_right",
        profile,
        now=now,
        old={"review_by": old},
        new={"review_by": profile.review_by},
    )
    db.session.flush()
    return next(row for row in profile.revisions if row.number == profile.revision)


# Deciding


def verify(
    actor: Membership,
    profile_id: int,
    *,
    now: datetime,
    today: date,
    version: int | None = None,
) -> Profile:
    """Confirm that the wording in force is still right, for a year."""
    access.require(actor, access.OFFICE)
    profile = get_open_profile(actor, profile_id, version)
    if profile.revision == 0:
        raise WrongState("nothing_to_verify")
    confirm_present(actor, profile, now=now, today=today)
    return profile


def get_proposal(actor: Membership, revision_id: int) -> ProfileRevision:
    """Return a wording of a profile that this office seat may see; raises NotFound."""
    access.require(actor, access.OFFICE)
    revision = db.session.get(ProfileRevision, revision_id)
    if revision is None:
        raise NotFound("proposal")
    get_profile(actor, revision.profile_id)
    return revision


def decide_proposal(
    actor: Membership,
    revision_id: int,
    decision: ProposalStatus,
    *,
    note: str = "",
    now: datetime,
    today: date,
) -> ProfileRevision:
    """Verify a donor's wording or decline it with a word why; the donor gets a letter."""
    revision = get_proposal(actor, revision_id)
    profile = revision.profile
    if revision.status is not ProposalStatus.PROPOSED:
        raise WrongState("proposal_decided")
    if profile.ended:
        raise WrongState("profile_closed")
    if decision is ProposalStatus.VERIFIED:
        accept(actor, profile, revision, now=now, today=today)
    else:
        decline(actor, revision, note, now=now)
    recipients = access.people_of(profile.organisation_id)
    subject = {"profile_id": profile.id}
    outbox.queue_letter("profile_decided", recipients, now=now, subject=subject)
    db.session.flush()
    return revision


def decline(actor: Membership, revision: ProfileRevision, note: str, *, now: datetime) -> None:
    """Leave what is in force as it is, and say why."""
    if not note.strip():
        raise Invalid("reason_text", field="note")
    revision.status, revision.note = ProposalStatus.DECLINED, note.strip()
    revision.decided_by_id, revision.decided_at = actor.user_id, now
    new = {"number": revision.number}
    audit.record(actor, "profile.declined", revision.profile, now=now, new=new)


def end_profile(
    actor: Membership, profile_id: int, *, now: datetime, version: int | None = None
) -> Profile:
    """End a programme or call: nothing is offered to it any more.

    Suggestions go, pairs that were not approved yet lapse, and both sides are told once.
    """
    access.require(actor, access.OFFICE)
    profile = get_open_profile(actor, profile_id, version)
    profile.ended, profile.updated_at = True, now
    replace_proposal(profile)
    audit.record(actor, "profile.ended", profile, now=now, new={"revision": profile.revision})
    ranking.drop_suggestions(Match.profile_id == profile.id, keep=set())
    statement = sa.select(Match).where(
        Match.profile_id == profile.id, Match.status.in_(moves.BEFORE_APPROVAL)
    )
    outcomes.lapse(list(db.session.scalars(statement.order_by(Match.id))), None, None, now=now)
    return profile
