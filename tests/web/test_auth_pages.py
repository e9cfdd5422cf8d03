"""Asking for access, the links of letters, the own account."""

import re

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.job import Job
from matcher.models.organisation import CommunityType, OrganisationKind
from matcher.models.user import AccessRequest, LinkPurpose, LoginSession, Role, User
from matcher.services import links, passwords
from tests import factories
from tests.conftest import sign_in

PASSWORD = "чайник ліхтар оселедець Марс"
OTHER = "teapot lantern herring Mars"


@pytest.fixture(scope="module")
def password_hash():
    return passwords.hash_password(PASSWORD)


# Asking for access


@pytest.fixture
def communities(app):
    """Make two communities of one name; return their ids."""
    with app.app_context():
        name = {"name_uk": "Миколаївська", "name_en": "Mykolaivska"}
        rural = factories.organisation(**name)
        settlement = factories.organisation(**name, community_type=CommunityType.SETTLEMENT)
        factories.organisation(OrganisationKind.DONOR, name_en="Secret donor")
        db.session.commit()
        return [rural.id, settlement.id]


def ask(client, organisation, **fields):
    data = {
        "role": "editor", "organisation": organisation, "name": "Вигадана Особа",
        "post": "спеціалістка", "email": "oksana@hromada.demo.example",
    }  # fmt: skip
    return client.post("/access/request", data=data | fields)


def requests_of(app):
    with app.app_context():
        return db.session.scalars(sa.select(AccessRequest)).all()


def test_two_communities_of_one_name_are_told_apart(client, communities):
    client.post("/auth/language", data={"language": "en"})
    page = client.get("/access/request").get_data(as_text=True)
    assert "Mykolaivska rural community, Sumskyi raion" in page
    assert "Mykolaivska settlement community, Sumskyi raion" in page
    assert "Secret donor" not in page


def test_a_request_is_stored_once_and_the_next_steps_are_said(app, client, communities):
    for _ in range(2):
        response = ask(client, communities[1])
        assert response.location == "/access/request/sent"
    assert client.get(response.location).status_code == 200
    (request,) = requests_of(app)
    assert (request.organisation_id, request.role) == (communities[1], Role.EDITOR)
    assert request.language is Language.UK


def test_another_organisation_is_named_in_words(app, client, communities):
    assert ask(client, "other").status_code == 422
    response = ask(client, "other", role="donor", organisation_name="A new foundation")
    assert response.status_code == 302
    (request,) = requests_of(app)
    assert (request.organisation_id, request.organisation_name) == (None, "A new foundation")


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "not an e-mail"},
        {"email": "a@b"},
        {"email": "a@b.example c"},
        {"email": ("a" * 250) + "@demo.example"},
        {"name": " \u200b "},
        {"name": "ї" * 121},
        {"post": ""},
        {"role": "staff"},
        {"role": ""},
        {"role": "donor"},
        {"organisation": ""},
        {"organisation": "999"},
        {"organisation": "x"},
        {"organisation": str(2**63)},
        {"note": "ї" * 1001},
    ],
)
def test_bad_input_is_refused_and_kept(app, client, communities, wrong):
    fields = {"organisation": communities[0], "note": "Подзвоніть голові"} | wrong
    response = ask(client, **fields)
    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert 'role="alert"' in page
    if "note" not in wrong:
        assert "Подзвоніть голові" in page
    assert requests_of(app) == []


def test_letters_that_nobody_sees_are_dropped(app, client, communities):
    ask(client, communities[0], name="Ім’я\u202e Прізвище\r\n", note="раз\r\nдва")
    (request,) = requests_of(app)
    assert (request.name, request.note) == ("Ім’я Прізвище", "раз\nдва")


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b"])
def test_what_no_keyboard_writes_is_refused(app, client, communities, letter):
    assert ask(client, communities[0], name=f"Ім’я{letter}").status_code == 400
    assert requests_of(app) == []


def test_one_mailbox_is_not_asked_for_again_and_again(client, communities):
    codes = [ask(client, communities[0]).status_code for _ in range(4)]
    assert codes == [302, 302, 302, 429]


# Invitations


@pytest.fixture
def invitation(app):
    """Invite a donor; return the address of the link and the person's id."""
    with app.app_context():
        seat = factories.seat(Role.DONOR, person=factories.user(language=Language.EN))
        _link, secret = links.create(LinkPurpose.INVITATION, seat.user, now=factories.NOW)
        db.session.commit()
        return f"/auth/invitation/{secret}", seat.user_id


def test_opening_the_link_uses_nothing_and_speaks_the_language_of_the_invited(client, invitation):
    address, _user_id = invitation
    for _ in range(3):  # a mail scanner, a preview, the person
        response = client.get(address)
        assert response.status_code == 200
    page = response.get_data(as_text=True)
    assert '<html lang="en">' in page
    assert "Open the account" in page


def test_the_sent_form_opens_the_account_and_signs_in(app, client, invitation):
    address, user_id = invitation
    data = {"name": "Jane Invented", "post": "Officer", "phone": "+1 (2) 3", "password": OTHER}
    response = client.post(address, data=data)
    assert response.status_code == 302
    assert "donor" in response.location
    with app.app_context():
        user = db.session.get(User, user_id)
        assert (user.name, user.post, user.phone) == ("Jane Invented", "Officer", "+1 (2) 3")
    response = client.post(address, data=data)
    assert response.status_code == 404
    assert "/auth/password/forgot" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "wrong",
    [{"password": "short"}, {"password": "password1234"}, {"name": ""}, {"phone": "call me"},
     {"password": "a" * 150_000}],
)  # fmt: skip
def test_a_wrong_answer_keeps_the_link_and_the_input(client, invitation, wrong):
    address, _user_id = invitation
    data = {"name": "Jane Invented", "post": "Kept", "password": OTHER} | wrong
    response = client.post(address, data=data)
    assert response.status_code == 422
    assert "Kept" in response.get_data(as_text=True)
    assert OTHER not in response.get_data(as_text=True)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("kind", ["invitation", "password/reset"])
@pytest.mark.parametrize("token", ["x", "a" * 500, "%F0%9F%92%A9"])
def test_a_wrong_link_says_how_to_get_another(client, kind, token):
    response = client.get(f"/auth/{kind}/{token}")
    assert response.status_code == 404
    assert "/auth/password/forgot" in response.get_data(as_text=True)


# The forgotten password


@pytest.fixture
def editor(app, password_hash):
    """Make an editor with a password; return the seat's id and the e-mail."""
    with app.app_context():
        seat = factories.seat(
            Role.EDITOR, person=factories.user(password_hash=password_hash, name="Before")
        )
        db.session.commit()
        return seat.id, seat.user.email


def test_known_and_unknown_people_get_the_same_answer(app, client, editor):
    pages = []
    for email in (editor[1], "nobody@demo.example"):
        response = client.post("/auth/password/forgot", data={"email": email})
        assert response.status_code == 200
        page = response.get_data(as_text=True).replace(email, "")
        pages.append(re.sub(r'name="csrf_token" value="[^"]*"', "", page))  # it holds the second
    assert pages[0] == pages[1]
    with app.app_context():
        assert len(db.session.scalars(sa.select(Job)).all()) == 1


def test_the_fourth_letter_in_five_minutes_is_refused_alike(client, editor):
    for email in (editor[1], "nobody@demo.example"):
        for _ in range(3):
            client.post("/auth/password/forgot", data={"email": email})
        response = client.post("/auth/password/forgot", data={"email": email})
        assert response.status_code == 429


def test_the_link_sets_the_password_once(app, client, editor):
    client.post("/auth/password/forgot", data={"email": editor[1]})
    with app.app_context():
        job = db.session.scalars(sa.select(Job)).one()
        secret = links.renew_secret(job.payload["link_id"], factories.NOW)
        db.session.commit()
    address = f"/auth/password/reset/{secret}"
    assert client.get(address).status_code == 200
    assert client.post(address, data={"password": "short"}).status_code == 422
    assert client.post(address, data={"password": OTHER}).status_code == 302
    assert client.get("/auth/profile").status_code == 200
    assert client.post(address, data={"password": OTHER}).status_code == 404


# The own account


@pytest.fixture
def own(app, editor):
    """Return the editor's client."""
    return sign_in(app, editor[0])


def test_the_own_details_are_changed(app, own, editor):
    data = {"name": "After", "post": "", "phone": "", "language": "en"}
    assert own.post("/auth/profile", data=data).status_code == 302
    page = own.get("/auth/profile").get_data(as_text=True)
    assert '<html lang="en">' in page
    assert 'value="After"' in page
    assert own.post("/auth/profile", data=data | {"name": " "}).status_code == 422
    assert own.post("/auth/profile", data=data | {"language": "xx"}).status_code == 422


def test_other_sessions_are_listed_and_ended(app, own, editor, clock):
    other = sign_in(app, editor[0])
    assert other.get("/auth/profile").status_code == 200
    page = own.get("/auth/profile").get_data(as_text=True)
    ends = re.findall(r'action="/auth/sessions/(\d+)/end"', page)
    assert len(ends) == 2
    other_id = max(map(int, ends))
    assert own.post(f"/auth/sessions/{other_id}/end").status_code == 302
    assert other.get("/auth/profile").status_code == 302
    assert own.get("/auth/profile").status_code == 200


def test_ending_the_own_session_signs_out(app, own):
    with app.app_context():
        session_id = db.session.scalars(sa.select(LoginSession.id)).one()
    assert own.post(f"/auth/sessions/{session_id}/end").status_code == 302
    assert own.get("/auth/profile").status_code == 302


def test_a_foreign_session_is_no_session(app, own, client_as):
    client_as(Role.DONOR)
    with app.app_context():
        foreign = db.session.scalars(sa.select(sa.func.max(LoginSession.id))).one()
    assert own.post(f"/auth/sessions/{foreign}/end").status_code == 404
    assert own.post(f"/auth/sessions/{2**31}/end").status_code == 404


def test_the_password_is_changed_and_other_devices_are_signed_out(app, own, editor):
    other = sign_in(app, editor[0])
    data = {"current": PASSWORD, "password": OTHER}
    assert own.post("/auth/password", data=data).status_code == 302
    assert own.get("/auth/profile").status_code == 200
    assert other.get("/auth/profile").status_code == 302


def test_wrong_present_passwords_are_counted(own):
    data = {"current": "wrong", "password": OTHER}
    codes = [own.post("/auth/password", data=data).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert own.post("/auth/leave", data={"current": PASSWORD}).status_code == 429


@pytest.mark.parametrize(
    "data",
    [{}, {"current": PASSWORD, "password": ""}, {"current": PASSWORD, "password": "short"}],
)
def test_a_new_password_has_to_be_good(own, data):
    assert own.get("/auth/password").status_code == 200
    assert own.post("/auth/password", data=data).status_code == 422


def test_leaving_needs_the_password_and_closes_the_account(app, client, own, editor):
    assert own.get("/auth/leave").status_code == 200
    assert own.post("/auth/leave", data={"current": "wrong"}).status_code == 422
    assert own.post("/auth/leave", data={"current": PASSWORD}).status_code == 302
    assert own.get("/auth/profile").status_code == 302
    data = {"email": editor[1], "password": PASSWORD}
    assert client.post("/auth/login", data=data).status_code == 422


def test_the_last_lead_is_told_why_leaving_does_not_work(app, password_hash):
    with app.app_context():
        lead = factories.seat(Role.LEAD, person=factories.user(password_hash=password_hash))
        db.session.commit()
        seat_id = lead.id
    client = sign_in(app, seat_id)
    assert client.post("/auth/leave", data={"current": PASSWORD}).status_code == 409
    assert client.get("/auth/profile").status_code == 200


@pytest.mark.parametrize("path", ["/auth/profile", "/auth/password", "/auth/leave", "/auth/seat"])
def test_strangers_are_asked_to_sign_in(client, path):
    assert client.get(path).location.startswith("/auth/login?next=")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_an_account_page(client_as, role):
    assert client_as(role).get("/auth/profile").status_code == 200
