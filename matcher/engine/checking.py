"""What is wrong in lexicon lines, and the figures of a lexicon: counts, coverage, a sample."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matcher.engine.analysis import Analyser
from matcher.engine.lexicon import JOIN, Concept, Fault, Lexicon, read_file, term_keys
from matcher.engine.space import Parameters, Space, is_word
from matcher.engine.stem import KeyTable
from matcher.engine.stopwords import FUNCTION
from matcher.engine.text import romanise

_FUNCTION_FILE = "general-function.txt"
GENERAL, NAMES = "general-", "names.txt"


@dataclass(frozen=True)
class Tally:
    """Counts of one part of a lexicon.

    Attributes
    ----------
    concepts : int
        Lines with at least one headword that counts.
    headwords : int
        Ukrainian keys and phrases, each once, with an English key that is not their romanisation.
    english : float
        Distinct English keys and phrases a concept, on average.
    """

    concepts: int
    headwords: int
    english: float


@dataclass(frozen=True)
class Coverage:
    """Share of running words with a subject that a lexicon knows, or nearly knows."""

    known: float
    near: float
    words: int


def _unit(term: str, table: KeyTable) -> str:
    return JOIN.join(term_keys(term, table))


def check_file(path: Path, lexicon: Lexicon) -> list[Fault]:
    """Return what is wrong in a file of additions to ``lexicon``, in the order of its lines."""
    concepts, faults = read_file(path)
    faults += check_concepts(concepts, beside=lexicon.concepts, table=lexicon.table)
    return sorted(faults, key=lambda fault: fault.line)


def check_concepts(
    concepts: Sequence[Concept], *, beside: Sequence[Concept] = (), table: KeyTable | None = None
) -> list[Fault]:
    """Return what is wrong in concepts that were read without a fault of form.

    Parameters
    ----------
    concepts : sequence of Concept
    beside : sequence of Concept
        Concepts that are there already; what these repeat is a fault as well.
    table : KeyTable, optional
        Where analysed forms are kept.
    """
    table = table if table is not None else KeyTable()
    known: dict[str, set[str]] = defaultdict(set)
    ids = {concept.id for concept in beside}
    for concept in beside:
        english = {_unit(term, table) for term in concept.english}
        for term in concept.ukrainian:
            known[_unit(term, table)] |= english
    faults: list[Fault] = []
    for concept in concepts:
        reasons = _reasons(concept, known, table)
        if concept.id in ids:
            reasons.insert(0, f"the id '{concept.id}' is taken; choose another")
        ids.add(concept.id)
        faults += [Fault(concept.file, concept.line, reason) for reason in reasons]
    return faults


def _reasons(concept: Concept, known: dict[str, set[str]], table: KeyTable) -> list[str]:
    """Say what is wrong with one concept; what it adds is put into ``known``."""
    reasons = []
    english = {_unit(term, table) for term in concept.english}
    for term in (*concept.ukrainian, *concept.english):
        if not _unit(term, table):
            reasons.append(f"'{term}' has no key: only stop words or signs")
    units = {term: _unit(term, table) for term in concept.ukrainian}
    for term, unit in units.items():
        if unit.startswith(FUNCTION) and concept.file != _FUNCTION_FILE:
            reasons.append(f"'{term}' is a function word, which has its line already")
        elif unit and english <= known[unit]:
            reasons.append(f"'{term}' is there already, with all these translations")
    for unit in units.values():
        known[unit] |= english
    return reasons


def part_of(concept: Concept) -> str:
    """Return "names", "general" or "field": which part of the lexicon a concept belongs to."""
    if concept.file == NAMES:
        return "names"
    return "general" if concept.file.startswith(GENERAL) else "field"


def tally(concepts: Iterable[Concept], table: KeyTable) -> dict[str, Tally]:
    """Count the parts of a lexicon; a headword belongs to the part that has it first."""
    seen: set[str] = set()
    concepts_of: dict[str, int] = defaultdict(int)
    headwords_of: dict[str, int] = defaultdict(int)
    english_of: dict[str, int] = defaultdict(int)
    for concept in concepts:
        part = part_of(concept)
        english = {_unit(term, table) for term in concept.english} - {""}
        units = {_unit(term, table) for term in concept.ukrainian} - {""}
        fresh = {unit for unit in units - seen if english - {romanise(unit)}}
        seen |= units
        if fresh:
            concepts_of[part] += 1
            headwords_of[part] += len(fresh)
            english_of[part] += len(english)
    return {
        part: Tally(count, headwords_of[part], english_of[part] / count)
        for part, count in sorted(concepts_of.items())
    }


def shared_headwords(lexicon: Lexicon) -> dict[str, list[str]]:
    """Return headwords that several concepts have, with these: homonyms, or stems that meet."""
    concepts: dict[str, list[str]] = defaultdict(list)
    for concept in lexicon.concepts:
        for unit in {_unit(term, lexicon.table) for term in concept.ukrainian} - {""}:
            concepts[unit].append(concept.id)
    return {unit: ids for unit, ids in sorted(concepts.items()) if len(ids) > 1}


def coverage(lexicon: Lexicon, texts: Iterable[str]) -> Coverage:
    """Return which share of the running words of texts the lexicon knows.

    Stop words, function words and numbers are not counted; names are, as words that it should
    know. ``near`` counts the words as well that take the nearest headword.
    """
    space, analyser = Space(lexicon, Parameters()), Analyser(lexicon)
    known = near = total = 0
    for text in texts:
        for unit, count in analyser.analyse(text).units.items():
            if is_word(unit):
                total += count
                known += count * (unit in lexicon.translations or unit in lexicon.english)
                near += count * space.project(unit).covered
    return Coverage(known / max(total, 1), near / max(total, 1), total)


def sample(concepts: Sequence[Concept], size: int, seed: int) -> list[Concept]:
    """Return a seeded sample of concepts, in their order, for reading back."""

    def lot(place: int) -> bytes:
        return hashlib.sha256(f"{seed} {concepts[place].id}".encode()).digest()

    return [concepts[place] for place in sorted(sorted(range(len(concepts)), key=lot)[:size])]
