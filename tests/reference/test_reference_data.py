"""The reference data: counts, codes, both languages, and nothing that must not be there."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from matcher.models.codes import ApplicantType, Language
from matcher.models.organisation import CommunityType, DonorKind, TerritoryStatusCode

FOLDER = Path(__file__).resolve().parents[2] / "matcher" / "reference"
KATOTTG = re.compile(r"UA\d{17}")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
PHONE = re.compile(r"(?:\+\s?\d|\b0\d{2}\b|\(\d{3,5}\))[\s\d()-]{6,}")
STREET = re.compile(r"\b(?:вул|пров|просп|бульв)\.|\b(?:street|avenue)\b", re.IGNORECASE)
CYRILLIC = re.compile(r"[А-Яа-яҐґЄєІіЇї]")
LATIN = re.compile(r"[A-Za-z]")
LONGEST_SHARED_RUN = 12
TEXT_FIELDS = (
    "priorities_en",
    "priorities_uk",
    "territory_note_en",
    "territory_note_uk",
    "evidence_note_en",
    "evidence_note_uk",
)
DONOR_FIELDS = {
    "id",
    "kind_of_donor",
    "name_en",
    "name_uk",
    *TEXT_FIELDS,
    "sdgs",
    "dac",
    "clusters",
    "applicant_types",
    "amount_min",
    "amount_max",
    "currency",
    "territories",
    "ended",
    "source_url",
    "verified_on",
    "evidence",
    "reading_language",
}


def read_tsv(name: str) -> list[dict[str, str]]:
    """Return the rows of a table; every row must have every column."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(None not in row and None not in row.values() for row in rows), name
    return rows


def read_donors() -> list[dict[str, Any]]:
    """Return the donors in the order of the file."""
    lines = (FOLDER / "donors.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def codes_of(name: str, column: str = "code") -> set[str]:
    """Return the codes of a table, which must be unique and not empty."""
    codes = [row[column] for row in read_tsv(name)]
    assert len(set(codes)) == len(codes), f"{name} repeats a code"
    assert "" not in codes
    return set(codes)


def is_written_in(text: str, language: str) -> bool:
    """Tell whether at least nine letters of ten belong to the script of the language."""
    cyrillic, latin = len(CYRILLIC.findall(text)), len(LATIN.findall(text))
    own = cyrillic if language == "uk" else latin
    return own >= 0.9 * (cyrillic + latin) > 0


DONORS = read_donors()
by_donor = pytest.mark.parametrize("donor", DONORS, ids=lambda donor: donor["id"])


# Places


def test_there_are_51_communities_with_codes_of_their_own():
    rows = read_tsv("communities.tsv")
    assert len(rows) == 51
    assert all(KATOTTG.fullmatch(code) for code in codes_of("communities.tsv", "katottg"))
    assert all(KATOTTG.fullmatch(row["seat_katottg"]) for row in rows)
    assert len({row["seat_katottg"] for row in rows}) == 51
    assert Counter(row["raion_uk"] for row in rows) == Counter(
        {
            "Сумський район": 16,
            "Шосткинський район": 10,
            "Охтирський район": 9,
            "Конотопський район": 8,
            "Роменський район": 8,
        }
    )


def test_a_community_has_every_fact_that_the_tile_map_and_the_lists_need():
    types = {member.value for member in CommunityType}
    for row in read_tsv("communities.tsv"):
        optional = {"aliases"}
        assert all(value for column, value in row.items() if column not in optional), row
        assert row["type"] in types
        assert re.fullmatch(r"\d\d\.\d\d", row["lat"]), "coordinates are rounded"
        assert re.fullmatch(r"\d\d\.\d\d", row["lon"]), "coordinates are rounded"
        assert 50.0 < float(row["lat"]) < 52.5
        assert 32.9 < float(row["lon"]) < 35.7
        assert 2_000 < int(row["population"]) < 300_000
        assert "'" not in row["name_uk"] + row["seat_uk"]
        assert is_written_in(row["name_uk"], "uk")
        assert is_written_in(row["name_en"], "en")


def test_two_communities_share_one_name_and_only_the_code_and_type_tell_them_apart():
    names = Counter(row["name_uk"] for row in read_tsv("communities.tsv"))
    assert [name for name, count in names.items() if count > 1] == ["Миколаївська"]
    both = [row for row in read_tsv("communities.tsv") if row["name_uk"] == "Миколаївська"]
    assert {row["katottg"] for row in both} == {"UA59080130000022249", "UA59080150000013842"}
    assert {row["type"] for row in both} == {"settlement", "rural"}
    assert len({row["raion_katottg"] for row in both}) == 1
    assert len({(row["lat"], row["lon"]) for row in both}) == 2


def test_a_seat_that_was_renamed_bears_its_new_name():
    row = next(row for row in read_tsv("communities.tsv") if row["name_uk"] == "Дружбівська")
    assert row["seat_uk"] == "Хутір-Михайлівський"
    assert "Хутір-Михайлівська" in row["aliases"].split(";")


def test_every_settlement_belongs_to_a_known_community():
    rows = read_tsv("settlements.tsv")
    communities = codes_of("communities.tsv", "katottg")
    codes = codes_of("settlements.tsv", "katottg")
    assert len(rows) == 1489
    assert all(KATOTTG.fullmatch(code) for code in codes)
    assert {row["community_katottg"] for row in rows} == communities
    assert {row["kind"] for row in rows} == {"city", "settlement", "village"}
    assert all(row["name_uk"] and row["name_en"] and "'" not in row["name_uk"] for row in rows)
    assert {row["seat_katottg"] for row in read_tsv("communities.tsv")} <= codes


def test_a_seat_is_called_the_same_in_both_tables():
    settlements = {row["katottg"]: row for row in read_tsv("settlements.tsv")}
    for row in read_tsv("communities.tsv"):
        seat = settlements[row["seat_katottg"]]
        assert (seat["name_uk"], seat["community_katottg"]) == (row["seat_uk"], row["katottg"])


def test_a_territory_status_is_dated_and_sourced():
    header = (FOLDER / "territory_statuses.tsv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split("\t") == ["katottg", "status", "valid_from", "valid_to", "source"]
    known = {member.value for member in TerritoryStatusCode} - {"none"}
    for row in read_tsv("territory_statuses.tsv"):
        assert row["katottg"] in codes_of("communities.tsv", "katottg")
        assert row["status"] in known
        assert row["source"]
        assert not row["valid_to"] or date.fromisoformat(row["valid_from"]) <= date.fromisoformat(
            row["valid_to"]
        )


# Taxonomies


@pytest.mark.parametrize(
    ("name", "column", "count"),
    [
        ("sdgs.tsv", "code", 17),
        ("sectors.tsv", "code", 42),
        ("clusters.tsv", "code", 15),
        ("need_classes.tsv", "class", 26),
    ],
)
def test_a_taxonomy_is_complete_and_worded_in_both_languages(name, column, count):
    assert len(codes_of(name, column)) == count
    rows = read_tsv(name)
    assert all(is_written_in(row["name_uk"], "uk") for row in rows)
    assert all(is_written_in(row["name_en"], "en") for row in rows)
    for column_name in ("name_uk", "name_en"):
        assert len({row[column_name] for row in rows}) == count, f"{name} repeats a name"


def test_need_classes_point_at_known_goals_and_sectors():
    for row in read_tsv("need_classes.tsv"):
        goals = set(filter(None, row["sdgs"].split(",")))
        sectors = set(filter(None, row["dac3"].split(",")))
        assert goals <= codes_of("sdgs.tsv")
        assert sectors <= codes_of("sectors.tsv")
        assert (not goals and not sectors) == (row["class"] == "AMB")


def test_strategy_goals_are_short_sourced_and_bilingual():
    rows = read_tsv("strategy_goals.tsv")
    keys = [(row["list_code"], row["code"]) for row in rows]
    assert len(set(keys)) == len(keys) == 15
    for row in rows:
        assert is_written_in(row["text_uk"], "uk")
        assert is_written_in(row["text_en"], "en")
        assert max(len(row["text_uk"]), len(row["text_en"])) <= 120
        assert urlsplit(row["source_url"]).scheme in {"http", "https"}


# Donors


def test_there_are_at_least_76_donors_with_names_of_their_own():
    assert len(DONORS) >= 76
    for field in ("id", "name_en", "name_uk", "priorities_en", "priorities_uk"):
        values = [donor[field] for donor in DONORS]
        assert len(set(values)) == len(values), f"two donors share {field}"


@by_donor
def test_a_donor_has_every_field_and_known_codes(donor):
    assert set(donor) == DONOR_FIELDS
    assert re.fullmatch(r"[a-z0-9_]{2,60}", donor["id"])
    assert donor["kind_of_donor"] in {member.value for member in DonorKind}
    assert donor["reading_language"] in {member.value for member in Language}
    assert donor["evidence"] in {"page", "partial", "secondary", "unverified"}
    assert set(map(str, donor["sdgs"])) <= codes_of("sdgs.tsv")
    assert set(donor["dac"]) <= codes_of("sectors.tsv")
    assert set(donor["clusters"]) <= codes_of("clusters.tsv")
    assert set(donor["applicant_types"]) <= {member.value for member in ApplicantType}
    assert donor["sdgs"]
    assert donor["dac"]
    for field in ("sdgs", "dac", "clusters", "applicant_types", "territories"):
        assert len(set(donor[field])) == len(donor[field])
    assert all(KATOTTG.fullmatch(code) for code in donor["territories"])
    assert isinstance(donor["ended"], bool)


@by_donor
def test_a_donor_says_the_same_in_both_languages(donor):
    for field in ("priorities", "territory_note"):
        assert is_written_in(donor[f"{field}_en"], "en")
        # Names such as UNFPA or Expertise France stay Latin in a Ukrainian sentence.
        assert len(CYRILLIC.findall(donor[f"{field}_uk"])) > 3 * len(
            LATIN.findall(donor[f"{field}_uk"])
        )
    assert not CYRILLIC.search(donor["priorities_en"])
    assert bool(donor["evidence_note_en"]) == bool(donor["evidence_note_uk"])
    for language in ("en", "uk"):
        assert 60 <= len(donor[f"priorities_{language}"].split()) <= 120
    assert not re.search(r"['\"ыэъё]| —", donor["priorities_uk"])


def test_both_texts_of_a_donor_name_the_same_large_sums():
    def sums(text: str) -> set[str]:
        joined = re.sub(r"(?<=\d)[\s,](?=\d{3}\b)", "", text).replace(",", ".")
        return set(re.findall(r"\d+(?:\.\d+)?", joined))

    differing = {
        donor["id"]: sums(donor["priorities_en"]) ^ sums(donor["priorities_uk"])
        for donor in DONORS
        if sums(donor["priorities_en"]) ^ sums(donor["priorities_uk"])
    }
    assert differing == {}


@by_donor
def test_a_range_is_unknown_or_in_order_and_has_its_currency(donor):
    low, high = donor["amount_min"], donor["amount_max"]
    assert low is None or low > 0
    assert high is None or high > 0
    assert low is None or high is None or low <= high
    assert (donor["currency"] is None) == (low is None and high is None)
    assert donor["currency"] is None or re.fullmatch(r"[A-Z]{3}", donor["currency"])


@by_donor
def test_a_source_is_a_web_page_and_a_date_is_the_date_of_that_page(donor):
    if not donor["source_url"]:
        assert donor["evidence"] == "unverified", "a row without a page says that it is unverified"
        assert donor["verified_on"] is None
        return
    parts = urlsplit(donor["source_url"])
    assert parts.scheme in {"http", "https"}
    assert re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", parts.netloc)
    if donor["verified_on"] is not None:
        stamp = date.fromisoformat(donor["verified_on"])
        assert f"{stamp:%Y%m%d}" in re.sub(r"[/-]", "", parts.path)


def test_a_row_that_is_not_fully_confirmed_says_which_part_is_not():
    silent = [d["id"] for d in DONORS if d["evidence"] != "page" and not d["evidence_note_en"]]
    assert silent == ["echo"], "only its examples are needed, and the text names them as such"


def test_ended_programmes_are_marked():
    assert {d["id"] for d in DONORS if d["ended"]} == {"usaid_dobre", "wnisef_dreamactions"}


def test_the_programme_that_excludes_the_oblast_says_so_in_codes():
    donor = next(d for d in DONORS if d["id"] == "interreg_next_roua")
    assert len(donor["territories"]) == 4
    assert not any(code.startswith("UA59") for code in donor["territories"])


# What must not be there


@pytest.mark.parametrize("path", sorted(p.name for p in FOLDER.iterdir() if p.is_file()))
def test_no_file_holds_an_e_mail_a_phone_number_or_an_address(path):
    text = (FOLDER / path).read_text(encoding="utf-8")
    without_urls = re.sub(r"https?://\S+", "", text)
    assert not EMAIL.search(without_urls)
    assert not STREET.search(without_urls)
    if path.endswith(".tsv"):
        return  # codes, coordinates and counts are columns of digits
    found = [m.group() for m in PHONE.finditer(without_urls)]
    assert not [hit for hit in found if len(re.sub(r"\D", "", hit)) >= 9]


def test_every_file_is_clean_utf_8_with_unix_lines():
    for path in FOLDER.iterdir():
        if path.is_file():
            raw = path.read_bytes()
            assert raw.decode("utf-8")
            assert not raw.startswith(b"\xef\xbb\xbf")
            assert b"\r" not in raw
            assert raw.endswith(b"\n")


def runs_of(text: str, length: int) -> Iterator[tuple[str, ...]]:
    """Yield every run of ``length`` words, lower case, without punctuation."""
    words = re.findall(r"\w+", text.lower())
    return (tuple(words[i : i + length]) for i in range(len(words) - length + 1))


def own_texts() -> Iterator[tuple[str, str]]:
    """Yield where and what this project has worded itself."""
    for donor in DONORS:
        for field in TEXT_FIELDS:
            yield f"{donor['id']}.{field}", donor[field]
    for row in read_tsv("strategy_goals.tsv"):
        yield f"{row['list_code']} {row['code']}", row["text_uk"]


def strings_in(value: object) -> Iterator[str]:
    """Yield every string of a parsed JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


def test_no_long_passage_is_copied_from_texts_of_third_parties():
    folder = os.environ.get("MATCHER_RESEARCH_DATA")
    if not folder:
        pytest.skip("MATCHER_RESEARCH_DATA is not set: the texts of third parties are not here")
    ours = {
        run: where for where, text in own_texts() for run in runs_of(text, LONGEST_SHARED_RUN + 1)
    }
    shared, rows = set(), 0
    with (Path(folder) / "ideas.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("source_kind") not in {"dream", "hromada_strategy"}:
                continue
            rows += 1
            for text in strings_in(row):
                shared |= {ours[r] for r in runs_of(text, LONGEST_SHARED_RUN + 1) if r in ours}
    assert rows > 0, "the research data has no text of third parties to compare with"
    assert shared == set()
