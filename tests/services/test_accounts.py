"""Accounts: asking for access, invitations, one-time links, the first administrator."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.errors import Duplicate, Invalid, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.codes import Language
from matcher.models.job import Job
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.user import (
    AccessRequest,
    AccessRequestStatus,
    LinkPurpose,
    Membership,
    OneTimeLink,
    Role,
    User,
)
from matcher.services import accounts, links, sessions, signing_in
from tests import factories
from tests.factories import NOW

PASSWORD = "чайник ліхтар оселедець Марс"

pytestmark = pytest.mark.usefixtures("session")


def ask(email="oksana@hromada.demo.example", **values):
    """Ask for access as the editor of a community."""
    if "organisation_id" not in values and "organisation_name" not in values:
        values["organisation_id"] = factories.organisation().id
    defaults = {"name": "Тестова Особа", "post": "спеціалістка", "role": Role.EDITOR}
    return accounts.request_access(
        email=email, language=Language.UK, now=NOW, **(defaults | values)
    )


def invite(actor, role=Role.EDITOR, where=None, email="new@demo.example", **values):
    """Invite a person to an organisation that fits the role."""
    where = where or factories.organisation(factories.KIND_OF_ROLE[role])
    defaults = {"name": "New Person", "post": "", "language": Language.UK, "now": NOW}
    return accounts.invite(
        actor, email=email, role=role, organisation_id=where.id, **(defaults | values)
    )


def letters():
    """Return the queued letters as (kind, recipient's id)."""
    jobs = db.session.scalars(sa.select(Job).order_by(Job.id))
    return [(job.payload["letter"], job.recipient_id) for job in jobs]


# Requests for access


def test_a_request_tells_the_whole_office_once():
    staff, lead = factories.seat(Role.STAFF), factories.seat(Role.LEAD)
    first = ask("Oksana@Hromada.demo.example ")
    again = ask("oksana@hromada.demo.example", name="Somebody Else")
    assert again.id == first.id
    assert again.name == "Тестова Особа"
    assert sorted(letters()) == sorted(
        [("access_requested", staff.user_id), ("access_requested", lead.user_id)]
    )


def test_a_request_needs_an_organisation_that_a_stranger_may_name():
    donor = factories.organisation(OrganisationKind.DONOR)
    for values in ({"organisation_id": donor.id}, {"organisation_name": "  "}):
        with pytest.raises(Invalid, match="organisation_missing"):
            ask(**values)


@pytest.mark.parametrize("role", [Role.STAFF, Role.LEAD, Role.ADMIN])
def test_nobody_asks_for_a_seat_in_the_office(role):
    with pytest.raises(Invalid, match="role_organisation"):
        ask(role=role)


def test_one_mailbox_and_one_network_ask_a_few_times_only():
    where = factories.organisation().id
    for _ in range(3):
        ask(organisation_id=where)
    with pytest.raises(NotAllowed, match="too_many_tries"):
        ask(organisation_id=where)
    for number in range(30):
        ask(f"p{number}@demo.example", organisation_id=where, address="192.0.2.7")
    with pytest.raises(NotAllowed, match="too_many_tries"):
        ask("another@demo.example", organisation_id=where, address="192.0.2.7")


def test_the_office_lists_open_requests_oldest_first():
    staff = factories.seat(Role.STAFF)
    first, second = ask("one@demo.example"), ask("two@demo.example")
    accounts.decline_request(staff, first.id, now=NOW)
    assert accounts.list_requests(staff) == [second]
    assert accounts.list_requests(staff, status=None) == [first, second]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_nobody_else_sees_or_decides_requests(role):
    request, other = ask(), factories.seat(role)
    for act in (
        lambda: accounts.list_requests(other),
        lambda: accounts.get_request(other, request.id),
        lambda: accounts.confirm_request(other, request.id, now=NOW),
        lambda: accounts.decline_request(other, request.id, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_confirming_a_request_makes_the_seat_and_the_invitation():
    staff = factories.seat(Role.STAFF)
    request = ask(role=Role.HEAD)
    invitation = accounts.confirm_request(staff, request.id, now=NOW)
    assert invitation.membership.role is Role.HEAD
    assert invitation.membership.organisation_id == request.organisation_id
    assert invitation.user.password_hash is None
    assert request.status is AccessRequestStatus.CONFIRMED
    assert request.decided_by_id == staff.user_id
    assert ("invitation", invitation.user.id) in letters()


def test_a_request_is_decided_once():
    staff = factories.seat(Role.STAFF)
    request = ask()
    accounts.decline_request(staff, request.id, now=NOW)
    for act in (accounts.confirm_request, accounts.decline_request):
        with pytest.raises(WrongState, match="request_decided"):
            act(staff, request.id, now=NOW)
    with pytest.raises(NotFound):
        accounts.decline_request(staff, 999, now=NOW)


def test_a_named_organisation_has_to_be_chosen_when_confirming():
    staff = factories.seat(Role.STAFF)
    request = ask(role=Role.DONOR, organisation_name="A new foundation")
    with pytest.raises(Invalid, match="organisation_missing"):
        accounts.confirm_request(staff, request.id, now=NOW)
    donor = factories.organisation(OrganisationKind.DONOR)
    invitation = accounts.confirm_request(staff, request.id, organisation_id=donor.id, now=NOW)
    assert invitation.membership.organisation_id == donor.id


# Invitations

ALLOWED = {
    (Role.STAFF, Role.EDITOR), (Role.STAFF, Role.HEAD), (Role.STAFF, Role.DONOR),
    (Role.LEAD, Role.EDITOR), (Role.LEAD, Role.HEAD), (Role.LEAD, Role.DONOR),
    (Role.LEAD, Role.STAFF), (Role.LEAD, Role.LEAD), (Role.HEAD, Role.EDITOR),
}  # fmt: skip


@pytest.mark.parametrize("inviter", list(Role))
@pytest.mark.parametrize("role", list(Role))
def test_who_may_invite_whom(inviter, role):
    actor = factories.seat(inviter)
    kind = accounts.KINDS[role][0]
    where = actor.organisation
    if where.kind is not kind:
        where = factories.organisation(kind)
    if (inviter, role) in ALLOWED:
        assert invite(actor, role, where).membership.role is role
    else:
        with pytest.raises(NotAllowed):
            invite(actor, role, where)


def test_a_head_invites_to_the_own_organisation_only():
    head = factories.seat(Role.HEAD)
    with pytest.raises(NotFound):
        invite(head, Role.EDITOR, factories.organisation())
    assert invite(head, Role.EDITOR, head.organisation).secret is None


def test_a_role_has_to_fit_the_organisation():
    with pytest.raises(Invalid, match="role_organisation"):
        invite(factories.seat(Role.STAFF), Role.DONOR, factories.organisation())


def test_nobody_invites_oneself():
    staff = factories.seat(Role.STAFF)
    with pytest.raises(NotAllowed, match="oneself"):
        invite(staff, email=staff.user.email.upper())


def test_a_known_person_gets_another_seat_and_a_letter_instead_of_a_second_account():
    staff = factories.seat(Role.STAFF)
    known = factories.user(email="known@demo.example", password_hash="x")
    invitation = invite(staff, email="Known@Demo.example", name="Another Name")
    assert invitation.user is known
    assert known.name != "Another Name"
    assert invitation.secret is None
    assert letters() == [("seat_added", known.id)]
    assert db.session.scalars(sa.select(OneTimeLink)).all() == []


def test_a_seat_that_is_held_is_not_given_twice():
    staff, head = factories.seat(Role.STAFF), factories.seat(Role.HEAD)
    head.user.password_hash = "x"
    with pytest.raises(Duplicate, match="seat_exists"):
        invite(staff, Role.HEAD, head.organisation, email=head.user.email)


def test_inviting_again_renews_the_link_and_makes_no_second_seat():
    staff, where = factories.seat(Role.STAFF), factories.organisation()
    first = invite(staff, where=where)
    second = invite(staff, where=where)
    assert first.membership is second.membership
    assert links.find_valid(LinkPurpose.INVITATION, first.secret, now=NOW) is None
    assert links.find_valid(LinkPurpose.INVITATION, second.secret, now=NOW) is not None


def test_an_ended_seat_opens_again_and_who_had_left_comes_back():
    staff, head = factories.seat(Role.STAFF), factories.seat(Role.HEAD)
    head.ended_at = NOW
    head.user.left_at = NOW
    head.user.password_hash = "x"
    invitation = invite(staff, Role.HEAD, head.organisation, email=head.user.email)
    assert invitation.membership is head
    assert head.ended_at is None
    assert head.user.left_at is None
    assert invitation.secret is not None


def test_no_link_into_the_office_is_ever_shown():
    lead = factories.seat(Role.LEAD)
    shown = accounts.invite(
        lead, email="s@demo.example", name="S", post="", role=Role.STAFF,
        organisation_id=lead.organisation_id, language=Language.UK, now=NOW,
    )  # fmt: skip
    assert shown.secret is None
    assert invite(lead, Role.DONOR, email="s@demo.example").secret is None


def test_a_queued_letter_holds_no_secret_and_the_worker_makes_a_fresh_one():
    staff = factories.seat(Role.STAFF)
    invitation = invite(staff)
    (job,) = db.session.scalars(sa.select(Job))
    assert set(job.payload) == {"letter", "link_id"}
    secret = links.renew_secret(job.payload["link_id"], NOW)
    for one in (secret, invitation.secret):
        link = links.find_valid(LinkPurpose.INVITATION, one, now=NOW)
        assert link.user_id == invitation.user.id


def test_opening_the_account_ends_both_links():
    staff = factories.seat(Role.STAFF)
    invitation = invite(staff)
    (job,) = db.session.scalars(sa.select(Job))
    secret = links.renew_secret(job.payload["link_id"], NOW)
    user = signing_in.accept_invitation(
        secret, password=PASSWORD, name="Нове Ім’я", post="голова", now=NOW
    )
    assert user.name == "Нове Ім’я"
    assert user.password_hash.startswith("$argon2id$")
    for one in (secret, invitation.secret):
        with pytest.raises(NotFound, match="link"):
            signing_in.accept_invitation(one, password=PASSWORD, name="X", now=NOW)
    with pytest.raises(NotFound):
        links.renew_secret(job.payload["link_id"], NOW)


def test_a_weak_password_leaves_the_invitation_as_it_was():
    invitation = invite(factories.seat(Role.STAFF))
    with pytest.raises(Invalid, match="password_short"):
        signing_in.accept_invitation(invitation.secret, password="short", name="X", now=NOW)
    assert links.find_valid(LinkPurpose.INVITATION, invitation.secret, now=NOW)


# One-time links


@pytest.mark.parametrize(
    ("purpose", "lives"),
    [
        (LinkPurpose.INVITATION, timedelta(days=7)),
        (LinkPurpose.PASSWORD_RESET, timedelta(hours=1)),
    ],
)
def test_a_link_expires(purpose, lives):
    link, secret = links.create(purpose, factories.user(), now=NOW)
    assert links.find_valid(purpose, secret, now=NOW + lives - timedelta(seconds=1)) is link
    assert links.find_valid(purpose, secret, now=NOW + lives) is None
    with pytest.raises(NotFound):
        links.renew_secret(link.id, NOW + lives)


def test_a_link_is_good_for_its_purpose_and_its_owner_alone():
    user = factories.user()
    _link, secret = links.create(LinkPurpose.INVITATION, user, now=NOW)
    assert links.find_valid(LinkPurpose.PASSWORD_RESET, secret, now=NOW) is None
    assert links.find_valid(LinkPurpose.INVITATION, secret + "x", now=NOW) is None
    user.is_locked = True
    assert links.find_valid(LinkPurpose.INVITATION, secret, now=NOW) is None


def test_a_new_link_makes_the_older_ones_of_its_subject_useless():
    user = factories.user()
    purpose = LinkPurpose.CONFIRM_IDEA
    _a, first = links.create(purpose, user, now=NOW, subject_id=1)
    _b, other = links.create(purpose, user, now=NOW, subject_id=2)
    _c, second = links.create(purpose, user, now=NOW, subject_id=1)
    assert links.find_valid(purpose, first, now=NOW) is None
    assert links.find_valid(purpose, other, now=NOW).subject_id == 2
    assert links.find_valid(purpose, second, now=NOW).subject_id == 1


def test_a_link_is_used_once_and_stored_as_a_hash():
    link, secret = links.create(LinkPurpose.INVITATION, factories.user(), now=NOW)
    assert secret not in link.secret_hash
    links.use(link, now=NOW)
    with pytest.raises(NotFound, match="link"):
        links.use(link, now=NOW)


# The first administrator


def test_the_first_person_is_admin_and_lead_of_the_office():
    user, secret = accounts.create_first_admin("Перша Особа", "First@demo.example", now=NOW)
    assert {seat.role for seat in sessions.active_seats(user)} == {Role.ADMIN, Role.LEAD}
    office = db.session.scalars(sa.select(Organisation)).one()
    assert office.kind is OrganisationKind.OFFICE
    link = links.find_valid(LinkPurpose.INVITATION, secret, now=NOW)
    assert link.user is user
    again, _secret = accounts.create_first_admin("Перша Особа", "first@demo.example", now=NOW)
    assert again is user
    assert len(user.memberships) == 2


def test_every_act_leaves_one_audit_entry_without_names():
    staff = factories.seat(Role.STAFF)
    request = ask("audit@demo.example", name="Таємне Ім’я")
    invitation = accounts.confirm_request(staff, request.id, now=NOW)
    signing_in.accept_invitation(invitation.secret, password=PASSWORD, name="N", now=NOW)
    events = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.act for event in events] == [
        "access.requested",
        "seat.given",
        "access.confirmed",
        "invitation.accepted",
    ]
    text = str([(event.old, event.new) for event in events])
    assert "Таємне" not in text
    assert "@" not in text


def test_requests_never_touch_accounts():
    ask()
    assert db.session.scalars(sa.select(User)).all() == []
    assert db.session.scalars(sa.select(Membership)).all() == []
    assert len(db.session.scalars(sa.select(AccessRequest)).all()) == 1
