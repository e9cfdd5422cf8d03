"""How a day changes a profile: a call opens and closes, and what nobody verified grows stale."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa

from matcher.models.profile import CallState, Profile, ProfileKind

DEMOTED_AFTER = timedelta(days=90)
HIDDEN_AFTER = timedelta(days=180)


class Freshness(StrEnum):
    """How far a profile can be trusted; it is said first, then demoted, then hidden."""

    UNVERIFIED = "unverified"
    FRESH = "fresh"
    STALE = "stale"
    DEMOTED = "demoted"
    HIDDEN = "hidden"


def call_state(profile: Profile, *, today: date) -> CallState | None:
    """Return where a call stands today, or None for standing priorities.

    A date-only deadline ends at 24:00 in Kyiv: on its last day the call is open.
    """
    if profile.kind is ProfileKind.STANDING:
        return None
    if profile.ended or (profile.closes_on is not None and profile.closes_on < today):
        return CallState.CLOSED
    if profile.opens_on is not None and profile.opens_on > today:
        return CallState.FORECAST
    return CallState.OPEN


def is_open(profile: Profile, *, today: date) -> bool:
    """Tell whether ideas may still be offered: expected calls count, closed and ended do not."""
    return not profile.ended and call_state(profile, today=today) is not CallState.CLOSED


def freshness(profile: Profile, *, today: date) -> Freshness:
    """Return how fresh the profile is today."""
    if profile.verified_on is None:
        return Freshness.UNVERIFIED
    overdue = today - profile.review_by if profile.review_by else timedelta(0)
    if overdue <= timedelta(0):
        return Freshness.FRESH
    if overdue <= DEMOTED_AFTER:
        return Freshness.STALE
    return Freshness.DEMOTED if overdue <= HIDDEN_AFTER else Freshness.HIDDEN


def rankable(today: date) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on Profile under which ideas are ranked against it today."""
    return [
        sa.not_(Profile.ended),
        Profile.revision > 0,
        sa.or_(Profile.closes_on.is_(None), Profile.closes_on >= today),
        sa.or_(Profile.review_by.is_(None), Profile.review_by >= today - HIDDEN_AFTER),
    ]
