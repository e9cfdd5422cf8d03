"""The Ukrainian catalogue: complete, compiled, placeholders kept, three plural forms."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "matcher" / "translations" / "uk" / "LC_MESSAGES"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
MACHINE = re.compile(
    r"приймати участь|на протязі|слідуюч|міроприємств|являється|будь ласка будь ласка"
    r"|співпада|відмінити|приймає участь|на рахунок того|у якості|так як",
    re.IGNORECASE,
)


def source_messages() -> set[tuple[str | None, object]]:
    """Return (context, id) of every message in code and templates."""
    with (ROOT / "babel.cfg").open() as lines:
        methods, options = parse_mapping_cfg(lines)
    found: set[tuple[str | None, object]] = set()
    for _file, _line, message, _comments, context in extract_from_dir(
        ROOT, method_map=methods, options_map=options, keywords=KEYWORDS
    ):
        found.add((context, message[0] if isinstance(message, tuple) else message))
    return found


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """Return the Ukrainian catalogue as translators see it."""
    with (FOLDER / "messages.po").open("rb") as lines:
        return read_po(lines, locale="uk")


def entries(catalogue: Catalog) -> list[Message]:
    """Return the messages without the header."""
    return [message for message in catalogue if message.id]


def test_every_source_string_has_its_ukrainian(catalogue: Catalog) -> None:
    known = {
        (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in entries(catalogue)
    }
    assert sorted(str(missing) for missing in source_messages() - known) == []


def test_no_entry_is_empty_or_fuzzy(catalogue: Catalog) -> None:
    for message in entries(catalogue):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(form.strip() for form in forms), message.id
        assert not message.fuzzy, message.id


def test_counts_have_three_forms(catalogue: Catalog) -> None:
    for message in entries(catalogue):
        if message.pluralizable:
            assert len(message.string) == 3, message.id


def test_placeholders_are_kept(catalogue: Catalog) -> None:
    for message in entries(catalogue):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACEHOLDER.findall(ids[-1]))
        for form in forms:
            found = set(PLACEHOLDER.findall(form))
            # A form for "one" may leave out the number itself; nothing else may be lost.
            assert found <= wanted, message.id
            assert wanted - found <= ({"num"} if message.pluralizable else set()), message.id


def test_the_typography_is_ukrainian(catalogue: Catalog) -> None:
    for message in entries(catalogue):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            assert "'" not in form, f"apostrophe is ’ in {form!r}"
            assert '"' not in form, f"quotes are « » in {form!r}"
            assert " —" not in form, f"no-break space before the dash in {form!r}"
            assert not MACHINE.search(form), f"not Ukrainian: {form!r}"


def test_the_compiled_catalogue_is_that_of_the_source(catalogue: Catalog) -> None:
    wanted = io.BytesIO()
    write_mo(wanted, catalogue)
    wanted.seek(0)
    with (FOLDER / "messages.mo").open("rb") as compiled:
        assert read_mo(compiled)._messages.keys() == read_mo(wanted)._messages.keys()
        compiled.seek(0)
        fresh = {str(m.id): m.string for m in read_mo(wanted_copy(wanted)) if m.id}
        assert {str(m.id): m.string for m in read_mo(compiled) if m.id} == fresh


def wanted_copy(stream: io.BytesIO) -> io.BytesIO:
    """Return the stream from its beginning."""
    return io.BytesIO(stream.getvalue())
