"""What a day does to a profile: calls open and close, unverified data is demoted, then hidden."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.profile import CallState, Profile, ProfileKind
from matcher.services.freshness import Freshness, call_state, freshness, is_open, rankable
from tests import factories

pytestmark = pytest.mark.usefixtures("rolled_back")
DAY = date(2026, 11, 22)


def call(opens: int | None, closes: int | None, **values: object) -> Profile:
    """Make a call that opens and closes so many days from today."""
    return factories.profile(
        kind=ProfileKind.CALL,
        opens_on=None if opens is None else DAY + timedelta(days=opens),
        closes_on=None if closes is None else DAY + timedelta(days=closes),
        **values,
    )


def is_ranked(profile: Profile) -> bool:
    return profile in db.session.scalars(sa.select(Profile).where(*rankable(DAY)))


@pytest.mark.parametrize(
    ("opens", "closes", "state"),
    [
        (1, 9, CallState.FORECAST),
        (0, 9, CallState.OPEN),
        (-9, 0, CallState.OPEN),
        (-9, -1, CallState.CLOSED),
        (None, None, CallState.OPEN),
        (None, -1, CallState.CLOSED),
        (5, None, CallState.FORECAST),
    ],
)
def test_a_call_is_open_from_its_first_to_its_last_day(
    opens: int | None, closes: int | None, state: CallState
) -> None:
    profile = call(opens, closes)
    assert call_state(profile, today=DAY) is state
    assert is_open(profile, today=DAY) is (state is not CallState.CLOSED)
    assert is_ranked(profile) is (state is not CallState.CLOSED)


def test_a_call_that_was_ended_is_closed_before_its_last_day() -> None:
    profile = call(-1, 9, ended=True)
    assert call_state(profile, today=DAY) is CallState.CLOSED
    assert not is_ranked(profile)


def test_standing_priorities_have_no_state_and_end_by_a_word() -> None:
    assert call_state(factories.profile(), today=DAY) is None
    assert is_open(factories.profile(), today=DAY)
    ended = factories.profile(ended=True)
    assert not is_open(ended, today=DAY)
    assert not is_ranked(ended)


@pytest.mark.parametrize(
    ("overdue", "expected", "ranked"),
    [
        (-1, Freshness.FRESH, True),
        (0, Freshness.FRESH, True),
        (1, Freshness.STALE, True),
        (90, Freshness.STALE, True),
        (91, Freshness.DEMOTED, True),
        (180, Freshness.DEMOTED, True),
        (181, Freshness.HIDDEN, False),
    ],
)
def test_what_nobody_verified_is_said_then_demoted_then_hidden(
    overdue: int, expected: Freshness, ranked: bool
) -> None:
    profile = factories.profile(review_by=DAY - timedelta(days=overdue))
    assert freshness(profile, today=DAY) is expected
    assert is_ranked(profile) is ranked


def test_a_profile_that_nobody_ever_verified_says_so() -> None:
    assert freshness(factories.profile(verified_on=None), today=DAY) is Freshness.UNVERIFIED
    without_date = factories.profile(review_by=None)
    assert freshness(without_date, today=DAY) is Freshness.FRESH
    assert is_ranked(without_date)


def test_a_profile_without_a_verified_wording_is_not_ranked() -> None:
    assert not is_ranked(factories.profile(revision=0))
