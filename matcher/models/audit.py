"""The audit trail: who did what to what, old and new."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher.extensions import db
from matcher.models.columns import IntPk, When, code_column
from matcher.models.user import Role, User


class AuditEvent(db.Model):
    """One act; ids, codes, states, amounts and dates only, never a text or a name."""

    __tablename__ = "audit_event"
    __table_args__ = (sa.Index("ix_audit_event_subject", "subject_kind", "subject_id"),)

    id: Mapped[IntPk]
    at: Mapped[When] = mapped_column(index=True)
    act: Mapped[str] = mapped_column(sa.String(60), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    membership_id: Mapped[int | None] = mapped_column(sa.ForeignKey("membership.id"))
    role: Mapped[Role | None] = mapped_column(code_column(Role))
    subject_kind: Mapped[str] = mapped_column(sa.String(40), default="")
    subject_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    old: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    new: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)

    user: Mapped[User | None] = relationship()
