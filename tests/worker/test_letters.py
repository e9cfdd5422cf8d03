"""Letters: every kind in both languages, the recipient's rights at sending, what is never said."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from matcher import services
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import IdeaConfirmation, IdeaStatus, Sensitivity
from matcher.models.match import MatchEvent, MatchStatus
from matcher.models.user import Conflict, LinkPurpose, OneTimeLink, Role
from matcher.services import links, settings
from matcher.web.access import ACCESS
from matcher.worker.letter_facts import NotForThem
from matcher.worker.letter_kinds import KINDS
from matcher.worker.letters import public_url, write_letter
from tests import factories
from tests.factories import NOW
from tests.worker.scenes import SCENES, Scene, match_scene, queue

pytestmark = pytest.mark.usefixtures("session")
IN_TWO_SIDES = ["match_refused", "match_introduced", "match_lapsed"]


def write(letter, scene):
    return write_letter(queue(letter, scene), now=NOW)


def text_of(message):
    return message.get_content()


def refusal(letter, scene):
    with pytest.raises(NotForThem) as caught:
        write(letter, scene)
    return caught.value.code


def check_whole(message, scene, language):
    """Check what holds for every letter."""
    text, subject = text_of(message), str(message["Subject"])
    assert subject
    assert "\n" not in subject
    assert not re.search(r"%\(|\{\{|\{%|None|<|StrEnum", text + subject)
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    assert "\n\n\n" not in text
    assert "http://localhost:8000/" in text, "the letter leads somewhere"
    assert str(message["Content-Language"]) == language.value
    assert message["To"].addresses[0].addr_spec == scene.recipient.email
    body = re.sub(r"http\S+|\S+@\S+|Person \d+|TEST-\d+", "", text)
    cyrillic = len(re.findall(r"[а-яіїєґ]", body, re.IGNORECASE))
    latin = len(re.findall(r"[a-z]", body, re.IGNORECASE))
    if language is Language.UK:
        assert (cyrillic > 0, latin) == (True, 0), body
    else:
        assert latin > cyrillic


def test_every_kind_has_a_scene():
    assert set(SCENES) == set(KINDS)


QUEUES = {"queue_letter", "tell_office", "tell_community", "tell_both_sides"}


def test_every_letter_that_a_service_queues_is_known_and_every_known_one_is_queued():
    queued = set()
    for path in Path(services.__file__).parent.glob("*.py"):
        if path.stem.startswith("demonstration"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                values = [*node.args, *(word.value for word in node.keywords)]
                if name in QUEUES:
                    queued |= {one.value for one in values if isinstance(one, ast.Constant)}
    assert {name for name in queued if isinstance(name, str)} == set(KINDS)


def test_every_page_of_a_letter_is_in_the_access_table():
    for kind in KINDS.values():
        pages = [kind.page] if isinstance(kind.page, str) else kind.page.values()
        assert set(pages) <= set(ACCESS)


@pytest.mark.parametrize("letter", sorted(SCENES))
def test_every_kind_is_written_in_both_languages(letter):
    for language in Language:
        scene = SCENES[letter](language)
        message = write(letter, scene)
        check_whole(message, scene, language)
        assert " ".join(scene.says.split()) in " ".join(text_of(message).split())


@pytest.mark.parametrize("role", [Role.EDITOR, Role.DONOR])
@pytest.mark.parametrize("letter", IN_TWO_SIDES)
def test_both_sides_get_their_own_words(letter, role):
    status = KINDS[letter].states
    scene = match_scene(MatchStatus(sorted(status)[0]), role, Language.EN)
    page = "community/matches" if role is Role.EDITOR else "donor/matches"
    text = text_of(write(letter, scene))
    assert f"/{page}/{scene.match.id}" in text
    assert ("your idea" in text) is (role is Role.EDITOR)


# Rights


def test_a_locked_person_or_one_who_left_gets_nothing():
    for letter, make in SCENES.items():
        for change in ({"is_locked": True}, {"left_at": NOW}):
            scene = make(Language.UK)
            for name, value in change.items():
                setattr(scene.recipient, name, value)
            assert refusal(letter, scene) == "no_account", letter


def test_without_the_seat_there_is_no_letter():
    for letter in set(SCENES) - {"invitation", "password_reset", "password_changed"}:
        scene = SCENES[letter](Language.UK)
        scene.seat.ended_at = NOW
        assert refusal(letter, scene) == "no_right", letter


@pytest.mark.parametrize("letter", ["idea_published", "match_released", "match_introduced"])
def test_a_seat_elsewhere_gives_no_right(letter):
    scene = SCENES[letter](Language.UK)
    scene.seat.organisation = factories.seat(scene.seat.role).organisation
    db.session.flush()
    assert refusal(letter, scene) == "no_right"


@pytest.mark.parametrize(
    "letter", ["idea_submitted", "donor_interested", "question_answered", "profile_proposed"]
)
def test_an_interest_keeps_letters_from_the_office(letter):
    scene = SCENES[letter](Language.UK)
    match = scene.match
    idea_id = scene.payload.get("idea_id")
    party = match.idea.organisation if match else None
    if party is None and idea_id:
        party = db.session.get(factories.Idea, idea_id).organisation
    if party is None:
        party = db.session.get(factories.Profile, scene.payload["profile_id"]).organisation
    person = scene.recipient
    factories.add(
        Conflict(user=person, organisation=party, declared_by_id=person.id, created_at=NOW)
    )
    assert refusal(letter, scene) == "no_right"


def test_staff_not_cleared_hear_nothing_of_a_restricted_idea():
    scene = SCENES["idea_submitted"](Language.UK)
    idea = db.session.get(factories.Idea, scene.payload["idea_id"])
    idea.sensitivity = Sensitivity.RESTRICTED
    db.session.flush()
    assert refusal("idea_submitted", scene) == "no_right"


def test_a_partner_gets_no_letter_of_the_lead_community():
    scene = SCENES["idea_published"](Language.UK)
    idea = db.session.get(factories.Idea, scene.payload["idea_id"])
    partner = factories.seat(Role.EDITOR)
    idea.partners_involved = [partner.organisation]
    db.session.flush()
    assert refusal("idea_published", Scene(partner.user, scene.payload)) == "no_right"


def test_only_a_head_is_asked_to_sign():
    scene = SCENES["idea_awaits_signoff"](Language.UK)
    scene.seat.role = Role.EDITOR
    assert refusal("idea_awaits_signoff", scene) == "no_right"


# Too late


def test_the_letter_of_an_undone_act_is_dropped():
    scene = SCENES["match_released"](Language.EN)
    values = {"match": scene.match, "from_status": "suggested", "to_status": "released", "at": NOW}
    event = factories.add(MatchEvent(act="release", **values))
    factories.add(MatchEvent(act="undone", undoes_id=event.id, **values))
    job = queue("match_released", scene)
    job.match_event_id = event.id
    with pytest.raises(NotForThem, match="undone"):
        write_letter(job, now=NOW)


@pytest.mark.parametrize(
    ("letter", "status"),
    [
        ("match_released", MatchStatus.LAPSED),
        ("match_introduced", MatchStatus.LAPSED),
        ("confirmation_wanted", MatchStatus.DECLINED),
    ],
)
def test_a_pair_that_has_moved_on_is_not_written_about(letter, status):
    scene = SCENES[letter](Language.UK)
    scene.match.status = status
    db.session.flush()
    assert refusal(letter, scene) == "too_late"


def test_a_confirmed_idea_is_not_asked_about_again():
    scene = SCENES["confirmation_wanted"](Language.UK)
    idea = scene.match.idea
    values = {"revision": idea.revision, "by_id": scene.recipient.id, "at": NOW}
    factories.add(IdeaConfirmation(idea_id=idea.id, **values))
    assert refusal("confirmation_wanted", scene) == "too_late"


def test_a_renewed_idea_is_not_called_stale():
    scene = SCENES["idea_stale"](Language.UK)
    db.session.get(factories.Idea, scene.payload["idea_id"]).status = IdeaStatus.PUBLISHED
    assert refusal("idea_stale", scene) == "too_late"


# What a letter says


def test_the_link_of_a_letter_works_and_its_secret_is_stored_nowhere():
    scene = SCENES["invitation"](Language.UK)
    text = text_of(write("invitation", scene))
    secret = re.search(r"/auth/invitation/(\S+)", text)[1]
    link = links.find_valid(LinkPurpose.INVITATION, secret, now=NOW)
    assert link.id == scene.payload["link_id"]
    assert secret not in str(scene.payload) + link.secret_hash


def test_a_link_used_or_expired_is_not_sent():
    for values in ({"used_at": NOW}, {"expires_at": NOW - timedelta(seconds=1)}):
        scene = SCENES["password_reset"](Language.UK)
        link = db.session.get(OneTimeLink, scene.payload["link_id"])
        for name, value in values.items():
            setattr(link, name, value)
        db.session.flush()
        assert refusal("password_reset", scene) == "no_link"


def test_nobody_gets_a_link_of_somebody_else_or_of_another_purpose():
    scene = SCENES["password_reset"](Language.UK)
    other = SCENES["invitation"](Language.UK)
    assert refusal("password_reset", Scene(scene.recipient, other.payload)) == "no_link"
    assert refusal("password_reset", Scene(other.recipient, scene.payload)) == "no_link"


def test_a_donor_reads_the_release_text_only():
    scene = SCENES["match_released"](Language.EN)
    scene.match.idea.release_texts[0].title = scene.match.idea.release_texts[1].title = "Safe words"
    message = write("match_released", scene)
    both = text_of(message) + str(message["Subject"])
    assert "Safe words" in both
    assert "well" not in both
    assert "свердловина" not in both


@pytest.mark.parametrize("letter", ["match_released", "match_introduced", "match_lapsed"])
def test_a_restricted_idea_is_a_bare_number(letter):
    scene = SCENES[letter](Language.EN)
    scene.match.idea.sensitivity = Sensitivity.RESTRICTED
    db.session.flush()
    message = write(letter, scene)
    both = text_of(message) + str(message["Subject"])
    assert scene.match.idea.code in both
    assert "hospital" not in both
    assert "лікарні" not in both


def test_contacts_travel_with_the_introduction_alone():
    scene = SCENES["match_introduced"](Language.EN)
    community = factories.seat(Role.HEAD, scene.match.idea.organisation)
    community.user.phone = "+380 00 000 00 01"
    db.session.flush()
    text = text_of(write("match_introduced", scene))
    assert community.user.email in text
    assert community.user.phone in text
    assert scene.recipient.email in text
    for letter in ("match_released", "match_approved", "match_refused", "match_lapsed"):
        scene = SCENES[letter](Language.EN)
        head = factories.seat(Role.HEAD, scene.match.idea.organisation).user
        donor = factories.seat(Role.DONOR, scene.match.profile.organisation).user
        text = text_of(write(letter, scene))
        assert head.email not in text
        assert donor.email not in text


def test_words_of_people_stay_on_the_pages():
    for letter in ("question_relayed", "question_answered", "answer_relayed"):
        text = text_of(write(letter, SCENES[letter](Language.UK)))
        assert "глибина" not in text
        assert "40" not in text


def test_the_same_letter_keeps_its_message_id():
    scene = SCENES["idea_published"](Language.UK)
    job = queue("idea_published", scene)
    ids = [str(write_letter(job, now=NOW + timedelta(hours=n))["Message-ID"]) for n in (0, 5)]
    assert ids[0] == ids[1]
    assert ids[0] != str(write("idea_published", scene)["Message-ID"])


@pytest.mark.parametrize("name", ["A\r\nBcc: spy@demo.example", "A\nB", "Ї" * 120, '"<x@y>" ;,'])
def test_a_name_never_becomes_a_header(name):
    scene = SCENES["idea_published"](Language.UK)
    scene.recipient.name = name
    idea = db.session.get(factories.Idea, scene.payload["idea_id"])
    idea.title = name[:200]
    settings.write("office_name_uk", name)
    db.session.flush()
    raw = write("idea_published", scene).as_bytes()
    head = raw.split(b"\r\n\r\n")[0]
    assert not re.search(rb"^bcc:", head, re.IGNORECASE | re.MULTILINE)
    assert max(len(line) for line in head.split(b"\r\n")) < 998


def test_a_demonstration_says_so():
    settings.write("demo", "1")
    db.session.flush()
    text = text_of(write("idea_published", SCENES["idea_published"](Language.EN)))
    assert "invented" in text


def test_addresses_respect_a_path_in_the_public_url(app):
    app.config["PUBLIC_URL"] = "https://oblast.example/ideas"
    url = public_url("auth.reset_password", {"token": "abc"})
    assert url == "https://oblast.example/ideas/auth/password/reset/abc"


def test_an_unknown_kind_is_dropped():
    assert refusal("newsletter", SCENES["idea_published"](Language.UK)) == "unknown_letter"
