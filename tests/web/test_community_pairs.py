"""Released pairs as their community sees them, questions, feedback, hints for a draft."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Language, Reason
from matcher.models.idea import Idea, IdeaPartner, IdeaStatus, Sensitivity
from matcher.models.match import Feedback, FeedbackValue, Match, MatchEvent, MatchStatus, Question
from matcher.models.user import Membership, Role
from matcher.services import ranking
from matcher.web import wording
from matcher.web.matching import get_index
from tests import factories

DONOR_NAME = "Contact Canary"
NOTE = "NOTE-CANARY"


class Pair:
    """A pair of a community's idea and a donor's profile, by ids."""

    def __init__(self, status: MatchStatus = MatchStatus.RELEASED, **values):
        author = factories.seat(Role.EDITOR)
        self.editor, self.community = author.id, author.organisation_id
        self.idea_id = factories.idea(author, own_share_pct=None).id
        idea = db.session.get(Idea, self.idea_id)
        idea.revisions[-1].content = {**idea.revisions[-1].content, "partner_ids": []}
        factories.release_text(idea, Language.UK)
        factories.release_text(idea, Language.EN)
        profile = factories.profile(own_share_min_pct=Decimal(15), amount_min=Decimal(200000))
        profile.currency = "EUR"
        person = factories.user(name=DONOR_NAME, post="Officer", phone="+380 00 000 00 00")
        self.donor = factories.seat(Role.DONOR, profile.organisation, person).id
        match = factories.match(idea, profile, status=status, **values)
        self.match_id = match.id
        act(match, "release", MatchStatus.SUGGESTED, MatchStatus.RELEASED)
        db.session.commit()


def act(match: Match, name: str, before: MatchStatus, after: MatchStatus, **values) -> None:
    """Add an event of the pair."""
    factories.add(
        MatchEvent(
            match=match,
            act=name,
            from_status=before,
            to_status=after,
            note=NOTE,
            at=factories.NOW,
            **values,
        )
    )


@pytest.fixture
def pair(app):
    with app.app_context():
        return Pair()


@pytest.fixture
def editor(client_as, pair):
    return client_as(seat_id=pair.editor)


def move(app, pair, name: str, after: MatchStatus, **values) -> None:
    """Put the pair into a state as an act would."""
    with app.app_context():
        match = db.session.get(Match, pair.match_id)
        act(match, name, match.status, after, **values)
        match.status = after
        db.session.commit()


def page_of(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def fit(app) -> None:
    """Fit a generation of the engine over what is stored."""
    with app.test_request_context():
        ranking.ensure_generation(get_index(), now=factories.NOW, today=factories.NOW.date())
        db.session.commit()


def test_the_pair_shows_both_texts_the_rules_and_what_would_settle_them(app, pair, editor):
    page = page_of(editor, f"/community/matches/{pair.match_id}")
    assert "Restoring the water supply" in page
    assert "Лікарня лишилася без питної води" in page
    assert f"/community/ideas/{pair.idea_id}/budget/edit#own_share_pct" in page
    assert "200\u00a0000" in page
    assert "85\u00a0000" in page


def test_words_that_met_bear_the_same_number_in_both_texts(app, pair, editor):
    fit(app)
    page = page_of(editor, f"/community/matches/{pair.match_id}")
    numbers = re.findall(r"<mark>[^<]+<sup>(\d+)</sup></mark>", page)
    assert any(numbers.count(number) > 1 for number in numbers)


def test_an_added_fact_changes_the_verdict_at_once(app, pair, editor):
    url = f"/community/ideas/{pair.idea_id}/budget/edit"
    form = editor.get(url).get_data(as_text=True)
    hidden = dict(re.findall(r'name="(version|seen)"[^>]*value="([^"]*)"', form))
    fields = {"amount": "300 тис. євро", "own_share_pct": "20", "duration_months": "8"}
    assert editor.post(url, data=hidden | fields).status_code == 302
    page = page_of(editor, f"/community/matches/{pair.match_id}")
    assert "#own_share_pct" not in page
    assert "not_eligible" not in page
    assert "✕" not in page


def test_no_score_note_or_person_before_the_introduction(app, pair, editor):
    move(app, pair, "interested", MatchStatus.INTERESTED)
    fit(app)
    for path in (f"/community/matches/{pair.match_id}", f"/community/ideas/{pair.idea_id}"):
        page = page_of(editor, path)
        assert NOTE not in page
        assert DONOR_NAME not in page
        assert "0.5" not in page
        assert "0,5" not in page
        assert "strong" not in page


def test_contacts_open_with_the_introduction(app, pair, editor):
    path = f"/community/matches/{pair.match_id}"
    move(app, pair, "approve", MatchStatus.APPROVED)
    assert DONOR_NAME not in page_of(editor, path)
    move(app, pair, "introduce", MatchStatus.INTRODUCED)
    assert DONOR_NAME in page_of(editor, path)
    assert NOTE not in page_of(editor, path)


@pytest.mark.parametrize("reason", list(Reason))
def test_a_decline_is_polite_and_says_what_can_be_changed(app, pair, editor, reason):
    move(app, pair, "decline", MatchStatus.DECLINED, reason=reason)
    for path in (f"/community/matches/{pair.match_id}", f"/community/ideas/{pair.idea_id}"):
        page = page_of(editor, path)
        assert NOTE not in page
        assert "_" not in reason.value or reason.value not in page
        assert str(wording.WORDS[Reason][reason]) not in page


@pytest.mark.parametrize("status", list(MatchStatus))
def test_every_state_has_its_page_or_none(app, pair, editor, status):
    values = {}
    with app.app_context():
        match = db.session.get(Match, pair.match_id)
        act(match, "fund", match.status, status)
        if status is MatchStatus.FUNDED:
            values = {"funded_amount": Decimal(1000), "funded_on": factories.NOW.date()}
        for name, value in (values | {"status": status}).items():
            setattr(match, name, value)
        db.session.commit()
    shown = status not in (MatchStatus.SUGGESTED, MatchStatus.DISMISSED)
    answer = editor.get(f"/community/matches/{pair.match_id}")
    assert answer.status_code == (200 if shown else 404)
    road = page_of(editor, f"/community/ideas/{pair.idea_id}")
    assert (f"/community/matches/{pair.match_id}" in road) is shown


def test_an_unreleased_or_foreign_pair_is_no_page(app, client_as, pair, editor):
    with app.app_context():
        hidden = Pair(MatchStatus.SUGGESTED)
    own = client_as(seat_id=hidden.editor)
    assert own.get(f"/community/matches/{hidden.match_id}").status_code == 404
    for path in (hidden.match_id, 999999):
        assert editor.get(f"/community/matches/{path}").status_code == 404
        answer = editor.post(f"/community/matches/{path}/feedback", data={"value": "good"})
        assert answer.status_code == 404
    assert client_as(Role.EDITOR).get(f"/community/matches/{pair.match_id}").status_code == 404


def test_a_partner_sees_the_pair_without_contacts_or_links_to_edit(app, pair, client_as):
    move(app, pair, "introduce", MatchStatus.INTRODUCED)
    with app.app_context():
        partner = factories.seat(Role.EDITOR)
        db.session.add(IdeaPartner(idea_id=pair.idea_id, organisation_id=partner.organisation_id))
        db.session.commit()
        seat_id = partner.id
    page = page_of(client_as(seat_id=seat_id), f"/community/matches/{pair.match_id}")
    assert DONOR_NAME not in page
    assert "/edit" not in page


def test_an_undone_act_leaves_no_trace(app, pair, editor):
    with app.app_context():
        match = db.session.get(Match, pair.match_id)
        act(match, "decline", MatchStatus.RELEASED, MatchStatus.DECLINED)
        act(
            match,
            "undone",
            MatchStatus.DECLINED,
            MatchStatus.RELEASED,
            undoes_id=match.events[-1].id,
        )
        db.session.commit()
    page = page_of(editor, f"/community/matches/{pair.match_id}")
    assert page.count('class="done"') == 1
    assert 'class="bad"' not in page


# Feedback


def test_feedback_is_kept_once_and_can_be_changed(app, pair, editor):
    url = f"/community/matches/{pair.match_id}/feedback"
    for value in ("good", "not_relevant"):
        assert editor.post(url, data={"value": value}).status_code == 302
    with app.app_context():
        rows = db.session.scalars(sa.select(Feedback)).all()
        assert [(row.value, row.role) for row in rows] == [
            (FeedbackValue.NOT_RELEVANT, Role.EDITOR)
        ]
    assert editor.post(url, data={"value": "great"}).status_code == 422
    assert editor.post(url).status_code == 422


# Questions


@pytest.fixture
def question_id(app, pair):
    with app.app_context():
        match = db.session.get(Match, pair.match_id)
        match.status = MatchStatus.QUESTION
        row = Question(
            match=match,
            text="ORIGINAL-CANARY",
            language=Language.EN,
            asked_by_id=db.session.get(Membership, pair.donor).user_id,
            asked_at=factories.NOW,
            relayed_text="Хто утримуватиме насос?",
            relayed_at=factories.NOW,
        )
        factories.add(row)
        db.session.commit()
        return row.id


def test_a_relayed_question_is_answered_once(app, pair, editor, question_id):
    url = f"/community/questions/{question_id}/answer"
    page = page_of(editor, url)
    assert "Хто утримуватиме насос?" in page
    assert "ORIGINAL-CANARY" not in page
    assert f'href="{url}"' in page_of(editor, f"/community/ideas/{pair.idea_id}")
    for _click in range(2):
        assert editor.post(url, data={"answer": "Водоканал."}).status_code == 302
    assert editor.post(url, data={"answer": "Інше."}).status_code == 409
    assert editor.get(url).status_code == 302
    with app.app_context():
        assert db.session.get(Question, question_id).answer == "Водоканал."
    assert "Водоканал." in page_of(editor, f"/community/matches/{pair.match_id}")


def test_an_empty_answer_is_refused(editor, question_id):
    answer = editor.post(f"/community/questions/{question_id}/answer", data={"answer": "  "})
    assert answer.status_code == 422


def test_a_question_before_its_relay_or_of_others_is_no_page(app, client_as, editor, question_id):
    url = f"/community/questions/{question_id}/answer"
    assert client_as(Role.EDITOR).get(url).status_code == 404
    with app.app_context():
        db.session.get(Question, question_id).relayed_at = None
        db.session.commit()
    assert editor.get(url).status_code == 404


# What waits


def test_interest_asks_for_a_confirmation_once(app, pair, editor):
    path = f"/community/ideas/{pair.idea_id}"
    assert "/confirm" not in page_of(editor, path)
    move(app, pair, "interested", MatchStatus.INTERESTED)
    assert f"{path}/confirm" in page_of(editor, path)
    editor.post(f"{path}/confirm")
    assert f"{path}/confirm" not in page_of(editor, path)


def test_the_question_whether_an_idea_is_current_comes_in_time(app, pair, editor, clock):
    path = f"/community/ideas/{pair.idea_id}"
    assert f"{path}/renew" not in page_of(editor, path)
    with app.app_context():
        db.session.get(Idea, pair.idea_id).review_by = (clock.now + timedelta(days=7)).date()
        db.session.commit()
    assert f"{path}/renew" in page_of(editor, path)


# Hints for a draft


def draft(app, pair, **values) -> int:
    with app.app_context():
        author = db.session.get(Membership, pair.editor)
        row = factories.idea(author, status=IdeaStatus.DRAFT, revision=0, **values)
        db.session.commit()
        return row.id


def test_similar_ideas_are_own_or_public_with_their_public_title(app, pair, editor):
    with app.app_context():
        open_idea = factories.idea(sensitivity=Sensitivity.OPEN, title="RAW-CANARY свердловина")
        factories.release_text(open_idea, Language.UK, title="Свердловина для лікарні сусідів")
        factories.idea(sensitivity=Sensitivity.AFTER_APPROVAL, title="CLOSED-CANARY")
        db.session.commit()
        code = open_idea.code
    fit(app)
    page = page_of(editor, f"/community/ideas/{draft(app, pair)}")
    assert "Свердловина для лікарні сусідів" in page
    assert f"/ideas/{code}" in page
    assert f'href="/community/ideas/{pair.idea_id}"' in page
    assert "RAW-CANARY" not in page
    assert "CLOSED-CANARY" not in page


def test_a_change_of_a_foreign_idea_changes_no_byte_for_this_author(app, pair, editor):
    with app.app_context():
        foreign = factories.idea(sensitivity=Sensitivity.AFTER_APPROVAL)
        db.session.commit()
        foreign_id = foreign.id
    fit(app)
    path = f"/community/ideas/{draft(app, pair)}"
    token = re.compile(r'(name="(?:key|csrf_token)" value=")[^"]*')
    before = token.sub("", page_of(editor, path))
    with app.app_context():
        row = db.session.get(Idea, foreign_id)
        row.title = "Зовсім інша назва"
        db.session.delete(row.revisions[0])
        row.revision = 0
        row.status = IdeaStatus.WITHDRAWN
        db.session.commit()
    assert token.sub("", page_of(editor, path)) == before


def test_a_restricted_draft_gets_no_hint_of_donors(app, pair, editor):
    with app.app_context():
        factories.profile(applicant_types=[])
        db.session.commit()
    fit(app)
    plain = draft(app, pair, title="Насос для свердловини лікарні")
    restricted = draft(app, pair, sensitivity=Sensitivity.RESTRICTED)
    hint = re.compile(r"<p><b>[^<]*</b></p>\s*</section>")
    assert hint.search(page_of(editor, f"/community/ideas/{plain}"))
    assert not hint.search(page_of(editor, f"/community/ideas/{restricted}"))
