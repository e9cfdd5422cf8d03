"""The donor's list, one idea, answers: what is seen, what is refused, what nobody may learn."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Language, Reason
from matcher.models.idea import IdeaStatus, Sensitivity, TextOrigin
from matcher.models.match import Feedback, Match, MatchEvent, MatchStatus, Question
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role
from tests import factories

S = MatchStatus
CANARY = "Канарейківка"
TOKEN = re.compile(r'(name="csrf_token" value=")[^"]*')


class Scene:
    """A donor with a profile and a client that reads English."""

    def __init__(self, app, client_as) -> None:
        self.app = app
        with app.app_context():
            seat = factories.seat(Role.DONOR)
            seat.user.language = Language.EN
            profile = factories.profile(seat.organisation)
            db.session.commit()
            self.seat_id, self.profile_id = seat.id, profile.id
        self.client = client_as(seat_id=self.seat_id)

    def pair(self, title: str = "A new well", *, texts=(Language.EN,), idea=(), **values) -> int:
        """Store a pair of this donor, released unless told otherwise; return its id."""
        with self.app.app_context():
            author = factories.seat(Role.HEAD)
            author.user.name = f"Посадовець {CANARY}"
            author.user.email = f"canary{author.id}@demo.example"
            row = factories.idea(
                author,
                title_en=title,
                problem=f"Поруч із селом {CANARY} немає води.",
                activities=f"Копати в селі {CANARY}.",
                **dict(idea),
            )
            for language in texts:
                factories.release_text(row, language)
            profile = db.session.get(Profile, self.profile_id)
            match = factories.match(row, profile, **({"status": S.RELEASED} | values))
            db.session.commit()
            return match.id

    def get(self, path: str) -> str:
        """Return a page without its tokens."""
        return TOKEN.sub(r"\1", self.client.get(path).text)

    def version(self, match_id: int) -> int:
        """Return the pair's version now."""
        with self.app.app_context():
            return db.session.get(Match, match_id).version

    def post(self, match_id: int, act: str, **data):
        """Send a form with the version of now, unless another is given."""
        data = {"version": self.version(match_id)} | data
        return self.client.post(f"/donor/matches/{match_id}/{act}", data=data)

    def status(self, match_id: int) -> MatchStatus:
        """Return where the pair stands."""
        with self.app.app_context():
            return db.session.get(Match, match_id).status

    def acts(self, match_id: int) -> list[str]:
        """Return what was done with the pair, in order."""
        with self.app.app_context():
            statement = sa.select(MatchEvent.act).where(MatchEvent.match_id == match_id)
            return list(db.session.scalars(statement.order_by(MatchEvent.id)))


@pytest.fixture
def scene(app, client_as):
    return Scene(app, client_as)


def order(page: str, *words: str) -> bool:
    """Tell whether the words stand on the page in this order."""
    places = [page.find(word) for word in words]
    return -1 not in places and places == sorted(places)


# The list


def test_pairs_are_ranked_by_score_and_those_without_come_last(scene):
    scene.pair("Middle", score=0.4)
    scene.pair("By hand", score=None, cosine=None, band=None, is_manual=True, manual_reason="x")
    scene.pair("Best", score=0.9, band="very_strong", rank_for_profile=171717)
    page = scene.get("/donor/matches")
    assert order(page, "Best", "Middle", "By hand")
    assert order(page, "3 ideas fit your priorities", "Very strong fit", "chosen by the office")
    assert '<b><span class="vh">Rank </span>1</b>' in page
    assert "171717" not in page  # The rank among pairs that the donor does not know of.


@pytest.mark.parametrize("status", [S.SUGGESTED, S.DISMISSED])
def test_what_was_not_sent_is_never_seen(scene, status):
    match_id = scene.pair("Secret", status=status)
    assert "Secret" not in scene.get("/donor/matches")
    assert scene.client.get(f"/donor/matches/{match_id}").status_code == 404


def test_pairs_of_others_and_unknown_ones_are_alike(scene, app):
    with app.app_context():
        foreign = factories.match(status=S.RELEASED).id
        db.session.commit()
    for path in ("", "/question", "/decline", "/outcome"):
        unknown = scene.client.get(f"/donor/matches/999999{path}")
        answer = scene.client.get(f"/donor/matches/{foreign}{path}")
        assert answer.status_code == unknown.status_code == 404
        own_address = f"/donor/matches/{foreign}"
        assert TOKEN.sub("", answer.text).replace(own_address, "") == TOKEN.sub(
            "", unknown.text
        ).replace("/donor/matches/999999", "")
    for act in ("interested", "question", "decline", "restore", "undo", "outcome", "feedback"):
        data = {"version": 1, "text": "?", "reason": "capacity", "value": "good"}
        assert scene.client.post(f"/donor/matches/{foreign}/{act}", data=data).status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.STAFF, Role.LEAD, Role.ADMIN])
def test_nobody_else_opens_the_donors_pages(scene, client_as, role):
    match_id = scene.pair()
    client = client_as(role)
    for path in ("matches", f"matches/{match_id}", "profile", f"profile/{scene.profile_id}"):
        assert client.get(f"/donor/{path}").status_code == 403


def test_texts_places_and_people_of_the_community_stay_hidden(scene):
    match_id = scene.pair("A new well", texts=(Language.EN, Language.UK))
    for path in ("/donor/matches", f"/donor/matches/{match_id}"):
        page = scene.get(path)
        assert "A new well" in page
        assert CANARY not in page
        assert "canary" not in page
    assert "Нова свердловина" in scene.get(f"/donor/matches/{match_id}")


def test_the_reader_learns_who_translated(scene):
    match_id = scene.pair()
    assert "Translated by a person" in scene.get("/donor/matches")
    with scene.app.app_context():
        text = db.session.get(Match, match_id).idea.release_texts[0]
        text.origin = TextOrigin.MACHINE
        db.session.commit()
    assert "Machine translation, checked by the office" in scene.get("/donor/matches")


def test_what_breaks_a_rule_stands_apart_with_both_values(scene):
    with scene.app.app_context():
        profile = db.session.get(Profile, scene.profile_id)
        profile.amount_min, profile.currency = Decimal(200_000), "EUR"
        db.session.commit()
    scene.pair("Too small")
    scene.pair("Large enough", idea={"amount": Decimal(300_000)})
    page, excluded = scene.get("/donor/matches"), scene.get("/donor/matches?view=excluded")
    assert "Large enough" in page
    assert "Too small" not in page
    assert order(excluded, "Too small", "€85,000", "from €200,000")


def test_filters_narrow_the_list_and_keep_the_rank(scene):
    scene.pair("Water", score=0.9)
    scene.pair("Health", score=0.5, idea={"sector": "120", "amount": Decimal(2_000_000)})
    page = scene.get("/donor/matches?sector=120")
    assert "Water" not in page.split("<article")[1]
    assert "</span>2</b>" in page
    for query in ("budget=unknown", "sector=120", "raion=UA59080000000021865", "profile=x"):
        assert scene.client.get(f"/donor/matches?{query}").status_code == 200
    assert "No idea fits these filters" in scene.get("/donor/matches?profile=x")


def test_an_empty_list_says_what_to_do(scene):
    assert "Nothing is waiting for you" in scene.get("/donor/matches")
    assert "Nothing here" in scene.get("/donor/matches?view=finished")


def test_new_is_what_came_since_the_last_visit(scene, clock, client_as):
    scene.pair("Old one")
    page = scene.get("/donor/matches")
    assert "new since your last visit" not in page
    with scene.app.app_context():
        assert db.session.get(Membership, scene.seat_id).last_visit_at == clock.now
    clock.now += timedelta(hours=1)
    scene.pair("New one", released_at=clock.now)
    assert "new since" not in scene.get("/donor/matches")  # The same session is one visit.
    again = client_as(seat_id=scene.seat_id)
    for _ in range(2):
        assert "1 is new since your last visit" in again.get("/donor/matches").text


def test_a_long_list_has_pages(scene):
    for number in range(26):
        scene.pair(f"Idea {number}")
    assert scene.get("/donor/matches").count("<article") == 25
    assert scene.get("/donor/matches?page=2").count("<article") == 1


def test_an_idea_outside_the_readers_set_changes_no_byte(scene):
    match_id = scene.pair("Mine")
    hidden = scene.pair("Not sent", status=S.SUGGESTED, score=0.99)
    paths = ("/donor/matches", f"/donor/matches/{match_id}", "/donor/profile")
    scene.get(paths[0])
    before = [scene.get(path) for path in paths]
    with scene.app.app_context():
        row = db.session.get(Match, hidden)
        row.score, row.rank_for_profile = 0.01, 9
        row.idea.title, row.idea.sector, row.idea.amount = "Інше", "120", Decimal(1)
        row.idea.status, row.idea.sensitivity = IdeaStatus.WITHDRAWN, Sensitivity.RESTRICTED
        db.session.commit()
    scene.pair("One more", status=S.SUGGESTED, score=1.0)
    assert [scene.get(path) for path in paths] == before


# Answers


def test_interest_is_recorded_once_and_can_be_undone(scene):
    match_id = scene.pair()
    version = scene.version(match_id)
    for _ in range(2):  # An impatient double click.
        answer = scene.post(match_id, "interested", version=version, note="We like it")
        assert answer.status_code == 302
    assert scene.status(match_id) is S.INTERESTED
    assert scene.acts(match_id) == ["interested"]
    page = scene.get(f"/donor/matches/{match_id}")
    assert "Undo (15 min)" in page
    assert "We like it" in page
    assert scene.post(match_id, "undo").status_code == 302
    assert scene.status(match_id) is S.RELEASED


def test_undo_is_over_after_fifteen_minutes(scene, clock):
    match_id = scene.pair()
    scene.post(match_id, "interested")
    assert scene.get(f"/donor/matches/{match_id}").count("/undo") == 2  # The toast and the page.
    clock.now += timedelta(minutes=16)
    assert "/undo" not in scene.get(f"/donor/matches/{match_id}")
    assert scene.post(match_id, "undo").status_code == 403
    assert scene.status(match_id) is S.INTERESTED


def test_a_question_travels_through_the_office(scene):
    match_id = scene.pair()
    empty = scene.post(match_id, "question", text="  ")
    assert empty.status_code == 422
    assert "Write the question." in empty.text
    assert scene.post(match_id, "question", text="Who owns the land?").status_code == 302
    with scene.app.app_context():
        question = db.session.scalars(sa.select(Question)).one()
        assert question.language is Language.EN
        question.answer = f"Громада, село {CANARY}"
        question.answered_at = factories.NOW
        db.session.commit()
    page = scene.get(f"/donor/matches/{match_id}")
    assert "Who owns the land?" in page
    assert CANARY not in page  # The answer waits for the office.
    with scene.app.app_context():
        question = db.session.scalars(sa.select(Question)).one()
        question.relayed_answer, question.answer_relayed_at = "The community.", factories.NOW
        db.session.commit()
    page = scene.get(f"/donor/matches/{match_id}")
    assert "The community." in page
    assert CANARY not in page


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({}, "Choose the closest reason."),
        ({"reason": "other", "note": " "}, "Say in a few words what the reason is."),
        ({"reason": "invented"}, "Not a valid choice"),
        ({"reason": "capacity", "note": "x" * 2001}, "This text is too long"),
    ],
)
def test_a_decline_without_a_reason_keeps_what_was_written(scene, data, fault):
    match_id = scene.pair()
    answer = scene.post(match_id, "decline", **data)
    assert answer.status_code == 422
    assert fault in answer.text
    assert data.get("note", "").strip() in answer.text
    assert scene.status(match_id) is S.RELEASED


def test_a_decline_can_be_taken_back_while_the_profile_is_open(scene, clock, client_as):
    match_id = scene.pair()
    data = {"reason": Reason.AMOUNT_OUT_OF_RANGE.value, "note": "Too little for us"}
    assert scene.post(match_id, "decline", **data).status_code == 302
    page = scene.get(f"/donor/matches/{match_id}")
    assert order(page, "Tune the priorities", "Amount out of range. Too little for us")
    assert "A new well" in scene.get("/donor/matches?view=finished")
    clock.now += timedelta(days=1)
    scene.client = client_as(seat_id=scene.seat_id)
    assert "Take the “no” back" in scene.get(f"/donor/matches/{match_id}")
    assert scene.post(match_id, "restore").status_code == 302
    assert scene.status(match_id) is S.RELEASED
    assert scene.post(match_id, "restore").status_code == 409


def test_a_late_answer_is_refused_and_nothing_written_is_lost(scene, client_as):
    match_id = scene.pair()
    old = scene.version(match_id)
    with scene.app.app_context():
        own = db.session.get(Membership, scene.seat_id).organisation
        colleague_id = factories.seat(Role.DONOR, own).id
        db.session.commit()
    question = {"version": old, "text": "Mine came first?"}
    address = f"/donor/matches/{match_id}/question"
    assert client_as(seat_id=colleague_id).post(address, data=question).status_code == 302
    answer = scene.post(match_id, "interested", version=old, note="My careful words")
    assert answer.status_code == 409
    assert order(answer.text, "This has changed meanwhile", "My careful words", "You have asked")
    assert scene.status(match_id) is S.QUESTION
    again = scene.post(match_id, "interested", note="My careful words")
    assert again.status_code == 302
    assert scene.status(match_id) is S.INTERESTED


def test_a_form_without_a_version_changes_nothing(scene):
    match_id = scene.pair()
    for version in ("", "x", "-1", str(2**63)):
        answer = scene.post(match_id, "interested", version=version, note="Kept")
        assert answer.status_code == 422
        assert "Kept" in answer.text
    assert scene.status(match_id) is S.RELEASED


def test_what_is_over_leads_back_to_the_idea(scene):
    match_id = scene.pair(status=S.LAPSED)
    for path in ("question", "decline", "outcome"):
        assert scene.client.get(f"/donor/matches/{match_id}/{path}").status_code == 302
    assert scene.post(match_id, "interested").status_code == 409


def test_feedback_is_kept_once(scene):
    match_id = scene.pair()
    assert scene.post(match_id, "feedback").status_code == 422
    for value in ("good", "not_relevant"):
        assert scene.post(match_id, "feedback", value=value).status_code == 302
    with scene.app.app_context():
        assert [row.value for row in db.session.scalars(sa.select(Feedback))] == ["not_relevant"]


# After the introduction


@pytest.mark.parametrize("status", [S.RELEASED, S.QUESTION, S.INTERESTED, S.APPROVED])
def test_contacts_are_closed_before_the_introduction(scene, status):
    match_id = scene.pair(status=status)
    page = scene.get(f"/donor/matches/{match_id}")
    assert CANARY not in page
    assert "mailto:" not in page


def test_contacts_are_open_after_the_introduction(scene):
    match_id = scene.pair(status=S.INTRODUCED)
    page = scene.get(f"/donor/matches/{match_id}")
    assert order(page, "Whom to write to", f"Посадовець {CANARY}", "mailto:canary")


def test_talks_then_a_part_of_the_money(scene):
    match_id = scene.pair(status=S.INTRODUCED)
    assert scene.post(match_id, "outcome", outcome="talks").status_code == 302
    assert scene.status(match_id) is S.IN_TALKS
    data = {"outcome": "in_part", "amount": "40 тис. євро", "day": "05.11.2026"}
    assert scene.post(match_id, "outcome", **data).status_code == 302
    with scene.app.app_context():
        match = db.session.get(Match, match_id)
        assert (match.status, match.funded_amount, match.funded_currency) == (
            S.FUNDED,
            Decimal(40_000),
            "EUR",
        )
        assert match.idea.status is IdeaStatus.PUBLISHED
        assert match.idea.secured == Decimal(40_000)
    assert "€40,000" in scene.get(f"/donor/matches/{match_id}")


def test_money_in_full_straight_after_the_introduction(scene):
    match_id = scene.pair(status=S.INTRODUCED)
    version = scene.version(match_id)
    data = {"outcome": "in_full", "amount": "85 000 EUR", "day": "2026-11-05", "version": version}
    for _ in range(2):
        assert scene.post(match_id, "outcome", **data).status_code == 302
    assert scene.acts(match_id) == ["talks", "fund"]
    with scene.app.app_context():
        assert db.session.get(Match, match_id).idea.status is IdeaStatus.ARCHIVED


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({}, "Choose what describes it best."),
        ({"outcome": "in_full"}, "Enter the sum with its currency."),
        ({"outcome": "in_full", "amount": "40 000 EUR"}, "Enter the day of the decision."),
        ({"outcome": "in_full", "amount": "many", "day": "05.11.2026"}, "many"),
        ({"outcome": "in_full", "amount": "1 EUR", "day": "01.01.2027"}, "This day lies ahead."),
        ({"outcome": "in_part", "amount": "40 тис. грн", "day": "05.11.2026"}, "exchange rate"),
        ({"outcome": "not_funded"}, "Choose the closest reason."),
        ({"outcome": "not_funded", "reason": "other"}, "Say in a few words"),
    ],
)
def test_an_unclear_outcome_is_asked_about(scene, data, fault):
    match_id = scene.pair(status=S.INTRODUCED)
    answer = scene.post(match_id, "outcome", **data)
    assert answer.status_code == 422
    assert fault in answer.text
    assert scene.status(match_id) is S.INTRODUCED


def test_no_money_has_a_reason_and_can_be_undone(scene):
    match_id = scene.pair(status=S.IN_TALKS)
    data = {"outcome": "not_funded", "reason": "capacity", "note": "Budget is spent"}
    assert scene.post(match_id, "outcome", **data).status_code == 302
    assert scene.status(match_id) is S.NOT_FUNDED
    assert "No capacity now" in scene.get(f"/donor/matches/{match_id}")
    assert scene.post(match_id, "undo").status_code == 302
    assert scene.status(match_id) is S.IN_TALKS


def test_an_idea_that_changed_says_so(scene):
    match_id = scene.pair()
    with scene.app.app_context():
        idea = db.session.get(Match, match_id).idea
        idea.revision, idea.amount = 2, Decimal(90_000)
        factories.snapshot(idea, factories.seat(Role.HEAD, idea.organisation))
        db.session.commit()
    page = scene.get(f"/donor/matches/{match_id}")
    assert "The idea has changed since it was sent to you." in page
    assert "€90,000" in page
