"""Signing in and out, language, seats, and a late form that is carried over the sign-in."""

import re
from html import unescape

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.user import LoginSession, Role, SignInFailure, User
from matcher.services import passwords
from tests import factories
from tests.conftest import CheckedClient, make_app

PASSWORD = "чайник ліхтар оселедець Марс"
LOGIN = "/auth/login"


@pytest.fixture(scope="module")
def password_hash():
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def person(app, password_hash):
    """Return a function that makes a person with a password; it returns the e-mail."""

    def make(*roles, **values):
        with app.app_context():
            user = factories.user(**({"password_hash": password_hash} | values))
            for role in roles or [Role.EDITOR]:
                factories.seat(role, person=user)
            db.session.commit()
            return user.email

    return make


def enter(client, email, password=PASSWORD, **fields):
    return client.post(LOGIN, data={"email": email, "password": password, **fields})


def hidden_fields(page):
    """Return name and value of the hidden inputs in the content of the page."""
    page = page[page.index("<main") :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return [(unescape(name), unescape(value)) for name, value in found]


def carried_fields(response):
    """Return what the page carries along for a later form."""
    fields = hidden_fields(response.get_data(as_text=True))
    return {name: value for name, value in fields if name.startswith("carry")}


# Signing in and out


@pytest.mark.parametrize(
    ("role", "home"),
    [(Role.EDITOR, "community"), (Role.DONOR, "donor"), (Role.ADMIN, "/admin/users")],
)
def test_each_role_arrives_at_its_first_page(client, person, role, home):
    response = enter(client, person(role))
    assert response.status_code == 302
    assert home in response.location


def test_the_cookie_of_before_does_not_become_the_session(client, person):
    client.get(LOGIN)
    enter(client, person())
    with client.session_transaction() as cookie:
        first = cookie["_user_id"]
    client.post("/auth/logout")
    enter(client, person())
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != first


def test_a_copied_cookie_is_dead_after_signing_out(app, client, person):
    enter(client, person())
    copy = client.get_cookie("matcher").value
    assert client.get("/auth/profile").status_code == 200
    client.post("/auth/logout")
    thief = app.test_client()
    thief.set_cookie("matcher", copy)
    assert thief.get("/auth/profile").status_code == 302


@pytest.mark.parametrize("values", [{"is_locked": True}, {"password_hash": None}])
def test_every_refusal_looks_the_same(client, person, values):
    email = person(**values)
    known, unknown = enter(client, email), enter(client, "nobody@demo.example")
    assert known.status_code == unknown.status_code == 422
    pages = [page.get_data(as_text=True) for page in (known, unknown)]
    assert pages[0].replace(email, "nobody@demo.example") == pages[1]
    assert PASSWORD not in pages[0]


def test_failures_are_kept_and_the_eleventh_try_is_not_checked(app, client, person):
    email = person()
    for _ in range(10):
        assert enter(client, email, "wrong").status_code == 422
    response = enter(client, email)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "300"
    with app.app_context():
        count = sa.select(sa.func.count()).select_from(SignInFailure)
        assert db.session.scalar(count) == 10


def test_a_forged_address_does_not_help_to_guess(client, person):
    person()
    codes = [
        client.post(
            LOGIN,
            data={"email": f"p{number}@demo.example", "password": "wrong"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(31)
    ]
    assert codes == [422] * 30 + [429]


def test_empty_fields_are_named(client):
    response = client.post(LOGIN, data={"email": " ", "password": ""})
    assert response.status_code == 422
    assert response.get_data(as_text=True).count('aria-invalid="true"') == 2


def test_a_signed_in_person_is_not_asked_again(client, person):
    enter(client, person())
    assert client.get(LOGIN).status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/auth/profile",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/auth/logout",
        "/no/such/page",
        "/" + "a" * 3000,
        "http:/auth/profile",
    ],
)
def test_other_places_are_not_followed(client, person, target):
    response = enter(client, person(Role.ADMIN), next=target)
    assert response.location == "/admin/users"
    response = client.post("/auth/language", data={"language": "en", "next": target})
    assert response.location == "/" or response.location.startswith("/stub/public/start")


def test_the_page_asked_for_is_reached(client, person):
    response = client.get("/auth/profile?a=1")
    assert response.location == "/auth/login?next=/auth/profile?a%3D1"
    page = client.get(response.location).get_data(as_text=True)
    fields = dict(re.findall(r'name="(next)" type="hidden" value="([^"]*)"', page))
    assert enter(client, person(), **fields).location == "/auth/profile?a=1"


# Language


def test_a_stranger_keeps_the_chosen_language_and_the_page(client):
    response = client.post("/auth/language", data={"language": "en", "next": "/auth/login?next="})
    assert response.location == "/auth/login?next="
    assert '<html lang="en">' in client.get(LOGIN).get_data(as_text=True)


def test_the_account_keeps_the_language(app, client, person):
    email = person()
    enter(client, email)
    client.post("/auth/language", data={"language": "en", "next": "/auth/profile"})
    with app.app_context():
        user = db.session.scalars(sa.select(User).where(User.email == email)).one()
        assert user.language is Language.EN


@pytest.mark.parametrize("language", ["", "fr", "uk\x00"])
def test_an_unknown_language_is_refused(client, language):
    assert client.post("/auth/language", data={"language": language}).status_code == 400


# Seats


def test_two_seats_are_chosen_between(client, person):
    response = enter(client, person(Role.EDITOR, Role.ADMIN), next="/admin/audit")
    assert response.location == "/auth/seat?next=/admin/audit"
    page = client.get(response.location).get_data(as_text=True)
    seats = re.findall(r'name="membership" value="(\d+)"', page)
    assert len(seats) == 2
    response = client.post("/auth/seat", data={"membership": seats[1], "next": "/admin/audit"})
    assert response.location == "/admin/audit"
    assert client.get("/admin/audit").status_code == 200


@pytest.mark.parametrize(("value", "status"), [("", 422), ("x", 422), ("999", 404)])
def test_a_foreign_seat_is_no_seat(client, person, value, status):
    enter(client, person(Role.EDITOR, Role.ADMIN))
    assert client.post("/auth/seat", data={"membership": value}).status_code == status


def test_a_person_without_a_seat_sees_what_to_do(app, client, person):
    email = person()
    with app.app_context():
        for seat in (
            db.session.scalars(sa.select(User).where(User.email == email)).one().memberships
        ):
            seat.ended_at = factories.NOW
        db.session.commit()
    assert enter(client, email).location.endswith("/auth/seat")
    page = client.get("/auth/seat").get_data(as_text=True)
    assert 'name="membership"' not in page
    assert "/access/request" in page


# A form that came after the session had ended


def late_form(client, path="/auth/profile", **fields):
    data = {"name": "Ім’я “в лапках” & <b>", "post": "рядок 1\r\nрядок 2", **fields}
    return client.post(path, data=data)


def test_a_late_form_fills_the_target_form_after_the_sign_in(app, client, person):
    email = person(name="Before")
    response = late_form(client, csrf_token="old", password="secret", new_password="s")
    assert response.status_code == 401
    carried = carried_fields(response)
    names = list(carried)
    assert "carry-name" in names
    assert not [name for name in names if "password" in name or "csrf" in name]
    response = enter(client, email, **carried)
    assert response.status_code == 200
    page = response.get_data(as_text=True)
    assert 'action="/auth/profile"' in page
    restored = dict(hidden_fields(page))
    assert restored["name"] == "Ім’я “в лапках” & <b>"
    assert restored["post"].split() == ["рядок", "1", "рядок", "2"]
    assert restored["_restored"] == "1"
    response = client.post("/auth/profile", data=restored)
    assert response.status_code == 200
    assert "Ім’я “в лапках” &amp; &lt;b&gt;" in response.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalars(sa.select(User.name)).all() == ["Before"]


def test_a_carried_text_survives_a_wrong_password(client, person):
    email = person()
    carried = carried_fields(late_form(client))
    assert carried_fields(enter(client, email, "wrong", **carried)) == carried


def test_a_field_with_several_values_keeps_them(client):
    response = client.post("/auth/profile", data={"groups": ["women", "youth"]})
    fields = hidden_fields(response.get_data(as_text=True))
    assert [value for name, value in fields if name == "carry-groups"] == ["women", "youth"]


def test_a_carried_text_waits_for_the_choice_of_the_seat(client, person):
    email = person(Role.EDITOR, Role.DONOR)
    carried = carried_fields(late_form(client))
    response = enter(client, email, **carried)
    assert carried_fields(response) == carried
    page = response.get_data(as_text=True)
    seat = re.search(r'name="membership" value="(\d+)"', page)[1]
    page = client.post("/auth/seat", data={"membership": seat, **carried}).get_data(as_text=True)
    assert dict(hidden_fields(page))["name"] == "Ім’я “в лапках” & <b>"


def test_a_text_too_long_to_carry_is_said(client):
    response = late_form(client, name="ї" * 100_001)
    assert response.status_code == 401
    assert "carry-name" not in response.get_data(as_text=True)


def test_a_lone_button_carries_nothing(client):
    response = client.post("/auth/leave", data={"csrf_token": "x", "version": "3"})
    assert response.status_code == 401
    page = response.get_data(as_text=True)
    assert "carry_path" not in page
    assert 'value="/auth/leave"' in page


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/healthz", "/no"])
def test_a_text_is_handed_to_pages_of_this_site_only(client, person, path):
    response = enter(client, person(), carry_path=path, **{"carry-name": "x"})
    assert response.status_code == 302
    assert "evil" not in response.location


def test_the_handed_back_form_has_a_token_that_works(tmp_path, password_hash):
    app = make_app(tmp_path, WTF_CSRF_ENABLED=True)
    app.test_client_class = CheckedClient
    with app.app_context():
        db.create_all()
        seat = factories.seat(Role.EDITOR, person=factories.user(password_hash=password_hash))
        email = seat.user.email
        db.session.commit()
    client = app.test_client()
    page = late_form(client).get_data(as_text=True)
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[1]
    carried = dict(hidden_fields(page)) | {"csrf_token": token}
    page = enter(client, email, **carried).get_data(as_text=True)
    response = client.post("/auth/profile", data=dict(hidden_fields(page)))
    assert response.status_code == 200
    assert "&lt;b&gt;" in response.get_data(as_text=True)
    assert client.post("/auth/profile", data={"name": "x"}).status_code == 400
    with app.app_context():
        assert len(db.session.scalars(sa.select(LoginSession)).all()) == 1
        db.session.remove()
        db.engine.dispose()
