"""Passwords, the sign-in throttle, the forgotten password, and changing it."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from matcher.errors import Invalid, NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.job import Job
from matcher.models.user import LinkPurpose, OneTimeLink, Role, SignInFailure
from matcher.services import links, passwords, sessions, signing_in, throttle
from tests import factories
from tests.factories import NOW

PASSWORD = "чайник ліхтар оселедець Марс"
OTHER = "teapot lantern herring Mars"

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture(scope="module")
def password_hash():
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def editor(password_hash):
    seat = factories.seat(Role.EDITOR)
    seat.user.password_hash = password_hash
    db.session.flush()
    return seat.user


def try_in(email, password=PASSWORD, *, address="192.0.2.1", now=NOW):
    return signing_in.authenticate(email, password, address=address, now=now)


def refused(email, password="wrong", **where):
    with pytest.raises(NotAllowed) as caught:
        try_in(email, password, **where)
    return caught.value.code


# Passwords


def test_hashes_are_argon2id_with_the_stated_parameters(password_hash):
    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.needs_rehash(password_hash)


def test_one_password_has_one_form_on_all_keyboards():
    # "й" as one letter and as "и" with a breve.
    assert passwords.verify(passwords.hash_password("чай\u0301"), "чай\u0301")
    composed, parts = "\u0439" * 12, "\u0438\u0306" * 12
    assert passwords.verify(passwords.hash_password(composed), parts)


@pytest.mark.parametrize(
    ("password", "in_office", "code"),
    [
        ("kjq8 zpw 3x", False, "password_short"),
        ("kjq8 zpw 3xv", True, "password_short_office"),
        ("password1234", False, "password_guessable"),
        ("Qwertyuiop123456", False, "password_guessable"),
        ("йцукенгшщзхїї", False, "password_guessable"),
        ("громадагромада", False, "password_guessable"),
        ("Україна Україна", False, "password_guessable"),
        ("Сумська громада, донор 2026", False, "password_guessable"),
        ("aaaaaaaaaaaaaaaaaaaaa", False, "password_guessable"),
        ("я" * 513, False, "password_long"),
    ],
)
def test_short_long_and_guessable_passwords_are_refused(password, in_office, code):
    with pytest.raises(Invalid, match=f"^{code}$"):
        passwords.check(password, in_office=in_office)


@pytest.mark.parametrize("password", [PASSWORD, OTHER, "kjq8zpw3xvBn", "tr0mbone-7-kettle"])
def test_good_passwords_need_no_special_letters(password):
    passwords.check(password, in_office=False)


def test_words_about_the_person_do_not_count():
    mine = "Oleksandrivska2026"
    passwords.check(mine, in_office=False)
    with pytest.raises(Invalid, match="password_guessable"):
        passwords.check(mine, in_office=False, words=["Oleksandrivska rural community", "2026"])


def test_a_password_of_150_000_letters_costs_no_more_than_others(password_hash):
    began = time.perf_counter()
    assert not passwords.verify(password_hash, "ї" * 150_000)
    with pytest.raises(Invalid, match="password_long"):
        passwords.check("ї" * 150_000, in_office=False)
    with pytest.raises(Invalid, match="password_long"):
        passwords.hash_password("ї" * 150_000)
    assert time.perf_counter() - began < 2


def test_the_longest_password_that_is_allowed_works():
    longest = ("kjq8 zpw " * 114)[:1024]
    passwords.check("kjq8 zpw 3xvBn " + longest[15:], in_office=True)
    assert passwords.verify(passwords.hash_password(longest), longest)


# Signing in


def test_the_right_password_opens_the_account(editor):
    assert try_in(f" {editor.email.upper()} ") is editor
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert (event.act, event.user_id) == ("user.signed_in", editor.id)


@pytest.mark.parametrize("state", ["unknown", "wrong", "locked", "left", "invited"])
def test_all_refusals_are_alike_and_counted(editor, state):
    email, password = editor.email, PASSWORD
    if state == "unknown":
        email = "nobody@demo.example"
    elif state == "wrong":
        password = "wrong"
    elif state == "locked":
        editor.is_locked = True
    elif state == "left":
        editor.left_at = NOW
    else:
        editor.password_hash = None
    assert refused(email, password) == "credentials"
    assert len(db.session.scalars(sa.select(SignInFailure)).all()) == 1
    assert db.session.scalars(sa.select(AuditEvent.act)).one() == "user.sign_in_failed"


def test_unknown_and_known_people_take_a_like_time(editor):
    def seconds(email):
        began = time.perf_counter()
        refused(email)
        return time.perf_counter() - began

    known = sorted(seconds(editor.email) for _ in range(7))[3]
    unknown = sorted(seconds("nobody@demo.example") for _ in range(7))[3]
    assert 0.5 < unknown / known < 2


def test_a_hash_with_older_parameters_is_renewed(editor):
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    editor.password_hash = weaker.hash(passwords.normalise(PASSWORD))
    try_in(editor.email)
    assert not passwords.needs_rehash(editor.password_hash)


# The throttle


def test_the_eleventh_guess_on_an_account_is_not_checked(editor):
    for number in range(10):
        assert refused(editor.email, address=f"192.0.2.{number}") == "credentials"
    with pytest.raises(NotAllowed, match="too_many_tries"):
        try_in(editor.email, PASSWORD, address="198.51.100.1")
    later = NOW + throttle.WINDOW + timedelta(seconds=1)
    assert try_in(editor.email, PASSWORD, now=later) is editor


def test_unknown_accounts_are_throttled_alike():
    codes = [refused("nobody@demo.example") for _ in range(11)]
    assert codes == ["credentials"] * 10 + ["too_many_tries"]


def test_an_address_has_thirty_tries():
    for number in range(30):
        assert refused(f"p{number}@demo.example") == "credentials"
    assert refused("another@demo.example") == "too_many_tries"
    assert refused("another@demo.example", address="192.0.2.2") == "credentials"


def test_everybody_together_has_a_thousand_tries(editor):
    db.session.add_all(
        SignInFailure(account_key=f"a{n}", address_key=f"b{n}", at=NOW) for n in range(1000)
    )
    assert refused(editor.email, PASSWORD) == "too_many_tries"


def test_a_success_is_not_counted(editor):
    for _ in range(12):
        try_in(editor.email)
    assert db.session.scalars(sa.select(SignInFailure)).all() == []


def test_addresses_are_hashed_and_one_ipv6_subscriber_is_one_address():
    key = throttle.address_key
    assert "192.0.2.1" not in key("sign_in", "192.0.2.1")
    assert key("sign_in", "2001:db8:1:2::1") == key("sign_in", "2001:db8:1:2:ffff::9")
    assert key("sign_in", "2001:db8:1:2::1") != key("sign_in", "2001:db8:1:3::1")
    assert key("sign_in", "::ffff:192.0.2.1") == key("sign_in", "192.0.2.1")
    assert key("sign_in", "") == key("sign_in", "not an address")


def test_old_failures_are_removed(editor):
    refused(editor.email)
    refused(editor.email, now=NOW + throttle.KEPT_FOR + timedelta(seconds=1))
    assert len(db.session.scalars(sa.select(SignInFailure)).all()) == 1


# The forgotten password


def forget(email, now=NOW):
    signing_in.forgot_password(email, address="192.0.2.1", now=now)
    return [job.payload["letter"] for job in db.session.scalars(sa.select(Job))]


def test_only_an_owner_gets_a_letter(editor):
    assert forget("nobody@demo.example") == []
    assert db.session.scalars(sa.select(OneTimeLink)).all() == []
    assert forget(editor.email) == ["password_reset"]


def test_an_invited_person_gets_a_fresh_invitation():
    seat = factories.seat(Role.DONOR)
    assert forget(seat.user.email) == ["invitation"]


@pytest.mark.parametrize("state", ["is_locked", "left_at"])
def test_a_closed_account_gets_no_letter(editor, state):
    setattr(editor, state, True if state == "is_locked" else NOW)
    assert forget(editor.email) == []


def test_an_unknown_person_ends_no_link_of_others(editor):
    _link, secret = links.create(LinkPurpose.PASSWORD_RESET, editor, now=NOW)
    forget("nobody@demo.example")
    assert links.find_valid(LinkPurpose.PASSWORD_RESET, secret, now=NOW)


def test_one_mailbox_gets_three_letters_at_most(editor):
    for _ in range(3):
        forget(editor.email)
    with pytest.raises(NotAllowed, match="too_many_tries"):
        forget(editor.email)


def test_the_owner_gets_in_by_the_letter_while_guesses_close_the_sign_in(editor):
    for _ in range(10):
        refused(editor.email)
    assert refused(editor.email, PASSWORD) == "too_many_tries"
    forget(editor.email)
    link_id = db.session.scalars(sa.select(Job)).one().payload["link_id"]
    secret = links.renew_secret(link_id, NOW)
    assert signing_in.reset_password(secret, password=OTHER, now=NOW) is editor
    assert try_in(editor.email, OTHER) is editor
    with pytest.raises(NotFound, match="link"):
        signing_in.reset_password(secret, password=OTHER, now=NOW)


def test_a_reset_ends_every_session_and_says_so(editor):
    login, _secret = sessions.open_session(editor, device="", now=NOW)
    _link, secret = links.create(LinkPurpose.PASSWORD_RESET, editor, now=NOW)
    signing_in.reset_password(secret, password=OTHER, now=NOW)
    assert login.ended_at == NOW
    assert [job.payload["letter"] for job in db.session.scalars(sa.select(Job))] == [
        "password_changed"
    ]


# Changing the password


def change(user, current=PASSWORD, password=OTHER, keep=None):
    signing_in.change_password(
        user, current=current, password=password, address="192.0.2.1", keep=keep, now=NOW
    )


def test_changing_the_password_ends_all_other_sessions(editor):
    here, _a = sessions.open_session(editor, device="", now=NOW)
    there, _b = sessions.open_session(editor, device="", now=NOW)
    _link, secret = links.create(LinkPurpose.PASSWORD_RESET, editor, now=NOW)
    change(editor, keep=here)
    assert (here.ended_at, there.ended_at) == (None, NOW)
    assert try_in(editor.email, OTHER) is editor
    assert links.find_valid(LinkPurpose.PASSWORD_RESET, secret, now=NOW) is None


def test_a_stolen_session_cannot_guess_the_password(editor):
    for _ in range(10):
        with pytest.raises(Invalid, match="current_password"):
            change(editor, current="wrong")
    with pytest.raises(NotAllowed, match="too_many_tries"):
        change(editor)


def test_the_new_password_may_not_hold_the_own_name(editor):
    editor.name = "Bartholomew Throckmorton"
    with pytest.raises(Invalid, match="password_guessable"):
        change(editor, password="Throckmorton1")


def test_the_office_needs_longer_passwords(password_hash):
    staff = factories.seat(Role.STAFF)
    staff.user.password_hash = password_hash
    with pytest.raises(Invalid, match="password_short_office"):
        change(staff.user, password="kjq8 zpw 3xv")
