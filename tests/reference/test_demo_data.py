"""The demonstration data: every code, state and class, both languages, and no real person."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matcher.models.codes import (
    CURRENCIES,
    ApplicantType,
    BeneficiaryGroup,
    Channel,
    Language,
    Readiness,
    Reason,
)
from matcher.models.idea import IdeaStatus, Section, Sensitivity
from matcher.models.organisation import DonorKind, TerritoryStatusCode

REFERENCE = Path(__file__).resolve().parents[2] / "matcher" / "reference"
FILES = ("ideas", "donors", "calls", "story", "contact_notes", "feedback")
EMAIL = re.compile(r"\S@\S")
LINK = re.compile(r"https?:|www\.", re.IGNORECASE)
PHONE = re.compile(r"(?:\+\s?\d|\b0\d{2}\b|\(\d{3,5}\))[\s\d()-]{6,}")
STREET = re.compile(
    r"\b(?:вул|пров|просп|бульв|буд|кв)\.|\bвулиц[яі]\s+[А-ЯҐЄІЇ]|[A-Z]\w+ (?:Street|Avenue)\b"
)
NUMBERED = re.compile(r"№|\bNo\.?\s?\d|\b(?:школ\w*|ліце\w*|садк\w*|гімназі\w*)\s\d", re.IGNORECASE)
COORDINATES = re.compile(r"\d{2}[.,]\d{4,}")
CYRILLIC = re.compile(r"[А-Яа-яҐґЄєІіЇї]")
LATIN = re.compile(r"[A-Za-z]")
FOREIGN_LETTERS = re.compile(r"[ыэъёЫЭЪЁ]")
PLAIN_APOSTROPHE = re.compile(r"[а-яґєії]['`ʼ][а-яґєії]", re.IGNORECASE)
WORD = re.compile(r"[\w’-]+")
SHORTEST_NAME_LOOKED_FOR = 4


def read_rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of one file of the demonstration."""
    text = (REFERENCE / "demo" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of one table of the reference data."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source, delimiter="\t"))


IDEAS = {row["key"]: row for row in read_rows("ideas")}
DONORS = {row["id"]: row for row in read_rows("donors")}
CALLS = {row["key"]: row for row in read_rows("calls")}
STORY = read_rows("story")
NOTES = read_rows("contact_notes")


def walk_texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a row with the field that holds it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk_texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from walk_texts(inner, field)
    elif isinstance(value, str):
        yield field, value


def all_texts() -> list[tuple[str, str, str]]:
    """Return (file, field, text) of the whole demonstration."""
    return [
        (name, field, text)
        for name in FILES
        for row in read_rows(name)
        for field, text in walk_texts(row)
    ]


def test_the_files_hold_as_much_as_the_screens_need():
    assert len(IDEAS) >= 90
    assert len(DONORS) == 8
    assert len(CALLS) >= 18
    assert len(STORY) >= 45
    assert len(NOTES) == 12


def test_keys_are_unique():
    for name, key in (("ideas", "key"), ("donors", "id"), ("calls", "key")):
        keys = [row[key] for row in read_rows(name)]
        assert len(keys) == len(set(keys)), name
        assert all(re.fullmatch(r"[a-z0-9-]{3,60}", value) for value in keys), name
    pairs = Counter((row["idea"], row["call"]) for row in STORY)
    assert max(pairs.values()) == 1


def test_ideas_come_from_every_community_and_every_need():
    communities = {row["katottg"] for row in read_table("communities.tsv")}
    classes = {row["class"] for row in read_table("need_classes.tsv")}
    assert {row["community"] for row in IDEAS.values()} == communities
    assert {row["need_class"] for row in IDEAS.values()} == classes


def test_every_state_of_an_idea_occurs_twice_and_most_are_published():
    states = Counter(row["state"] for row in IDEAS.values())
    assert set(states) == {str(status) for status in IdeaStatus}
    assert min(states.values()) >= 2
    assert states["published"] > len(IDEAS) / 2


def test_returned_and_rejected_ideas_say_why():
    for key, row in IDEAS.items():
        assert row["state_reason"] is None or row["state_reason"] in set(Reason), key
        assert set(row["state_sections"]) <= set(Section), key
        if row["state"] == "changes_requested":
            assert row["state_sections"], key
            assert row["state_note_uk"], key
        if row["state"] == "rejected":
            assert row["state_reason"], key
            assert row["state_note_uk"], key


@pytest.mark.parametrize("key", IDEAS)
def test_the_codes_of_an_idea_are_known(key):
    row = IDEAS[key]
    sectors = {sector["code"] for sector in read_table("sectors.tsv")}
    assert row["sector"] in sectors
    assert 1 <= row["sdg"] <= 17
    assert row["currency"] in CURRENCIES
    assert row["readiness"] in set(Readiness)
    assert row["sensitivity"] in set(Sensitivity)
    assert row["applicant_type"] in set(ApplicantType)
    assert row["beneficiary_groups"]
    assert set(row["beneficiary_groups"]) <= set(BeneficiaryGroup)


@pytest.mark.parametrize("key", IDEAS)
def test_the_figures_of_an_idea_are_possible(key):
    row = IDEAS[key]
    assert row["amount"] is None or row["amount"] > 0
    assert row["own_share_pct"] is None or 0 < row["own_share_pct"] < 100
    assert 1 <= row["duration_months"] <= 36
    assert row["beneficiaries"] > 0


@pytest.mark.parametrize("key", IDEAS)
def test_the_texts_of_an_idea_fit_the_form(key):
    row = IDEAS[key]
    assert 10 <= len(row["title_uk"]) <= 110
    assert 40 <= len(row["summary_uk"]) <= 600
    assert bool(row["title_en"]) == bool(row["summary_en"])
    assert len(row["title_en"]) <= 200
    if row["state"] == "published":
        assert row["problem_uk"]
        assert row["activities_uk"]
        assert row["result_uk"]


def test_titles_differ_and_two_pairs_are_near_duplicates_on_purpose():
    titles = Counter(row["title_uk"] for row in IDEAS.values())
    assert max(titles.values()) == 1
    similar = [key for key in IDEAS if key.endswith("-similar")]
    assert len(similar) == 2
    for key in similar:
        twin = IDEAS[key.removesuffix("-similar")]
        assert twin["community"] == IDEAS[key]["community"]
        assert twin["need_class"] == IDEAS[key]["need_class"]


def test_enough_ideas_can_be_read_in_english():
    assert sum(bool(row["summary_en"]) for row in IDEAS.values()) >= 60


def test_some_amounts_are_missing():
    assert 6 <= sum(row["amount"] is None for row in IDEAS.values()) <= 10


def test_six_restricted_ideas_name_no_settlement():
    restricted = [row for row in IDEAS.values() if row["sensitivity"] == "restricted"]
    assert len(restricted) == 6
    settlements = read_table("settlements.tsv") + read_table("communities.tsv")
    names = {
        row[field]
        for row in settlements
        for field in ("name_uk", "name_en", "seat_uk")
        if row.get(field)
    }
    for row in restricted:
        # A capital at the start of a sentence is no name; inside a sentence it is.
        text = " ".join(text for field, text in walk_texts(row) if field.endswith(("_uk", "_en")))
        inside = set(re.findall(r"(?<=[^.!?:»”\s]\s)[A-ZА-ЯҐЄІЇ][\w’-]+", text))
        stems = {name[:-2] for name in names if len(name) > SHORTEST_NAME_LOOKED_FOR}
        assert not {word for word in inside if any(word.startswith(stem) for stem in stems)}


def test_ideas_name_their_community_in_its_own_field_only():
    seats = {row["seat_uk"] for row in read_table("communities.tsv")}
    long_seats = {seat for seat in seats if len(seat) > SHORTEST_NAME_LOOKED_FOR}
    for key, row in IDEAS.items():
        found = [seat for seat in long_seats if re.search(rf"\b{seat[:-1]}", row["title_uk"])]
        assert not found, (key, found)


def test_donors_are_invented_and_say_so():
    for row in DONORS.values():
        assert row["name_en"].endswith("(example)")
        assert row["name_uk"].endswith("(приклад)")
        assert row["kind_of_donor"] in set(DonorKind)
        assert row["reading_language"] in set(Language)
        assert 60 <= len(WORD.findall(row["priorities_uk"])) <= 120
        assert 60 <= len(WORD.findall(row["priorities_en"])) <= 120
    languages = Counter(row["reading_language"] for row in DONORS.values())
    assert languages == {"en": 6, "uk": 2}


@pytest.mark.parametrize("key", CALLS)
def test_the_codes_of_a_call_are_known(key):
    row = CALLS[key]
    communities = read_table("communities.tsv")
    places = {c["katottg"] for c in communities} | {c["raion_katottg"] for c in communities}
    assert row["donor"] in DONORS
    assert set(row["sectors"]) <= {sector["code"] for sector in read_table("sectors.tsv")}
    assert all(1 <= goal <= 17 for goal in row["sdgs"])
    assert set(row["applicant_types"]) <= set(ApplicantType)
    assert set(row["territories"]) <= places
    assert set(row["excluded_statuses"]) <= set(TerritoryStatusCode)
    assert row["readiness_min"] is None or row["readiness_min"] in set(Readiness)
    assert row["currency"] in CURRENCIES


@pytest.mark.parametrize("key", CALLS)
def test_the_figures_and_texts_of_a_call_are_possible(key):
    row = CALLS[key]
    assert 0 < row["amount_min"] < row["amount_max"]
    assert row["own_share_min_pct"] is None or 0 < row["own_share_min_pct"] < 100
    assert row["opens_in_days"] < row["closes_in_days"]
    for language in ("uk", "en"):
        assert row[f"title_{language}"]
        assert 80 <= len(WORD.findall(row[f"text_{language}"])) <= 160, language


def test_calls_to_come_open_and_closed_all_occur_and_one_is_urgent():
    closing = [row["closes_in_days"] for row in CALLS.values()]
    assert any(row["opens_in_days"] > 0 for row in CALLS.values())
    assert any(days < 0 for days in closing)
    assert sum(days > 0 for days in closing) > len(CALLS) / 2
    assert 3 in closing
    assert {row["donor"] for row in CALLS.values()} == set(DONORS)


def test_notes_of_meetings_belong_to_donors_and_come_by_every_channel():
    assert {row["donor"] for row in NOTES} <= set(DONORS)
    assert {row["channel"] for row in NOTES} == set(Channel)
    for row in NOTES:
        assert row["days_ago"] >= 0
        assert row["due_in_days"] >= -row["days_ago"]
        assert row["said_uk"]
        assert row["next_step_uk"]


def test_each_text_is_in_the_script_of_its_language():
    for name, field, text in all_texts():
        if field.endswith("_uk") and text:
            assert CYRILLIC.search(text), (name, text)
            assert not LATIN.search(text), (name, text)
            assert not FOREIGN_LETTERS.search(text), (name, text)
        if field.endswith("_en"):
            assert not CYRILLIC.search(text), (name, text)


def test_ukrainian_is_set_as_it_should_be():
    for name, field, text in all_texts():
        assert text == text.strip(), (name, text)
        if field.endswith("_uk"):
            assert not PLAIN_APOSTROPHE.search(text), (name, text)
            assert '"' not in text, (name, text)
            assert " —" not in text, (name, text)
            assert "  " not in text, (name, text)


def test_nothing_points_to_a_person_or_an_address():
    for name, field, text in all_texts():
        if field in {"community", "territories"}:
            continue
        for pattern in (EMAIL, LINK, PHONE, STREET, NUMBERED, COORDINATES):
            assert not pattern.search(text), (name, field, text)


def test_no_title_is_that_of_a_real_idea():
    folder = os.environ.get("MATCHER_RESEARCH_DATA")
    if not folder:
        pytest.skip("MATCHER_RESEARCH_DATA is not set: real titles are not compared")
    lines = (Path(folder) / "ideas.jsonl").read_text(encoding="utf-8").splitlines()
    real = {plain(json.loads(line)["title_uk"]) for line in lines}
    assert not {plain(row["title_uk"]) for row in IDEAS.values()} & real


def plain(text: str) -> str:
    """Return the words of a text, so that quotes and dashes do not tell titles apart."""
    return " ".join(re.findall(r"\w+", text.lower()))
