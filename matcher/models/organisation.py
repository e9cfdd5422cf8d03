"""Organisations, the places they stand for, and what the office knows about territories."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.columns import ExactDecimal, IntPk, When, code_column


class OrganisationKind(StrEnum):
    """What an organisation is in this office's work."""

    COMMUNITY = "community"
    AGENCY = "agency"
    DONOR = "donor"
    OFFICE = "office"


class CommunityType(StrEnum):
    """The legal type of a community; printed always, because two share one name."""

    URBAN = "urban"
    SETTLEMENT = "settlement"
    RURAL = "rural"


class DonorKind(StrEnum):
    """The family a donor belongs to."""

    UN = "UN"
    IFI = "IFI"
    BILATERAL = "bilateral"
    EU_PROGRAMME = "EU programme"
    INGO = "INGO"
    FOUNDATION = "foundation"
    STATE = "state"


class Organisation(db.Model):
    """A community, an agency, a donor or the office itself."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'community') = (katottg IS NOT NULL)", name="community_has_katottg"
        ),
        sa.CheckConstraint(
            "kind <> 'donor' OR donor_kind IS NOT NULL", name="donor_has_donor_kind"
        ),
    )

    id: Mapped[IntPk]
    kind: Mapped[OrganisationKind] = mapped_column(code_column(OrganisationKind), index=True)
    name_uk: Mapped[str] = mapped_column(sa.String(200))
    name_en: Mapped[str] = mapped_column(sa.String(200))
    reads: Mapped[Language] = mapped_column(code_column(Language), default=Language.UK)
    katottg: Mapped[str | None] = mapped_column(sa.String(19), unique=True)
    community_type: Mapped[CommunityType | None] = mapped_column(code_column(CommunityType))
    raion_code: Mapped[str | None] = mapped_column(sa.String(19), index=True)
    raion_uk: Mapped[str | None] = mapped_column(sa.String(80))
    raion_en: Mapped[str | None] = mapped_column(sa.String(80))
    seat_uk: Mapped[str | None] = mapped_column(sa.String(80))
    seat_en: Mapped[str | None] = mapped_column(sa.String(80))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    donor_kind: Mapped[DonorKind | None] = mapped_column(code_column(DonorKind))
    reference_id: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    needs_signoff: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_example: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    verified_on: Mapped[date | None]
    review_by: Mapped[date | None]
    source_url: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[When]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Settlement(db.Model):
    """A town or village of the official codifier and the community it belongs to."""

    __tablename__ = "settlement"

    katottg: Mapped[str] = mapped_column(sa.String(19), primary_key=True)
    name_uk: Mapped[str] = mapped_column(sa.String(80), index=True)
    name_en: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(20))
    community_katottg: Mapped[str] = mapped_column(
        sa.ForeignKey("organisation.katottg"), index=True
    )


class TerritoryStatusCode(StrEnum):
    """How the official list classes a territory on a day."""

    NONE = "none"
    POSSIBLE_HOSTILITIES = "possible_hostilities"
    ACTIVE_HOSTILITIES = "active_hostilities"
    TEMPORARILY_OCCUPIED = "temporarily_occupied"


class TerritoryStatus(db.Model):
    """A dated entry of the official territory list for a community or a raion."""

    __tablename__ = "territory_status"
    __table_args__ = (
        sa.UniqueConstraint("katottg", "valid_from"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
    )

    id: Mapped[IntPk]
    katottg: Mapped[str] = mapped_column(sa.String(19), index=True)
    status: Mapped[TerritoryStatusCode] = mapped_column(code_column(TerritoryStatusCode))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(sa.String(500))
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class StrategyGoal(db.Model):
    """A goal of a strategy that staff keep in lists."""

    __tablename__ = "strategy_goal"
    __table_args__ = (sa.UniqueConstraint("list_code", "code"),)

    id: Mapped[IntPk]
    list_code: Mapped[str] = mapped_column(sa.String(40))
    code: Mapped[str] = mapped_column(sa.String(40))
    text_uk: Mapped[str] = mapped_column(sa.String(500))
    text_en: Mapped[str] = mapped_column(sa.String(500))
    source_url: Mapped[str] = mapped_column(sa.String(500), default="")
    is_active: Mapped[bool] = mapped_column(default=True)


class ExchangeRate(db.Model):
    """How many hryvnias one unit of a currency cost on a day."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        sa.UniqueConstraint("currency", "day"),
        sa.CheckConstraint("uah > 0", name="positive"),
    )

    id: Mapped[IntPk]
    currency: Mapped[str] = mapped_column(sa.String(3))
    day: Mapped[date]
    uah: Mapped[Decimal] = mapped_column(ExactDecimal(4))
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class Setting(db.Model):
    """A choice of this installation that people change on a page: name, sender, demonstration."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)
