"""The territory list says by date what a community is; the graver of two entries counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matcher.models.organisation import (
    Organisation,
    OrganisationKind,
    TerritoryStatus,
    TerritoryStatusCode,
)
from matcher.services.territories import statuses_on
from tests import factories

pytestmark = pytest.mark.usefixtures("rolled_back")
S = TerritoryStatusCode
DAY = date(2026, 11, 22)


def entry(code: str, status: S, first: date, last: date | None = None) -> None:
    """Write an entry of the list."""
    row = TerritoryStatus(
        katottg=code, status=status, valid_from=first, valid_to=last, source="наказ"
    )
    factories.add(row)


def status(place: Organisation, day: date = DAY) -> S:
    return statuses_on(day, [place])[place.id]


def test_a_place_that_is_not_listed_has_no_status() -> None:
    assert status(factories.organisation()) is S.NONE
    assert status(factories.organisation(OrganisationKind.AGENCY)) is S.NONE


@pytest.mark.parametrize(
    ("offset", "expected"), [(-1, S.NONE), (0, S.ACTIVE_HOSTILITIES), (9, S.ACTIVE_HOSTILITIES)]
)
def test_an_entry_counts_from_its_first_day(offset: int, expected: S) -> None:
    place = factories.organisation()
    entry(place.katottg, S.ACTIVE_HOSTILITIES, DAY)
    assert status(place, DAY + timedelta(days=offset)) is expected


def test_an_entry_counts_through_its_last_day() -> None:
    place = factories.organisation()
    entry(place.katottg, S.POSSIBLE_HOSTILITIES, DAY - timedelta(days=5), DAY)
    assert status(place, DAY) is S.POSSIBLE_HOSTILITIES
    assert status(place, DAY + timedelta(days=1)) is S.NONE


@pytest.mark.parametrize("own_is_graver", [True, False])
def test_the_graver_of_community_and_raion_counts(own_is_graver: bool) -> None:
    place = factories.organisation(raion_code="UA59040000000012345")
    pair = (S.ACTIVE_HOSTILITIES, S.POSSIBLE_HOSTILITIES)
    own, raion = pair if own_is_graver else reversed(pair)
    entry(place.katottg, own, DAY)
    entry("UA59040000000012345", raion, DAY)
    assert status(place) is S.ACTIVE_HOSTILITIES


def test_of_two_entries_at_once_the_graver_counts() -> None:
    place = factories.organisation()
    entry(place.katottg, S.TEMPORARILY_OCCUPIED, DAY - timedelta(days=9))
    entry(place.katottg, S.POSSIBLE_HOSTILITIES, DAY)
    assert status(place) is S.TEMPORARILY_OCCUPIED


def test_a_neighbour_is_not_touched() -> None:
    one, other = factories.organisation(), factories.organisation()
    entry(one.katottg, S.ACTIVE_HOSTILITIES, DAY)
    assert statuses_on(DAY, [one, other]) == {one.id: S.ACTIVE_HOSTILITIES, other.id: S.NONE}
