"""Pairs of an idea and a profile: their scores, their history, what was said about them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher.extensions import db
from matcher.models.codes import Channel, Language, Reason
from matcher.models.columns import IntPk, Money, When, code_column
from matcher.models.idea import Idea, IdeaRevision
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile, ProfileRevision
from matcher.models.user import Role, User


class MatchStatus(StrEnum):
    """Where a pair stands between the engine and the money."""

    SUGGESTED = "suggested"
    RELEASED = "released"
    QUESTION = "question"
    INTERESTED = "interested"
    APPROVED = "approved"
    INTRODUCED = "introduced"
    IN_TALKS = "in_talks"
    FUNDED = "funded"
    NOT_FUNDED = "not_funded"
    DISMISSED = "dismissed"
    DECLINED = "declined"
    REFUSED = "refused"
    LAPSED = "lapsed"


class RunStatus(StrEnum):
    """Where a matching run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MatchRun(db.Model):
    """One fit of the engine: a generation in which all scores can be compared."""

    __tablename__ = "match_run"

    id: Mapped[IntPk]
    status: Mapped[RunStatus] = mapped_column(code_column(RunStatus), default=RunStatus.QUEUED)
    engine_version: Mapped[str] = mapped_column(sa.String(20))
    parameters: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    input_digest: Mapped[str] = mapped_column(sa.String(64), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    figures: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    started_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[When]
    finished_at: Mapped[When | None]


class Match(db.Model):
    """An idea and a profile that may fit, and what people decided about it."""

    __tablename__ = "match"
    __table_args__ = (
        sa.UniqueConstraint("idea_id", "profile_id"),
        sa.CheckConstraint("NOT is_manual OR manual_reason <> ''", name="manual_has_reason"),
        sa.CheckConstraint(
            "status <> 'funded' OR (funded_amount IS NOT NULL AND funded_on IS NOT NULL)",
            name="funded_has_amount",
        ),
        sa.CheckConstraint(
            "(seconding_act IS NULL) = (seconding_by_id IS NULL)", name="seconding_whole"
        ),
        sa.Index("ix_match_profile_id_status", "profile_id", "status"),
        sa.Index("ix_match_status_status_at", "status", "status_at"),
    )

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"))
    profile_id: Mapped[int] = mapped_column(sa.ForeignKey("profile.id"))
    idea_revision_id: Mapped[int] = mapped_column(sa.ForeignKey("idea_revision.id"))
    profile_revision_id: Mapped[int] = mapped_column(sa.ForeignKey("profile_revision.id"))
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("match_run.id"))
    status: Mapped[MatchStatus] = mapped_column(
        code_column(MatchStatus), default=MatchStatus.SUGGESTED
    )
    status_at: Mapped[When]

    score: Mapped[float | None]
    cosine: Mapped[float | None]
    band: Mapped[str | None] = mapped_column(sa.String(20))
    rank_for_idea: Mapped[int | None]
    rank_for_profile: Mapped[int | None]
    eligibility: Mapped[str] = mapped_column(sa.String(20), default="eligible")
    verdicts: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    missing: Mapped[list[str]] = mapped_column(sa.JSON, default=list)

    released_at: Mapped[When | None]
    released_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    is_manual: Mapped[bool] = mapped_column(default=False)
    manual_reason: Mapped[str] = mapped_column(sa.Text, default="")
    seconding_act: Mapped[str | None] = mapped_column(sa.String(20))
    seconding_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    seconding_at: Mapped[When | None]
    funded_amount: Mapped[Money | None]
    funded_currency: Mapped[str | None] = mapped_column(sa.String(3))
    funded_on: Mapped[date | None]
    next_contact_on: Mapped[date | None]
    created_at: Mapped[When]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    idea: Mapped[Idea] = relationship()
    profile: Mapped[Profile] = relationship()
    idea_revision: Mapped[IdeaRevision] = relationship()
    profile_revision: Mapped[ProfileRevision] = relationship()
    run: Mapped[MatchRun | None] = relationship()
    seconding_by: Mapped[User | None] = relationship(foreign_keys=[seconding_by_id])
    released_by: Mapped[User | None] = relationship(foreign_keys=[released_by_id])
    events: Mapped[list[MatchEvent]] = relationship(
        back_populates="match", order_by="MatchEvent.id"
    )
    questions: Mapped[list[Question]] = relationship(back_populates="match", order_by="Question.id")


class MatchEvent(db.Model):
    """One act on a pair; only ever added."""

    __tablename__ = "match_event"

    id: Mapped[IntPk]
    match_id: Mapped[int] = mapped_column(sa.ForeignKey("match.id"), index=True)
    act: Mapped[str] = mapped_column(sa.String(40))
    from_status: Mapped[MatchStatus] = mapped_column(code_column(MatchStatus, "from_status"))
    to_status: Mapped[MatchStatus] = mapped_column(code_column(MatchStatus, "to_status"))
    reason: Mapped[Reason | None] = mapped_column(code_column(Reason))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    role: Mapped[Role | None] = mapped_column(code_column(Role))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    behalf_channel: Mapped[Channel | None] = mapped_column(code_column(Channel))
    behalf_on: Mapped[date | None]
    behalf_of: Mapped[str] = mapped_column(sa.String(120), default="")
    engine_version: Mapped[str] = mapped_column(sa.String(20), default="")
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("match_event.id"), unique=True)
    at: Mapped[When] = mapped_column(index=True)

    match: Mapped[Match] = relationship(back_populates="events")
    by: Mapped[User | None] = relationship()


class FeedbackValue(StrEnum):
    """What a reader thinks of a suggestion."""

    GOOD = "good"
    NOT_RELEVANT = "not_relevant"
    PROFILE_WRONG = "profile_wrong"


class Feedback(db.Model):
    """A reader's word on a suggestion, kept with the engine's version."""

    __tablename__ = "feedback"
    __table_args__ = (sa.UniqueConstraint("match_id", "by_id"),)

    id: Mapped[IntPk]
    match_id: Mapped[int] = mapped_column(sa.ForeignKey("match.id"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    role: Mapped[Role] = mapped_column(code_column(Role))
    value: Mapped[FeedbackValue] = mapped_column(code_column(FeedbackValue))
    engine_version: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[When]


class Suppression(db.Model):
    """A declined or dismissed pair stays away until the idea or the profile changes."""

    __tablename__ = "suppression"
    __table_args__ = (sa.UniqueConstraint("idea_id", "profile_id"),)

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"))
    profile_id: Mapped[int] = mapped_column(sa.ForeignKey("profile.id"))
    idea_revision: Mapped[int]
    profile_revision: Mapped[int]
    reason: Mapped[Reason] = mapped_column(code_column(Reason))
    created_at: Mapped[When]


class Question(db.Model):
    """A donor's question on a pair and the community's answer, both relayed by the office."""

    __tablename__ = "question"

    id: Mapped[IntPk]
    match_id: Mapped[int] = mapped_column(sa.ForeignKey("match.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[Language] = mapped_column(code_column(Language))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    asked_at: Mapped[When]
    relayed_text: Mapped[str] = mapped_column(sa.Text, default="")
    relayed_at: Mapped[When | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answered_at: Mapped[When | None]
    relayed_answer: Mapped[str] = mapped_column(sa.Text, default="")
    answer_relayed_at: Mapped[When | None]

    match: Mapped[Match] = relationship(back_populates="questions")


class ContactNote(db.Model):
    """One line of the office's log of talks with a donor."""

    __tablename__ = "contact_note"

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    match_id: Mapped[int | None] = mapped_column(sa.ForeignKey("match.id"), index=True)
    on: Mapped[date]
    channel: Mapped[Channel] = mapped_column(code_column(Channel))
    said: Mapped[str] = mapped_column(sa.Text)
    next_step: Mapped[str] = mapped_column(sa.String(500), default="")
    due_on: Mapped[date | None] = mapped_column(index=True)
    done_at: Mapped[When | None]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[When]

    organisation: Mapped[Organisation] = relationship()
    by: Mapped[User] = relationship()
