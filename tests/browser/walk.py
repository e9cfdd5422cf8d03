"""What people do on the pages, in their own words: controls are found by role and name.

The words are those of the source; for a page in Ukrainian they are looked up in the compiled
catalogue, and one without a translation is read in English, as the page itself shows it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import read_mo
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "matcher" / "translations" / "uk" / "LC_MESSAGES" / "messages.mo"
EDITOR = "editor@demo.example"
HEAD = "head@demo.example"
DONOR = "donor@demo.example"
DONOR2 = "donor2@demo.example"
STAFF = "staff@demo.example"
STAFF2 = "staff2@demo.example"
LEAD = "lead@demo.example"
LEAD2 = "lead2@demo.example"
OPEN = "Open: the public list may show it"
AFTER_APPROVAL = "Donors see it after the office has released it"
RESTRICTED = "Restricted: shelters, energy, water, bridges, depots"
# A call of donor@demo.example that takes ideas of every community for three more days.
RESCUE_CALL = (
    "Рятувальники та аварійні бригади: техніка й оповіщення",
    "Rescuers and repair teams: equipment and public warning",
)


@dataclass(frozen=True)
class Text:
    """An idea as its author thinks of it, before any form."""

    title: str = "Пожежний автомобіль і мотопомпи для місцевої пожежної команди"
    summary: str = (
        "Місцева пожежна команда не має справного автомобіля. Потрібні пожежний автомобіль, дві "
        "мотопомпи, захисне спорядження і навчання екіпажу, щоб допомога встигала до людей."
    )
    title_en: str = "Fire engine and motor pumps for the local fire brigade"
    summary_en: str = (
        "The local fire brigade has no working fire engine. We need a fire engine, two motor "
        "pumps, protective gear and training of the crew, so that help reaches people in time."
    )
    problem: str = "Найближча пожежна частина далеко: допомога їде понад сорок хвилин."
    activities: str = "Закупити техніку й спорядження, навчити екіпаж, скласти план утримання."
    result: str = "Перша допомога прибуває за дванадцять хвилин, а не за сорок."
    sector: str = "740"
    amount: str = "60 тис. доларів"
    sensitivity: str = AFTER_APPROVAL


# Words


@functools.cache
def catalogue() -> dict[str, tuple[str, ...]]:
    """Return the Ukrainian for each source string, one for each context in which it stands."""
    if not CATALOGUE.exists():
        return {}
    found: dict[str, tuple[str, ...]] = {}
    with CATALOGUE.open("rb") as file:
        for message in read_mo(file):
            if isinstance(message.id, str) and isinstance(message.string, str):
                found[message.id] = (*found.get(message.id, ()), message.string)
    return found


def uk(text: str) -> str:
    """Return the Ukrainian for a source string; itself while it has no translation."""
    return catalogue().get(text, (text,))[0]


def worded(page: Page, text: str) -> str:
    """Return a pattern of all wordings of a source string that this page may use."""
    is_ukrainian = page.locator("html").get_attribute("lang") == "uk"
    wordings = (*catalogue().get(text, ()), text) if is_ukrainian else (text,)
    spaced = (r"\s+".join(re.escape(part) for part in words.split()) for words in wordings)
    return f"(?:{'|'.join(dict.fromkeys(spaced))})"


def named(page: Page, text: str) -> re.Pattern[str]:
    """Return a pattern for a control of this name and what is added for its surroundings.

    Such are the thing it belongs to ("Ask: Fire engine") and "(optional)" after a label.
    """
    return re.compile(rf"^{worded(page, text)}(\s*[–(:].*)?$", re.DOTALL)


def button(page: Page, text: str) -> Locator:
    """Return the buttons of this name."""
    return page.get_by_role("button", name=named(page, text))


def said(page: Page, text: str) -> Locator:
    """Return where the page says this."""
    return page.get_by_text(re.compile(worded(page, text)))


# Hands


def press(page: Page, text: str, *, within: Locator | None = None) -> None:
    """Press the button of this name, on the page or in a part of it."""
    (within or page).get_by_role("button", name=named(page, text)).first.click()


def follow(page: Page, text: str) -> None:
    """Follow the link of this name."""
    page.get_by_role("link", name=named(page, text)).first.click()


def field(page: Page, label: str) -> Locator:
    """Return the field of this label."""
    return page.get_by_label(named(page, label)).first


def fill(page: Page, fields: dict[str, str]) -> None:
    """Write into the fields of these labels."""
    for label, text in fields.items():
        field(page, label).fill(text)


def tick(page: Page, label: str) -> None:
    """Tick the box or choose the radio button of this label."""
    # The label lies over its box, so that a thumb hits it: the click lands on the label.
    field(page, label).check(force=True)


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option, by its words, in the list of this label."""
    choices = field(page, label)
    wanted = choices.locator("option", has_text=re.compile(worded(page, option)))
    choices.select_option(value=wanted.first.get_attribute("value"))


def sees(page: Page, *texts: str) -> None:
    """Expect these source strings to stand on the page."""
    for text in texts:
        expect(said(page, text).first).to_be_visible()


def reads(page: Page, *words: str) -> None:
    """Expect these very words, of a person and in no need of translation, on the page."""
    for text in words:
        expect(page.get_by_text(text).first).to_be_visible()


def sees_not(page: Page, *words: str) -> None:
    """Expect none of these very words anywhere on the page."""
    for text in words:
        expect(page.get_by_text(text)).to_have_count(0)


def finds_nothing(page: Page, address: str) -> None:
    """Expect an address to answer like one that does not exist."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404, f"{answer.status}: {address}"
    sees(page, "There is no such page")


def number_in(page: Page) -> int:
    """Return the number of the thing whose page this is."""
    found = re.search(r"/(\d+)(?:[/?#]|$)", page.url)
    assert found, page.url
    return int(found[1])


# The community


def start_idea(page: Page, text: Text) -> int:
    """Begin an idea with a title and a summary; return its number."""
    page.goto("/community/ideas")
    follow(page, "Submit an idea")
    fill(page, {"Title": text.title, "Summary": text.summary})
    press(page, "Save the draft")
    page.wait_for_url(re.compile(r"/community/ideas/\d+$"))
    return number_in(page)


def fill_essence(page: Page, text: Text) -> None:
    """Fill the first section: what the idea is."""
    follow(page, "The essence")
    fill(
        page,
        {
            "What problem do you solve?": text.problem,
            "What will you do?": text.activities,
            "What will change?": text.result,
            "Title in English": text.title_en,
            "Summary in English": text.summary_en,
        },
    )
    field(page, "Sector").select_option(value=text.sector)
    press(page, "Save")


def fill_people(page: Page, text: Text) -> None:
    """Fill the second section: whom it helps and who may know."""
    follow(page, "People and community")
    fill(page, {"How many people it helps": "7,4 тис."})
    tick(page, "Older people")
    tick(page, text.sensitivity)
    press(page, "Save")


def fill_rest(page: Page, text: Text) -> None:
    """Fill the money, the partners and the documents."""
    follow(page, "Budget")
    fill(
        page,
        {
            "How much money is needed?": text.amount,
            "Own share": "10",
            "How long does it take?": "8 місяців",
        },
    )
    press(page, "Save")
    follow(page, "Partners and capacity")
    choose(page, "Who applies", "Community")
    fill(page, {"Experience and people": "Громада утримує команду з місцевого бюджету."})
    press(page, "Save")
    follow(page, "Documents")
    tick(page, "A concept")
    press(page, "Save")


def write_idea(page: Page, text: Text) -> int:
    """Write a whole idea, section by section; return its number."""
    number = start_idea(page, text)
    fill_essence(page, text)
    fill_people(page, text)
    fill_rest(page, text)
    return number


def submit(page: Page, idea: int, button: str = "Submit") -> None:
    """Check the answers, agree and submit, or send to the head where the head signs."""
    page.goto(f"/community/ideas/{idea}/check")
    page.get_by_role("checkbox").last.check(force=True)
    press(page, button)
    page.wait_for_url(re.compile(r"/submitted$"))


def sign(page: Page, idea: int) -> None:
    """Sign what the editor has written, as the head."""
    page.goto(f"/community/ideas/{idea}/check")
    press(page, "Sign and submit")
    page.wait_for_url(re.compile(r"/submitted$"))


def confirm_current(page: Page, idea: int) -> None:
    """Say that the idea is current, as the office needs before it approves."""
    page.goto(f"/community/ideas/{idea}")
    press(page, "Yes, the idea is current")


# The office


def confirm_texts(page: Page, idea: int, languages: Iterable[str] = ("uk", "en")) -> None:
    """Read and confirm what outsiders will read; say why marked words may stand."""
    for code in languages:
        page.goto(f"/staff/ideas/{idea}/release-text/{code}")
        for reason in page.locator("input[name^=accept]").all():
            reason.fill("Назва не вказує на місце")
        press(page, "Confirm for donors and the public")
        page.wait_for_url(re.compile(r"/staff/ideas/\d+(\?|#|$)"))


def publish(page: Page, idea: int) -> None:
    """Open the idea, confirm both texts for outsiders and publish it."""
    page.goto(f"/staff/ideas/{idea}")
    press(page, "Begin the check")
    confirm_texts(page, idea)
    page.goto(f"/staff/ideas/{idea}")
    press(page, "Publish")
    expect(page.get_by_role("heading", name=named(page, "Pairs with donors"))).to_be_visible()


def find_pair(page: Page, idea: int, call: tuple[str, str]) -> int:
    """Open the pair of an idea with the call of these titles; return its number."""
    page.goto(f"/staff/ideas/{idea}")
    titles = re.compile("|".join(re.escape(title) for title in call))
    page.get_by_role("link", name=titles).first.click()
    page.wait_for_url(re.compile(r"/staff/matches/\d+"))
    return number_in(page)


def look_at(page: Page, pair: int) -> None:
    """Open the page of a pair as the office, the donor or the community sees it."""
    here = page.url.split("/")[3]
    page.goto(f"/{here}/matches/{pair}")


def release(page: Page, pair: int) -> None:
    """Let the donor read the idea."""
    look_at(page, pair)
    press(page, "Release to the donor")


def dismiss(page: Page, pair: int, reason: str) -> None:
    """Put a suggestion aside."""
    look_at(page, pair)
    choose(page, "Reason", reason)
    press(page, "Dismiss")


def approve(page: Page, pair: int) -> None:
    """Approve a pair that the donor wants and the community has confirmed."""
    look_at(page, pair)
    press(page, "Approve")


def introduce(page: Page, pair: int) -> None:
    """Introduce the two sides: contacts open, letters leave."""
    look_at(page, pair)
    press(page, "Introduce, letters now")


def undo(page: Page, pair: int) -> None:
    """Take one's own latest act back."""
    look_at(page, pair)
    press(page, "Undo" if "/donor/" in page.url else "Undo my last act")


def relay(page: Page, pair: int, *, question: str = "", answer: str = "") -> None:
    """Pass a question to the community, or its answer to the donor."""
    look_at(page, pair)
    if question:
        fill(page, {"Question for the community": question})
        press(page, "Pass the question to the community")
    else:
        fill(page, {"Answer for the donor": answer})
        press(page, "Pass the answer to the donor")


def published(head: Page, staff: Page, text: Text) -> int:
    """Bring an idea from the first word to publication; return its number."""
    idea = write_idea(head, text)
    submit(head, idea)
    publish(staff, idea)
    return idea


# The donor


def express_interest(page: Page, pair: int) -> None:
    """Say yes."""
    look_at(page, pair)
    press(page, "Interested")


def ask(page: Page, pair: int, question: str) -> None:
    """Ask the community through the office."""
    look_at(page, pair)
    follow(page, "Ask")
    fill(page, {"Your question": question})
    press(page, "Send the question")


def decline(page: Page, pair: int, reason: str) -> None:
    """Say no, with a reason."""
    look_at(page, pair)
    follow(page, "Not for us")
    tick(page, reason)
    press(page, "Not for us")
