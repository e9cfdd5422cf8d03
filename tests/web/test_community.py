"""The community's pages for writing: drafts, sections, checking, submitting, acts afterwards."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import (
    ChangeRequest,
    Idea,
    IdeaConfirmation,
    IdeaEvent,
    IdeaPartner,
    IdeaStatus,
    Section,
)
from matcher.models.match import MatchStatus
from matcher.models.user import Membership, Role, User
from tests import factories

TITLE = "Нова свердловина для лікарні"
SUMMARY = "Лікарня громади лишилася без питної води."


class Community:
    """A community with an editor and a head, by their seats' ids."""

    def __init__(self, **values):
        organisation = factories.organisation(**values)
        self.id = organisation.id
        self.editor = factories.seat(Role.EDITOR, organisation).id
        self.head = factories.seat(Role.HEAD, organisation).id
        db.session.commit()

    def idea(self, **values) -> int:
        row = factories.idea(db.session.get(Membership, self.editor), **values)
        for revision in row.revisions:
            revision.content = {**revision.content, "partner_ids": []}
        db.session.commit()
        return row.id


@pytest.fixture
def community(app):
    with app.app_context():
        return Community()


@pytest.fixture
def editor(client_as, community):
    return client_as(seat_id=community.editor)


@pytest.fixture
def head(client_as, community):
    return client_as(seat_id=community.head)


def make_idea(app, community, **values) -> int:
    with app.app_context():
        return community.idea(**values)


def make_draft(app, community, **values) -> int:
    return make_idea(app, community, status=IdeaStatus.DRAFT, revision=0, **values)


def read(app, idea_id: int, name: str):
    with app.app_context():
        return getattr(db.session.get(Idea, idea_id), name)


def hidden(response) -> dict[str, str]:
    """Return the hidden fields of a page's forms."""
    html = response.get_data(as_text=True)
    return dict(re.findall(r'name="(version|seen|key)"[^>]*value="([^"]*)"', html))


def text(response) -> str:
    return response.get_data(as_text=True)


# The first save


def test_the_first_save_makes_one_draft_of_a_double_click(app, editor):
    fields = {"key": "k1", "title": TITLE, "summary": SUMMARY}
    first = editor.post("/community/ideas/new", data=fields)
    second = editor.post("/community/ideas/new", data=fields)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    with app.app_context():
        assert db.session.scalars(sa.select(Idea.title)).all() == [TITLE]


def test_the_same_key_with_other_content_shows_both_texts(app, editor):
    editor.post("/community/ideas/new", data={"key": "k1", "title": TITLE, "summary": SUMMARY})
    answer = editor.post(
        "/community/ideas/new", data={"key": "k1", "title": "Друга назва", "summary": SUMMARY}
    )
    assert answer.status_code == 409
    assert TITLE in text(answer)
    assert "Друга назва" in text(answer)
    with app.app_context():
        assert db.session.scalars(sa.select(Idea.title)).all() == [TITLE]


def test_mine_can_be_kept_as_another_draft(app, editor):
    editor.post("/community/ideas/new", data={"key": "k1", "title": TITLE, "summary": SUMMARY})
    fields = {"key": "k1", "title": "Друга назва", "summary": SUMMARY}
    answer = editor.post("/community/ideas/new", data=fields)
    fields["key"] = re.search(r'name="key" value="([^"]+)"', text(answer)).group(1)
    assert fields["key"] != "k1"
    assert editor.post("/community/ideas/new", data=fields).status_code == 302
    with app.app_context():
        assert len(db.session.scalars(sa.select(Idea.id)).all()) == 2


@pytest.mark.parametrize("title", ["", "   ", "а" * 201])
def test_a_bad_title_keeps_the_input(app, editor, title):
    answer = editor.post(
        "/community/ideas/new", data={"key": "k1", "title": title, "summary": SUMMARY}
    )
    assert answer.status_code == 422
    assert SUMMARY in text(answer)
    with app.app_context():
        assert db.session.scalars(sa.select(Idea.id)).all() == []


def test_letters_that_nobody_sees_are_dropped(app, editor):
    fields = {"key": "k1", "title": "Вода \u202eдля всіх", "summary": "Рядок\r\nдругий"}
    assert editor.post("/community/ideas/new", data=fields).status_code == 302
    with app.app_context():
        idea = db.session.scalars(sa.select(Idea)).one()
        assert idea.title == "Вода для всіх"
        assert idea.summary == "Рядок\nдругий"


# The list


def test_the_list_shows_own_and_partner_ideas_and_no_others(app, community, editor):
    make_draft(app, community, title="Власна чернетка")
    with app.app_context():
        other = factories.seat(Role.EDITOR)
        shared = factories.idea(other, title="Спільна ідея")
        db.session.add(IdeaPartner(idea_id=shared.id, organisation_id=community.id))
        factories.idea(other, title="Чужа ідея")
        factories.idea(other, title="Чужа чернетка", status=IdeaStatus.DRAFT, revision=0)
        db.session.commit()
    page = text(editor.get("/community/ideas"))
    assert "Власна чернетка" in page
    assert "Спільна ідея" in page
    assert "Чужа" not in page


def test_an_empty_list_says_what_to_do(editor):
    assert 'href="/community/ideas/new"' in text(editor.get("/community/ideas"))


def test_the_list_pages_at_25_and_filters(app, community, editor):
    with app.app_context():
        for number in range(26):
            community.idea(title=f"Ідея {number}", updated_at=factories.NOW - timedelta(number))
        community.idea(title="Знята", status=IdeaStatus.WITHDRAWN)
    assert text(editor.get("/community/ideas?view=open")).count("<h2") == 25
    assert "Ідея 25" in text(editor.get("/community/ideas?view=open&page=2"))
    assert "Знята" in text(editor.get("/community/ideas?view=closed"))
    assert editor.get("/community/ideas?page=999999999999999999999").status_code == 200


# Sections


SECTIONS = {
    "essence": {"title": TITLE, "summary": SUMMARY, "sector": "140", "sdg": "6"},
    "people": {"beneficiaries": "7,4 тис.", "sensitivity": "open", "beneficiary_groups": "youth"},
    "budget": {
        "amount": "68 млн 510 тис грн",
        "own_share_pct": "12,5",
        "duration_months": "2 роки",
    },
    "capacity": {"applicant_type": "ngo", "capacity": "Маємо досвід."},
    "documents": {"readiness": "design", "document_design": "05.11.2026", "dream_id": "D-1"},
}


@pytest.mark.parametrize("section", list(SECTIONS))
def test_a_section_is_saved_and_shown_again(app, community, editor, section):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/{section}/edit"
    fields = hidden(editor.get(url)) | SECTIONS[section]
    if section == "people":
        fields["place_katottg"] = read(app, idea_id, "place_katottg")
    assert editor.post(url, data=fields).location.endswith(f"/community/ideas/{idea_id}")
    assert editor.get(url).status_code == 200


def test_free_writing_is_understood(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/budget/edit"
    editor.post(url, data=hidden(editor.get(url)) | SECTIONS["budget"])
    with app.app_context():
        idea = db.session.get(Idea, idea_id)
        assert (str(idea.amount), idea.currency) == ("68510000", "UAH")
        assert (str(idea.own_share_pct), idea.duration_months) == ("12.50", 24)
    assert 'value="68 510 000 грн"' in text(editor.get(url))


def test_an_unclear_sum_is_asked_about_and_kept(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/budget/edit"
    answer = editor.post(url, data=hidden(editor.get(url)) | {"amount": "1,200 млн"})
    assert answer.status_code == 422
    assert 'value="1,200 млн"' in text(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert str(read(app, idea_id, "amount")) == "85000"


def test_a_sum_without_its_thousand_is_asked_about(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/budget/edit"
    answer = editor.post(url, data=hidden(editor.get(url)) | {"amount": "85 євро"})
    assert answer.status_code == 422
    assert "85 тис." in text(answer)


def test_an_empty_sum_empties_the_currency_too(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/budget/edit"
    editor.post(url, data=hidden(editor.get(url)) | {"amount": ""})
    assert read(app, idea_id, "amount") is None
    assert read(app, idea_id, "currency") is None


def test_a_document_of_tomorrow_is_refused(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/documents/edit"
    answer = editor.post(url, data=hidden(editor.get(url)) | {"document_design": "01.01.2030"})
    assert answer.status_code == 422
    assert "01.01.2030" in text(answer)


def test_documents_are_kept_as_dates(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/documents/edit"
    editor.post(url, data=hidden(editor.get(url)) | SECTIONS["documents"])
    assert read(app, idea_id, "documents") == {"design": "2026-11-05"}
    assert 'value="05.11.2026"' in text(editor.get(url))


def test_partner_communities_join_and_leave(app, community, editor):
    with app.app_context():
        partner = factories.organisation().id
        db.session.commit()
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/people/edit"
    fields = SECTIONS["people"] | {"place_katottg": read(app, idea_id, "place_katottg")}
    editor.post(url, data=hidden(editor.get(url)) | fields | {"partners_chosen": str(partner)})
    with app.app_context():
        assert [p.id for p in db.session.get(Idea, idea_id).partners_involved] == [partner]
    editor.post(url, data=hidden(editor.get(url)) | fields)
    with app.app_context():
        assert db.session.get(Idea, idea_id).partners_involved == []


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("essence", {"sector": "999"}),
        ("essence", {"sdg": "18"}),
        ("essence", {"strategy_goal_id": "77"}),
        ("people", {"sensitivity": "secret"}),
        ("people", {"partners_chosen": "x"}),
        ("people", {"place_katottg": "UA00"}),
        ("people", {"beneficiary_groups": "cats"}),
        ("capacity", {"applicant_type": "king"}),
        ("documents", {"readiness": "ready"}),
        ("essence", {"version": "99999999999999999999"}),
    ],
)
def test_forged_choices_are_refused(app, community, editor, section, fields):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/{section}/edit"
    answer = editor.post(url, data=hidden(editor.get(url)) | SECTIONS[section] | fields)
    assert answer.status_code == 422


def test_choices_can_be_taken_back(app, community, editor):
    idea_id = make_draft(app, community, sector="140", sdg=6)
    url = f"/community/ideas/{idea_id}/essence/edit"
    empty = {"title": TITLE, "sector": "", "sdg": "", "strategy_goal_id": ""}
    assert editor.post(url, data=hidden(editor.get(url)) | empty).status_code == 302
    assert (read(app, idea_id, "sector"), read(app, idea_id, "sdg")) == (None, None)
    url = f"/community/ideas/{idea_id}/capacity/edit"
    fields = hidden(editor.get(url)) | {"applicant_type": ""}
    assert editor.post(url, data=fields).status_code == 302
    assert read(app, idea_id, "applicant_type") is None


@pytest.mark.parametrize("section", ["nonsense", "title", "ESSENCE"])
def test_an_unknown_section_is_no_page(app, community, editor, section):
    idea_id = make_draft(app, community)
    assert editor.get(f"/community/ideas/{idea_id}/{section}/edit").status_code == 404


def test_two_people_in_one_section_see_both_texts(app, community, editor, head):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/capacity/edit"
    mine, theirs = hidden(editor.get(url)), hidden(head.get(url))
    head.post(url, data=theirs | {"capacity": "Написав керівник."})
    answer = editor.post(url, data=mine | {"capacity": "Написала редакторка."})
    assert answer.status_code == 409
    assert "Написав керівник." in text(answer)
    assert "Написала редакторка." in text(answer)
    assert read(app, idea_id, "capacity") == "Написав керівник."
    again = hidden(answer) | {"capacity": "Написала редакторка."}
    assert editor.post(url, data=again).status_code == 302
    assert read(app, idea_id, "capacity") == "Написала редакторка."


def test_two_people_in_two_sections_disturb_nobody(app, community, editor, head):
    idea_id = make_draft(app, community)
    one = f"/community/ideas/{idea_id}/capacity/edit"
    other = f"/community/ideas/{idea_id}/budget/edit"
    mine, theirs = hidden(editor.get(one)), hidden(head.get(other))
    assert head.post(other, data=theirs | SECTIONS["budget"]).status_code == 302
    assert editor.post(one, data=mine | {"capacity": "Маємо досвід."}).status_code == 302
    assert str(read(app, idea_id, "amount")) == "68510000"


def test_restored_text_fills_the_form_and_saves_nothing(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/capacity/edit"
    fields = hidden(editor.get(url)) | {"capacity": "Відновлений текст", "_restored": "1"}
    answer = editor.post(url, data=fields)
    assert "Відновлений текст" in text(answer)
    assert read(app, idea_id, "capacity") == ""


# Reading a draft


def test_the_draft_is_a_task_list_with_hints(app, community, editor):
    idea_id = make_draft(app, community, beneficiaries=None, amount=None, currency=None)
    page = text(editor.get(f"/community/ideas/{idea_id}"))
    assert page.count("/edit") == 5
    assert page.count('class="tag ') >= 6
    assert f"/community/ideas/{idea_id}/check" in page


# Checking and submitting


def test_what_is_missing_is_listed_with_links(app, community, editor):
    idea_id = make_draft(app, community, result="", beneficiaries=None)
    page = text(editor.get(f"/community/ideas/{idea_id}/check"))
    assert "/essence/edit?from=check#result" in page
    assert "/people/edit?from=check#beneficiaries" in page
    assert 'name="consent"' not in page


def test_a_change_from_the_check_page_leads_back_to_it(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/budget/edit?from=check"
    answer = editor.post(url, data=hidden(editor.get(url)) | SECTIONS["budget"])
    assert answer.location.endswith(f"/community/ideas/{idea_id}/check")


def test_submitting_needs_consent(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/check"
    assert editor.post(url, data=hidden(editor.get(url))).status_code == 422
    assert read(app, idea_id, "status") is IdeaStatus.DRAFT


def test_a_double_click_submits_once(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/check"
    fields = hidden(editor.get(url)) | {"consent": "y"}
    for _click in range(2):
        answer = editor.post(url, data=fields)
        assert answer.location.endswith(f"/community/ideas/{idea_id}/submitted")
    with app.app_context():
        idea = db.session.get(Idea, idea_id)
        assert (idea.status, idea.revision, len(idea.events)) == (IdeaStatus.SUBMITTED, 1, 1)
    assert idea_code(app, idea_id) in text(editor.get(f"/community/ideas/{idea_id}/submitted"))


def idea_code(app, idea_id: int) -> str:
    return read(app, idea_id, "code")


def test_an_incomplete_idea_cannot_be_forced_in(app, community, editor):
    idea_id = make_draft(app, community, result="")
    url = f"/community/ideas/{idea_id}/check"
    fields = hidden(editor.get(f"/community/ideas/{idea_id}/essence/edit"))
    answer = editor.post(url, data={"version": fields["version"], "key": "k", "consent": "y"})
    assert answer.status_code == 422
    assert read(app, idea_id, "status") is IdeaStatus.DRAFT


def test_a_stale_submission_is_refused(app, community, editor):
    idea_id = make_draft(app, community)
    url = f"/community/ideas/{idea_id}/check"
    fields = hidden(editor.get(url)) | {"consent": "y"}
    budget = f"/community/ideas/{idea_id}/budget/edit"
    editor.post(budget, data=hidden(editor.get(budget)) | SECTIONS["budget"])
    assert editor.post(url, data=fields).status_code == 409
    assert read(app, idea_id, "status") is IdeaStatus.DRAFT


def test_a_changed_published_idea_makes_a_new_revision(app, community, editor):
    idea_id = make_idea(app, community)
    budget = f"/community/ideas/{idea_id}/budget/edit"
    editor.post(budget, data=hidden(editor.get(budget)) | SECTIONS["budget"])
    url = f"/community/ideas/{idea_id}/check"
    assert f'href="{url}"' in text(editor.get(f"/community/ideas/{idea_id}"))
    editor.post(url, data=hidden(editor.get(url)) | {"consent": "y"})
    assert read(app, idea_id, "revision") == 2
    assert "85\u00a0000" in text(editor.get(f"/community/ideas/{idea_id}/revisions/1"))
    assert "68\u00a0510\u00a0000" in text(editor.get(f"/community/ideas/{idea_id}/revisions/2"))
    assert editor.get(f"/community/ideas/{idea_id}/revisions/3").status_code == 404
    assert editor.get(f"/community/ideas/{idea_id}/revisions/{2**70}").status_code == 404


def test_an_unchanged_published_idea_has_nothing_to_submit(app, community, editor):
    idea_id = make_idea(app, community)
    assert 'name="consent"' not in text(editor.get(f"/community/ideas/{idea_id}/check"))


# The head's signature


@pytest.fixture
def signing(app):
    with app.app_context():
        return Community(needs_signoff=True)


def test_the_head_signs_what_an_editor_sends(app, signing, client_as):
    idea_id = make_draft(app, signing)
    url = f"/community/ideas/{idea_id}/check"
    writer, signer = client_as(seat_id=signing.editor), client_as(seat_id=signing.head)
    writer.post(url, data=hidden(writer.get(url)) | {"consent": "y"})
    assert read(app, idea_id, "status") is IdeaStatus.AWAITING_SIGNOFF
    assert writer.get(url).status_code == 302
    fields = hidden(signer.get(url))
    assert writer.post(f"/community/ideas/{idea_id}/sign-off", data=fields).status_code == 403
    assert signer.post(f"/community/ideas/{idea_id}/sign-off", data=fields).status_code == 302
    assert read(app, idea_id, "status") is IdeaStatus.SUBMITTED


def test_an_editor_cannot_submit_past_the_head(app, signing, client_as):
    idea_id = make_draft(app, signing)
    url = f"/community/ideas/{idea_id}/check"
    writer = client_as(seat_id=signing.editor)
    writer.post(url, data=hidden(writer.get(url)) | {"consent": "y"})
    version = read(app, idea_id, "version")
    again = {"version": version, "key": "another", "consent": "y"}
    assert writer.post(url, data=again).status_code == 403
    assert read(app, idea_id, "status") is IdeaStatus.AWAITING_SIGNOFF


def test_the_head_gives_a_draft_back_with_a_word(app, signing, client_as):
    idea_id = make_idea(app, signing, status=IdeaStatus.AWAITING_SIGNOFF, revision=0)
    signer, writer = client_as(seat_id=signing.head), client_as(seat_id=signing.editor)
    url = f"/community/ideas/{idea_id}/send-back"
    fields = hidden(signer.get(url))
    assert signer.post(url, data=fields | {"note": " "}).status_code == 422
    assert signer.post(url, data=fields | {"note": "Додайте суму."}).status_code == 302
    assert read(app, idea_id, "status") is IdeaStatus.DRAFT
    assert "Додайте суму." in text(writer.get(f"/community/ideas/{idea_id}"))


# Returned by the office


def returned(app, community, section=Section.BUDGET) -> int:
    with app.app_context():
        idea_id = community.idea(status=IdeaStatus.CHANGES_REQUESTED)
        request = ChangeRequest(
            idea_id=idea_id,
            section=section,
            note="Уточніть суму.",
            asked_by_id=factories.seat(Role.STAFF).user_id,
            asked_at=factories.NOW,
        )
        factories.add(request)
        db.session.commit()
        return idea_id


def test_only_the_named_section_of_a_returned_idea_is_open(app, community, editor):
    idea_id = returned(app, community)
    page = editor.get(f"/community/ideas/{idea_id}/budget/edit")
    assert "Уточніть суму." in text(page)
    assert editor.get(f"/community/ideas/{idea_id}/essence/edit").status_code == 409
    essence = hidden(page) | SECTIONS["essence"]
    assert editor.post(f"/community/ideas/{idea_id}/essence/edit", data=essence).status_code == 409
    road = text(editor.get(f"/community/ideas/{idea_id}"))
    assert "Уточніть суму." in road
    assert "/essence/edit" not in road


def test_a_returned_idea_is_submitted_again(app, community, editor):
    idea_id = returned(app, community)
    url = f"/community/ideas/{idea_id}/check"
    assert "/essence/edit" not in text(editor.get(url))
    editor.post(url, data=hidden(editor.get(url)) | {"consent": "y"})
    assert read(app, idea_id, "status") is IdeaStatus.SUBMITTED
    with app.app_context():
        assert db.session.scalars(sa.select(ChangeRequest)).one().resolved_at is not None


# Afterwards


def test_a_submission_is_taken_back_until_staff_open_it(app, community, editor):
    idea_id = make_idea(app, community, status=IdeaStatus.SUBMITTED)
    page = editor.get(f"/community/ideas/{idea_id}/submitted")
    assert "/recall" in text(page)
    fields = {"version": read(app, idea_id, "version")}
    assert editor.post(f"/community/ideas/{idea_id}/recall", data=fields).status_code == 302
    assert read(app, idea_id, "status") is IdeaStatus.DRAFT
    opened = make_idea(
        app, community, status=IdeaStatus.SUBMITTED, opened_at=factories.NOW, title="Відкрита"
    )
    assert "/recall" not in text(editor.get(f"/community/ideas/{opened}"))
    fields = {"version": read(app, opened, "version")}
    assert editor.post(f"/community/ideas/{opened}/recall", data=fields).status_code == 409


def test_withdrawing_asks_once_and_keeps_the_text(app, community, editor):
    idea_id = make_idea(app, community)
    url = f"/community/ideas/{idea_id}/withdraw"
    fields = hidden(editor.get(url)) | {"note": "Знайшли кошти."}
    assert editor.post(url, data=fields).status_code == 302
    assert read(app, idea_id, "status") is IdeaStatus.WITHDRAWN
    assert editor.get(url).status_code == 409
    assert TITLE in text(editor.get(f"/community/ideas/{idea_id}"))


def test_a_lone_button_without_a_version_is_refused(app, community, editor):
    idea_id = make_idea(app, community, status=IdeaStatus.SUBMITTED)
    assert editor.post(f"/community/ideas/{idea_id}/recall").status_code == 409
    assert read(app, idea_id, "status") is IdeaStatus.SUBMITTED


def test_confirming_and_renewing(app, community, editor, clock):
    idea_id = make_idea(app, community, status=IdeaStatus.STALE)
    assert "/renew" in text(editor.get(f"/community/ideas/{idea_id}"))
    editor.post(f"/community/ideas/{idea_id}/renew")
    assert read(app, idea_id, "status") is IdeaStatus.PUBLISHED
    assert read(app, idea_id, "review_by") == (clock.now + timedelta(days=90)).date()
    editor.post(f"/community/ideas/{idea_id}/confirm")
    with app.app_context():
        assert db.session.scalars(sa.select(IdeaConfirmation.revision)).all() == [1]


def test_a_copy_is_a_new_draft_once(app, community, editor):
    idea_id = make_idea(app, community)
    for _click in range(2):
        answer = editor.post(f"/community/ideas/{idea_id}/copy", data={"key": "copy-1"})
        assert answer.status_code == 302
    with app.app_context():
        copies = db.session.scalars(sa.select(Idea).where(Idea.id != idea_id)).all()
        assert [(row.status, row.problem) for row in copies] == [
            (IdeaStatus.DRAFT, "Після обстрілів мережа не працює.")
        ]


def test_names_and_inner_words_of_the_office_stay_inside(app, community, editor):
    idea_id = make_idea(app, community)
    with app.app_context():
        staff = factories.seat(Role.STAFF, person=factories.user(name="Staff Canary"))
        own = db.session.get(Membership, community.editor).user
        for act, person, note in (
            ("submit", own, ""),
            ("return", staff.user, "Слова для громади"),
            ("hold", staff.user, "INNER-CANARY"),
        ):
            factories.add(
                IdeaEvent(
                    idea_id=idea_id,
                    act=act,
                    to_status=IdeaStatus.PUBLISHED,
                    revision=1,
                    note=note,
                    by_id=person.id,
                    at=factories.NOW,
                )
            )
        revision = db.session.get(Idea, idea_id).revisions[0]
        revision.created_by_id = staff.user_id
        own_name = own.name
        db.session.commit()
    page = text(editor.get(f"/community/ideas/{idea_id}"))
    assert own_name in page
    assert "Слова для громади" in page
    assert "CANARY" not in page.upper()
    assert "Canary" not in text(editor.get(f"/community/ideas/{idea_id}/revisions/1"))


@pytest.mark.parametrize("status", list(IdeaStatus))
def test_every_state_has_its_page(app, community, editor, head, status):
    idea_id = make_idea(app, community, status=status)
    for reader in (editor, head):
        assert reader.get(f"/community/ideas/{idea_id}").status_code == 200
        assert reader.get("/community/ideas").status_code == 200


def test_a_rejection_says_why_and_what_to_do(app, community, editor):
    idea_id = make_idea(
        app,
        community,
        status=IdeaStatus.REJECTED,
        reason=Reason.NOT_READY,
        reason_note="Додайте кошторис.",
    )
    page = text(editor.get(f"/community/ideas/{idea_id}"))
    assert "Додайте кошторис." in page
    assert "not_ready" not in page


# Who may not


ACTS = ["recall", "withdraw", "confirm", "renew", "copy"]
PAGES = ["", "/check", "/submitted", "/withdraw", "/essence/edit", "/revisions/1"]


def test_another_community_finds_nothing(app, community, client_as):
    idea_id = make_idea(app, community)
    stranger = client_as(Role.EDITOR)
    for path in PAGES:
        foreign = stranger.get(f"/community/ideas/{idea_id}{path}")
        unknown = stranger.get(f"/community/ideas/999999{path}")
        assert (foreign.status_code, unknown.status_code) == (404, 404), path
        assert TITLE not in text(foreign)
    for act in ACTS:
        answer = stranger.post(
            f"/community/ideas/{idea_id}/{act}", data={"version": "1", "key": "k"}
        )
        assert answer.status_code == 404, act
    assert read(app, idea_id, "status") is IdeaStatus.PUBLISHED


def test_a_partner_reads_and_changes_nothing(app, community, client_as):
    with app.app_context():
        partner = Community()
        idea_id = community.idea()
        db.session.add(IdeaPartner(idea_id=idea_id, organisation_id=partner.id))
        db.session.commit()
    reader = client_as(seat_id=partner.editor)
    page = text(reader.get(f"/community/ideas/{idea_id}"))
    assert TITLE in page
    assert "/withdraw" not in page
    assert "/edit" not in page
    assert reader.get(f"/community/ideas/{idea_id}/budget/edit").status_code == 403
    for act in ACTS:
        answer = reader.post(f"/community/ideas/{idea_id}/{act}", data={"version": "1", "key": "k"})
        assert answer.status_code == 403, act
    assert read(app, idea_id, "status") is IdeaStatus.PUBLISHED


@pytest.mark.parametrize("role", [Role.DONOR, Role.STAFF, Role.LEAD, Role.ADMIN])
def test_other_roles_have_no_way_in(client_as, role):
    assert client_as(role).get("/community/ideas").status_code == 403


def test_a_head_alone_sends_back_and_invites(app, community, editor, head):
    idea_id = make_idea(app, community, status=IdeaStatus.AWAITING_SIGNOFF, revision=0)
    assert editor.get(f"/community/ideas/{idea_id}/send-back").status_code == 403
    assert editor.get("/community/colleagues/invite").status_code == 403
    assert head.get("/community/colleagues/invite").status_code == 200


# Colleagues


def test_the_head_invites_a_colleague(app, community, head):
    fields = {"email": "new@demo.example", "name": "Нова Колега", "language": "uk"}
    answer = head.post("/community/colleagues/invite", data=fields)
    assert answer.location.endswith("/community/colleagues")
    assert "new@demo.example" in text(head.get("/community/colleagues"))
    with app.app_context():
        user = db.session.scalars(sa.select(User).where(User.email == "new@demo.example")).one()
        assert [(seat.role, seat.organisation_id) for seat in user.memberships] == [
            (Role.EDITOR, community.id)
        ]


@pytest.mark.parametrize(
    "fields", [{"email": "no"}, {"email": ""}, {"name": ""}, {"language": "de"}]
)
def test_a_bad_invitation_keeps_the_input(head, fields):
    good = {"email": "new@demo.example", "name": "Нова Колега", "language": "uk"}
    answer = head.post("/community/colleagues/invite", data=good | fields)
    assert answer.status_code == 422
    kept = (good | fields)["name"]
    assert f'value="{kept}"' in text(answer)


def test_inviting_oneself_is_refused_with_a_sentence(app, community, head):
    with app.app_context():
        email = db.session.get(Membership, community.head).user.email
    fields = {"email": email, "name": "Я", "language": "uk"}
    assert head.post("/community/colleagues/invite", data=fields).status_code == 422


def test_the_road_shows_no_pair_that_was_only_suggested(app, community, editor):
    idea_id = make_idea(app, community)
    with app.app_context():
        for act in ("submit", "publish"):
            factories.add(
                IdeaEvent(
                    idea_id=idea_id,
                    act=act,
                    to_status=IdeaStatus.PUBLISHED,
                    revision=1,
                    at=factories.NOW,
                )
            )
        profile = factories.profile()
        factories.match(db.session.get(Idea, idea_id), profile, status=MatchStatus.SUGGESTED)
        db.session.commit()
    page = text(editor.get(f"/community/ideas/{idea_id}"))
    assert page.count('class="done"') >= 4
    assert "/community/matches/" not in page
