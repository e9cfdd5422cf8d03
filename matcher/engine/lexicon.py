"""The bridge between the two languages: concept files, their keys and their translations."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from matcher.engine.stem import KeyTable
from matcher.engine.stopwords import FUNCTION
from matcher.engine.text import TOKEN, is_cyrillic

BUILT_IN = Path(__file__).with_name("data") / "lexicon"
JOIN = "_"  # between the keys of a phrase
NUMBER = "#"  # first letter of the key of a number
MAX_RELATED = 8  # synonyms kept per English unit; the tail is noise and costs time
_ID = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*\Z")
_TAG = re.compile(r"(?:dac=\d{3}|sdg=\d{1,2}|cluster=[A-Z]+)\Z")
# The best translation first: 3, 2, 2, 1, 1 ... beat equal weights by 1.2 points of accuracy at 1
# in the experiments that preceded this engine; the row is then scaled to length 1.
_ORDER = (3.0, 2.0, 2.0)
_TITLES = "Ukrainian", "English"


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a lexicon file; ``line`` counts from 1, 0 means the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class LexiconError(ValueError):
    """A lexicon cannot be used; ``faults`` says where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults[:5]))


@dataclass(frozen=True)
class Concept:
    """One line of a lexicon: terms of both languages, best first, and its tags."""

    id: str
    ukrainian: tuple[str, ...]
    english: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    file: str
    line: int


@dataclass
class Lexicon:
    """Concepts by key.

    Attributes
    ----------
    concepts : tuple of Concept
    translations : dict
        Ukrainian unit -> its English units with weights, squares summing to 1. A unit is a key,
        or the keys of a phrase joined by ``_``.
    english : dict
        English unit -> the concept it was first written for.
    related : dict
        English unit -> the English units it shares a line with, itself first, squares summing
        to 1, at most ``MAX_RELATED``.
    concept_of : dict
        Ukrainian unit -> concept.
    phrases : frozenset
        The keys of each phrase of either language.
    phrase_lengths : dict
        First key -> how many keys the phrases have that begin with it, longest first.
    faults : tuple of Fault
        Lines that were left out, in the order of the files.
    digest : str
        SHA-256 over the concepts as read.
    table : KeyTable
        The forms that were analysed, those of the terms among them.
    sources : str
        Digest of the files and rules it was made of; empty unless ``open_lexicon`` made it.
    """

    concepts: tuple[Concept, ...] = ()
    translations: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    english: dict[str, str] = field(default_factory=dict)
    related: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    concept_of: dict[str, str] = field(default_factory=dict)
    phrases: frozenset[tuple[str, ...]] = frozenset()
    phrase_lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    digest: str = ""
    table: KeyTable = field(default_factory=KeyTable, repr=False, compare=False)
    sources: str = field(default="", compare=False)
    _by_id: dict[str, Concept] = field(default_factory=dict, repr=False, compare=False)

    def concept(self, concept_id: str) -> Concept | None:
        """Return the concept of this id, or None."""
        if not self._by_id:
            self._by_id.update({concept.id: concept for concept in self.concepts})
        return self._by_id.get(concept_id)

    @property
    def headwords(self) -> int:
        """The number of Ukrainian units that have a translation."""
        return len(self.translations)


def term_keys(term: str, table: KeyTable) -> tuple[str, ...]:
    """Return the keys of a lexicon term in order, stop words left out.

    Function words are left out as well, unless there is nothing else.
    """
    keys: list[str] = []
    for match in TOKEN.finditer(term):
        if match.lastgroup == "word":
            keys += [key.key for key in table.keys(match.group()) if key.key]
        elif match.lastgroup == "number":
            keys.append(number_key(match.group()))
    return tuple([key for key in keys if key[0] != FUNCTION] or keys)


def number_key(raw: str) -> str:
    """Return the key of a number: kept apart from words, decimal comma and point alike."""
    return NUMBER + raw.replace(",", ".")


def parse_line(line: str, file: str, number: int) -> Concept:
    """Read one concept line; raises LexiconError that names file, line and reason."""

    def refuse(reason: str) -> LexiconError:
        return LexiconError([Fault(file, number, reason)])

    columns = [column.strip() for column in line.split("|")]
    if not 3 <= len(columns) <= 4:
        raise refuse(f"expected 3 or 4 columns separated by '|', found {len(columns)}")
    if not _ID.match(columns[0]):
        raise refuse(f"'{columns[0]}' is no concept id: Latin letters, digits and hyphens")
    terms = [
        tuple(term.strip() for term in column.split(";") if term.strip()) for column in columns[1:3]
    ]
    for title, column in zip(_TITLES, terms, strict=True):
        if not column:
            raise refuse(f"the {title} column is empty")
    for term in terms[1]:
        if any(is_cyrillic(letter) for letter in term):
            raise refuse(f"Cyrillic letters in the English term '{term}'")
    tags = columns[3].split() if len(columns) == 4 else []
    for tag in tags:
        if not _TAG.match(tag):
            raise refuse(f"unknown tag '{tag}': dac=140, sdg=6 or cluster=WASH")
    pairs = tuple((tag.partition("=")[0], tag.partition("=")[2]) for tag in tags)
    return Concept(columns[0], terms[0], terms[1], pairs, file, number)


def read_file(path: Path) -> tuple[list[Concept], list[Fault]]:
    """Read one lexicon file; faulty lines are reported and left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return [], [Fault(path.name, 0, f"cannot be read as UTF-8 text: {error}")]
    concepts: list[Concept] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                concepts.append(parse_line(line, path.name, number))
            except LexiconError as error:
                faults += error.faults
    return concepts, faults


def _files(folder: Path) -> list[Path]:
    # Themes first, so that the field sense of a word comes before its general one.
    found = sorted(folder.glob("*.txt"))
    return sorted(found, key=lambda path: (path.name.startswith("general-"), path.name))


def load_lexicon(
    folders: Iterable[Path] = (), *, built_in: bool = True, table: KeyTable | None = None
) -> Lexicon:
    """Read the built-in lexicon and the additions of an installation.

    Parameters
    ----------
    folders : iterable of Path
        Folders with further ``*.txt`` files; a missing folder is a LexiconError.
    built_in : bool
        Whether the project's own files are read first.
    table : KeyTable, optional
        Where analysed forms are kept.

    Returns
    -------
    Lexicon
        Faulty lines are left out and listed in ``faults``.
    """
    concepts: list[Concept] = []
    faults: list[Fault] = []
    for path in lexicon_files(folders, built_in=built_in):
        read, wrong = read_file(path)
        concepts += read
        faults += wrong
    with without_collection():
        return build_lexicon(concepts, faults, table=table)


def lexicon_files(folders: Iterable[Path] = (), *, built_in: bool = True) -> list[Path]:
    """Return the concept files in the order in which they are read; raises LexiconError."""
    paths: list[Path] = []
    for folder in [*([BUILT_IN] if built_in else []), *(Path(folder) for folder in folders)]:
        if not folder.is_dir():
            raise LexiconError([Fault(str(folder), 0, "there is no such folder")])
        paths += _files(folder)
    return paths


@contextmanager
def without_collection() -> Iterator[None]:
    """Make many lasting objects without searching them for rubbish again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """Return the built-in lexicon, read once per process."""
    return load_lexicon()


class _Builder:
    def __init__(self, table: KeyTable) -> None:
        self.table = table
        self.rows: dict[str, dict[str, float]] = {}
        self.english: dict[str, str] = {}
        self.concept_of: dict[str, str] = {}
        self.phrases: set[tuple[str, ...]] = set()
        self.faults: list[Fault] = []

    def _units(self, concept: Concept, terms: tuple[str, ...]) -> list[str]:
        units: dict[str, None] = {}
        for term in terms:
            keys = term_keys(term, self.table)
            if not keys:
                reason = f"'{term}' has no key: only stop words or signs"
                self.faults.append(Fault(concept.file, concept.line, reason))
                continue
            if len(keys) > 1:
                self.phrases.add(keys)
            units[JOIN.join(keys)] = None
        return list(units)

    def add(self, concept: Concept) -> None:
        english = self._units(concept, concept.english)
        for unit in english:
            self.english.setdefault(unit, concept.id)
        for unit in self._units(concept, concept.ukrainian):
            self.concept_of.setdefault(unit, concept.id)
            row = self.rows.setdefault(unit, {})
            for order, target in enumerate(english):
                weight = _ORDER[order] if order < len(_ORDER) else 1.0
                row[target] = max(weight, row.get(target, 0.0))


def _scaled(row: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Scale a row to length 1; six digits, so that the file of a compiled lexicon is small."""
    length = sum(weight * weight for weight in row.values()) ** 0.5
    return tuple((target, round(weight / length, 6)) for target, weight in row.items())


def _related(
    translations: dict[str, tuple[tuple[str, float], ...]],
) -> dict[str, tuple[tuple[str, float], ...]]:
    """English units by the Ukrainian headwords that they translate together (T' T)."""
    sums: dict[str, dict[str, float]] = {}
    for row in translations.values():
        for target, weight in row:
            others = sums.setdefault(target, {})
            for other, other_weight in row:
                others[other] = others.get(other, 0.0) + weight * other_weight
    result = {}
    for target, others in sums.items():
        best = sorted(others.items(), key=lambda pair: (pair[0] != target, -pair[1], pair[0]))
        result[target] = _scaled(dict(best[:MAX_RELATED]))
    return result


def build_lexicon(
    concepts: Sequence[Concept], faults: Sequence[Fault] = (), *, table: KeyTable | None = None
) -> Lexicon:
    """Turn concepts into keys and weighted translations; see ``Lexicon``."""
    table = table if table is not None else KeyTable()
    builder = _Builder(table)
    digest = hashlib.sha256()
    for concept in concepts:
        builder.add(concept)
        digest.update(repr((concept.id, concept.ukrainian, concept.english)).encode())
    lengths: dict[str, set[int]] = {}
    for phrase in builder.phrases:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    translations = {unit: _scaled(row) for unit, row in builder.rows.items() if row}
    return Lexicon(
        concepts=tuple(concepts),
        translations=translations,
        english=builder.english,
        related=_related(translations),
        concept_of=builder.concept_of,
        phrases=frozenset(builder.phrases),
        phrase_lengths={first: tuple(sorted(found)[::-1]) for first, found in lengths.items()},
        faults=(*faults, *builder.faults),
        digest=digest.hexdigest(),
        table=table,
    )
