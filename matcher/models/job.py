"""Work that is done after the answer: letters and long computations, as rows."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher.extensions import db
from matcher.models.columns import IntPk, When, code_column
from matcher.models.user import User


class JobStatus(StrEnum):
    """Where a job stands; a cancelled letter was taken back before it left."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(db.Model):
    """One piece of work; written in the transaction of the act that needs it."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_due", "status", "not_before"),)

    id: Mapped[IntPk]
    kind: Mapped[str] = mapped_column(sa.String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    unique_key: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    recipient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    match_event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("match_event.id"), index=True)
    status: Mapped[JobStatus] = mapped_column(code_column(JobStatus), default=JobStatus.WAITING)
    not_before: Mapped[When]
    lease_until: Mapped[When | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[When]
    finished_at: Mapped[When | None]

    recipient: Mapped[User | None] = relationship()


class FormKey(db.Model):
    """The hidden key of a form that was sent: the same form twice makes one record."""

    __tablename__ = "form_key"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    act: Mapped[str] = mapped_column(sa.String(60))
    digest: Mapped[str] = mapped_column(sa.String(64))
    subject_id: Mapped[int]
    created_at: Mapped[When]
