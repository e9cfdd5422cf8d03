"""The own account, leaving, and what administrators do with accounts."""

import pytest
import sqlalchemy as sa

from matcher.errors import Duplicate, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.codes import Language
from matcher.models.idea import IdeaStatus
from matcher.models.job import Job
from matcher.models.user import LinkPurpose, Role
from matcher.services import audit_trail, links, people, sessions
from matcher.services.people import AccountState
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")


def active(role, where=None, **values):
    """Make a seat whose holder has a password."""
    person = factories.user(password_hash="x", **values)
    return factories.seat(role, where, person)


def test_a_person_changes_the_own_details_and_the_audit_names_fields_only():
    user = factories.user()
    people.update_profile(
        user, name=" Нове Ім’я ", post="", phone="+380", language=Language.EN, now=NOW
    )
    assert (user.name, user.phone, user.language) == ("Нове Ім’я", "+380", Language.EN)
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert event.new == {"language": "en", "fields": ["name", "phone"]}
    assert event.user_id == user.id


def test_drafts_of_who_leaves_pass_to_the_head():
    editor = active(Role.EDITOR)
    invited = factories.seat(Role.HEAD, editor.organisation)
    head = active(Role.HEAD, editor.organisation)
    draft = factories.idea(editor, status=IdeaStatus.DRAFT)
    published = factories.idea(editor)
    login, _secret = sessions.open_session(editor.user, device="", now=NOW)
    people.leave(editor.user, now=NOW)
    assert draft.created_by_id == head.user_id != invited.user_id
    assert published.created_by_id == editor.user_id
    assert (editor.ended_at, editor.user.left_at, login.ended_at) == (NOW, NOW, NOW)


def test_drafts_stay_with_the_organisation_that_has_no_head():
    editor = active(Role.EDITOR)
    draft = factories.idea(editor, status=IdeaStatus.DRAFT)
    people.leave(editor.user, now=NOW)
    assert draft.organisation_id == editor.organisation_id
    assert draft.created_by_id == editor.user_id


def test_who_leaves_takes_no_link_along():
    editor = active(Role.EDITOR)
    _link, secret = links.create(LinkPurpose.PASSWORD_RESET, editor.user, now=NOW)
    people.leave(editor.user, now=NOW)
    assert links.find_valid(LinkPurpose.PASSWORD_RESET, secret, now=NOW) is None


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMIN])
def test_the_last_lead_and_the_last_admin_cannot_leave(role):
    last = active(role)
    factories.seat(role)  # only invited
    active(role, is_locked=True)
    with pytest.raises(WrongState, match=f"last_{role}"):
        people.leave(last.user, now=NOW)
    assert last.ended_at is None
    active(role)
    people.leave(last.user, now=NOW)
    assert last.ended_at == NOW


def test_colleagues_are_those_of_the_own_organisation():
    head, other = factories.seat(Role.HEAD), factories.seat(Role.HEAD)
    editor = factories.seat(Role.EDITOR, head.organisation)
    gone = factories.seat(Role.EDITOR, head.organisation)
    gone.ended_at = NOW
    assert set(people.list_colleagues(head)) == {head, editor}
    assert people.list_colleagues(other) == [other]


# Administrators


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_touch_accounts(role):
    actor, target = factories.seat(role), active(Role.EDITOR)
    for act in (
        lambda: people.list_users(actor),
        lambda: people.get_user(actor, target.user_id),
        lambda: people.lock_user(actor, target.user_id, now=NOW),
        lambda: people.unlock_user(actor, target.user_id, now=NOW),
        lambda: people.grant_admin(actor, target.user_id, now=NOW),
        lambda: people.end_seat(actor, target.user_id, target.id, now=NOW),
        lambda: audit_trail.list_events(actor, audit_trail.Filters()),
        lambda: audit_trail.list_acts(actor),
        lambda: audit_trail.list_subject_kinds(actor),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_nobody_decides_on_the_own_account():
    admin = active(Role.ADMIN)
    for act in (people.lock_user, people.unlock_user, people.grant_admin):
        with pytest.raises(NotAllowed, match="oneself"):
            act(admin, admin.user_id, now=NOW)
    with pytest.raises(NotAllowed, match="oneself"):
        people.end_seat(admin, admin.user_id, admin.id, now=NOW)


def test_a_lock_ends_sessions_and_can_be_undone():
    admin, editor = active(Role.ADMIN), active(Role.EDITOR)
    login, _secret = sessions.open_session(editor.user, device="", now=NOW)
    people.lock_user(admin, editor.user_id, now=NOW)
    assert login.ended_at == NOW
    assert people.state_of(editor.user) is AccountState.LOCKED
    with pytest.raises(WrongState, match="locked"):
        people.lock_user(admin, editor.user_id, now=NOW)
    people.unlock_user(admin, editor.user_id, now=NOW)
    assert people.state_of(editor.user) is AccountState.ACTIVE
    with pytest.raises(WrongState, match="not_locked"):
        people.unlock_user(admin, editor.user_id, now=NOW)


def test_a_new_admin_needs_an_open_account_and_gets_a_letter():
    admin, staff = active(Role.ADMIN), active(Role.STAFF)
    invited = factories.seat(Role.STAFF)
    seat = people.grant_admin(admin, staff.user_id, now=NOW)
    assert (seat.role, seat.organisation) == (Role.ADMIN, admin.organisation)
    job = db.session.scalars(sa.select(Job)).one()
    assert (job.payload["letter"], job.recipient_id) == ("seat_added", staff.user_id)
    with pytest.raises(Duplicate, match="seat_exists"):
        people.grant_admin(admin, staff.user_id, now=NOW)
    with pytest.raises(WrongState, match="not_active"):
        people.grant_admin(admin, invited.user_id, now=NOW)


def test_ending_a_seat_needs_the_seat_of_that_person_and_spares_the_last_lead():
    admin, editor, lead = active(Role.ADMIN), active(Role.EDITOR), active(Role.LEAD)
    with pytest.raises(NotFound):
        people.end_seat(admin, editor.user_id, lead.id, now=NOW)
    with pytest.raises(WrongState, match="last_lead"):
        people.end_seat(admin, lead.user_id, lead.id, now=NOW)
    people.end_seat(admin, editor.user_id, editor.id, now=NOW)
    with pytest.raises(NotFound):
        people.end_seat(admin, editor.user_id, editor.id, now=NOW)
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert (event.act, event.user_id) == ("seat.ended", admin.user_id)


def test_accounts_are_found_by_name_in_any_case_role_and_state():
    admin = active(Role.ADMIN, name="Яна Адмін")
    editor = active(Role.EDITOR, name="Ірина Вигадана", email="iryna@demo.example")
    left = active(Role.DONOR, name="Left 100%_sure", left_at=NOW)
    factories.seat(Role.HEAD, person=factories.user(name="Invited"))

    def found(**filters):
        return {user.name for user in people.list_users(admin, **filters)[0]}

    assert found(text="ірина") == found(text="IRYNA@demo") == {editor.user.name}
    assert found(text="%_") == {left.user.name}
    assert found(role=Role.EDITOR) == {editor.user.name}
    assert found(state=AccountState.LEFT) == {left.user.name}
    assert found(state=AccountState.INVITED) == {"Invited"}
    assert found(state=AccountState.ACTIVE) == {"Яна Адмін", editor.user.name}
    assert found(state=AccountState.LOCKED) == set()


def test_accounts_come_in_pages():
    admin = active(Role.ADMIN)
    for _ in range(29):
        factories.user()
    first, total = people.list_users(admin)
    second, _total = people.list_users(admin, page=2)
    assert (len(first), len(second), total) == (25, 5, 30)
    assert not set(first) & set(second)


def test_the_trail_is_filtered_and_newest_first():
    admin, editor = active(Role.ADMIN), active(Role.EDITOR, name="Ірина Вигадана")
    people.lock_user(admin, editor.user_id, now=NOW)
    people.unlock_user(admin, editor.user_id, now=NOW)
    people.leave(editor.user, now=NOW)

    def acts(**filters):
        events, _total = audit_trail.list_events(admin, audit_trail.Filters(**filters))
        return [event.act for event in events]

    assert acts() == ["user.left", "user.unlocked", "user.locked"]
    assert acts(person="вигадана") == ["user.left"]
    assert acts(act="user.locked") == ["user.locked"]
    assert acts(subject_kind="user", subject_id=editor.user_id) == acts()
    assert acts(since=NOW, until=NOW) == []
    assert audit_trail.list_acts(admin) == ["user.left", "user.locked", "user.unlocked"]
    assert audit_trail.list_subject_kinds(admin) == ["user"]
