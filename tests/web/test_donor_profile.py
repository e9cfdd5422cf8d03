"""The donor's own priorities: read, tried on what may be seen, sent to the office."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, Sensitivity
from matcher.models.match import MatchStatus
from matcher.models.profile import Profile, ProfileKind, ProfileRevision, ProposalStatus
from matcher.models.user import Membership, Role
from matcher.services import ranking
from matcher.web.matching import get_index
from tests import factories

TOKEN = re.compile(r'(name="csrf_token" value=")[^"]*')
NEW_TEXT = "Equipping hospitals with wells and pumps."


class Scene:
    """A donor with standing priorities and a client that reads English."""

    def __init__(self, app, client_as) -> None:
        self.app = app
        with app.app_context():
            seat = factories.seat(Role.DONOR)
            seat.user.language = Language.EN
            self.profile_id = factories.profile(seat.organisation).id
            self.seat_id = seat.id
            db.session.commit()
        self.client: FlaskClient = client_as(seat_id=self.seat_id)
        self.address = f"/donor/profile/{self.profile_id}"

    def fill(self, **data) -> dict[str, object]:
        """Return the form as the browser would send it, with changes."""
        with self.app.app_context():
            profile = db.session.get(Profile, self.profile_id)
            return {
                "version": profile.version,
                "title_en": profile.title_en,
                "title_uk": profile.title_uk,
                "text_en": profile.text_en,
                "text_uk": profile.text_uk,
            } | data

    def idea(self, code: str, *, sensitivity=Sensitivity.OPEN, **values) -> int:
        """Store a published idea with a confirmed English text."""
        with self.app.app_context():
            row = factories.idea(code=code, sensitivity=sensitivity, **values)
            factories.release_text(row, Language.EN)
            db.session.commit()
            return row.id

    def send_idea(self, idea_id: int) -> None:
        """Release an idea to this donor."""
        with self.app.app_context():
            profile = db.session.get(Profile, self.profile_id)
            idea = db.session.get(Idea, idea_id)
            factories.match(idea, profile, status=MatchStatus.RELEASED)
            db.session.commit()

    def rank(self) -> None:
        """Put a matching run in force."""
        with self.app.app_context():
            now = factories.NOW
            ranking.ensure_generation(get_index(), now=now, today=now.date())
            db.session.commit()

    def proposals(self) -> list[ProposalStatus]:
        """Return the states of the wordings that were sent, in order."""
        with self.app.app_context():
            statement = sa.select(ProfileRevision.status).order_by(ProfileRevision.number)
            return list(db.session.scalars(statement.where(ProfileRevision.number > 1)))


@pytest.fixture
def scene(app, client_as):
    return Scene(app, client_as)


def test_the_list_shows_own_priorities_alone(scene):
    with scene.app.app_context():
        factories.profile(title_en="A rival’s programme")
        seat = db.session.get(Membership, scene.seat_id)
        kind = ProfileKind.CALL
        factories.profile(seat.organisation, kind=kind, title_en="Winter call", verified_on=None)
        db.session.commit()
    page = scene.client.get("/donor/profile").text
    assert "Safe water" in page
    assert "Winter call" in page
    assert "Nobody has verified this wording yet." in page
    assert "rival" not in page


def test_foreign_and_unknown_priorities_are_alike(scene):
    with scene.app.app_context():
        foreign = factories.profile().id
        db.session.commit()
    for profile_id in (foreign, 999_999):
        assert scene.client.get(f"/donor/profile/{profile_id}").status_code == 404
        data = scene.fill(text_en=NEW_TEXT)
        assert scene.client.post(f"/donor/profile/{profile_id}", data=data).status_code == 404


def test_trying_saves_nothing(scene):
    scene.rank()
    answer = scene.client.post(scene.address, data=scene.fill(text_en=NEW_TEXT, act="preview"))
    assert answer.status_code == 200
    assert NEW_TEXT in answer.text
    assert "Nothing has been sent yet." in answer.text
    assert scene.proposals() == []


def test_the_preview_counts_what_this_donor_may_see(scene):
    scene.idea("OPEN-1")
    sent = scene.idea("SENT-1", sensitivity=Sensitivity.AFTER_APPROVAL)
    scene.idea("HIDDEN-1", sensitivity=Sensitivity.AFTER_APPROVAL)
    scene.idea("HIDDEN-2", sensitivity=Sensitivity.RESTRICTED)
    scene.send_idea(sent)
    scene.rank()
    data = scene.fill(text_en=NEW_TEXT, act="preview")
    page = scene.client.post(scene.address, data=data).text
    assert "2 of the 2 ideas you may see fit" in page
    assert "/ideas/OPEN-1" in page
    assert "/donor/matches/1" in page
    rules = scene.fill(text_en=NEW_TEXT, amount_min="200 000 EUR", act="preview")
    page = scene.client.post(scene.address, data=rules).text
    assert "0 of the 2 ideas you may see fit" in page
    assert "2 are excluded by your rules" in page


def test_ideas_outside_the_readers_set_change_no_byte_of_the_preview(scene):
    scene.idea("OPEN-1")
    hidden = scene.idea("HIDDEN-1", sensitivity=Sensitivity.AFTER_APPROVAL)
    scene.rank()
    data = scene.fill(text_en=NEW_TEXT, act="preview")

    def read() -> str:
        return TOKEN.sub(r"\1", scene.client.post(scene.address, data=data).text)

    before = read()
    with scene.app.app_context():
        row = db.session.get(Idea, hidden)
        row.title, row.sector, row.sensitivity = "Інше", "120", Sensitivity.RESTRICTED
        own = sa.select(Membership).where(Membership.organisation_id == row.organisation_id)
        another = factories.idea(db.session.scalars(own).one())
        factories.release_text(another, Language.EN)
        db.session.commit()
    assert read() == before


def test_a_wording_is_sent_once_and_waits_for_the_office(scene):
    data = scene.fill(text_en=NEW_TEXT)
    for _ in range(2):  # An impatient double click.
        assert scene.client.post(scene.address, data=data).status_code == 302
    assert scene.proposals() == [ProposalStatus.PROPOSED]
    with scene.app.app_context():
        assert db.session.get(Profile, scene.profile_id).text_en != NEW_TEXT
    assert "A new wording is waiting for the office" in scene.client.get("/donor/profile").text
    assert NEW_TEXT in scene.client.get(scene.address).text


def test_a_wording_without_a_change_is_not_sent(scene):
    assert scene.client.post(scene.address, data=scene.fill()).status_code == 302
    assert scene.proposals() == []


@pytest.mark.parametrize(
    "data",
    [
        {"amount_min": "many"},
        {"amount_min": "200 000 EUR", "amount_max": "1000 EUR"},
        {"title_en": "", "title_uk": ""},
        {"text_en": "x" * 12_001},
    ],
)
def test_bad_input_keeps_what_was_written(scene, data):
    answer = scene.client.post(scene.address, data=scene.fill(**{"text_en": NEW_TEXT} | data))
    assert answer.status_code == 422
    assert "Check your answers" in answer.text
    assert data.get("text_en", NEW_TEXT)[:40] in answer.text
    assert scene.proposals() == []


def test_a_late_wording_is_shown_beside_the_present_one(scene):
    data = scene.fill(text_en=NEW_TEXT)
    with scene.app.app_context():
        profile = db.session.get(Profile, scene.profile_id)
        profile.text_en = "The office has changed this."
        db.session.commit()
    answer = scene.client.post(scene.address, data=data)
    assert answer.status_code == 409
    assert NEW_TEXT in answer.text
    assert "The office has changed this." in answer.text
    assert scene.proposals() == []
    assert scene.client.post(scene.address, data=scene.fill(text_en=NEW_TEXT)).status_code == 302
    assert scene.proposals() == [ProposalStatus.PROPOSED]


def test_an_ended_programme_can_be_read_and_not_changed(scene):
    with scene.app.app_context():
        db.session.get(Profile, scene.profile_id).ended = True
        db.session.commit()
    answer = scene.client.get(scene.address)
    assert "This programme has ended" in answer.text
    assert "<textarea" not in answer.text
    scene.client.post(scene.address, data=scene.fill(text_en=NEW_TEXT))
    assert scene.proposals() == []
