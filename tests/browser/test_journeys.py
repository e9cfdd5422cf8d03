"""The main paths of an idea, walked by everybody who takes part, read from the other's page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import clockwork, walk
from tests.browser.conftest import LiveApp, both_ways
from tests.browser.walk import (
    DONOR,
    EDITOR,
    HEAD,
    LEAD,
    LEAD2,
    RESCUE_CALL,
    STAFF,
    STAFF2,
    reads,
    sees,
    sees_not,
)

People = Callable[[str], Page]
FIRST_SCREEN = 10


@both_ways
def test_an_idea_becomes_an_introduction(people: People, live_app: LiveApp) -> None:
    editor, donor = people(EDITOR), people(DONOR)
    staff, staff2 = people(STAFF), people(STAFF2)
    text = walk.Text()
    idea = walk.write_idea(editor, text)
    walk.submit(editor, idea)
    walk.publish(staff, idea)

    # A Ukrainian text has found the English call, near the top and with its reasons.
    best = staff.get_by_role("table").first.get_by_role("row").all_inner_texts()
    best = best[1 : FIRST_SCREEN + 1]
    assert any(title in row for row in best for title in RESCUE_CALL), best
    pair = walk.find_pair(staff, idea, RESCUE_CALL)
    sees(staff, "Shared notions", "Rules of the donor", "What the donor reads")
    walk.finds_nothing(donor, f"/donor/matches/{pair}")

    walk.release(staff, pair)
    walk.look_at(editor, pair)
    sees(editor, "The donor is reading the idea.")
    donor.goto("/donor/matches")
    donor.locator(f"a[href='/donor/matches/{pair}']").first.click()
    reads(donor, text.title_en, "Rank ")
    sees_not(donor, EDITOR, HEAD, text.problem)

    walk.express_interest(donor, pair)
    walk.look_at(editor, pair)
    sees(editor, "The donor is interested. The office prepares the next step.")
    sees_not(editor, DONOR)
    walk.confirm_current(editor, idea)

    walk.approve(staff2, pair)
    walk.look_at(editor, pair)
    sees(editor, "The office has approved the pair and prepares the introduction.")
    walk.look_at(staff2, pair)
    introduce = walk.button(staff2, "Introduce, letters now")
    expect(introduce).to_have_count(0)
    clockwork.time_passes(live_app.instance)
    walk.introduce(staff2, pair)

    walk.look_at(donor, pair)
    reads(donor, EDITOR, HEAD)
    walk.look_at(editor, pair)
    reads(editor, DONOR)
    live_app.wait_for_letter(DONOR, EDITOR)
    live_app.wait_for_letter(EDITOR, DONOR)


def test_where_the_head_signs_nothing_leaves_before(people: People) -> None:
    editor, head, staff = people(EDITOR), people(HEAD), people(STAFF)
    turn_signing(staff, on=True)
    text = dataclasses.replace(walk.Text(), title="Рятувальне спорядження для громади")
    idea = walk.write_idea(editor, text)
    walk.submit(editor, idea, "Send to the head")
    sees(editor, "The draft is with the head")
    walk.finds_nothing(staff, f"/staff/ideas/{idea}")
    walk.sign(head, idea)
    staff.goto(f"/staff/ideas/{idea}")
    reads(staff, text.title)
    editor.goto(f"/community/ideas/{idea}")
    sees(editor, "Submitted")
    turn_signing(staff, on=False)


def turn_signing(staff: Page, *, on: bool) -> None:
    """Let the head of the example community sign each idea, or not."""
    staff.goto("/staff/communities?q=Сумська")
    walk.follow(staff, "Change")
    walk.field(staff, "The head signs each idea before it goes to the office").set_checked(
        on, force=True
    )
    walk.press(staff, "Save")


def test_an_idea_is_returned_mended_and_published(people: People) -> None:
    head, staff = people(HEAD), people(STAFF)
    text = dataclasses.replace(walk.Text(), amount="6 тис. доларів")
    idea = walk.write_idea(head, text)
    walk.submit(head, idea)

    note = "Шість тисяч замало для автомобіля: перевірте суму."
    staff.goto(f"/staff/ideas/{idea}")
    walk.press(staff, "Begin the check")
    walk.follow(staff, "Ask for changes")
    walk.fill(staff, {"Budget": note})
    walk.press(staff, "Return to the community")

    head.goto(f"/community/ideas/{idea}")
    reads(head, note)
    answer = head.goto(f"/community/ideas/{idea}/essence/edit")
    assert answer is not None
    assert answer.status == 409
    head.goto(f"/community/ideas/{idea}")
    walk.follow(head, "Open this section")
    reads(head, note)
    walk.fill(head, {"How much money is needed?": "61 тис. доларів"})
    walk.press(head, "Save")
    walk.submit(head, idea)

    staff.goto(f"/staff/ideas/{idea}")
    sees(staff, "What the revisions changed")
    reads(staff, "61 000")
    walk.publish(staff, idea)
    head.goto(f"/community/ideas/{idea}")
    sees(head, "Published")


def test_a_restricted_idea_needs_two_leads(people: People, live_app: LiveApp) -> None:
    head, staff, donor = people(HEAD), people(STAFF), people(DONOR)
    lead, lead2 = people(LEAD), people(LEAD2)
    text = dataclasses.replace(
        walk.Text(),
        title="Резервне живлення для насосів пожежної команди",
        title_en="Backup power for the pumps of the fire brigade",
        sensitivity=walk.RESTRICTED,
    )
    idea = walk.write_idea(head, text)
    walk.submit(head, idea)
    walk.finds_nothing(staff, f"/staff/ideas/{idea}")
    walk.publish(lead, idea)
    pair = walk.find_pair(lead, idea, RESCUE_CALL)
    walk.finds_nothing(staff, f"/staff/matches/{pair}")

    walk.release(lead, pair)
    walk.look_at(lead, pair)
    sees(lead, "A second person is asked for")
    walk.finds_nothing(donor, f"/donor/matches/{pair}")
    walk.look_at(lead2, pair)
    walk.press(lead2, "Confirm the release as the second person")
    walk.look_at(donor, pair)
    reads(donor, text.title_en)

    walk.express_interest(donor, pair)
    walk.confirm_current(head, idea)
    walk.approve(lead2, pair)
    walk.look_at(head, pair)
    sees(head, "The donor is interested. The office prepares the next step.")
    walk.look_at(lead, pair)
    walk.press(lead, "Confirm the approval as the second person")
    walk.look_at(head, pair)
    sees(head, "The office has approved the pair and prepares the introduction.")
    clockwork.time_passes(live_app.instance)
    walk.introduce(lead, pair)
    walk.look_at(donor, pair)
    reads(donor, HEAD)


def test_whoever_has_an_interest_keeps_out(people: People) -> None:
    bound, other, lead, head = people(STAFF2), people(STAFF), people(LEAD), people(HEAD)
    text = dataclasses.replace(walk.Text(), title="Мотопомпи для пожежної команди старостату")
    idea = walk.published(head, other, text)
    pair = walk.find_pair(other, idea, RESCUE_CALL)
    walk.release(other, pair)
    walk.look_at(bound, pair)
    reads(bound, text.title)

    bound.goto("/staff/conflicts")
    choices = walk.field(bound, "Community, agency or donor")
    community = choices.locator("option", has_text="Сумська міська").get_attribute("value")
    choices.select_option(value=community)
    walk.fill(bound, {"What kind of interest": "Працює родичка"})
    walk.press(bound, "Declare")

    walk.finds_nothing(bound, f"/staff/ideas/{idea}")
    walk.finds_nothing(bound, f"/staff/matches/{pair}")
    for address in ("/staff/", "/staff/ideas?q=Мотопомпи", "/staff/queue?view=all&q=Мотопомпи"):
        bound.goto(address)
        sees_not(bound, text.title)
    # A colleague still works with it, and a lead alone ends the interest.
    walk.look_at(other, pair)
    reads(other, text.title)
    lead.goto("/staff/conflicts")
    row = lead.get_by_role("row").filter(has_text="Працює родичка")
    walk.press(lead, "End the interest", within=row)
    walk.look_at(bound, pair)
    reads(bound, text.title)
