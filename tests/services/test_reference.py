"""What an installation starts with is loaded once, whole, and leaves what people changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.organisation import (
    Organisation,
    OrganisationKind,
    Settlement,
    StrategyGoal,
    TerritoryStatus,
)
from matcher.models.profile import Profile, ProfileRevision, ProposalStatus
from matcher.services import reference
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
TABLES = (Organisation, Settlement, StrategyGoal, Profile, ProfileRevision, TerritoryStatus)


def counts() -> dict[str, int]:
    """Return how many rows each table of the reference data has."""
    return {
        table.__tablename__: db.session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in TABLES
    }


def write(path: Path, *rows: str) -> Path:
    """Write a territory file."""
    path.write_text("\n".join(("\t".join(reference.COLUMNS), *rows)), encoding="utf-8")
    return path


def test_everything_is_loaded_once_and_changes_of_the_office_stay() -> None:
    reference.load_reference(now=NOW)
    before = counts()
    place = db.session.scalars(sa.select(Organisation).where(Organisation.katottg.is_not(None)))
    community = place.first()
    community.name_uk = "Перейменована"
    reference.load_reference(now=NOW)
    assert counts() == before
    assert community.name_uk == "Перейменована"
    kinds = sa.select(sa.func.count()).where(Organisation.kind == OrganisationKind.COMMUNITY)
    assert db.session.scalar(kinds) == 51
    assert before["settlement"] > 1000


def test_each_donor_has_verified_wording_with_its_first_revision() -> None:
    reference.load_donors(now=NOW)
    donors = list(db.session.scalars(sa.select(Organisation)))
    assert len(donors) == len(list(reference.read_lines(reference.REFERENCE / "donors.jsonl")))
    for profile in db.session.scalars(sa.select(Profile)):
        (revision,) = profile.revisions
        assert (revision.number, revision.status) == (1, ProposalStatus.VERIFIED)
        assert revision.content["text_en"] == profile.text_en
        assert profile.verified_on is None  # until staff confirm
        assert not profile.is_example


def test_another_territory_comes_without_the_first_ones_settlements(tmp_path: Path) -> None:
    row = "UA01\tПерша\tFirst\trural\tUA00\tРайон\tRaion"
    reference.load_reference(now=NOW, territory=write(tmp_path / "t.tsv", row))
    found = counts()
    assert (found["settlement"], found["territory_status"]) == (0, 0)
    place = db.session.scalars(sa.select(Organisation).where(Organisation.katottg == "UA01")).one()
    assert (place.name_en, place.latitude, place.seat_uk) == ("First", None, None)


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("UA01\tПерша\tFirst\trural\tUA00\tРайон\t", "raion_en"),
        ("\tПерша\tFirst\trural\tUA00\tРайон\tRaion", "katottg"),
        ("UA01\tПерша\tFirst\tcity\tUA00\tРайон\tRaion", "type = city"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, row: str, columns: str) -> None:
    good = "UA02\tДруга\tSecond\turban\tUA00\tРайон\tRaion"
    with pytest.raises(Invalid) as refused:
        reference.load_communities(write(tmp_path / "t.tsv", good, row), now=NOW)
    assert refused.value.details == {"line": 3, "columns": columns}


def test_a_community_named_twice_is_loaded_once(tmp_path: Path) -> None:
    row = "UA01\tПерша\tFirst\trural\tUA00\tРайон\tRaion"
    assert reference.load_communities(write(tmp_path / "t.tsv", row, row), now=NOW) == 1


def test_entries_of_the_territory_list_are_added_by_place_and_day(tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    lines = [
        "katottg\tstatus\tvalid_from\tvalid_to\tsource",
        "UA01\tactive_hostilities\t2026-01-01\t2026-06-01\tнаказ",
        "UA01\tpossible_hostilities\t2026-06-02\t\tнаказ",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert reference.load_territory_statuses(path) == 2
    assert reference.load_territory_statuses(path) == 0
    rows = list(db.session.scalars(sa.select(TerritoryStatus).order_by(TerritoryStatus.valid_from)))
    assert [row.valid_to for row in rows] == [date(2026, 6, 1), None]
