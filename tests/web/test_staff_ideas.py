"""The office's pages on ideas: today, the list, one idea, its acts, release texts, restricted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.codes import Language, Reason
from matcher.models.idea import (
    AcceptedMark,
    ChangeRequest,
    Clearance,
    Idea,
    IdeaStatus,
    ReleaseText,
    Section,
    Sensitivity,
)
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import Settlement
from matcher.models.user import Conflict, OneTimeLink, Role
from tests import factories

MakeClient = Callable[..., FlaskClient]


def make(app: Flask, build: Callable[[], Any]) -> int:
    """Build a row and return its id."""
    with app.app_context():
        row_id = int(build().id)
        db.session.commit()
        return row_id


def read(app: Flask, kind: type, row_id: int, *names: str) -> Any:
    """Return columns of a stored row."""
    with app.app_context():
        row = db.session.get(kind, row_id)
        values = tuple(getattr(row, name) for name in names)
        return values[0] if len(values) == 1 else values


def submitted(app: Flask, **values: Any) -> int:
    """Make a submission."""
    return make(app, lambda: factories.idea(**{"status": IdeaStatus.SUBMITTED, **values}))


def published(app: Flask, **values: Any) -> int:
    """Make a published idea."""
    return make(app, lambda: factories.idea(**values))


def version_of(app: Flask, idea_id: int) -> int:
    """Return the version a reader sees now."""
    return int(read(app, Idea, idea_id, "version"))


@pytest.fixture
def staff(client_as: MakeClient) -> FlaskClient:
    """Return a client of a member of staff."""
    return client_as(Role.STAFF)


@pytest.fixture
def lead(client_as: MakeClient) -> FlaskClient:
    """Return a client of the lead."""
    return client_as(Role.LEAD)


# Today


def test_today_says_when_nothing_waits(staff: FlaskClient) -> None:
    page = staff.get("/staff/").get_data(as_text=True)
    assert 'class="empty"' in page
    assert "/staff/queue?view" not in page


def test_today_names_what_waits_with_its_count(app: Flask, staff: FlaskClient) -> None:
    submitted(app, title="Дах для клубу")
    make(app, lambda: factories.match(status=MatchStatus.INTERESTED))
    page = staff.get("/staff/").get_data(as_text=True)
    assert "Дах для клубу" in page
    assert "/staff/ideas?status=submitted" in page
    assert "/staff/queue?view=answers" in page


def test_today_counts_nothing_of_a_restricted_idea_for_staff(
    app: Flask, staff: FlaskClient
) -> None:
    before = staff.get("/staff/").get_data(as_text=True)
    submitted(app, title="Сховище", sensitivity=Sensitivity.RESTRICTED)
    assert staff.get("/staff/").get_data(as_text=True) == before


def test_the_lead_sees_the_restricted_idea_today(app: Flask, lead: FlaskClient) -> None:
    submitted(app, title="Сховище", sensitivity=Sensitivity.RESTRICTED)
    assert "Сховище" in lead.get("/staff/").get_data(as_text=True)


# The list


def test_the_list_filters_by_state_class_sector_and_words(app: Flask, staff: FlaskClient) -> None:
    submitted(app, title="Дах для клубу", sector="160", sensitivity=Sensitivity.OPEN)
    published(app, title="Насос для лікарні", sector="140")
    for query, there, away in (
        ("status=submitted", "Дах для клубу", "Насос для лікарні"),
        ("sector=140", "Насос для лікарні", "Дах для клубу"),
        ("sensitivity=open", "Дах для клубу", "Насос для лікарні"),
        ("q=НАСОС", "Насос для лікарні", "Дах для клубу"),
        ("q=насос+лікарні", "Насос для лікарні", "Дах для клубу"),
    ):
        page = staff.get(f"/staff/ideas?{query}").get_data(as_text=True)
        assert there in page, query
        assert away not in page, query


def test_the_list_filters_by_community(app: Flask, staff: FlaskClient) -> None:
    idea_id = published(app, title="Насос для лікарні")
    published(app, title="Дах для клубу")
    community = read(app, Idea, idea_id, "organisation_id")
    page = staff.get(f"/staff/ideas?community={community}").get_data(as_text=True)
    assert "Насос для лікарні" in page
    assert "Дах для клубу" not in page


@pytest.mark.parametrize(
    "query", ["status=nonsense", "page=-3", "page=x", "sort=nonsense", "q=%25_"]
)
def test_a_senseless_address_is_still_a_list(app: Flask, staff: FlaskClient, query: str) -> None:
    published(app)
    assert staff.get(f"/staff/ideas?{query}").status_code == 200


def test_the_list_is_cut_into_pages_of_25(app: Flask, staff: FlaskClient) -> None:
    with app.app_context():
        author = factories.seat(Role.EDITOR)
        for number in range(27):
            factories.idea(author, title=f"Ідея {number:02d}")
        db.session.commit()
    first = staff.get("/staff/ideas?sort=title").get_data(as_text=True)
    second = staff.get("/staff/ideas?sort=title&page=2").get_data(as_text=True)
    assert "Ідея 24" in first
    assert "Ідея 25" not in first
    assert "Ідея 26" in second


def test_sorting_turns_round(app: Flask, staff: FlaskClient) -> None:
    published(app, title="Абетка")
    published(app, title="Ярмарок")
    up = staff.get("/staff/ideas?sort=title").get_data(as_text=True)
    down = staff.get("/staff/ideas?sort=-title").get_data(as_text=True)
    assert up.index("Абетка") < up.index("Ярмарок")
    assert down.index("Ярмарок") < down.index("Абетка")


def test_drafts_of_communities_are_not_listed(app: Flask, staff: FlaskClient) -> None:
    make(app, lambda: factories.idea(status=IdeaStatus.DRAFT, title="Чернетка"))
    assert "Чернетка" not in staff.get("/staff/ideas").get_data(as_text=True)


# One idea


def test_an_idea_shows_text_places_pairs_and_acts(app: Flask, staff: FlaskClient) -> None:
    with app.app_context():
        match = factories.match()
        match.idea.summary_en = "The roof of School No. 5 leaks."
        match.idea.status = IdeaStatus.PUBLISHED
        idea_id, match_id = match.idea_id, match.id
        db.session.commit()
    page = staff.get(f"/staff/ideas/{idea_id}").get_data(as_text=True)
    assert "<mark>School No. 5" in page
    assert f"/staff/matches/{match_id}" in page
    assert f"/staff/ideas/{idea_id}/archive" in page


def test_the_revisions_show_what_changed(app: Flask, staff: FlaskClient) -> None:
    with app.app_context():
        author = factories.seat(Role.EDITOR)
        idea = factories.idea(author, problem="Старий опис.")
        idea.problem, idea.revision = "Новий опис.", 2
        factories.snapshot(idea, author)
        idea_id = idea.id
        db.session.commit()
    page = staff.get(f"/staff/ideas/{idea_id}").get_data(as_text=True)
    assert "Старий опис." in page


def test_a_restricted_idea_is_no_page_for_staff_without_a_name_on_it(
    app: Flask, staff: FlaskClient, lead: FlaskClient
) -> None:
    idea_id = submitted(app, sensitivity=Sensitivity.RESTRICTED)
    missing = staff.get("/staff/ideas/99999")
    hidden = staff.get(f"/staff/ideas/{idea_id}")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert lead.get(f"/staff/ideas/{idea_id}").status_code == 200


def test_a_person_with_an_interest_finds_no_page(app: Flask, client_as: MakeClient) -> None:
    idea_id = submitted(app)
    with app.app_context():
        seat = factories.seat(Role.LEAD)
        idea = db.session.get(Idea, idea_id)
        factories.add(
            Conflict(
                user=seat.user,
                organisation=idea.organisation,
                declared_by_id=seat.user_id,
                created_at=factories.NOW,
            )
        )
        seat_id = seat.id
        db.session.commit()
    client = client_as(seat_id=seat_id)
    assert client.get(f"/staff/ideas/{idea_id}").status_code == 404
    assert client.get(f"/staff/ideas/{idea_id}/reject").status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
@pytest.mark.parametrize("path", ["/staff/", "/staff/ideas", "/staff/ideas/1", "/staff/restricted"])
def test_others_are_not_let_in(client_as: MakeClient, role: Role, path: str) -> None:
    assert client_as(role).get(path).status_code == 403


# The check


def test_the_check_begins_once(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    form = {"version": version_of(app, idea_id)}
    assert staff.post(f"/staff/ideas/{idea_id}/open", data=form).status_code == 302
    assert read(app, Idea, idea_id, "opened_at") == factories.NOW
    assert staff.post(f"/staff/ideas/{idea_id}/open", data=form).status_code == 409


def test_publishing_ranks_at_once(app: Flask, staff: FlaskClient) -> None:
    with app.app_context():
        factories.profile()
        idea = factories.idea(status=IdeaStatus.SUBMITTED)
        factories.release_text(idea)
        idea_id = idea.id
        db.session.commit()
    form = {"version": version_of(app, idea_id)}
    assert staff.post(f"/staff/ideas/{idea_id}/publish", data=form).status_code == 302
    assert read(app, Idea, idea_id, "status") is IdeaStatus.PUBLISHED
    with app.app_context():
        pairs = db.session.scalars(sa.select(Match).where(Match.idea_id == idea_id)).all()
        assert [pair.status for pair in pairs] == [MatchStatus.SUGGESTED]


def test_publishing_without_a_release_text_leads_to_writing_it(
    app: Flask, staff: FlaskClient
) -> None:
    idea_id = submitted(app)
    answer = staff.post(
        f"/staff/ideas/{idea_id}/publish", data={"version": version_of(app, idea_id)}
    )
    assert answer.headers["Location"].endswith(f"/staff/ideas/{idea_id}/release-text/en")
    assert read(app, Idea, idea_id, "status") is IdeaStatus.SUBMITTED


def test_a_second_publication_is_refused(app: Flask, staff: FlaskClient) -> None:
    idea_id = published(app)
    answer = staff.post(
        f"/staff/ideas/{idea_id}/publish", data={"version": version_of(app, idea_id)}
    )
    assert answer.status_code == 409


def test_a_button_without_its_version_is_refused(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    assert staff.post(f"/staff/ideas/{idea_id}/open").status_code == 409


def test_a_return_names_sections_and_words(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    form = {"version": version_of(app, idea_id), "budget": "Яка власна частка?"}
    assert staff.get(f"/staff/ideas/{idea_id}/return").status_code == 200
    assert staff.post(f"/staff/ideas/{idea_id}/return", data=form).status_code == 302
    with app.app_context():
        row = db.session.scalars(sa.select(ChangeRequest)).one()
        assert (row.section, row.note) == (Section.BUDGET, "Яка власна частка?")


def test_an_empty_return_is_shown_again(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    answer = staff.post(
        f"/staff/ideas/{idea_id}/return", data={"version": version_of(app, idea_id)}
    )
    assert answer.status_code == 422
    assert read(app, Idea, idea_id, "status") is IdeaStatus.SUBMITTED


def test_words_that_come_too_late_are_kept(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    seen = version_of(app, idea_id)
    with app.app_context():
        db.session.get(Idea, idea_id).beneficiaries = 5
        db.session.commit()
    form = {"version": seen, "budget": "Яка власна частка?"}
    answer = staff.post(f"/staff/ideas/{idea_id}/return", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Яка власна частка?" in page
    assert f'name="version" type="hidden" value="{version_of(app, idea_id)}"' in page
    form["version"] = version_of(app, idea_id)
    assert staff.post(f"/staff/ideas/{idea_id}/return", data=form).status_code == 302


def test_a_rejection_needs_a_reason_and_other_needs_words(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    path, form = f"/staff/ideas/{idea_id}/reject", {"version": version_of(app, idea_id)}
    assert staff.post(path, data=form).status_code == 422
    assert staff.post(path, data=form | {"reason": Reason.OTHER}).status_code == 422
    assert staff.post(path, data=form | {"reason": "nonsense"}).status_code == 422
    assert staff.post(path, data=form | {"reason": Reason.NOT_READY}).status_code == 302
    assert read(app, Idea, idea_id, "reason") is Reason.NOT_READY


@pytest.mark.parametrize("act", ["return", "reject"])
def test_a_published_idea_is_not_checked_again(app: Flask, staff: FlaskClient, act: str) -> None:
    assert staff.get(f"/staff/ideas/{published(app)}/{act}").status_code == 409


# Afterwards


def test_an_idea_is_held_and_comes_back(app: Flask, staff: FlaskClient) -> None:
    idea_id = published(app)
    form = {"version": version_of(app, idea_id), "note": "Чекаємо на рішення ради."}
    assert staff.post(f"/staff/ideas/{idea_id}/hold", data=form).status_code == 302
    assert read(app, Idea, idea_id, "status") is IdeaStatus.ON_HOLD
    again = {"version": version_of(app, idea_id)}
    assert staff.post(f"/staff/ideas/{idea_id}/resume", data=again).status_code == 302
    assert read(app, Idea, idea_id, "status") is IdeaStatus.PUBLISHED


def test_archiving_asks_for_the_reason(app: Flask, staff: FlaskClient) -> None:
    idea_id = published(app)
    path, form = f"/staff/ideas/{idea_id}/archive", {"version": version_of(app, idea_id)}
    assert staff.get(path).status_code == 200
    assert staff.post(path, data=form).status_code == 422
    assert staff.post(path, data=form | {"reason": Reason.ALREADY_FUNDED}).status_code == 302
    assert read(app, Idea, idea_id, "status") is IdeaStatus.ARCHIVED


def test_a_duplicate_is_joined_by_its_number(app: Flask, staff: FlaskClient) -> None:
    first, second = published(app), published(app)
    code = read(app, Idea, second, "code")
    form = {"version": version_of(app, first), "into": f" {code} "}
    assert staff.get(f"/staff/ideas/{first}/merge").status_code == 200
    assert staff.post(f"/staff/ideas/{first}/merge", data=form).status_code == 302
    assert read(app, Idea, first, "status", "reason_note") == (IdeaStatus.ARCHIVED, code)


@pytest.mark.parametrize("code", ["", "2026-99999", "own", "closed"])
def test_a_wrong_number_is_shown_again(app: Flask, staff: FlaskClient, code: str) -> None:
    idea_id = published(app, code="own")
    published(app, code="closed", status=IdeaStatus.ARCHIVED)
    form = {"version": version_of(app, idea_id), "into": code}
    answer = staff.post(f"/staff/ideas/{idea_id}/merge", data=form)
    assert answer.status_code == 422
    assert read(app, Idea, idea_id, "status") is IdeaStatus.PUBLISHED


def test_leads_withdraw_for_a_community(app: Flask, staff: FlaskClient, lead: FlaskClient) -> None:
    idea_id = published(app)
    form = {"version": version_of(app, idea_id), "note": "Громада просить листом."}
    assert staff.post(f"/staff/ideas/{idea_id}/withdraw", data=form).status_code == 403
    assert lead.post(f"/staff/ideas/{idea_id}/withdraw", data=form).status_code == 302
    assert read(app, Idea, idea_id, "status") is IdeaStatus.WITHDRAWN


def test_the_head_is_asked_by_a_link(app: Flask, staff: FlaskClient) -> None:
    idea_id = published(app)
    path = f"/staff/ideas/{idea_id}/send-confirmation"
    assert staff.post(path).status_code == 302
    with app.app_context():
        assert db.session.scalars(sa.select(OneTimeLink)).all() == []
        factories.seat(Role.HEAD, db.session.get(Idea, idea_id).organisation)
        db.session.commit()
    assert staff.post(path).status_code == 302
    with app.app_context():
        assert db.session.scalars(sa.select(OneTimeLink.subject_id)).all() == [idea_id]


# On behalf


def test_an_idea_is_entered_for_a_community(app: Flask, staff: FlaskClient) -> None:
    community = make(app, factories.organisation)
    form = {"community": community, "title": "Дах клубу", "summary": "Протікає.", "key": "k1"}
    for _twice in range(2):
        assert staff.post("/staff/ideas/new", data=form).status_code == 302
    with app.app_context():
        idea = db.session.scalars(sa.select(Idea)).one()
        assert (idea.organisation_id, idea.entered_by_office) == (community, True)
        idea_id = idea.id
    assert staff.get(f"/staff/ideas/{idea_id}").status_code == 200


def test_the_same_form_with_other_words_shows_both(app: Flask, staff: FlaskClient) -> None:
    community = make(app, factories.organisation)
    form = {"community": community, "title": "Дах клубу", "summary": "Протікає.", "key": "k1"}
    staff.post("/staff/ideas/new", data=form)
    answer = staff.post("/staff/ideas/new", data=form | {"title": "Стіни клубу"})
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Дах клубу" in page
    assert "Стіни клубу" in page


def test_an_entry_without_a_title_keeps_the_rest(app: Flask, staff: FlaskClient) -> None:
    community = make(app, factories.organisation)
    form = {"community": community, "title": "", "summary": "Протікає дах.", "key": "k1"}
    answer = staff.post("/staff/ideas/new", data=form)
    assert answer.status_code == 422
    assert "Протікає дах." in answer.get_data(as_text=True)


def draft_of_the_office(app: Flask, **values: Any) -> int:
    """Make a draft that the office entered."""
    defaults = {"status": IdeaStatus.DRAFT, "entered_by_office": True, "revision": 0}
    return make(app, lambda: factories.idea(**{**defaults, **values}))


def test_the_office_fills_and_submits_what_it_entered(app: Flask, staff: FlaskClient) -> None:
    idea_id = draft_of_the_office(app)
    path = f"/staff/ideas/{idea_id}/budget/edit"
    assert staff.get(path).status_code == 200
    form = {"version": version_of(app, idea_id), "amount": "90 тис. євро"}
    assert staff.post(path, data=form).status_code == 302
    assert read(app, Idea, idea_id, "amount") == 90000
    again = {"version": version_of(app, idea_id)}
    assert staff.post(f"/staff/ideas/{idea_id}/submit", data=again).status_code == 302
    assert read(app, Idea, idea_id, "status") is IdeaStatus.SUBMITTED


def test_an_unfinished_draft_is_not_submitted(app: Flask, staff: FlaskClient) -> None:
    idea_id = draft_of_the_office(app, problem="")
    form = {"version": version_of(app, idea_id)}
    assert staff.post(f"/staff/ideas/{idea_id}/submit", data=form).status_code == 302
    assert read(app, Idea, idea_id, "status") is IdeaStatus.DRAFT


def test_an_idea_of_a_community_is_not_the_offices_to_write(app: Flask, staff: FlaskClient) -> None:
    assert staff.get(f"/staff/ideas/{published(app)}/budget/edit").status_code == 403


def test_an_unknown_section_is_no_page(app: Flask, staff: FlaskClient) -> None:
    assert staff.get(f"/staff/ideas/{draft_of_the_office(app)}/nonsense/edit").status_code == 404


def test_two_texts_of_one_section_are_both_shown(app: Flask, staff: FlaskClient) -> None:
    idea_id = draft_of_the_office(app)
    form = {"version": version_of(app, idea_id), "seen": "old", "duration_months": "9 місяців"}
    with app.app_context():
        db.session.get(Idea, idea_id).duration_months = 11
        db.session.commit()
    answer = staff.post(f"/staff/ideas/{idea_id}/budget/edit", data=form)
    assert answer.status_code == 409
    assert "9 місяців" in answer.get_data(as_text=True)
    assert read(app, Idea, idea_id, "duration_months") == 11


# Release texts


TEXT = {"title": "A roof for the club", "summary": "The club has no roof.", "seen": ""}


def test_the_communitys_words_stand_in_the_form(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    page = staff.get(f"/staff/ideas/{idea_id}/release-text/en").get_data(as_text=True)
    assert 'value="A new well for the hospital"' in page
    assert "Нова свердловина для лікарні" in page


def test_a_clean_text_is_confirmed(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    answer = staff.post(f"/staff/ideas/{idea_id}/release-text/en", data=TEXT | {"act": "confirm"})
    assert answer.status_code == 302
    with app.app_context():
        text = db.session.scalars(sa.select(ReleaseText)).one()
        assert (text.language, text.reviewed_at) == (Language.EN, factories.NOW)


def test_a_marked_place_is_asked_about_and_nothing_is_lost(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    path = f"/staff/ideas/{idea_id}/release-text/en"
    form = TEXT | {"summary": "School No. 5 has no roof.", "act": "confirm"}
    answer = staff.post(path, data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "School No. 5 has no roof." in page
    name = page.split('name="reason-')[1].split('"')[0]
    accepted = form | {f"reason-{name}": "There is one school only."}
    assert staff.post(path, data=accepted).status_code == 302
    with app.app_context():
        row = db.session.scalars(sa.select(AcceptedMark)).one()
        assert (row.fragment, row.reason) == ("School No. 5", "There is one school only.")


def test_a_settlement_of_the_list_is_marked(app: Flask, staff: FlaskClient) -> None:
    with app.app_context():
        idea = factories.idea(status=IdeaStatus.SUBMITTED)
        factories.add(
            Settlement(
                katottg="UA59000000000000001",
                name_uk="Бочечки",
                name_en="Bochechky",
                kind="village",
                community_katottg=idea.organisation.katottg,
            )
        )
        idea_id = idea.id
        db.session.commit()
    form = {"title": "Дах клубу", "summary": "Клуб у Бочечках без даху.", "act": "confirm"}
    answer = staff.post(f"/staff/ideas/{idea_id}/release-text/uk", data=form)
    assert answer.status_code == 422
    assert "<mark>Бочечках" in answer.get_data(as_text=True)


def test_a_colleagues_wording_is_not_overwritten(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    path = f"/staff/ideas/{idea_id}/release-text/en"
    assert staff.post(path, data=TEXT | {"act": "save"}).status_code == 302
    late = TEXT | {"summary": "Another wording of mine.", "act": "save"}
    answer = staff.post(path, data=late)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "The club has no roof." in page
    assert "Another wording of mine." in page


def test_what_donors_read_is_not_saved_unconfirmed(app: Flask, staff: FlaskClient) -> None:
    with app.app_context():
        idea = factories.idea()
        factories.release_text(idea, title=TEXT["title"], summary=TEXT["summary"])
        idea_id = idea.id
        db.session.commit()
    path = f"/staff/ideas/{idea_id}/release-text/en"
    seen = staff.get(path).get_data(as_text=True).split('name="seen" type="hidden" value="')[1]
    form = TEXT | {"seen": seen.split('"')[0], "summary": "Other words.", "act": "save"}
    assert staff.post(path, data=form).status_code == 422
    assert staff.post(path, data=form | {"act": "confirm"}).status_code == 302


def test_an_empty_text_is_shown_again(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    form = TEXT | {"title": "", "act": "confirm"}
    assert staff.post(f"/staff/ideas/{idea_id}/release-text/en", data=form).status_code == 422


@pytest.mark.parametrize("language", ["ru", "EN", "x"])
def test_an_unknown_language_is_no_page(app: Flask, staff: FlaskClient, language: str) -> None:
    path = f"/staff/ideas/{submitted(app)}/release-text/{language}"
    assert staff.get(path).status_code == 404


# Restricted ideas


def test_a_lead_names_a_person(app: Flask, lead: FlaskClient, client_as: MakeClient) -> None:
    idea_id = submitted(app, sensitivity=Sensitivity.RESTRICTED, title="Сховище")
    with app.app_context():
        seat = factories.seat(Role.STAFF)
        seat_id, person_id = seat.id, seat.user_id
        db.session.commit()
    colleague = client_as(seat_id=seat_id)
    assert colleague.get(f"/staff/ideas/{idea_id}").status_code == 404
    path = f"/staff/ideas/{idea_id}/clear"
    assert lead.get(path).status_code == 200
    for _twice in range(2):
        assert lead.post(path, data={"person": person_id}).status_code == 302
    assert colleague.get(f"/staff/ideas/{idea_id}").status_code == 200
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Clearance.id))) == 1
    assert "Сховище" in lead.get("/staff/restricted").get_data(as_text=True)


def test_somebody_outside_the_office_cannot_be_named(app: Flask, lead: FlaskClient) -> None:
    idea_id = submitted(app, sensitivity=Sensitivity.RESTRICTED)
    outsider = make(app, lambda: factories.seat(Role.DONOR).user)
    answer = lead.post(f"/staff/ideas/{idea_id}/clear", data={"person": outsider})
    assert answer.status_code == 422


def test_staff_neither_name_people_nor_see_the_list(app: Flask, staff: FlaskClient) -> None:
    idea_id = submitted(app)
    assert staff.get("/staff/restricted").status_code == 403
    assert staff.post(f"/staff/ideas/{idea_id}/clear", data={"person": 1}).status_code == 403


def test_an_open_idea_needs_no_names(app: Flask, lead: FlaskClient) -> None:
    idea_id = submitted(app)
    person = make(app, lambda: factories.seat(Role.STAFF).user)
    answer = lead.post(f"/staff/ideas/{idea_id}/clear", data={"person": person})
    assert answer.status_code == 409


# All acts


ACTS = ["open", "publish", "return", "reject", "hold", "resume", "archive", "merge", "submit"]


@pytest.mark.parametrize("act", [*ACTS, "send-confirmation"])
def test_an_act_on_an_unknown_idea_is_no_page(staff: FlaskClient, act: str) -> None:
    form = {"version": 1, "note": "x", "reason": "not_ready", "into": "1", "budget": "x"}
    assert staff.post(f"/staff/ideas/99999/{act}", data=form).status_code == 404


@pytest.mark.parametrize("act", ["open", "publish", "resume", "submit", "send-confirmation"])
def test_a_lone_act_is_no_page_to_look_at(app: Flask, staff: FlaskClient, act: str) -> None:
    assert staff.get(f"/staff/ideas/{submitted(app)}/{act}").status_code == 405
