"""Donors' priority profiles and calls, with the revisions that staff verified."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher.extensions import db
from matcher.models.codes import Readiness
from matcher.models.columns import Codes, ExactDecimal, IntPk, Money, When, code_column
from matcher.models.organisation import Organisation
from matcher.models.user import User


class ProfileKind(StrEnum):
    """A standing profile holds until changed; a call has dates."""

    STANDING = "standing"
    CALL = "call"


class CallState(StrEnum):
    """Where a call stands on a day."""

    FORECAST = "forecast"
    OPEN = "open"
    CLOSED = "closed"


PROFILE_FIELDS = (
    "title_uk",
    "title_en",
    "text_uk",
    "text_en",
    "exclusions_uk",
    "exclusions_en",
    "sectors",
    "sectors_excluded",
    "sdgs",
    "clusters",
    "applicant_types",
    "territories",
    "statuses_excluded",
    "statuses_required",
    "amount_min",
    "amount_max",
    "currency",
    "own_share_min_pct",
    "readiness_min",
    "opens_on",
    "closes_on",
)


class Profile(db.Model):
    """What one donor wants to fund; its columns are the verified content."""

    __tablename__ = "profile"
    __table_args__ = (
        sa.CheckConstraint(
            "amount_min IS NULL OR amount_max IS NULL OR amount_min <= amount_max",
            name="range_in_order",
        ),
        sa.CheckConstraint(
            "opens_on IS NULL OR closes_on IS NULL OR opens_on <= closes_on", name="dates_in_order"
        ),
        sa.CheckConstraint(
            "kind = 'call' OR (opens_on IS NULL AND closes_on IS NULL)",
            name="only_calls_have_dates",
        ),
    )

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[ProfileKind] = mapped_column(code_column(ProfileKind))
    title_uk: Mapped[str] = mapped_column(sa.String(200), default="")
    title_en: Mapped[str] = mapped_column(sa.String(200), default="")
    text_uk: Mapped[str] = mapped_column(sa.Text, default="")
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    exclusions_uk: Mapped[str] = mapped_column(sa.Text, default="")
    exclusions_en: Mapped[str] = mapped_column(sa.Text, default="")
    sectors: Mapped[Codes]
    sectors_excluded: Mapped[Codes]
    sdgs: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    clusters: Mapped[Codes]
    applicant_types: Mapped[Codes]
    territories: Mapped[Codes]
    statuses_excluded: Mapped[Codes]
    statuses_required: Mapped[Codes]
    amount_min: Mapped[Money | None]
    amount_max: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    own_share_min_pct: Mapped[Decimal | None] = mapped_column(ExactDecimal(2))
    readiness_min: Mapped[Readiness | None] = mapped_column(code_column(Readiness))
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None] = mapped_column(index=True)
    ended: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)
    verified_on: Mapped[date | None]
    verified_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    review_by: Mapped[date | None]
    source_url: Mapped[str] = mapped_column(sa.String(500), default="")
    is_example: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[When]
    updated_at: Mapped[When]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    organisation: Mapped[Organisation] = relationship()
    verified_by: Mapped[User | None] = relationship()
    revisions: Mapped[list[ProfileRevision]] = relationship(
        back_populates="profile", order_by="ProfileRevision.number"
    )


class ProposalStatus(StrEnum):
    """Where a proposed wording of a profile stands."""

    PROPOSED = "proposed"
    VERIFIED = "verified"
    DECLINED = "declined"


class ProfileRevision(db.Model):
    """One wording of a profile: proposed by its donor or by staff, verified by staff."""

    __tablename__ = "profile_revision"
    __table_args__ = (sa.UniqueConstraint("profile_id", "number"),)

    id: Mapped[IntPk]
    profile_id: Mapped[int] = mapped_column(sa.ForeignKey("profile.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    status: Mapped[ProposalStatus] = mapped_column(code_column(ProposalStatus), index=True)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[When]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[When | None]

    profile: Mapped[Profile] = relationship(back_populates="revisions")
    proposed_by: Mapped[User | None] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
