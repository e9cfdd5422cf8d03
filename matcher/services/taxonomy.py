"""The lists of codes that both sides use: sectors, development goals, humanitarian clusters."""

from __future__ import annotations

from collections.abc import Mapping
from csv import DictReader
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

REFERENCE = Path(__file__).resolve().parent.parent / "reference"


class Term(NamedTuple):
    """A code with its words in both languages."""

    code: str
    name_uk: str
    name_en: str


@lru_cache(maxsize=8)
def read_terms(name: str) -> Mapping[str, Term]:
    """Return the terms of a list file by code, in the order of the file."""
    path = REFERENCE / f"{name}.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = DictReader(lines, delimiter="\t")
        return {row["code"]: Term(row["code"], row["name_uk"], row["name_en"]) for row in rows}


def sectors() -> Mapping[str, Term]:
    """Return the OECD DAC sectors (three digits)."""
    return read_terms("sectors")


def sdgs() -> Mapping[str, Term]:
    """Return the 17 sustainable development goals; the codes are the numbers as text."""
    return read_terms("sdgs")


def clusters() -> Mapping[str, Term]:
    """Return the humanitarian clusters."""
    return read_terms("clusters")
