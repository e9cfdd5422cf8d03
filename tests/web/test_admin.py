"""Administrators: accounts, settings, the audit trail."""

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.user import Role, User
from matcher.services import audit, settings
from matcher.web.admin.acts import act_name, value_words
from tests import factories


@pytest.fixture
def admin(client_as):
    """Return an administrator's client that reads English."""
    client = client_as(Role.ADMIN)
    client.post("/auth/language", data={"language": "en"})
    return client


@pytest.fixture
def editor(app):
    """Make an editor with an open account; return the ids of person and seat."""
    with app.app_context():
        person = factories.user(password_hash="x", name="Ірина Вигадана")
        seat = factories.seat(Role.EDITOR, person=person)
        db.session.commit()
        return person.id, seat.id


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_other_roles_are_kept_out(client_as, editor, role):
    client = client_as(role)
    for path in ("/admin/users", f"/admin/users/{editor[0]}", "/admin/settings", "/admin/audit"):
        assert client.get(path).status_code == 403
    for act in ("lock", "unlock", "grant-admin", f"seats/{editor[1]}/end"):
        assert client.post(f"/admin/users/{editor[0]}/{act}").status_code == 403


def test_accounts_are_listed_and_found(admin, editor):
    page = admin.get("/admin/users").get_data(as_text=True)
    assert "Ірина Вигадана" in page
    assert "Editor" in page
    assert "Ірина" in admin.get("/admin/users?q=вигадана&role=editor").get_data(as_text=True)
    assert "Ірина" not in admin.get("/admin/users?q=nobody").get_data(as_text=True)
    assert "Ірина" not in admin.get("/admin/users?state=left").get_data(as_text=True)


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", f"page={2**70}", "role=x&state=y", "q=%25_", "q=" + "a" * 900]
)
def test_nonsense_in_the_address_is_no_error(admin, query):
    assert admin.get(f"/admin/users?{query}").status_code == 200


def test_an_account_is_locked_and_unlocked(app, admin, client_as, editor):
    victim = client_as(seat_id=editor[1])
    assert victim.get("/auth/profile").status_code == 200
    assert admin.post(f"/admin/users/{editor[0]}/lock").status_code == 302
    assert victim.get("/auth/profile").status_code == 302
    page = admin.get(f"/admin/users/{editor[0]}").get_data(as_text=True)
    assert "Unlock the account" in page
    assert "Account: locked" in page
    assert admin.post(f"/admin/users/{editor[0]}/lock").status_code == 409
    assert admin.post(f"/admin/users/{editor[0]}/unlock").status_code == 302
    with app.app_context():
        assert not db.session.get(User, editor[0]).is_locked


def test_an_administrator_is_made_and_a_seat_ended(app, admin, editor):
    assert admin.post(f"/admin/users/{editor[0]}/grant-admin").status_code == 302
    assert admin.post(f"/admin/users/{editor[0]}/grant-admin").status_code == 409
    assert admin.post(f"/admin/users/{editor[0]}/seats/{editor[1]}/end").status_code == 302
    with app.app_context():
        user = db.session.get(User, editor[0])
        assert [seat.role for seat in user.memberships if seat.ended_at is None] == [Role.ADMIN]
    page = admin.get(f"/admin/users/{editor[0]}").get_data(as_text=True)
    assert "1 role that has ended" in page


def test_foreign_ids_are_not_found(admin, editor):
    for path in ("/admin/users/9999", f"/admin/users/{2**31}"):
        assert admin.get(path).status_code == 404
    assert admin.post("/admin/users/9999/lock").status_code == 404
    assert admin.post(f"/admin/users/{editor[0]}/seats/9999/end").status_code == 404


def test_the_own_account_is_left_to_others(app, admin):
    with app.app_context():
        own = db.session.scalars(sa.select(User.id)).one()
    assert "your own account" in admin.get(f"/admin/users/{own}").get_data(as_text=True)
    assert admin.post(f"/admin/users/{own}/lock").status_code == 403


# Settings

SETTINGS = {
    "office_name_uk": "Управління", "office_name_en": "The Office", "sender": "o@demo.example",
    "four_eyes_above": "250 000", "four_eyes_currency": "UAH",
}  # fmt: skip


def test_settings_are_changed_and_audited(app, admin):
    assert admin.post("/admin/settings", data=SETTINGS).status_code == 302
    page = admin.get("/admin/settings").get_data(as_text=True)
    assert "The Office" in page
    assert 'value="250 000"' in page
    with app.app_context():
        assert settings.read("four_eyes_above") == "250000"
        event = db.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.act == "settings.changed")
        ).one()
        assert event.new["four_eyes_currency"] == "UAH"
        assert settings.read("demo") == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("100 000", "100000"),
        ("100,000", "100000"),
        ("100,5", "100.5"),
        ("1\u00a0000.50", "1000.50"),
    ],
)
def test_amounts_are_read_as_people_write_them(app, admin, written, meant):
    admin.post("/admin/settings", data=SETTINGS | {"four_eyes_above": written})
    with app.app_context():
        assert settings.read("four_eyes_above") == meant


@pytest.mark.parametrize(
    "wrong",
    [{"office_name_uk": " "}, {"sender": "nobody"}, {"four_eyes_above": "many"},
     {"four_eyes_above": "-1"}, {"four_eyes_above": "NaN"}, {"four_eyes_above": "1e400"},
     {"four_eyes_above": "1.234"}, {"four_eyes_above": ""}, {"four_eyes_currency": "XXX"}],
)  # fmt: skip
def test_wrong_settings_are_refused_and_kept(app, admin, wrong):
    response = admin.post("/admin/settings", data=SETTINGS | wrong)
    assert response.status_code == 422
    assert "The Office" in response.get_data(as_text=True)
    with app.app_context():
        assert settings.read_all() == dict(settings.DEFAULTS)


def test_the_demonstration_mark_cannot_be_set_on_the_page(app, admin):
    admin.post("/admin/settings", data=SETTINGS | {"demo": "1"})
    with app.app_context():
        assert not settings.is_demo()


# The audit trail


@pytest.fixture
def trail(app):
    """Make thirty entries of two acts."""
    with app.app_context():
        lead = factories.seat(Role.LEAD, person=factories.user(name="Lead Person"))
        for number in range(1, 30):
            event = audit.record(lead, "idea.published", None, now=factories.NOW)
            event.subject_kind, event.subject_id = "idea", number
        audit.record(
            lead, "seat.given", None, now=factories.NOW, old={"status": "draft"},
            new={"role": Role.HEAD, "until": factories.NOW.date(), "user_id": 7},
        )  # fmt: skip
        db.session.commit()


def test_the_trail_is_worded_and_comes_in_pages(admin, trail):
    page = admin.get("/admin/audit").get_data(as_text=True)
    assert "Idea: published" in page
    assert "Role: Head of the community" in page
    assert "Status: Draft → –" in page
    assert "22\u00a0November 2026" in page
    assert "idea.published" not in page.replace('value="idea.published"', "")
    assert admin.get("/admin/audit?page=2").status_code == 200


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("act=seat.given", "1 entry"),
        ("act=idea.published&number=3&subject=idea", "1 entry"),
        ("person=lead+person", "30 entries"),
        ("since=2026-11-22&until=2026-11-22", "30 entries"),
        ("since=2026-11-23", "No entry fits"),
        ("person=nobody", "No entry fits"),
    ],
)
def test_the_trail_is_filtered_by_the_address(admin, trail, query, count):
    assert count in admin.get(f"/admin/audit?{query}").get_data(as_text=True)


@pytest.mark.parametrize("query", ["since=x", "number=x", f"number={2**63}", "act=no.such"])
def test_wrong_filters_are_named(admin, trail, query):
    response = admin.get(f"/admin/audit?{query}")
    assert response.status_code == 422
    assert 'role="alert"' in response.get_data(as_text=True)


@pytest.mark.parametrize("page", ["0", "x", str(2**70), "-1"])
def test_a_wrong_page_of_the_trail_is_no_error(admin, trail, page):
    assert admin.get(f"/admin/audit?page={page}").status_code == 200


def test_unknown_acts_and_values_are_readable(app):
    with app.test_request_context():
        assert act_name("thing.done_twice") == "Thing: done twice"
        assert value_words("x", None) == "–"
        assert value_words("x", []) == "–"
        assert value_words("x", ["a", "b"]) == "a, b"
        assert value_words("x", "2026-99-99") == "2026-99-99"
