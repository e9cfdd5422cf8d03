"""The office's pages on pairs: queue, one pair, its acts, pairs by hand, follow-up."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Channel, Language, Reason
from matcher.models.idea import IdeaConfirmation, Sensitivity
from matcher.models.job import Job, JobStatus
from matcher.models.match import (
    ContactNote,
    Feedback,
    Match,
    MatchEvent,
    MatchStatus,
    Question,
)
from matcher.models.organisation import OrganisationKind
from matcher.models.user import Conflict, Membership, Role
from matcher.services import decisions, replies
from tests import factories
from tests.conftest import NOW

TODAY = NOW.date()
ACTS = (
    "release",
    "dismiss",
    "approve",
    "refuse",
    "introduce",
    "take-back",
    "undo",
    "reopen",
    "answer",
    "relay-question",
    "relay-answer",
    "outcome",
    "feedback",
    "snooze",
)


@pytest.fixture
def staff_seat(app):
    """Make a staff seat; return its id."""
    with app.app_context():
        seat = factories.seat(Role.STAFF)
        db.session.commit()
        return seat.id


@pytest.fixture
def staff(client_as, staff_seat):
    """Return a staff client that reads English."""
    client = client_as(seat_id=staff_seat)
    client.post("/auth/language", data={"language": "en"})
    return client


@pytest.fixture
def pair(app):
    """Return a function that stores a pair in a state and returns its id."""

    def make(status=MatchStatus.SUGGESTED, *, text=True, idea=None, confirmed=False, **values):
        with app.app_context():
            row = factories.idea(**(idea or {}))
            if text:
                factories.release_text(row)
            if confirmed:
                author = factories.user()
                db.session.add(
                    IdeaConfirmation(idea_id=row.id, revision=1, by_id=author.id, at=NOW)
                )
            match = factories.match(row, status=status, **values)
            if status not in (MatchStatus.SUGGESTED, MatchStatus.RELEASED):
                add_event(match, MatchStatus.RELEASED, status)
            db.session.commit()
            return match.id

    return make


def add_event(match, before, after):
    """Give the pair an earlier act by somebody else."""
    db.session.add(
        MatchEvent(
            match=match,
            act="earlier",
            from_status=before,
            to_status=after,
            by_id=factories.user(name="Інша Людина").id,
            at=NOW - timedelta(days=2),
        )
    )


def read(app, match_id):
    """Return (status, version) of a pair."""
    with app.app_context():
        match = db.session.get(Match, match_id)
        return match.status, match.version


def text_of(response):
    """Return the page as text."""
    return response.get_data(as_text=True)


# Reading


@pytest.mark.parametrize("status", [s for s in MatchStatus if s is not MatchStatus.FUNDED])
def test_a_pair_is_shown_in_every_state(staff, pair, status):
    page = staff.get(f"/staff/matches/{pair(status)}?view=closed")
    assert page.status_code == 200
    assert "A new well" in text_of(page)
    assert "Restoring the water supply" in text_of(page)


def test_a_funded_pair_is_shown_in_ukrainian(client_as, pair):
    money = {"funded_amount": Decimal(5000), "funded_currency": "EUR", "funded_on": TODAY}
    match_id = pair(MatchStatus.FUNDED, **money)
    assert client_as(Role.LEAD).get(f"/staff/matches/{match_id}").status_code == 200


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_other_roles_are_kept_out(client_as, pair, role):
    client = client_as(role)
    match_id = pair()
    for path in ("queue", "follow-up", "matches/new", f"matches/{match_id}"):
        assert client.get(f"/staff/{path}").status_code == 403
    assert client.post("/staff/queue/decide").status_code == 403
    for act in ACTS:
        assert client.post(f"/staff/matches/{match_id}/{act}").status_code == 403


def test_unknown_and_hidden_pairs_are_no_pages_alike(app, staff, staff_seat, pair):
    match_id = pair(idea={"sensitivity": Sensitivity.RESTRICTED})
    mine = pair()
    with app.app_context():
        person = db.session.get(Membership, staff_seat).user_id
        community = db.session.get(Match, mine).idea.organisation_id
        row = Conflict(user_id=person, organisation_id=community, created_at=NOW)
        row.declared_by_id = person
        db.session.add(row)
        db.session.commit()
    for hidden in (match_id, mine, 999_999):
        assert staff.get(f"/staff/matches/{hidden}").status_code == 404
        for act in ACTS:
            answer = staff.post(f"/staff/matches/{hidden}/{act}", data={"days": "7"})
            assert answer.status_code == 404, act
    assert "TEST-" not in text_of(staff.get("/staff/queue"))


def test_a_look_changes_nothing(app, staff, pair):
    match_id = pair()
    before = read(app, match_id)
    staff.get(f"/staff/matches/{match_id}")
    staff.get("/staff/queue")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(MatchEvent.id))) == 0
    assert read(app, match_id) == before


# The queue


def test_pairs_of_one_idea_stand_together_and_the_best_donor_comes_first(app, staff):
    with app.app_context():
        one, other = factories.idea(title="Ідея А"), factories.idea(title="Ідея Б")
        for idea, name, score in (
            (one, "Weak Fund", 0.2),
            (other, "Middle Fund", 0.5),
            (one, "Best Fund", 0.9),
        ):
            donor = factories.organisation(OrganisationKind.DONOR, name_en=name, name_uk="")
            factories.match(idea, factories.profile(donor), score=score)
        db.session.commit()
    page = text_of(staff.get("/staff/queue"))
    page = page[page.index('<form method="post" action="/staff/queue/decide') :]
    places = [page.index(name) for name in ("Best Fund", "Weak Fund", "Middle Fund")]
    assert places == sorted(places)


def test_the_queue_shows_how_busy_a_donor_is(app, staff):
    with app.app_context():
        donor = factories.organisation(OrganisationKind.DONOR)
        profile = factories.profile(donor)
        for status in (MatchStatus.INTRODUCED, MatchStatus.IN_TALKS, MatchStatus.SUGGESTED):
            factories.match(factories.idea(), profile, status=status)
        db.session.commit()
    assert "2 open introductions" in text_of(staff.get("/staff/queue"))


@pytest.mark.parametrize(
    ("view", "statuses"),
    [
        ("", {"suggested", "question", "interested", "approved"}),
        ("release", {"suggested"}),
        ("answers", {"question", "interested"}),
        ("introduce", {"approved"}),
        ("with_donor", {"released"}),
        ("closed", {"dismissed", "declined", "refused", "lapsed", "not_funded"}),
    ],
)
def test_saved_views_choose_by_state(app, staff, pair, view, statuses):
    ids = {status.value: pair(status) for status in MatchStatus if status is not MatchStatus.FUNDED}
    page = text_of(staff.get(f"/staff/queue?view={view}"))
    shown = {status for status, match_id in ids.items() if f"/staff/matches/{match_id}?" in page}
    assert shown == statuses


def test_views_by_age_confirmation_history_and_person(app, staff, staff_seat, pair):
    old = pair(status_at=NOW - timedelta(days=8))
    confirmed = pair(MatchStatus.INTERESTED, confirmed=True)
    plain = pair(MatchStatus.INTERESTED)
    back = pair(MatchStatus.RELEASED)
    with app.app_context():
        actor = db.session.get(Membership, staff_seat)
        donor = factories.seat(Role.DONOR, db.session.get(Match, back).profile.organisation)
        replies.decline_match(donor, back, Reason.CAPACITY, now=NOW)
        decisions.reopen_match(actor, back, "Вони передумали", now=NOW)
        db.session.commit()
    for view, wanted in (("old", old), ("approve", confirmed), ("returned", back), ("mine", back)):
        page = text_of(staff.get(f"/staff/queue?view={view}"))
        shown = [i for i in (old, confirmed, plain, back) if f"/staff/matches/{i}?" in page]
        assert shown == [wanted], view


def test_filters_narrow_the_queue(app, staff):
    with app.app_context():
        idea = factories.idea(title="Сонячна станція", sector="230")
        donor = factories.organisation(OrganisationKind.DONOR, name_en="Green Fund")
        wanted = factories.match(idea, factories.profile(donor), band="weak", eligibility="unclear")
        other = factories.match()
        args = (
            f"donor={donor.id}",
            f"community={idea.organisation_id}",
            "band=weak",
            "eligibility=unclear",
            "sector=230",
            "q=сонячна",
            "q=GREEN",
            f"q={idea.code}",
        )
        ids = wanted.id, other.id
        db.session.commit()
    for arg in args:
        page = text_of(staff.get(f"/staff/queue?view=waiting&{arg}"))
        assert f"/staff/matches/{ids[0]}?" in page, arg
        assert f"/staff/matches/{ids[1]}?" not in page, arg
    assert "No pair fits" in text_of(staff.get("/staff/queue?q=nothing-like-this"))
    assert "/staff/matches/" not in text_of(staff.get("/staff/queue?raion=UA1")).split("<main")[
        1
    ].replace("/staff/matches/new", "")


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", f"page={2**70}", "view=x&sort=y", "donor=-1", "donor=²", "q=%25_"],
)
def test_nonsense_in_the_address_is_no_error(staff, pair, query):
    match_id = pair()
    assert staff.get(f"/staff/queue?{query}").status_code == 200
    assert staff.get(f"/staff/matches/{match_id}?view=waiting&{query}").status_code == 200
    assert staff.get(f"/staff/follow-up?{query}").status_code == 200


def test_twenty_six_pairs_make_two_pages(app, staff):
    with app.app_context():
        idea = factories.idea()
        for _number in range(26):
            factories.match(idea)
        db.session.commit()
    first, second = (
        text_of(staff.get(f"/staff/queue?view=waiting&page={page}")) for page in (1, 2)
    )
    assert first.count('name="match_id"') == 25
    assert second.count('name="match_id"') == 1


def test_many_are_released_and_those_that_stay_are_named(app, staff, pair):
    good, bad = pair(), pair(text=False)
    answer = staff.post(
        "/staff/queue/decide?view=release",
        data={"match_id": [good, bad], "act": "release"},
        follow_redirects=True,
    )
    assert "1 pair released." in text_of(answer)
    assert "1 pair stayed: Release waits" in text_of(answer)
    assert read(app, good)[0] is MatchStatus.RELEASED
    assert read(app, bad)[0] is MatchStatus.SUGGESTED


def test_many_are_dismissed_with_a_reason(app, staff, pair):
    ids = [pair(), pair()]
    data = {"match_id": ids, "act": "dismiss"}
    assert staff.post("/staff/queue/decide", data=data).status_code == 422
    other = {**data, "reason": "other"}
    assert staff.post("/staff/queue/decide", data=other).status_code == 422
    page = staff.post("/staff/queue/decide", data={**data, "note": "слова"})
    assert page.status_code == 422
    assert "слова" in text_of(page)
    assert text_of(page).count(" checked>") == 2
    answer = staff.post("/staff/queue/decide", data={**data, "reason": "capacity"})
    assert answer.status_code == 302
    assert {read(app, match_id)[0] for match_id in ids} == {MatchStatus.DISMISSED}


@pytest.mark.parametrize(
    "data", [{}, {"act": "release"}, {"match_id": ["x"], "act": "release"}, {"act": "fund"}]
)
def test_a_selection_of_nothing_is_asked_about(staff, pair, data):
    pair()
    assert staff.post("/staff/queue/decide", data=data).status_code == 422


def test_hidden_pairs_cannot_be_selected(app, staff, pair):
    hidden = pair(idea={"sensitivity": Sensitivity.RESTRICTED})
    data = {"match_id": [hidden, 999_999], "act": "release"}
    page = text_of(staff.post("/staff/queue/decide", data=data, follow_redirects=True))
    assert "2 pairs stayed" in page
    assert "TEST-" not in page
    assert read(app, hidden)[0] is MatchStatus.SUGGESTED


# Acts


def test_after_a_decision_comes_the_next_pair_with_an_undo(app, staff, pair):
    best, next_one = pair(score=0.9), pair(score=0.5)
    answer = staff.post(
        f"/staff/matches/{best}/release?view=release", data={"version": read(app, best)[1]}
    )
    assert answer.location == f"/staff/matches/{next_one}?view=release"
    page = text_of(staff.get(answer.location))
    assert f'action="/staff/matches/{best}/undo?view=release"' in page
    assert read(app, best)[0] is MatchStatus.RELEASED
    staff.post(f"/staff/matches/{best}/undo?view=release")
    assert read(app, best)[0] is MatchStatus.SUGGESTED


def test_after_the_last_pair_comes_the_queue(app, staff, pair):
    only = pair()
    data = {"version": read(app, only)[1], "reason": "capacity"}
    answer = staff.post(f"/staff/matches/{only}/dismiss?view=look&q=TEST", data=data)
    assert answer.location == "/staff/queue?q=TEST"


def test_who_comes_from_elsewhere_stays_at_the_pair(app, staff, pair):
    only = pair()
    pair()
    data = {"version": read(app, only)[1]}
    answer = staff.post(f"/staff/matches/{only}/release", data=data)
    assert answer.location == f"/staff/matches/{only}"


def test_a_double_click_releases_once_and_shows_no_error(app, staff, pair):
    match_id = pair()
    data = {"version": read(app, match_id)[1]}
    for _click in range(2):
        answer = staff.post(f"/staff/matches/{match_id}/release", data=data)
        assert answer.status_code == 302
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(MatchEvent.id))) == 1


def test_a_stale_decision_is_refused_with_both_sides_shown(app, staff, pair):
    match_id = pair()
    version = read(app, match_id)[1]
    with app.app_context():
        colleague = factories.seat(Role.STAFF, person=factories.user(name="Колега Перша"))
        decisions.release_match(colleague, match_id, now=NOW, today=TODAY)
        db.session.commit()
    data = {"version": version, "reason": "capacity", "note": "Мої слова"}
    page = staff.post(f"/staff/matches/{match_id}/dismiss?view=waiting", data=data)
    assert page.status_code == 409
    for words in ("Мої слова", "No capacity now", "Dismissed", "Колега Перша", "With the donor"):
        assert words in text_of(page)
    assert f"/staff/matches/{match_id}?view=waiting" in text_of(page)
    assert read(app, match_id)[0] is MatchStatus.RELEASED


def test_a_form_without_a_version_is_opened_again(app, staff, pair):
    match_id = pair()
    page = staff.post(f"/staff/matches/{match_id}/release", data={"version": "x"})
    assert page.status_code == 422
    assert read(app, match_id)[0] is MatchStatus.SUGGESTED


def test_a_dismissal_needs_a_reason_and_words_for_another_one(app, staff, pair):
    match_id = pair()
    version = read(app, match_id)[1]
    for data in (
        {},
        {"reason": "other"},
        {"reason": "no such code"},
        {"reason": "other", "note": " "},
    ):
        page = staff.post(f"/staff/matches/{match_id}/dismiss", data={"version": version, **data})
        assert page.status_code == 422, data
    page = staff.post(
        f"/staff/matches/{match_id}/dismiss",
        data={"version": version, "note": "Написане лишається"},
    )
    assert "Написане лишається" in text_of(page)
    data = {"version": version, "reason": "other", "note": "Дублює іншу"}
    assert staff.post(f"/staff/matches/{match_id}/dismiss", data=data).status_code == 302
    assert read(app, match_id)[0] is MatchStatus.DISMISSED


@pytest.mark.parametrize("act", ["release", "dismiss", "approve", "refuse", "introduce", "reopen"])
def test_the_address_of_an_act_leads_back_to_the_pair(staff, pair, act):
    match_id = pair()
    answer = staff.get(f"/staff/matches/{match_id}/{act}")
    assert answer.location == f"/staff/matches/{match_id}"


def test_what_hinders_a_release_is_said_on_the_page(app, staff, pair):
    match_id = pair(text=False)
    page = text_of(staff.get(f"/staff/matches/{match_id}"))
    assert "Release waits" in page
    assert f"/staff/matches/{match_id}/release" not in page
    data = {"version": read(app, match_id)[1]}
    assert staff.post(f"/staff/matches/{match_id}/release", data=data).status_code == 409


def test_approval_waits_for_confirmation_and_amount(app, staff, pair):
    plain = pair(MatchStatus.INTERESTED)
    assert "has not confirmed that the idea is current" in text_of(
        staff.get(f"/staff/matches/{plain}")
    )
    no_sum = pair(MatchStatus.INTERESTED, confirmed=True, idea={"amount": None, "currency": None})
    assert "states no amount" in text_of(staff.get(f"/staff/matches/{no_sum}"))
    page = staff.post(f"/staff/matches/{no_sum}/approve", data={"version": read(app, no_sum)[1]})
    assert page.status_code == 422
    assert "State the amount first" in text_of(page)


def test_approve_then_introduce_after_the_undo_window(app, staff, clock, pair):
    match_id = pair(MatchStatus.INTERESTED, confirmed=True)
    data = {"version": read(app, match_id)[1]}
    assert staff.post(f"/staff/matches/{match_id}/approve", data=data).status_code == 302
    page = text_of(staff.get(f"/staff/matches/{match_id}"))
    assert "until then the approval can be undone" in page
    assert "Undo my last act" in page
    data = {"introduce-version": read(app, match_id)[1], "introduce-when": "tomorrow"}
    assert staff.post(f"/staff/matches/{match_id}/introduce", data=data).status_code == 409
    clock.now = NOW + timedelta(minutes=16)
    with app.app_context():
        factories.seat(Role.DONOR, db.session.get(Match, match_id).profile.organisation)
        db.session.commit()
    assert staff.post(f"/staff/matches/{match_id}/introduce", data=data).status_code == 302
    assert read(app, match_id)[0] is MatchStatus.INTRODUCED
    with app.app_context():
        jobs = db.session.scalars(sa.select(Job).where(Job.status == JobStatus.WAITING)).all()
        letters = [job for job in jobs if job.payload["letter"] == "match_introduced"]
        assert letters
        assert {job.not_before.isoformat() for job in letters} == {"2026-11-23T07:00:00+00:00"}


def test_a_restricted_pair_asks_for_a_second_person(app, client_as, pair):
    match_id = pair(idea={"sensitivity": Sensitivity.RESTRICTED})
    one, two = client_as(Role.LEAD), client_as(Role.LEAD)
    for client in (one, two):
        client.post("/auth/language", data={"language": "en"})
    data = {"version": read(app, match_id)[1]}
    page = one.post(f"/staff/matches/{match_id}/release", data=data, follow_redirects=True)
    assert "a second person has to confirm" in text_of(page)
    assert read(app, match_id)[0] is MatchStatus.SUGGESTED
    assert f"/staff/matches/{match_id}/release" not in text_of(
        one.get(f"/staff/matches/{match_id}")
    )
    assert f"/staff/matches/{match_id}?view=seconding" in text_of(
        two.get("/staff/queue?view=seconding")
    )
    two.post(f"/staff/matches/{match_id}/take-back")
    data = {"version": read(app, match_id)[1]}
    one.post(f"/staff/matches/{match_id}/release", data=data)
    data = {"version": read(app, match_id)[1]}
    assert "second person" in text_of(two.get(f"/staff/matches/{match_id}"))
    two.post(f"/staff/matches/{match_id}/release", data=data)
    assert read(app, match_id)[0] is MatchStatus.RELEASED


def answer_data(app, match_id, **values):
    """Return the fields of a donor's answer that was told to the office."""
    defaults = {
        "version": read(app, match_id)[1],
        "answer": "interested",
        "channel": "phone",
        "on": "20.11.2026",
        "of": "Programme manager",
        "language": "en",
    }
    return {f"answer-{name}": value for name, value in (defaults | values).items()}


def test_an_answer_is_recorded_for_a_donor_without_an_account(app, staff, pair):
    match_id = pair(MatchStatus.RELEASED)
    answer = staff.post(
        f"/staff/matches/{match_id}/answer", data=answer_data(app, match_id), follow_redirects=True
    )
    assert "Noted: the donor is interested." in text_of(answer)
    assert "Programme manager" in text_of(answer)
    with app.app_context():
        event = db.session.scalars(sa.select(MatchEvent)).one()
        assert (event.behalf_channel, event.behalf_on) == (Channel.PHONE, date(2026, 11, 20))
    assert read(app, match_id)[0] is MatchStatus.INTERESTED


@pytest.mark.parametrize(
    "values",
    [
        {"answer": ""},
        {"answer": "decline"},
        {"answer": "decline", "reason": "other"},
        {"answer": "ask"},
        {"channel": ""},
        {"channel": "fax"},
        {"on": "29.11.2026"},
        {"on": "someday"},
        {"of": ""},
    ],
)
def test_an_answer_that_is_not_whole_is_asked_about(app, staff, pair, values):
    match_id = pair(MatchStatus.RELEASED)
    data = answer_data(app, match_id, **{"of": "Слово для збереження", **values})
    page = staff.post(f"/staff/matches/{match_id}/answer", data=data)
    assert page.status_code == 422
    assert ("Слово для збереження" in text_of(page)) is ("of" not in values)
    assert read(app, match_id)[0] is MatchStatus.RELEASED


def test_question_and_answer_pass_through_the_office(app, staff, pair):
    match_id = pair(MatchStatus.RELEASED)
    data = answer_data(app, match_id, answer="ask", note="How many patients?")
    staff.post(f"/staff/matches/{match_id}/answer", data=data)
    page = text_of(staff.get(f"/staff/matches/{match_id}"))
    assert "How many patients?" in page
    url = f"/staff/matches/{match_id}"
    assert staff.post(f"{url}/relay-question", data={"relay-text": " "}).status_code == 422
    assert staff.post(f"{url}/relay-question", data={"relay-text": "Скільки пацієнтів?"}).location
    assert "Скільки пацієнтів?" in text_of(staff.get(url))
    again = staff.post(f"{url}/relay-question", data={"relay-text": "Ще раз"})
    assert again.status_code == 409
    staff.post(f"{url}/relay-answer", data={"relay-text": "About 300 a month."})
    assert read(app, match_id)[0] is MatchStatus.RELEASED
    with app.app_context():
        question = db.session.scalars(sa.select(Question)).one()
        assert question.relayed_text == "Скільки пацієнтів?"
        assert question.relayed_answer == "About 300 a month."
    assert staff.post(f"{url}/relay-answer", data={"relay-text": "x"}).status_code == 404


def outcome_data(app, match_id, **values):
    """Return the fields of an outcome."""
    data = {"version": read(app, match_id)[1], "on": "20.11.2026", **values}
    return {f"outcome-{name}": value for name, value in data.items()}


def test_talks_then_money_in_part(app, staff, pair):
    match_id = pair(MatchStatus.INTRODUCED)
    url = f"/staff/matches/{match_id}/outcome"
    assert staff.post(url, data=outcome_data(app, match_id)).status_code == 422
    funded = outcome_data(app, match_id, outcome="fund", amount="40 тис. євро")
    assert staff.post(url, data=funded).status_code == 422
    assert staff.post(url, data=outcome_data(app, match_id, outcome="talks")).status_code == 302
    for bad in ("", "багато", "-5 євро", "0 євро"):
        data = outcome_data(app, match_id, outcome="fund", amount=bad)
        assert staff.post(url, data=data).status_code == 422, bad
    late = outcome_data(app, match_id, outcome="fund", amount="40 тис. євро", on="30.11.2026")
    assert staff.post(url, data=late).status_code == 422
    data = outcome_data(app, match_id, outcome="fund", amount="40 тис. євро")
    assert staff.post(url, data=data).status_code == 302
    with app.app_context():
        match = db.session.get(Match, match_id)
        assert (match.funded_amount, match.funded_currency) == (Decimal(40000), "EUR")
        assert match.idea.secured == Decimal(40000)


def test_no_money_needs_a_reason_and_any_open_pair_can_lapse(app, staff, pair):
    match_id = pair(MatchStatus.INTRODUCED)
    url = f"/staff/matches/{match_id}/outcome"
    data = outcome_data(app, match_id, outcome="not_funded")
    assert staff.post(url, data=data).status_code == 422
    data = outcome_data(app, match_id, outcome="not_funded", reason="capacity")
    assert staff.post(url, data=data).status_code == 302
    other = pair(MatchStatus.RELEASED)
    data = outcome_data(app, other, outcome="lapse", note="Немає відповіді пів року")
    assert staff.post(f"/staff/matches/{other}/outcome", data=data).status_code == 302
    assert read(app, other)[0] is MatchStatus.LAPSED


def test_reopening_needs_words_and_goes_back_one_state(app, staff, pair):
    match_id = pair(MatchStatus.REFUSED)
    url = f"/staff/matches/{match_id}/reopen"
    data = {"reopen-version": read(app, match_id)[1]}
    assert staff.post(url, data=data).status_code == 422
    data["reopen-note"] = "Громада надіслала лист"
    assert staff.post(url, data=data).status_code == 302
    assert read(app, match_id)[0] is MatchStatus.RELEASED


def test_feedback_is_kept_once_per_person(app, staff, pair):
    match_id = pair()
    url = f"/staff/matches/{match_id}/feedback"
    assert staff.post(url, data={"feedback-value": "x"}).status_code == 422
    for value in ("good", "profile_wrong"):
        assert staff.post(url, data={"feedback-value": value}).status_code == 302
    with app.app_context():
        assert db.session.scalars(sa.select(Feedback.value)).all() == ["profile_wrong"]


def test_undo_belongs_to_the_person_and_to_fifteen_minutes(app, staff, clock, client_as, pair):
    match_id = pair()
    staff.post(f"/staff/matches/{match_id}/release", data={"version": read(app, match_id)[1]})
    assert client_as(Role.STAFF).post(f"/staff/matches/{match_id}/undo").status_code == 403
    clock.now = NOW + timedelta(minutes=15, seconds=1)
    assert "Undo my last act" not in text_of(staff.get(f"/staff/matches/{match_id}"))
    assert staff.post(f"/staff/matches/{match_id}/undo").status_code == 403
    assert read(app, match_id)[0] is MatchStatus.RELEASED


# Pairs by hand


def test_a_pair_is_added_by_hand_once(app, staff):
    with app.app_context():
        idea, profile = factories.idea(), factories.profile()
        data = {"key": "k1", "idea_id": idea.id, "profile_id": profile.id, "reason": "Знаємо їх"}
        db.session.commit()
    for _click in range(2):
        assert staff.post("/staff/matches/new", data=data).status_code == 302
    with app.app_context():
        match = db.session.scalars(sa.select(Match)).one()
        assert (match.is_manual, match.manual_reason) == (True, "Знаємо їх")
    page = staff.post("/staff/matches/new", data={**data, "key": "k2"})
    assert page.status_code == 422
    assert f"/staff/matches/{match.id}" in text_of(page)
    other = staff.post("/staff/matches/new", data={**data, "reason": "Інші слова"})
    assert other.status_code == 409


def test_a_pair_by_hand_needs_both_sides_and_words(app, staff, pair):
    match_id = pair()
    with app.app_context():
        idea_id = db.session.get(Match, match_id).idea_id
        hidden = factories.idea(sensitivity=Sensitivity.RESTRICTED, title="Схована").id
        closed = factories.profile(ended=True).id
        profile_id = factories.profile().id
        db.session.commit()
    page = text_of(staff.get(f"/staff/matches/new?idea={idea_id}&profile={profile_id}"))
    assert page.count(" selected ") + page.count(" selected>") >= 2
    assert "Схована" not in page
    for values in (
        {"idea_id": ""},
        {"reason": ""},
        {"idea_id": hidden},
        {"profile_id": closed},
        {"profile_id": "x"},
    ):
        data = {"key": "k", "idea_id": idea_id, "profile_id": profile_id, "reason": "Слова"}
        assert staff.post("/staff/matches/new", data=data | values).status_code == 422, values


# Follow-up


def test_silent_pairs_come_first_and_a_line_is_written_once(app, staff, pair):
    fresh = pair(MatchStatus.INTRODUCED, idea={"title": "Свіжа"})
    old = pair(MatchStatus.IN_TALKS, idea={"title": "Мовчазна"}, status_at=NOW - timedelta(days=40))
    with app.app_context():
        for event in db.session.scalars(sa.select(MatchEvent).where(MatchEvent.match_id == old)):
            event.at = NOW - timedelta(days=40)
        db.session.commit()
    page = text_of(staff.get("/staff/follow-up"))
    assert page.index("Мовчазна") < page.index("Свіжа")
    assert page.count("silent for more than 30 days</span>") == 1
    data = {
        "match_id": old,
        f"m{old}-key": "k1",
        f"m{old}-said": "Дзвонили: чекають на кошторис",
        f"m{old}-on": "22.11.2026",
        f"m{old}-channel": "phone",
        f"m{old}-next_step": "Надіслати кошторис",
        f"m{old}-due_on": "01.12.2026",
    }
    for _click in range(2):
        assert staff.post("/staff/follow-up", data=data).status_code == 302
    with app.app_context():
        note = db.session.scalars(sa.select(ContactNote)).one()
        assert note.organisation_id == db.session.get(Match, old).profile.organisation_id
        assert db.session.get(Match, old).next_contact_on == date(2026, 12, 1)
    page = text_of(staff.get("/staff/follow-up"))
    assert page.index("Свіжа") < page.index("Мовчазна")
    assert "silent for more than 30 days</span>" not in page
    assert "Дзвонили" in text_of(staff.get(f"/staff/matches/{old}"))
    with app.app_context():
        db.session.get(Match, fresh).next_contact_on = TODAY
        db.session.commit()
    assert "contact is due" in text_of(staff.get("/staff/follow-up"))


def test_a_line_that_is_not_whole_is_asked_about(app, staff, pair):
    match_id = pair(MatchStatus.INTRODUCED)
    prefix = f"m{match_id}-"
    whole = {"key": "k", "said": "Слова", "on": "22.11.2026", "channel": "phone"}
    for values in ({"said": ""}, {"on": "x"}, {"on": "23.11.2026"}, {"channel": "x"}, {"key": ""}):
        fields = {prefix + name: value for name, value in (whole | values).items()}
        page = staff.post("/staff/follow-up", data={"match_id": match_id, **fields})
        assert page.status_code == 422, values
        assert ("Слова" in text_of(page)) is ("said" not in values)
    hidden = pair(MatchStatus.INTRODUCED, idea={"sensitivity": Sensitivity.RESTRICTED})
    assert staff.post("/staff/follow-up", data={"match_id": hidden}).status_code == 404


def test_the_next_contact_is_put_off(app, staff, pair):
    match_id = pair(MatchStatus.INTRODUCED)
    assert staff.post(f"/staff/matches/{match_id}/snooze", data={"days": "14"}).status_code == 302
    with app.app_context():
        assert db.session.get(Match, match_id).next_contact_on == TODAY + timedelta(days=14)
    staff.post(f"/staff/matches/{match_id}/snooze", data={"days": "9999"})
    with app.app_context():
        assert db.session.get(Match, match_id).next_contact_on == TODAY + timedelta(days=14)
    assert staff.post(f"/staff/matches/{pair()}/snooze", data={"days": "7"}).status_code == 404


def test_reading_a_long_queue_takes_few_queries(app, staff):
    with app.app_context():
        for _number in range(12):
            idea = factories.idea()
            for _other in range(2):
                factories.match(idea)
        db.session.commit()
        engine = db.engine
    statements = []

    def note(_conn, _cursor, statement, *_rest):
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert staff.get("/staff/queue").status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(statements) <= 30


def test_the_language_of_texts_is_said(staff, pair):
    page = text_of(staff.get(f"/staff/matches/{pair()}"))
    assert '<h1 lang="uk">' in page
    assert f'lang="{Language.EN.value}">Restoring' in page
