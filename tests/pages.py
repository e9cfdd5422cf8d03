"""What every page must be: valid HTML, one heading, labelled fields, nothing inline."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import html5lib

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


class Collector(HTMLParser):
    """Gathers ids, labels, fields and headings of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.headings = 0
        self.titles = 0
        self.lang = ""
        self.inline: list[str] = []
        self.posts_without_token = 0
        self._form: dict[str, object] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(found["id"])
        if "style" in found or any(name.startswith("on") for name in found):
            self.inline.append(tag)
        if tag == "html":
            self.lang = found.get("lang") or ""
        if tag == "label" and found.get("for"):
            self.labels.add(found["for"])
        if tag == "h1":
            self.headings += 1
        if tag == "title":
            self.titles += 1
        if tag in ("input", "select", "textarea") and found.get("type") not in UNLABELLED:
            self.fields.append(found)
        if tag == "script" and not found.get("src"):
            self.inline.append("script")


def check(html: str) -> None:
    """Fail with the first fault of the page."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    faults = [code for _position, code, _details in parser.errors]
    assert not faults, f"invalid HTML: {faults[:5]}"
    page = Collector()
    page.feed(html)
    doubles = [name for name, times in Counter(page.ids).items() if times > 1]
    assert not doubles, f"ids twice: {doubles}"
    assert page.headings == 1, f"{page.headings} h1"
    assert page.titles >= 1, "no title"
    assert page.lang in ("uk", "en"), f"lang={page.lang!r}"
    assert not page.inline, f"inline style or script in {page.inline}"
    for field in page.fields:
        labelled = field.get("id") in page.labels or field.get("aria-label")
        assert labelled or field.get("aria-labelledby"), f"field without a label: {field}"
