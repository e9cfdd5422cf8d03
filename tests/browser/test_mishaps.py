"""What goes wrong at a desk: a session that ends, an impatient click, two people at once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import clockwork, walk
from tests.browser.conftest import LiveApp, both_ways
from tests.browser.walk import EDITOR, HEAD, RESCUE_CALL, STAFF, STAFF2, reads, sees

People = Callable[[str], Page]


@both_ways
def test_a_text_outlives_its_session(people: People, live_app: LiveApp) -> None:
    editor = people(EDITOR)
    idea = walk.start_idea(editor, walk.Text(title="Сирени для сіл громади"))
    walk.follow(editor, "The essence")
    problem = "Сирену не чути на околиці. Люди дізнаються про тривогу із запізненням."
    walk.fill(editor, {"What problem do you solve?": problem})
    clockwork.sessions_end(live_app.instance)
    walk.press(editor, "Save")

    sees(editor, "Your text is safe")
    form = editor.locator("form:has(input[type=password])")
    form.locator("input[name=email]").fill(EDITOR)
    form.locator("input[type=password]").fill(live_app.password)
    walk.press(editor, "Sign in", within=form)
    sees(editor, "You are signed in. Your text is here.")
    walk.press(editor, "Continue to the form")
    sees(editor, "Your text is back. Look at it and save.")
    expect(walk.field(editor, "What problem do you solve?")).to_have_value(problem)

    # Nothing was saved by itself; now it is, and a colleague reads it.
    head = people(HEAD)
    head.goto(f"/community/ideas/{idea}/check")
    walk.sees_not(head, problem)
    walk.press(editor, "Save")
    head.goto(f"/community/ideas/{idea}/check")
    reads(head, problem)


@both_ways
def test_an_impatient_double_click_makes_one_idea(people: People, javascript: bool) -> None:
    editor, head = people(EDITOR), people(HEAD)
    title = f"Насоси для підвалів {'зі сценарієм' if javascript else 'без сценарію'}"
    editor.goto("/community/ideas/new")
    walk.fill(editor, {"Title": title, "Summary": "Сухі підвали для людей під час тривоги."})
    save = walk.button(editor, "Save the draft")
    save.dblclick(no_wait_after=True)
    editor.wait_for_url(re.compile(r"/community/ideas/\d+$"))
    head.goto("/community/ideas")
    expect(head.get_by_role("link", name=title, exact=True)).to_have_count(1)


def test_two_decisions_at_once_and_one_wins(people: People) -> None:
    head, staff, staff2 = people(HEAD), people(STAFF), people(STAFF2)
    idea = walk.published(head, staff, walk.Text(title="Мотопомпа для команди старостату"))
    pair = walk.find_pair(staff, idea, RESCUE_CALL)
    for desk in (staff, staff2):
        walk.look_at(desk, pair)
    walk.press(staff, "Release to the donor")
    note = "Сума здається завеликою для цього конкурсу."
    walk.choose(staff2, "Reason", "Amount out of range")
    walk.fill(staff2, {"In a few words": note})
    with staff2.expect_response(re.compile(rf"/staff/matches/{pair}/dismiss")) as answer:
        walk.press(staff2, "Dismiss")
    assert answer.value.status == 409
    sees(staff2, "What you wrote", "What is there now", "With the donor")
    reads(staff2, note)
    walk.look_at(staff, pair)
    sees(staff, "With the donor")


def test_two_authors_at_once_see_both_texts(people: People) -> None:
    editor, head = people(EDITOR), people(HEAD)
    text = dataclasses.replace(walk.Text(), title="Пожежна водойма біля школи мистецтв")
    idea = walk.write_idea(editor, text)
    for author in (editor, head):
        author.goto(f"/community/ideas/{idea}/essence/edit")
    walk.fill(head, {"What will change?": "Вода для гасіння є цілодобово."})
    walk.press(head, "Save")
    walk.fill(editor, {"What will change?": "Воду не треба везти здалеку."})
    with editor.expect_response(re.compile(r"/essence/edit")) as answer:
        walk.press(editor, "Save")
    assert answer.value.status == 409
    reads(editor, "Вода для гасіння є цілодобово.", "Воду не треба везти здалеку.")
    walk.press(editor, "Save mine instead")
    head.goto(f"/community/ideas/{idea}/check")
    reads(head, "Воду не треба везти здалеку.")
