"""Every page that a link leads to, for every reader: whole, small, silent and accessible."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urldefrag, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page

from tests.browser import walk
from tests.browser.conftest import LiveApp

READERS = {
    "nobody": "",
    "editor": walk.EDITOR,
    "head": walk.HEAD,
    "donor": walk.DONOR,
    "donor2": walk.DONOR2,
    "staff": walk.STAFF,
    "staff2": walk.STAFF2,
    "lead": walk.LEAD,
    "lead2": walk.LEAD2,
    "admin": "admin@demo.example",
}
QUICK = ("nobody", "editor", "donor", "lead", "admin")
MOST_PAGES = 60
MOST_OF_A_KIND = 3
MOST_OF_A_KIND_WITH_QUERY = 2
NARROW = 320
MOST_BYTES = 30_000
# Pictures are few; what a page weighs is its own answer as it crosses the wire.
LINKS = "els => els.map(el => el.href)"
WIDE = """() => [...document.querySelectorAll("body *")]
  .filter(el => el.getBoundingClientRect().right > innerWidth + 1
    && !el.closest(".nav, [class*=scroll], .vh"))
  .slice(0, 3).map(el => el.outerHTML.slice(0, 120))"""


def readers() -> Iterator[Any]:
    """Yield the readers; some of them only where everything is checked."""
    for name in READERS:
        yield pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)


def kind_of(address: str) -> str:
    """Return what all pages of an endpoint have in common: the path without its numbers."""
    parts = urlsplit(address)
    path = re.sub(r"/(\d+|[0-9-]{6,}|[A-Za-z0-9_-]{20,})(?=/|$)", "/#", parts.path)
    return path + ("?" if parts.query else "")


class Weight:
    """Counts the bytes of each answer that crosses the wire."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, int] = {}
        self.urls: dict[str, str] = {}
        session: CDPSession = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self.on_response)
        session.on("Network.loadingFinished", self.on_finished)

    def on_response(self, event: dict[str, Any]) -> None:
        """Remember which answer is a page."""
        if event["type"] == "Document":
            self.urls[event["requestId"]] = event["response"]["url"]

    def on_finished(self, event: dict[str, Any]) -> None:
        """Note what it weighed."""
        url = self.urls.get(event["requestId"])
        if url:
            self.bytes[url] = int(event["encodedDataLength"])


class Crawl:
    """Goes from link to link as one reader and notes the faults of each page."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.weight = Weight(page)
        self.axe = Axe()
        self.waiting: list[str] = []
        self.seen: set[str] = set()
        self.kinds: dict[str, int] = {}
        self.checked: set[str] = set()
        self.faults: list[str] = []

    def offer(self, addresses: list[str]) -> None:
        """Queue the pages of this site that are new; a few of each kind are enough."""
        for address in addresses:
            address = urldefrag(address).url
            if not address.startswith(self.site + "/") or address in self.seen:
                continue
            kind = kind_of(address)
            most = MOST_OF_A_KIND_WITH_QUERY if kind.endswith("?") else MOST_OF_A_KIND
            if "/static/" in address or self.kinds.get(kind, 0) >= most:
                continue
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            self.seen.add(address)
            self.waiting.append(address)

    def run(self) -> int:
        """Look at up to 60 pages; return how many there were."""
        count = 0
        while self.waiting and count < MOST_PAGES:
            # The kinds seen least come first, so that every endpoint has its turn.
            self.waiting.sort(key=lambda address: kind_of(address) in self.checked)
            self.look(self.waiting.pop(0))
            count += 1
        return count

    def look(self, address: str) -> None:
        """Open one page and judge it."""
        answer = self.page.goto(address)
        assert answer is not None
        place = address.removeprefix(self.site)
        if "text/html" not in answer.headers.get("content-type", ""):
            return
        if answer.status != 200:
            self.faults.append(f"{place}: status {answer.status}")
        headings = self.page.locator("h1").count()
        if headings != 1:
            self.faults.append(f"{place}: {headings} h1")
        width = self.page.evaluate("document.scrollingElement.scrollWidth")
        if width > NARROW:
            self.faults.append(f"{place}: {width} px wide at {NARROW}: {self.page.evaluate(WIDE)}")
        self.weigh(place, address, answer.body())
        kind = kind_of(address).rstrip("?")
        if kind not in self.checked:
            self.checked.add(kind)
            self.ask_axe(place)
        self.checked.add(kind_of(address))
        self.offer(self.page.locator("a[href]").evaluate_all(LINKS))

    def weigh(self, place: str, address: str, body: bytes) -> None:
        """Note a page that is too heavy; gzip is the floor where the wire tells nothing."""
        weight = self.weight.bytes.get(address) or len(gzip.compress(body, 5))
        if weight > MOST_BYTES:
            self.faults.append(f"{place}: {weight} bytes on the wire")

    def ask_axe(self, place: str) -> None:
        """Note what the accessibility rules find."""
        for violation in self.axe.run(self.page).response["violations"]:
            nodes = [node["html"][:140] for node in violation["nodes"][:2]]
            self.faults.append(f"{place}: axe {violation['id']}: {nodes}")


@pytest.mark.parametrize("name", list(readers()))
def test_every_page_that_a_link_leads_to_is_whole(
    name: str,
    live_app: LiveApp,
    visitor: Callable[..., Page],
    person: Callable[..., Page],
) -> None:
    email = READERS[name]
    page = person(email, width=NARROW) if email else visitor(width=NARROW)
    start = page.url if email else live_app.url + "/"
    crawl = Crawl(page, live_app.url)
    crawl.offer([start, live_app.url + "/"])
    count = crawl.run()
    print(f"{name}: {count} pages of {len(crawl.kinds)} kinds")
    assert not crawl.faults, "\n".join(crawl.faults)
    assert count >= 8
