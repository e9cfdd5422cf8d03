"""Files of documents, judgments and rates as the command line reads them."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from matcher.engine.documents import Document
from matcher.engine.eligibility import IdeaFacts, ProfileRules, Rate

_MOST_DIGITS = 20  # before or after the point
_BEST_GRADE = 20
_DECIMALS = frozenset({"amount", "own_share_pct", "amount_min", "amount_max", "own_share_min_pct"})
_DATES = frozenset({"opens_on", "closes_on"})
_SETS = frozenset(
    field.name for field in fields(ProfileRules) if str(field.type).startswith("frozenset")
)


class BadRecord(ValueError):
    """A line of a file cannot be used; the message names file, line and reason."""


@dataclass
class Records:
    """Documents of one file with their facts or rules, and the lines that were bad."""

    documents: list[Document] = field(default_factory=list)
    facts: dict[str, IdeaFacts] = field(default_factory=dict)
    rules: dict[str, ProfileRules] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_records(path: Path) -> Records:
    """Read a JSON Lines file of documents; bad lines are named in ``faults``, the rest is kept.

    Raises
    ------
    BadRecord
        If the file itself cannot be read.
    """
    records = Records()
    seen: set[str] = set()
    for number, raw in enumerate(_raw_lines(path), start=1):
        if not raw.strip():
            continue
        try:
            document, data = _document(_text_of(raw))
            if document.id in seen:
                raise BadRecord(f"the id {document.id!r} has occurred before")
            facts, rules = _facts(data), _rules(data.get("rules") or {})
        except BadRecord as error:
            records.faults.append(f"{path.name}:{number}: {error}")
            continue
        seen.add(document.id)
        records.documents.append(document)
        records.facts[document.id] = facts
        records.rules[document.id] = rules
    return records


def _raw_lines(path: Path) -> list[bytes]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadRecord(f"{path.name} cannot be read: {error}") from error
    # Not splitlines(): a text may hold other line separators, JSON Lines has only this one.
    return content.removeprefix(codecs.BOM_UTF8).split(b"\n")


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRecord(f"no UTF-8 text: {error.reason} at byte {error.start + 1}") from error


def _document(line: str) -> tuple[Document, dict[str, Any]]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"no JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadRecord("expected an object")
    if not isinstance(data.get("id"), str) or not data["id"]:
        raise BadRecord("'id' must be a text and not empty")
    if any("\ud800" <= letter <= "\udfff" for letter in data["id"]):
        raise BadRecord("'id' holds half a character")
    texts = [data.get(name) or "" for name in ("title", "text")]
    if not all(isinstance(text, str) for text in texts):
        raise BadRecord("'title' and 'text' must be texts")
    return Document(data["id"], *texts), data


def _decimal(name: str, value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise BadRecord(f"'{name}' is no number: {value!r}")
    if number and abs(number.adjusted()) > _MOST_DIGITS:
        raise BadRecord(f"'{name}' is out of all bounds: {number:.3E}")
    return number


def _day(name: str, value: Any) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadRecord(f"'{name}' is no date like 2026-12-31: {value!r}") from error


def _codes(name: str, value: Any) -> tuple[str, ...]:
    codes = [value] if isinstance(value, str) else value
    if codes is None:
        return ()
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise BadRecord(f"'{name}' must be a list of codes")
    return tuple(code for code in codes if code)


def _text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadRecord(f"'{name}' must be a text")
    return value or None


def _facts(data: Mapping[str, Any]) -> IdeaFacts:
    sectors = _codes("sectors", data.get("sectors"))
    duration = data.get("duration_months")
    if duration is not None and (not isinstance(duration, int) or isinstance(duration, bool)):
        raise BadRecord("'duration_months' must be a whole number")
    return IdeaFacts(
        applicant_type=_text("applicant_type", data.get("applicant_type")),
        amount=_decimal("amount", data.get("amount")),
        currency=_text("currency", data.get("currency")),
        own_share_pct=_decimal("own_share_pct", data.get("own_share_pct")),
        territory=_codes("territory", data.get("territory")),
        territory_status=_text("territory_status", data.get("territory_status")),
        sector=sectors[0] if sectors else None,
        readiness=_text("readiness", data.get("readiness")),
        duration_months=duration,
    )


def _rules(data: Any) -> ProfileRules:
    if not isinstance(data, dict):
        raise BadRecord("'rules' must be an object")
    known = {field.name for field in fields(ProfileRules)}
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in known:
            raise BadRecord(f"unknown rule '{name}'")
        if name in _SETS:
            values[name] = frozenset(_codes(name, value))
        elif name in _DECIMALS:
            values[name] = _decimal(name, value)
        else:
            values[name] = _day(name, value) if name in _DATES else _text(name, value)
    return ProfileRules(**values)


@dataclass
class Judgments:
    """Grades by idea and profile, and the lines that were bad."""

    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_judgments(path: Path) -> Judgments:
    """Read judged pairs: idea, profile, grade, separated by tabs; further columns are ignored.

    Grades are whole numbers from 0 (not relevant) to 20; a first line whose grade is no number
    is a heading. Bad lines are named in ``faults``, the rest is kept; raises BadRecord if the
    file cannot be read.
    """
    found = Judgments()
    for number, raw in enumerate(_raw_lines(path), start=1):
        if not raw.strip():
            continue
        try:
            idea, profile, *rest = [column.strip() for column in _text_of(raw).split("\t")]
            found.grades.setdefault(idea, {})[profile] = _grade(rest)
        except (BadRecord, ValueError) as error:
            if number > 1 or not _is_heading(raw):
                reason = error if isinstance(error, BadRecord) else "expected three columns"
                found.faults.append(f"{path.name}:{number}: {reason}")
    found.grades = {idea: grades for idea, grades in found.grades.items() if grades}
    return found


def _grade(columns: list[str]) -> int:
    if not columns:
        raise BadRecord("expected idea, profile and a grade")
    text = columns[0]
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= _BEST_GRADE):
        raise BadRecord(f"a grade is a whole number from 0 to {_BEST_GRADE}, not {text[:20]!r}")
    return int(text)


def _is_heading(raw: bytes) -> bool:
    columns = raw.split(b"\t")
    return len(columns) > 2 and not columns[2].strip().isdigit()


def read_rates(path: Path) -> dict[str, Rate]:
    """Read dated rates: {"EUR": {"uah": "45.10", "on": "2026-11-01"}}."""
    try:
        data = json.loads(_text_of(b"\n".join(_raw_lines(path))))
        rates = {}
        for currency, entry in data.items():
            uah, on = _decimal("uah", entry["uah"]), _day("on", entry["on"])
            if uah is None or on is None:
                raise BadRecord(f"the rate of {currency} needs 'uah' and 'on'")
            rates[currency] = Rate(currency, uah, on)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadRecord(f"{path.name}: {error}") from error
    return rates
