"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a moment without a zone: it would silently mean something else."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A number with a fixed count of decimals, kept as a whole number: SQLite has no decimals."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        """Store the number in units of its last decimal."""
        return None if value is None else int(Decimal(value).scaleb(self.places).to_integral())

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        """Return the number; a whole one comes without decimals."""
        if value is None:
            return None
        number = Decimal(value).scaleb(-self.places)
        return number.quantize(Decimal(1)) if number == number.to_integral() else number


def code_column(kind: type[StrEnum], name: str = "") -> sa.Enum:
    """Return a text column that admits the values of ``kind`` only, by a check called ``name``."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


IntPk = Annotated[int, mapped_column(primary_key=True)]
When = Annotated[datetime, mapped_column(UtcDateTime())]
Money = Annotated[Decimal, mapped_column(ExactDecimal(2))]
Codes = Annotated[list[str], mapped_column(sa.JSON, default=list)]
