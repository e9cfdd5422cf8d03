"""Choices of this installation that people change on a page, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.organisation import Setting
from matcher.models.user import Membership, Role
from matcher.services import access, audit

DEFAULTS: Mapping[str, str] = {
    "office_name_uk": "Управління міжнародного співробітництва",
    "office_name_en": "Office of International Cooperation",
    "sender": "office@localhost.localdomain",
    "demo": "",
    "four_eyes_above": "100000",
    "four_eyes_currency": "EUR",
}


def read_all() -> dict[str, str]:
    """Return every setting, the stored value before the default."""
    return {**DEFAULTS, **{row.key: row.value for row in db.session.scalars(sa.select(Setting))}}


def read(key: str) -> str:
    """Return one setting; raises KeyError for a name that does not exist."""
    row = db.session.get(Setting, key)
    return row.value if row is not None else DEFAULTS[key]


def is_demo() -> bool:
    """Tell whether this database holds demonstration data."""
    return read("demo") == "1"


def four_eyes_above() -> tuple[Decimal, str]:
    """Return the amount and currency above which releaser and approver must differ."""
    return Decimal(read("four_eyes_above")), read("four_eyes_currency")


def write(key: str, value: str) -> None:
    """Store one setting; only setup and `change` call this."""
    if key not in DEFAULTS:
        raise KeyError(key)
    row = db.session.get(Setting, key)
    if row is None:
        db.session.add(Setting(key=key, value=value))
    else:
        row.value = value


def change(actor: Membership, values: Mapping[str, str], *, now: datetime) -> None:
    """Change settings as an admin; raises NotAllowed."""
    access.require(actor, {Role.ADMIN})
    before = read_all()
    for key, value in values.items():
        write(key, value)
    changed = {key: value for key, value in values.items() if before.get(key) != value}
    old = {key: before[key] for key in changed}
    audit.record(actor, "settings.changed", None, now=now, old=old, new=changed)
    db.session.flush()
