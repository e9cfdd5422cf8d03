"""A lexicon as it was put together, with all forms analysed so far, in one file; derived data.

Reading the concept files and analysing their terms costs seconds, this file a tenth of it. It is
bound to its sources: other concept files, another stemmer or other rules, and it is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import simplemma
import snowballstemmer

from matcher.engine import lexicon as lexicon_module
from matcher.engine import stem, stopwords, text
from matcher.engine.files import write_whole
from matcher.engine.lexicon import (
    Concept,
    Fault,
    Lexicon,
    lexicon_files,
    load_lexicon,
    without_collection,
)
from matcher.engine.stem import KeyTable

_FORMAT = 1
_OPEN: dict[str, Lexicon] = {}  # by the digest of the sources
_CODE = (lexicon_module, stem, stopwords, text)


def sources_digest(folders: Iterable[Path]) -> str:
    """Return SHA-256 over everything that a lexicon is made of: files, rules, packages."""
    digest = hashlib.sha256(f"{_FORMAT} {simplemma.__version__}".encode())
    digest.update(getattr(snowballstemmer, "__version__", "").encode())
    paths = [Path(str(module.__file__)) for module in _CODE] + lexicon_files(folders)
    for path in paths:
        digest.update(path.name.encode("utf-8", "surrogateescape") + _content_digest(path))
    return digest.hexdigest()


def _content_digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:  # a fault that reading will name
        return b"unreadable"


def open_lexicon(folders: Iterable[Path], path: Path) -> Lexicon:
    """Return the built-in lexicon with the additions in ``folders``, read once per process.

    Parameters
    ----------
    folders : iterable of Path
        Folders of an installation; those that do not exist are passed over.
    path : Path
        Where the lexicon lies ready; made anew where it is missing, damaged or of other sources.
    """
    existing = [folder for folder in folders if folder.is_dir()]
    sources = sources_digest(existing)
    if sources not in _OPEN:
        _OPEN.clear()  # of the files as they were before
        found = _read(path, sources)
        if found is None:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            found = load_lexicon(existing)
        found.sources = sources
        _OPEN[sources] = found
    return _OPEN[sources]


def keep_lexicon(lexicon: Lexicon, path: Path) -> None:
    """Write an opened lexicon and the forms that its table knows by now, unless they are there."""
    n_forms = len(lexicon.table)
    if not lexicon.sources or _head(path)[:2] == [lexicon.sources, str(n_forms)]:
        return
    content: dict[str, Any] = {
        "concepts": [astuple(concept) for concept in lexicon.concepts],
        "translations": lexicon.translations,
        "english": lexicon.english,
        "related": lexicon.related,
        "concept_of": lexicon.concept_of,
        "phrases": sorted(lexicon.phrases),
        "phrase_lengths": lexicon.phrase_lengths,
        "faults": [astuple(fault) for fault in lexicon.faults],
        "digest": lexicon.digest,
        "forms": lexicon.table.packed(),
    }
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
    head = f"{lexicon.sources} {n_forms} {hashlib.sha256(body).hexdigest()}\n".encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, head + body)


def _head(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            return file.readline().decode("ascii", "replace").split()
    except OSError:
        return []


def _read(path: Path, sources: str) -> Lexicon | None:
    head = _head(path)
    if len(head) != 3 or head[0] != sources:
        return None
    body = path.read_bytes().partition(b"\n")[2]
    if hashlib.sha256(body).hexdigest() != head[2]:
        return None
    try:
        with without_collection():
            return _lexicon(json.loads(body.decode("utf-8", "surrogatepass")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _lexicon(content: dict[str, Any]) -> Lexicon:
    return Lexicon(
        concepts=tuple(_concept(row) for row in content["concepts"]),
        translations={unit: _pairs(row) for unit, row in content["translations"].items()},
        english=content["english"],
        related={unit: _pairs(row) for unit, row in content["related"].items()},
        concept_of=content["concept_of"],
        phrases=frozenset(tuple(phrase) for phrase in content["phrases"]),
        phrase_lengths={
            first: tuple(lengths) for first, lengths in content["phrase_lengths"].items()
        },
        faults=tuple(Fault(*row) for row in content["faults"]),
        digest=content["digest"],
        table=KeyTable(content["forms"]),
    )


def _pairs(row: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple([(name, weight) for name, weight in row])


def _concept(row: list[Any]) -> Concept:
    name, ukrainian, english, tags, file, line = row
    pairs = tuple((tag, value) for tag, value in tags)
    return Concept(name, tuple(ukrainian), tuple(english), pairs, file, line)
