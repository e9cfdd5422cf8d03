"""The office's pages of donors, priorities, lists, people, letters and runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from matcher.extensions import db
from matcher.models.idea import Sensitivity
from matcher.models.job import Job, JobStatus
from matcher.models.match import ContactNote, Match, MatchRun, MatchStatus, RunStatus
from matcher.models.organisation import (
    ExchangeRate,
    Organisation,
    OrganisationKind,
    StrategyGoal,
    TerritoryStatus,
)
from matcher.models.profile import Profile, ProfileRevision, ProposalStatus
from matcher.models.user import AccessRequest, AccessRequestStatus, Conflict, Membership, Role
from matcher.services import outbox, profile_content, profiles
from tests import factories
from tests.factories import NOW

TODAY = date(2026, 11, 22)
ClientAs = Callable[..., Any]


def one(app: Flask, statement: sa.Select[Any]) -> Any:
    """Return one value from the database as it is after the request."""
    with app.app_context():
        return db.session.scalars(statement).one()


def count(app: Flask, model: Any) -> int:
    """Return how many rows there are."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    """Make a donor with a profile, a released pair and a proposal."""
    with app.app_context():
        seat = factories.seat(Role.DONOR)
        profile = factories.profile(seat.organisation)
        match = factories.match(profile_row=profile, status=MatchStatus.RELEASED)
        text = factories.release_text(match.idea)
        content = {**profile_content.content_of(profile), "title_en": "Safe water and heat"}
        waiting = profiles.propose(seat, profile.id, content, now=NOW, today=TODAY)
        found = {
            "donor": seat.organisation_id,
            "profile": profile.id,
            "match": match.id,
            "revision": waiting.id,
            "community": match.idea.organisation_id,
            "version": profile.version,
            "text": text.id,
        }
        db.session.commit()
    return found


# Donors


def test_the_list_finds_a_donor_by_a_part_of_its_name(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    with app.app_context():
        factories.organisation(OrganisationKind.DONOR, name_uk="Фонд світла")
        db.session.commit()
    page = client_as(Role.STAFF).get("/staff/donors?q=світла").text
    assert "Фонд світла" in page
    assert f"/staff/donors/{ids['donor']}" not in page


def test_nonsense_in_the_address_asks_for_nothing(client_as: ClientAs, ids: dict[str, int]) -> None:
    client = client_as(Role.STAFF)
    query = "?kind=x&sector=x&freshness=x&account=x&page=-5&view=x&raion=x&status=x"
    for path in ("donors", "calls", "communities", "letters", "access-requests", "rates"):
        assert client.get(f"/staff/{path}{query}").status_code == 200


def test_a_donor_is_entered_once_by_an_impatient_hand(app: Flask, client_as: ClientAs) -> None:
    client = client_as(Role.STAFF)
    data = {
        "key": "k1",
        "name_uk": "Фонд",
        "name_en": "Fund",
        "donor_kind": "INGO",
        "reads": "en",
    }
    for _ in range(2):
        assert client.post("/staff/donors/new", data=data).status_code == 302
    assert one(app, sa.select(Organisation.name_en).where(Organisation.name_uk == "Фонд")) == "Fund"


def test_a_donor_without_a_name_is_asked_for_one_and_the_rest_is_kept(
    app: Flask, client_as: ClientAs
) -> None:
    data = {"key": "k", "name_uk": "Фонд світла", "donor_kind": "INGO", "reads": "en"}
    answer = client_as(Role.STAFF).post("/staff/donors/new", data=data)
    assert answer.status_code == 422
    assert "Фонд світла" in answer.text
    bad = {**data, "name_en": "Fund", "source_url": "javascript:alert(1)"}
    assert client_as(Role.STAFF).post("/staff/donors/new", data=bad).status_code == 422


def test_two_people_edit_a_donor_and_the_second_sees_both_texts(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    client = client_as(Role.STAFF)
    version = one(app, sa.select(Organisation.version).where(Organisation.id == ids["donor"]))
    data = {"name_uk": "Перший", "name_en": "First", "donor_kind": "UN", "reads": "en"}
    data |= {"is_active": "y", "version": version}
    path = f"/staff/donors/{ids['donor']}/edit"
    assert client.post(path, data=data).status_code == 302
    answer = client.post(path, data={**data, "name_uk": "Другий"})
    assert answer.status_code == 409
    assert "Перший" in answer.text
    assert "Другий" in answer.text


def test_the_log_of_talks_is_written_and_ticked_off(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    client = client_as(Role.STAFF)
    path = f"/staff/donors/{ids['donor']}"
    data = {"key": "k", "on": "20.11.2026", "channel": "phone", "said": "Чекають на таблицю."}
    step = {**data, "next_step": "Надіслати таблицю"}
    refused = client.post(f"{path}/notes", data=step)
    assert refused.status_code == 422
    assert "Надіслати таблицю" in refused.text
    sent = {**step, "due_on": "25.11.2026"}
    for _ in range(2):
        assert client.post(f"{path}/notes", data=sent).status_code == 302
    note = one(app, sa.select(ContactNote))
    assert (note.on, note.due_on) == (date(2026, 11, 20), date(2026, 11, 25))
    assert "Надіслати таблицю" in client.get(path).text
    assert client.post(f"{path}/notes/{note.id}/done").status_code == 302
    assert client.post(f"{path}/notes/{note.id}/done").status_code == 409


def test_a_briefing_pack_shows_release_texts_and_nothing_else(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    with app.app_context():
        foreign = factories.match(status=MatchStatus.RELEASED)
        foreign.idea.title = "Чужа ідея"
        factories.release_text(foreign.idea, title="A foreign idea")
        match = db.session.get(Match, ids["match"])
        match.idea.problem = "канарка-проблема"
        match.idea.created_by.name = "канарка-людина"
        foreign_id = foreign.id
        db.session.commit()
    path = f"/staff/donors/{ids['donor']}/briefing"
    client = client_as(Role.STAFF)
    assert client.get(path).status_code == 200
    page = client.get(f"{path}?match_id={ids['match']}&match_id={foreign_id}&match_id=x").text
    assert "A new well for the hospital" in page
    assert "foreign" not in page
    assert "канарка" not in page


def test_a_declared_interest_hides_the_donors_pages(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    with app.app_context():
        seat = factories.seat(Role.LEAD)
        conflict = Conflict(
            user_id=seat.user_id,
            organisation_id=ids["donor"],
            declared_by_id=seat.user_id,
            created_at=NOW,
        )
        factories.add(conflict)
        seat_id = seat.id
        db.session.commit()
    client = client_as(seat_id=seat_id)
    donor, profile = f"/staff/donors/{ids['donor']}", f"/staff/profiles/{ids['profile']}"
    for path in (donor, f"{donor}/edit", f"{donor}/briefing", profile, f"{profile}/edit"):
        assert client.get(path).status_code == 404
    assert "Safe water" not in client.get("/staff/calls").text
    act = f"{profile}/proposals/{ids['revision']}"
    assert client.post(act, data={"decision": "verified"}).status_code == 404


# Priorities and calls


def call_data(**changes: str) -> dict[str, str]:
    """Return what somebody types for a call."""
    return {
        "key": "k1",
        "title_en": "Water for hospitals",
        "text_en": "Wells, pumps and water networks of hospitals.",
        "sectors": "140",
        "amount_min": "20 тис. євро",
        "amount_max": "150 000 EUR",
        "own_share_min_pct": "12,5",
        "opens_on": "01.11.2026",
        "closes_on": "31 грудня 2026",
        **changes,
    }


def test_a_call_is_entered_as_people_type_and_ranked_at_once(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    path = f"/staff/donors/{ids['donor']}/profiles/new?kind=call"
    client = client_as(Role.STAFF)
    assert client.get(path).status_code == 200
    for _ in range(2):
        assert client.post(path, data=call_data()).status_code == 302
    call = one(app, sa.select(Profile).where(Profile.title_en == "Water for hospitals"))
    assert (call.amount_min, call.amount_max, call.currency) == (20000, 150000, "EUR")
    assert (call.closes_on, call.verified_on) == (date(2026, 12, 31), TODAY)
    with app.app_context():
        suggested = sa.select(Match.status).where(Match.profile_id == call.id)
        assert db.session.scalars(suggested).all() == [MatchStatus.SUGGESTED]


@pytest.mark.parametrize(
    "changes",
    [
        {"title_en": ""},
        {"text_en": ""},
        {"amount_min": "багато"},
        {"amount_min": "200 тис. євро"},
        {"amount_min": "20 тис. грн"},
        {"closes_on": "01.10.2026"},
        {"closes_on": "колись"},
        {"sectors_excluded": "140"},
        {"sectors": "999"},
        {"source_url": "ftp://x"},
    ],
)
def test_a_call_that_cannot_be_is_asked_about_and_the_text_is_kept(
    app: Flask, client_as: ClientAs, ids: dict[str, int], changes: dict[str, str]
) -> None:
    path = f"/staff/donors/{ids['donor']}/profiles/new?kind=call"
    answer = client_as(Role.STAFF).post(path, data=call_data(**changes))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "31 грудня 2026" in answer.text or "closes_on" in changes
    assert count(app, Profile) == 1


def test_the_office_edits_a_profile_and_a_stale_copy_is_refused(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    path = f"/staff/profiles/{ids['profile']}/edit"
    client = client_as(Role.STAFF)
    assert client.get(path).status_code == 200
    data = {"title_en": "Heat", "text_en": "Boilers for schools.", "version": ids["version"]}
    assert client.post(path, data=data).status_code == 302
    profile = one(app, sa.select(Profile))
    assert (profile.title_en, profile.revision) == ("Heat", 3)
    answer = client.post(path, data={**data, "title_en": "Light"})
    assert answer.status_code == 409
    assert "Light" in answer.text
    assert "Heat" in answer.text
    assert one(app, sa.select(Profile.title_en)) == "Heat"


def test_a_code_of_another_level_survives_an_edit(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    oblast = "UA59000000000018973"
    with app.app_context():
        profile = db.session.get(Profile, ids["profile"])
        profile.territories = [oblast]
        db.session.commit()
        version = profile.version
    data = {"title_en": "Heat", "text_en": "Boilers.", "version": version}
    client_as(Role.STAFF).post(f"/staff/profiles/{ids['profile']}/edit", data=data)
    assert one(app, sa.select(Profile.territories)) == [oblast]


def test_a_proposal_is_shown_with_both_wordings_and_put_in_force(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    client = client_as(Role.STAFF)
    page = client.get(f"/staff/profiles/{ids['profile']}").text
    assert "Safe water and heat" in page
    act = f"/staff/profiles/{ids['profile']}/proposals/{ids['revision']}"
    assert client.post(act, data={}).status_code == 422
    assert client.post(act, data={"decision": "declined"}).status_code == 422
    assert client.post(act, data={"decision": "verified"}).status_code == 302
    assert one(app, sa.select(Profile.title_en)) == "Safe water and heat"
    assert client.post(act, data={"decision": "verified"}).status_code == 409


def test_a_proposal_under_another_profile_is_no_page(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    with app.app_context():
        other = factories.profile().id
        db.session.commit()
    act = f"/staff/profiles/{other}/proposals/{ids['revision']}"
    assert client_as(Role.STAFF).post(act, data={"decision": "verified"}).status_code == 404
    statement = sa.select(ProfileRevision.status).where(ProfileRevision.id == ids["revision"])
    assert one(app, statement) is ProposalStatus.PROPOSED


def test_verifying_and_ending_need_the_version_that_was_seen(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    client, path = client_as(Role.STAFF), f"/staff/profiles/{ids['profile']}"
    for act in ("verify", "end"):
        assert client.post(f"{path}/{act}").status_code == 409
    assert client.post(f"{path}/verify", data={"version": ids["version"]}).status_code == 302
    seen = one(app, sa.select(Profile.version))
    assert client.post(f"{path}/end", data={"version": seen}).status_code == 302
    assert one(app, sa.select(Profile.ended))
    assert one(app, sa.select(Match.status)) is MatchStatus.LAPSED
    assert client.get(path).status_code == 200
    assert client.post(f"{path}/end", data={"version": seen + 1}).status_code == 409


# Lists


def test_a_communitys_sign_off_is_switched_on(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    path = f"/staff/communities/{ids['community']}"
    client = client_as(Role.STAFF)
    assert client.get(path).status_code == 200
    data = {"needs_signoff": "y", "is_active": "y", "version": 1}
    assert client.post(path, data=data).status_code == 302
    chosen = sa.select(Organisation.needs_signoff).where(Organisation.id == ids["community"])
    assert one(app, chosen)
    assert client.post(path, data={**data, "needs_signoff": ""}).status_code == 409
    assert client.get(f"/staff/communities/{ids['donor']}").status_code == 404


def test_a_rate_is_entered_with_a_comma_and_corrected(app: Flask, client_as: ClientAs) -> None:
    client = client_as(Role.STAFF)
    data = {"currency": "EUR", "uah": "48,7412", "day": "22.11.2026"}
    for rate in ("47,9", "48,7412"):
        assert client.post("/staff/rates", data={**data, "uah": rate}).status_code == 302
    assert str(one(app, sa.select(ExchangeRate.uah))) == "48.7412"
    for wrong in ({"uah": "487412"}, {"uah": "x"}, {"day": "23.11.2026"}, {"currency": "UAH"}):
        assert client.post("/staff/rates", data={**data, **wrong}).status_code == 422


def test_a_goal_is_added_and_taken_out_of_use(app: Flask, client_as: ClientAs) -> None:
    client = client_as(Role.STAFF)
    data = {"list_code": "SUMY", "code": "A1", "text_uk": "Вода", "text_en": "Water"}
    assert client.post("/staff/goals", data={**data, "is_active": "y"}).status_code == 302
    again = client.post("/staff/goals", data={**data, "is_active": "y"})
    assert again.status_code == 422
    goal = one(app, sa.select(StrategyGoal))
    assert client.post(f"/staff/goals/{goal.id}", data=data).status_code == 302
    assert not one(app, sa.select(StrategyGoal.is_active))


def test_a_lead_keeps_the_territory_list_and_staff_read_it(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    lead, staff = client_as(Role.LEAD), client_as(Role.STAFF)
    data = {
        "katottg": "UA59080000000021865",
        "status": "active_hostilities",
        "valid_from": "01.11.2026",
        "source": "Наказ № 1",
    }
    path = "/staff/territories/new"
    assert staff.post(path, data=data).status_code == 403
    assert lead.post(path, data={**data, "source": ""}).status_code == 422
    assert lead.post(path, data=data).status_code == 302
    assert lead.post(path, data=data).status_code == 422
    page = staff.get("/staff/territories").text
    assert "Сумський район" in page
    assert f"/staff/matches/{ids['match']}" in page
    entry = one(app, sa.select(TerritoryStatus))
    end = f"/staff/territories/{entry.id}/end"
    assert staff.get(end).status_code == 403
    assert lead.post(end, data={"valid_to": "01.10.2026"}).status_code == 422
    assert lead.post(end, data={"valid_to": "21.11.2026"}).status_code == 302
    assert lead.get("/staff/territories/999/end").status_code == 404


# People


@pytest.fixture
def request_id(app: Flask) -> int:
    """Make a request for an account whose organisation is written in words."""
    with app.app_context():
        row = factories.add(
            AccessRequest(
                email="new@demo.example",
                name="Нова Людина",
                post="спеціаліст",
                language="uk",
                role=Role.EDITOR,
                organisation_name="Наша громада",
                created_at=NOW,
            )
        )
        found = row.id
        db.session.commit()
    return found


def test_a_request_is_confirmed_for_a_chosen_organisation(
    app: Flask, client_as: ClientAs, ids: dict[str, int], request_id: int
) -> None:
    client, path = client_as(Role.STAFF), f"/staff/access-requests/{request_id}"
    assert "Нова Людина" in client.get("/staff/access-requests").text
    unnamed = client.post(path, data={"decision": "confirm", "role": "editor"})
    assert unnamed.status_code == 422
    data = {"decision": "confirm", "role": "editor", "organisation_id": ids["community"]}
    done = client.post(path, data=data)
    assert done.status_code == 200
    assert "/auth/invitation/" in done.text
    assert one(app, sa.select(AccessRequest.status)) is AccessRequestStatus.CONFIRMED
    assert client.post(path, data=data).status_code == 409


def test_a_request_is_declined_without_a_letter(
    app: Flask, client_as: ClientAs, request_id: int
) -> None:
    client = client_as(Role.STAFF)
    before = count(app, Job)
    data = {"decision": "decline", "role": "editor"}
    assert client.post(f"/staff/access-requests/{request_id}", data=data).status_code == 302
    assert one(app, sa.select(AccessRequest.status)) is AccessRequestStatus.DECLINED
    assert count(app, Job) == before
    assert client.get("/staff/access-requests?status=declined").status_code == 200


def test_staff_invite_outside_people_and_leads_also_colleagues(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    data = {
        "role": "donor",
        "organisation_id": ids["donor"],
        "name": "Somebody",
        "email": "some@donor.example",
        "language": "en",
    }
    path = "/staff/people/invite"
    staff = client_as(Role.STAFF)
    done = staff.post(path, data=data)
    assert done.status_code == 200
    assert "/auth/invitation/" in done.text
    wrong = staff.post(path, data={**data, "role": "editor", "email": "x@donor.example"})
    assert wrong.status_code == 422
    with app.app_context():
        office = factories.office().id
        db.session.commit()
    colleague = {**data, "role": "staff", "organisation_id": office, "email": "new@o.example"}
    assert staff.post(path, data=colleague).status_code == 422
    lead = client_as(Role.LEAD)
    answer = lead.post(path, data=colleague)
    assert answer.status_code == 302, "no link to an office seat is ever shown"
    with app.app_context():
        seats = (
            sa.select(Membership.role)
            .join(Membership.user)
            .where(Membership.organisation_id == office)
        )
        assert Role.STAFF in db.session.scalars(seats).all()


def test_an_interest_is_declared_and_ended_by_another_lead(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    with app.app_context():
        seat = factories.seat(Role.STAFF)
        seat_id, user_id = seat.id, seat.user_id
        db.session.commit()
    staff, lead = client_as(seat_id=seat_id), client_as(Role.LEAD)
    data = {"organisation_id": ids["donor"], "note": "Родич"}
    assert staff.post("/staff/conflicts", data=data).status_code == 302
    assert staff.post("/staff/conflicts", data=data).status_code == 422
    assert staff.post("/staff/conflicts", data={}).status_code == 422
    conflict = one(app, sa.select(Conflict))
    assert conflict.user_id == user_id
    end = f"/staff/conflicts/{conflict.id}/end"
    assert staff.post(end).status_code == 403
    assert "Родич" in lead.get("/staff/conflicts").text
    assert lead.post(end).status_code == 302
    named = {**data, "user_id": user_id}
    assert lead.post("/staff/conflicts", data=named).status_code == 302


# Letters and runs


def test_letters_are_listed_read_and_tried_again(
    app: Flask, client_as: ClientAs, ids: dict[str, int]
) -> None:
    with app.app_context():
        idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
        person = factories.user(name="Канарка")
        hidden = outbox.queue_letter("idea_stale", [person], now=NOW, subject={"idea_id": idea.id})
        failed = outbox.queue_letter(
            "match_released", [factories.user()], now=NOW, subject={"match_id": ids["match"]}
        )
        failed[0].status, failed[0].error = JobStatus.FAILED, "smtp 550"
        db.session.flush()
        hidden_id, failed_id = hidden[0].id, failed[0].id
        folder = app.config["INSTANCE_PATH"] / "outbox"
        folder.mkdir()
        text = "Subject: Hello\nTo: a@b.example\n\nhttps://x.example/a/" + "s" * 43 + "\n"
        (folder / f"{failed_id}.eml").write_text(text)
        db.session.commit()
    client = client_as(Role.STAFF)
    page = client.get("/staff/letters?status=failed").text
    assert "smtp 550" in page
    assert "Канарка" not in client.get("/staff/letters").text
    assert client.get(f"/staff/letters/{hidden_id}").status_code == 404
    letter = client.get(f"/staff/letters/{failed_id}").text
    assert "Hello" in letter
    assert "s" * 43 not in letter
    assert client.post(f"/staff/letters/{failed_id}/retry").status_code == 302
    assert client.post(f"/staff/letters/{failed_id}/retry").status_code == 409
    assert client.get("/staff/letters/999999").status_code == 404


def test_a_run_is_queued_once_watched_and_stopped(app: Flask, client_as: ClientAs) -> None:
    client = client_as(Role.STAFF)
    for _ in range(2):
        assert client.post("/staff/runs/start").status_code == 302
    run = one(app, sa.select(MatchRun))
    with app.app_context():
        row = db.session.get(MatchRun, run.id)
        row.status, row.done, row.total = RunStatus.RUNNING, 3, 9
        db.session.commit()
    assert '<progress id="progress" value="3" max="9"' in client.get("/staff/runs").text
    assert client.post(f"/staff/runs/{run.id}/cancel").status_code == 302
    assert one(app, sa.select(MatchRun.cancel_asked))
    assert client.post("/staff/runs/999/cancel").status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_nobody_else_opens_these_pages(
    client_as: ClientAs, ids: dict[str, int], role: Role
) -> None:
    client = client_as(role)
    for path in ("donors", f"donors/{ids['donor']}", f"profiles/{ids['profile']}", "letters"):
        assert client.get(f"/staff/{path}").status_code == 403
