"""The menu marks where one is; the start page offers what the reader may open."""

from __future__ import annotations

import pytest

from matcher.models.codes import BeneficiaryGroup
from matcher.models.user import Role
from matcher.web import wording
from matcher.web.access import ACCESS
from matcher.web.context import PAGES, is_current
from matcher.web.idea_words import word_list
from matcher.web.verdict_words import verdict_rows


@pytest.mark.parametrize(
    ("endpoint", "target"),
    [
        ("staff.list_communities", "staff.list_communities"),
        ("staff.list_letters", "staff.list_communities"),
        ("staff.view_match", "staff.queue"),
        ("staff.view_idea", "staff.list_ideas"),
        ("donor.view_match", "donor.list_matches"),
    ],
)
def test_a_page_belongs_to_one_entry_of_the_menu(endpoint: str, target: str) -> None:
    assert is_current(endpoint, target, "")
    assert sum(is_current(endpoint, entry, "") for entry in PAGES) == 1


def test_the_menu_knows_no_page_that_is_not_there() -> None:
    assert set().union(*PAGES.values()) <= set(ACCESS)


@pytest.mark.parametrize(
    ("role", "offered", "absent"),
    [
        (None, ["/community/ideas/new", "/donor/matches", "/access/request"], ["/staff/"]),
        (Role.EDITOR, ["/community/ideas/new"], ["/donor/matches", "/access/request"]),
        (Role.DONOR, ["/donor/matches"], ["/community/ideas/new", "/access/request"]),
        (Role.STAFF, ["/staff/", "/staff/queue"], ["/community/ideas/new", "/donor/matches"]),
        (Role.ADMIN, ["/admin/users"], ["/community/ideas/new", "/donor/matches", "/staff/"]),
    ],
)
def test_the_start_page_offers_what_one_may_open(client, client_as, role, offered, absent):
    reader = client_as(role) if role else client
    main = reader.get("/").get_data(as_text=True).split("<main")[1]
    assert [path for path in offered if f'href="{path}"' not in main] == []
    assert [path for path in absent if f'href="{path}"' in main] == []


def test_words_of_a_list_are_small_but_the_first_and_abbreviations(app):
    with app.test_request_context():
        groups = [BeneficiaryGroup.CHILDREN, BeneficiaryGroup.WOMEN]
        assert word_list(BeneficiaryGroup, groups) == "Діти, жінки"
    assert wording.join_words(["Bilateral aid", "EU programme", "Foundation", ""]) == (
        "Bilateral aid, EU programme, foundation"
    )
    assert wording.join_words([]) == ""


def test_a_rule_about_the_call_compares_with_the_day_and_not_with_the_idea(app):
    verdicts = [
        {
            "rule": rule,
            "outcome": "eligible",
            "idea_value": value,
            "profile_value": theirs,
            "settles": None,
        }
        for rule, value, theirs in (
            ("call_closes", "2026-11-22", "2026-12-22"),
            ("territory_status_excluded", "none", "temporarily_occupied"),
        )
    ]
    with app.test_request_context():
        call, status = verdict_rows(verdicts)
    assert (call["ours_label"], status["ours_label"]) == ("Сьогодні", "Ідея")
    assert status["theirs"] == "крім: тимчасово окупована"
