"""Choices of an installation: defaults, changes by an admin, nothing unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from matcher.errors import NotAllowed
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.user import Role
from matcher.services import settings
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")


def test_defaults_hold_until_something_is_stored() -> None:
    assert settings.read_all() == dict(settings.DEFAULTS)
    assert settings.four_eyes_above() == (Decimal(100000), "EUR")
    assert not settings.is_demo()


def test_an_admin_changes_a_setting_and_the_trail_keeps_both_values() -> None:
    admin = factories.seat(Role.ADMIN)
    same = settings.DEFAULTS["four_eyes_currency"]
    values = {"four_eyes_above": "50000", "four_eyes_currency": same}
    settings.change(admin, values, now=NOW)
    settings.change(admin, {"four_eyes_above": "70000"}, now=NOW)
    assert settings.four_eyes_above() == (Decimal(70000), "EUR")
    rows = list(db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)))
    assert [(row.old, row.new) for row in rows] == [
        ({"four_eyes_above": "100000"}, {"four_eyes_above": "50000"}),
        ({"four_eyes_above": "50000"}, {"four_eyes_above": "70000"}),
    ]


@pytest.mark.parametrize("role", [Role.STAFF, Role.LEAD, Role.HEAD, Role.DONOR])
def test_nobody_else_changes_settings(role: Role) -> None:
    with pytest.raises(NotAllowed):
        settings.change(factories.seat(role), {"demo": "1"}, now=NOW)
    assert not settings.is_demo()


def test_a_setting_that_does_not_exist_is_neither_read_nor_written() -> None:
    for act in (lambda: settings.read("colour"), lambda: settings.write("colour", "blue")):
        with pytest.raises(KeyError):
            act()


def test_a_demonstration_says_so() -> None:
    settings.write("demo", "1")
    db.session.flush()
    assert settings.is_demo()
