"""What donors and the office decide on a pair, and what the other side then reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import clockwork, walk
from tests.browser.conftest import LiveApp, text_of
from tests.browser.walk import (
    DONOR,
    HEAD,
    RESCUE_CALL,
    STAFF,
    STAFF2,
    reads,
    sees,
    sees_not,
)

People = Callable[[str], Page]
HEALTH_CALL = (
    "Лікар доїде: пересувна та екстрена допомога в селах",
    "The doctor will come: mobile and emergency care in villages",
)


def text(title: str, title_en: str) -> walk.Text:
    """Return an idea of its own for each test: they share one app."""
    return dataclasses.replace(walk.Text(), title=title, title_en=title_en)


def rank_anew(staff: Page) -> None:
    """Start a full run from the page and wait for its end."""
    staff.goto("/staff/runs")
    walk.press(staff, "Rank everything anew")
    start = walk.button(staff, "Rank everything anew")
    for _ in range(120):
        if start.count():
            return
        staff.wait_for_timeout(500)
        staff.goto("/staff/runs")
    raise AssertionError("the run did not end")


def test_a_declined_pair_stays_away_until_the_idea_changes(people: People) -> None:
    head, staff, donor = people(HEAD), people(STAFF), people(DONOR)
    words = text("Пожежна машина для добровільної команди", "Fire engine for a volunteer brigade")
    idea = walk.published(head, staff, words)
    pair = walk.find_pair(staff, idea, RESCUE_CALL)
    walk.release(staff, pair)
    walk.decline(donor, pair, "No capacity now")

    walk.look_at(head, pair)
    sees(head, "The donor thanks you for the idea and cannot take it up now.")
    sees(head, "The donor has no free money or people at the moment.")
    walk.look_at(staff, pair)
    sees(staff, "Declined", "No capacity now")
    rank_anew(staff)
    walk.look_at(staff, pair)
    sees(staff, "Declined")
    release = walk.button(staff, "Release to the donor")
    expect(release).to_have_count(0)

    head.goto(f"/community/ideas/{idea}/essence/edit")
    walk.fill(head, {"What will change?": "Перша допомога прибуває за десять хвилин."})
    walk.press(head, "Save")
    walk.submit(head, idea)
    rank_anew(staff)
    walk.look_at(staff, pair)
    sees(staff, "Suggested")
    expect(release).to_have_count(1)


def test_a_question_travels_to_the_community_and_back(people: People) -> None:
    head, staff, donor = people(HEAD), people(STAFF), people(DONOR)
    words = text("Мотопомпи для сільської команди", "Motor pumps for a village brigade")
    idea = walk.published(head, staff, words)
    pair = walk.find_pair(staff, idea, RESCUE_CALL)
    walk.release(staff, pair)

    walk.ask(donor, pair, "Who will drive the engine at night?")
    walk.look_at(head, pair)
    sees_not(head, "Who will drive")
    walk.relay(staff, pair, question="Хто керуватиме машиною вночі?")
    walk.look_at(head, pair)
    reads(head, "Хто керуватиме машиною вночі?")
    walk.follow(head, "Answer")
    head.get_by_role("textbox").last.fill("Чергують дві зміни по три людини.")
    walk.press(head, "Send to the office")

    walk.look_at(donor, pair)
    sees_not(donor, "Чергують дві зміни")
    walk.look_at(staff, pair)
    reads(staff, "Чергують дві зміни по три людини.")
    walk.relay(staff, pair, answer="Two shifts of three people are on duty.")
    walk.look_at(donor, pair)
    reads(donor, "Two shifts of three people are on duty.")
    walk.express_interest(donor, pair)
    walk.look_at(head, pair)
    sees(head, "The donor is interested. The office prepares the next step.")


def test_what_is_undone_has_reached_nobody(people: People, live_app: LiveApp) -> None:
    head, staff, donor = people(HEAD), people(STAFF), people(DONOR)
    words = text("Захисне спорядження рятувальників", "Protective gear for rescuers")
    idea = walk.published(head, staff, words)
    pair = walk.find_pair(staff, idea, RESCUE_CALL)
    walk.release(staff, pair)
    walk.look_at(donor, pair)
    reads(donor, words.title_en)

    walk.undo(staff, pair)
    walk.finds_nothing(donor, f"/donor/matches/{pair}")
    walk.look_at(head, pair)
    sees(head, "There is no such page")
    clockwork.time_passes(live_app.instance)
    staff.wait_for_timeout(2500)
    told = [text_of(letter) for letter in live_app.letters(DONOR)]
    assert not [letter for letter in told if f"/donor/matches/{pair}" in letter]

    walk.release(staff, pair)
    walk.look_at(donor, pair)
    walk.express_interest(donor, pair)
    walk.undo(donor, pair)
    walk.look_at(staff, pair)
    sees(staff, "With the donor")
    walk.decline(donor, pair, "Amount out of range")
    walk.look_at(staff, pair)
    sees(staff, "Declined", "Amount out of range")


def test_a_call_that_closes_ends_its_pairs(people: People, live_app: LiveApp) -> None:
    head, staff, donor = people(HEAD), people(STAFF), people(DONOR)
    winter = (
        "Зима поруч із фронтом: тепло, евакуація, грошова допомога",
        "Winter near the front: warmth, evacuation, cash assistance",
    )
    words = dataclasses.replace(
        text("Пункти обігріву на зиму для літніх людей", "Warming points for older people"),
        summary="Пункти обігріву, паливні набори та грошова допомога літнім людям на зиму.",
        summary_en="Warming points, fuel kits and cash assistance for older people in winter.",
        sector="720",
    )
    idea = walk.published(head, staff, words)
    pair = walk.find_pair(staff, idea, winter)
    walk.release(staff, pair)
    walk.look_at(donor, pair)
    reads(donor, words.title_en)

    clockwork.close_call(live_app.instance, winter)
    for _ in range(40):
        walk.look_at(head, pair)
        if walk.said(head, LAPSED).count():
            break
        head.wait_for_timeout(500)
    sees(head, LAPSED)
    donor.goto("/donor/matches")
    sees_not(donor, words.title_en)
    walk.look_at(donor, pair)
    interested = walk.button(donor, "Interested")
    expect(interested).to_have_count(0)
    walk.look_at(staff, pair)
    sees(staff, "Lapsed", "This call is closed or the programme has ended.")
    clockwork.open_again(live_app.instance, winter)


LAPSED = "This pair is closed: the call has ended or the idea has changed."


def test_a_donor_without_an_account_is_served_on_paper(people: People) -> None:
    head, staff, staff2 = people(HEAD), people(STAFF), people(STAFF2)
    words = dataclasses.replace(
        text("Пересувний медичний кабінет для сіл", "A mobile medical office for villages"),
        summary="Пересувний медичний кабінет і швидка для сіл, де лікаря доводиться чекати днями.",
        summary_en="A mobile medical office and an ambulance for villages far from a doctor.",
        sector="122",
    )
    idea = walk.published(head, staff, words)
    pair = walk.find_pair(staff, idea, HEALTH_CALL)
    walk.release(staff, pair)

    walk.follow(staff, "The donor")
    walk.follow(staff, "Make a briefing pack")
    boxes = staff.get_by_role("checkbox")
    for box in boxes.all():
        box.uncheck(force=True)
    staff.get_by_label(words.title, exact=True).check(force=True)
    walk.press(staff, "Show the pack")
    reads(staff, words.title_en, words.summary_en)
    sees_not(staff, words.problem)

    walk.look_at(staff2, pair)
    walk.tick(staff2, "They are interested")
    walk.choose(staff2, "How did they say it?", "Meeting")
    walk.fill(
        staff2,
        {"On which day?": clockwork.today(), "Who said it: the post, no name": "Programme officer"},
    )
    walk.press(staff2, "Record the answer")
    walk.look_at(head, pair)
    sees(head, "The donor is interested. The office prepares the next step.")
    walk.look_at(staff, pair)
    reads(staff, "Programme officer")
