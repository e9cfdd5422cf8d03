"""What an attacker and an impatient hand try on the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus, Sensitivity
from matcher.models.job import Job, JobStatus
from matcher.models.match import ContactNote, Match, MatchStatus, Question
from matcher.models.profile import Profile, ProfileKind
from matcher.models.user import Conflict, Membership, Role
from matcher.services import outbox, outcomes
from matcher.web import clock as web_clock
from matcher.web.access import ACCESS
from tests import factories
from tests.conftest import make_app, sign_in
from tests.factories import NOW

CANARY = "Канарка7391"
PUBLIC = ["/", "/ideas", "/guidance"]
PAGES = {
    None: PUBLIC,
    Role.EDITOR: ["/community/ideas", "/community/colleagues", *PUBLIC],
    Role.DONOR: ["/donor/matches", "/donor/profile", *PUBLIC],
    Role.STAFF: [
        "/staff/",
        "/staff/ideas",
        "/staff/queue",
        "/staff/queue?view=closed",
        "/staff/follow-up",
        "/staff/donors",
        "/staff/calls",
        "/staff/communities",
        "/staff/letters",
        "/staff/matches/new",
        "/staff/goals",
        *PUBLIC,
    ],
}


def world():
    """Make a community with an idea, a donor with a sent pair, and a reader of each role."""
    author, donor, staff = (factories.seat(role) for role in (Role.EDITOR, Role.DONOR, Role.STAFF))
    profile = factories.profile(donor.organisation)
    idea = factories.idea(author, sensitivity=Sensitivity.OPEN)
    factories.release_text(idea)
    factories.match(idea, profile, status=MatchStatus.RELEASED)
    seats = {Role.EDITOR: author.id, Role.DONOR: donor.id, Role.STAFF: staff.id}
    return seats, profile.id, staff.user_id, factories.seat(Role.EDITOR).id


def declare(user_id, organisation_id):
    """Declare a person's interest in an organisation."""
    db.session.add(
        Conflict(
            user_id=user_id,
            organisation_id=organisation_id,
            declared_by_id=user_id,
            created_at=NOW,
        )
    )


def hide(profile_id, user_id, seat_id, *, restricted):
    """Add ideas in many states that no reader of the world may see, with pairs and letters."""
    author = db.session.get(Membership, seat_id)
    kind = Sensitivity.RESTRICTED if restricted else Sensitivity.AFTER_APPROVAL
    profile = db.session.get(Profile, profile_id)
    for status in IdeaStatus:
        title = f"{CANARY} {status}"
        idea = factories.idea(author, title=title, status=status, sensitivity=kind)
        match = factories.match(idea, profile, status=MatchStatus.SUGGESTED)
        jobs = outbox.queue_letter(
            "idea_submitted", [author.user], now=NOW, subject={"idea_id": idea.id}
        )
        jobs[0].status = JobStatus.FAILED
        note = ContactNote(
            organisation_id=profile.organisation_id,
            match_id=match.id,
            on=NOW.date(),
            channel="meeting",
            said=CANARY,
            next_step="",
            due_on=NOW.date() - timedelta(days=1),
            by_id=user_id,
            created_at=NOW,
        )
        db.session.add(note)


@pytest.mark.parametrize("role", [None, Role.EDITOR, Role.DONOR, Role.STAFF], ids=str)
@pytest.mark.parametrize("restricted", [True, False], ids=["restricted", "interest"])
def test_hidden_ideas_change_no_byte(app, client, role, restricted):
    with app.app_context():
        seats, profile_id, user_id, hidden_id = world()
        if not restricted:
            declare(user_id, db.session.get(Membership, hidden_id).organisation_id)
        donor_id = db.session.get(Profile, profile_id).organisation_id
        db.session.commit()
    reader = client if role is None else sign_in(app, seats[role])
    paths = [*PAGES[role], *([f"/staff/donors/{donor_id}"] if role is Role.STAFF else [])]
    reader.get(paths[0])  # the first look of a session is noted
    with app.app_context():
        before_rows = db.session.scalar(sa.select(sa.func.count(Idea.id)))
    before = {path: reader.get(path).data for path in paths}
    with app.app_context():
        hide(profile_id, user_id, hidden_id, restricted=restricted)
        assert db.session.scalar(sa.select(sa.func.count(Idea.id))) > before_rows
        db.session.commit()
    for path in paths:
        after = reader.get(path).data
        assert CANARY not in after.decode(), path
        assert strip(after) == strip(before[path]), path


def strip(page):
    """Return the page without what is made anew for each answer."""
    return re.sub(rb'name="(key|csrf_token)"[^>]*>', b"", page)


# Foreign ids


def test_foreign_and_unknown_ids_are_refused_alike(app, client_as):
    with app.app_context():
        author, donor = factories.seat(Role.EDITOR), factories.seat(Role.DONOR)
        idea = factories.idea(author)
        match = factories.match(
            idea, factories.profile(donor.organisation), status=MatchStatus.QUESTION
        )
        question = factories.add(
            Question(
                match=match,
                text=CANARY,
                language="en",
                asked_by_id=donor.user_id,
                asked_at=NOW,
                relayed_text=CANARY,
                relayed_at=NOW,
            )
        )
        ids = {
            "idea": idea.id,
            "match": match.id,
            "question": question.id,
            "profile": match.profile_id,
        }
        db.session.commit()
    tries = {
        Role.HEAD: [
            ("idea", path)
            for path in (
                "/community/ideas/{}",
                "/community/ideas/{}/recall",
                "/community/ideas/{}/withdraw",
                "/community/ideas/{}/sign-off",
                "/community/ideas/{}/send-back",
                "/community/ideas/{}/confirm",
                "/community/ideas/{}/renew",
                "/community/ideas/{}/copy",
                "/community/ideas/{}/check",
                "/community/ideas/{}/essence/edit",
                "/community/ideas/{}/revisions/1",
            )
        ]
        + [
            ("match", "/community/matches/{}"),
            ("match", "/community/matches/{}/feedback"),
            ("question", "/community/questions/{}/answer"),
        ],
        Role.DONOR: [
            ("match", f"/donor/matches/{{}}{act}")
            for act in (
                "",
                "/interested",
                "/question",
                "/decline",
                "/restore",
                "/undo",
                "/outcome",
                "/feedback",
            )
        ]
        + [("profile", "/donor/profile/{}")],
    }
    data = {"version": "1", "key": "k", "value": "good", "text": "?", "answer": "!", "note": "!"}
    for role, paths in tries.items():
        client = client_as(role)
        for kind, path in paths:
            for method in ("GET", "POST"):
                answers = [
                    client.open(path.format(number), method=method, data=data)
                    for number in (ids[kind], 99_999)
                ]
                codes = [answer.status_code for answer in answers]
                assert codes in ([404, 404], [405, 405]), (method, path, codes)
                pages = [
                    answer.data.replace(str(number).encode(), b"N")
                    for answer, number in zip(answers, (ids[kind], 99_999), strict=True)
                ]
                if method == "GET":
                    assert len(pages[0]) - len(pages[1]) in range(-60, 61), path
                assert CANARY.encode() not in pages[0]


# Other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://[localhost"},
    ],
)
def test_a_post_from_another_site_is_refused_whatever_it_brings(app, client_as, headers):
    with app.app_context():
        author = factories.seat(Role.EDITOR)
        idea = factories.idea(author)
        db.session.commit()
        seat_id, idea_id = author.id, idea.id
    client = client_as(seat_id=seat_id)
    page = client.post(f"/community/ideas/{idea_id}/confirm", headers=headers)
    assert page.status_code == 400
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    assert client.post(f"/community/ideas/{idea_id}/confirm", headers=own).status_code == 302


def test_every_form_wants_the_token_of_its_own_session(tmp_path, fresh_database):
    app = make_app(
        tmp_path, SQLALCHEMY_DATABASE_URI=fresh_database(tmp_path), WTF_CSRF_ENABLED=True
    )
    with app.app_context():
        seats = {role: factories.seat(role).id for role in Role}
        db.session.commit()
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(rules) > 60
    for rule in rules:
        allowed = ACCESS[rule.endpoint]
        role = next((role for role in Role if role in allowed), Role.STAFF)
        client = sign_in(app, seats[role])
        values = dict.fromkeys(rule.arguments, 1)
        with app.test_request_context():
            address = app.url_for(
                rule.endpoint, **{k: "essence" if k == "section" else v for k, v in values.items()}
            )
        for token in ({}, {"csrf_token": "forged"}):
            assert client.post(address, data=token).status_code == 400, rule.endpoint
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


# Many at once


def test_a_ticked_pair_that_changed_meanwhile_stays(app, client_as):
    with app.app_context():
        idea = factories.idea()
        factories.release_text(idea)
        match = factories.match(idea)
        db.session.commit()
        match_id, version = match.id, match.version
    staff = client_as(Role.STAFF)
    data = {"match_id": [match_id], "act": "release", "seen": f"{match_id}:{version + 1}"}
    page = staff.post("/staff/queue/decide", data=data, follow_redirects=True)
    assert page.status_code == 200
    with app.app_context():
        assert db.session.get(Match, match_id).status is MatchStatus.SUGGESTED
    assert f'name="seen" value="{match_id}:{version}"' in page.get_data(as_text=True)
    data["seen"] = f"{match_id}:{version}"
    staff.post("/staff/queue/decide", data=data)
    with app.app_context():
        assert db.session.get(Match, match_id).status is MatchStatus.RELEASED


# The office


@pytest.mark.parametrize("barrier", ["interest", "interest of a lead", "restricted"])
def test_no_address_of_the_office_opens_a_hidden_row(app, barrier):
    with app.app_context():
        reader = factories.seat(Role.LEAD if "lead" in barrier else Role.STAFF)
        kind = Sensitivity.RESTRICTED if barrier == "restricted" else Sensitivity.OPEN
        idea = factories.idea(sensitivity=kind)
        match = factories.match(idea, status=MatchStatus.QUESTION)
        question = Question(
            match=match,
            text=CANARY,
            language="en",
            asked_by_id=reader.user_id,
            asked_at=NOW,
        )
        db.session.add(question)
        if barrier != "restricted":
            declare(reader.user_id, idea.organisation_id)
        db.session.commit()
        ids = {"idea_id": idea.id, "match_id": match.id, "question_id": question.id}
        seat_id = reader.id
    client = sign_in(app, seat_id)
    ids |= {"section": "essence", "language": "en", "act": "release", "user_id": 1, "number": 1}
    data = {"version": "1", "key": "k", "value": "good", "text": "?", "reason": "capacity"}
    data |= {"note": "!", "answer": "!", "introduce-version": "1", "when": "now"}
    tried = 0
    for rule in app.url_map.iter_rules():
        hidden = rule.arguments & {"idea_id", "match_id", "question_id"}
        if not rule.endpoint.startswith("staff.") or not hidden:
            continue
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **{name: ids[name] for name in rule.arguments})
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = client.open(address, method=method, data=data if method == "POST" else None)
            wanted = {404} | ({403} if Role.STAFF not in ACCESS[rule.endpoint] else set())
            assert answer.status_code in wanted, (method, address)
            tried += 1
    assert tried > 40


def test_a_conflicted_hand_enters_no_idea_for_the_own_community(app, client_as):
    with app.app_context():
        reader, community = factories.seat(Role.STAFF), factories.organisation()
        declare(reader.user_id, community.id)
        db.session.commit()
        seat_id, community_id = reader.id, community.id
    data = {"organisation": community_id, "community": community_id, "title": "Є", "summary": "Є"}
    data |= {"key": "k", "title": CANARY}
    page = client_as(seat_id=seat_id).post("/staff/ideas/new", data=data)
    assert CANARY in page.get_data(as_text=True)
    assert page.status_code == 422
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Idea.id))) == 0


# Midnight in Kyiv


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (datetime(2026, 10, 25, 21, 59, tzinfo=UTC), datetime(2026, 10, 25, 22, 0, tzinfo=UTC)),
        (datetime(2027, 3, 28, 20, 59, tzinfo=UTC), datetime(2027, 3, 28, 21, 0, tzinfo=UTC)),
    ],
    ids=["the clocks went back that day", "the clocks went on that day"],
)
def test_a_call_closes_once_at_midnight_in_kyiv(app, clock, before, after):
    last_day = before.date()
    with app.app_context():
        author, donor = factories.seat(Role.EDITOR), factories.seat(Role.DONOR)
        call = factories.profile(
            donor.organisation,
            kind=ProfileKind.CALL,
            opens_on=last_day - timedelta(days=30),
            closes_on=last_day,
        )
        match_id = factories.match(factories.idea(author), call, status=MatchStatus.RELEASED).id
        db.session.commit()
    for moment, status, letters in (
        (before, MatchStatus.RELEASED, 0),
        (after, MatchStatus.LAPSED, 2),
        (after + timedelta(hours=1), MatchStatus.LAPSED, 2),
    ):
        clock.now = moment
        with app.app_context():
            outcomes.lapse_closed_calls(today=web_clock.today(), now=web_clock.now())
            db.session.commit()
        with app.app_context():
            assert db.session.get(Match, match_id).status is status
            assert db.session.scalar(sa.select(sa.func.count(Job.id))) == letters
