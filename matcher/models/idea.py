"""Project ideas: what a community needs, its revisions, release text and history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher.extensions import db
from matcher.models.codes import ApplicantType, Language, Readiness, Reason
from matcher.models.columns import Codes, ExactDecimal, IntPk, Money, When, code_column
from matcher.models.organisation import Organisation, StrategyGoal
from matcher.models.user import User


class IdeaStatus(StrEnum):
    """Where an idea stands between its author and the public list."""

    DRAFT = "draft"
    AWAITING_SIGNOFF = "awaiting_signoff"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    PUBLISHED = "published"
    REJECTED = "rejected"
    ON_HOLD = "on_hold"
    STALE = "stale"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


class Sensitivity(StrEnum):
    """Who may learn of an idea before it is introduced."""

    OPEN = "open"
    AFTER_APPROVAL = "after_approval"
    RESTRICTED = "restricted"


class Section(StrEnum):
    """A part of the idea form; staff return an idea by naming sections."""

    ESSENCE = "essence"
    PEOPLE = "people"
    BUDGET = "budget"
    CAPACITY = "capacity"
    DOCUMENTS = "documents"


SECTION_FIELDS: dict[Section, tuple[str, ...]] = {
    Section.ESSENCE: (
        "title",
        "summary",
        "problem",
        "activities",
        "result",
        "sector",
        "sdg",
        "strategy_goal_id",
        "title_en",
        "summary_en",
    ),
    Section.PEOPLE: ("beneficiaries", "beneficiary_groups", "place_katottg", "sensitivity"),
    Section.BUDGET: ("amount", "currency", "own_share_pct", "duration_months"),
    Section.CAPACITY: ("applicant_type", "partners", "capacity"),
    Section.DOCUMENTS: ("readiness", "documents", "dream_id", "prozorro_id"),
}
CONTENT_FIELDS = tuple(name for names in SECTION_FIELDS.values() for name in names)


class Idea(db.Model):
    """A project idea; its open columns are the working text, revisions are what was submitted."""

    __tablename__ = "idea"
    __table_args__ = (
        sa.CheckConstraint("amount IS NULL OR amount > 0", name="amount_positive"),
        sa.CheckConstraint(
            "own_share_pct IS NULL OR (own_share_pct >= 0 AND own_share_pct <= 10000)",
            name="own_share_in_percent",
        ),
        sa.CheckConstraint("sdg IS NULL OR (sdg >= 1 AND sdg <= 17)", name="sdg_known"),
        sa.CheckConstraint("beneficiaries IS NULL OR beneficiaries >= 0", name="people_counted"),
    )

    id: Mapped[IntPk]
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    entered_by_office: Mapped[bool] = mapped_column(default=False)
    status: Mapped[IdeaStatus] = mapped_column(
        code_column(IdeaStatus), default=IdeaStatus.DRAFT, index=True
    )
    status_at: Mapped[When]
    opened_at: Mapped[When | None]
    revision: Mapped[int] = mapped_column(default=0)
    reason: Mapped[Reason | None] = mapped_column(code_column(Reason))
    reason_note: Mapped[str] = mapped_column(sa.Text, default="")

    language: Mapped[Language] = mapped_column(code_column(Language), default=Language.UK)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    activities: Mapped[str] = mapped_column(sa.Text, default="")
    result: Mapped[str] = mapped_column(sa.Text, default="")
    title_en: Mapped[str] = mapped_column(sa.String(200), default="")
    summary_en: Mapped[str] = mapped_column(sa.Text, default="")
    sector: Mapped[str | None] = mapped_column(sa.String(3))
    sdg: Mapped[int | None]
    strategy_goal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("strategy_goal.id"))
    beneficiaries: Mapped[int | None] = mapped_column(sa.BigInteger)
    beneficiary_groups: Mapped[Codes]
    place_katottg: Mapped[str | None] = mapped_column(sa.String(19))
    sensitivity: Mapped[Sensitivity] = mapped_column(
        code_column(Sensitivity), default=Sensitivity.AFTER_APPROVAL
    )
    amount: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    secured: Mapped[Money | None]
    own_share_pct: Mapped[Decimal | None] = mapped_column(ExactDecimal(2))
    duration_months: Mapped[int | None]
    applicant_type: Mapped[ApplicantType | None] = mapped_column(code_column(ApplicantType))
    partners: Mapped[str] = mapped_column(sa.Text, default="")
    capacity: Mapped[str] = mapped_column(sa.Text, default="")
    readiness: Mapped[Readiness | None] = mapped_column(code_column(Readiness))
    documents: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    dream_id: Mapped[str] = mapped_column(sa.String(60), default="")
    prozorro_id: Mapped[str] = mapped_column(sa.String(60), default="")

    review_by: Mapped[date | None] = mapped_column(index=True)
    reminders: Mapped[int] = mapped_column(default=0)
    is_example: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[When]
    updated_at: Mapped[When]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    organisation: Mapped[Organisation] = relationship()
    created_by: Mapped[User] = relationship()
    strategy_goal: Mapped[StrategyGoal | None] = relationship()
    partners_involved: Mapped[list[Organisation]] = relationship(
        secondary="idea_partner", order_by="Organisation.name_uk"
    )
    revisions: Mapped[list[IdeaRevision]] = relationship(
        back_populates="idea", order_by="IdeaRevision.number"
    )
    release_texts: Mapped[list[ReleaseText]] = relationship(
        back_populates="idea", order_by="ReleaseText.language"
    )
    change_requests: Mapped[list[ChangeRequest]] = relationship(
        back_populates="idea", order_by="ChangeRequest.id"
    )
    events: Mapped[list[IdeaEvent]] = relationship(back_populates="idea", order_by="IdeaEvent.id")


class IdeaPartner(db.Model):
    """A partner community of an idea: it sees the idea and may not edit it."""

    __tablename__ = "idea_partner"

    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)


class IdeaRevision(db.Model):
    """What was submitted, word for word; never changed. A match points at one."""

    __tablename__ = "idea_revision"
    __table_args__ = (sa.UniqueConstraint("idea_id", "number"),)

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[When]

    idea: Mapped[Idea] = relationship(back_populates="revisions")
    created_by: Mapped[User] = relationship()


class TextOrigin(StrEnum):
    """Who wrote a text."""

    HUMAN = "human"
    MACHINE = "machine"


class ReleaseText(db.Model):
    """The title and summary that outsiders read in one language, once staff have confirmed them."""

    __tablename__ = "release_text"
    __table_args__ = (sa.UniqueConstraint("idea_id", "language"),)

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"))
    language: Mapped[Language] = mapped_column(code_column(Language))
    title: Mapped[str] = mapped_column(sa.String(200))
    summary: Mapped[str] = mapped_column(sa.Text)
    origin: Mapped[TextOrigin] = mapped_column(code_column(TextOrigin), default=TextOrigin.HUMAN)
    revision: Mapped[int]
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    reviewed_at: Mapped[When | None]

    idea: Mapped[Idea] = relationship(back_populates="release_texts")
    reviewed_by: Mapped[User | None] = relationship()


class AcceptedMark(db.Model):
    """A telling word that staff let stand in a release text, with the reason."""

    __tablename__ = "accepted_mark"
    __table_args__ = (sa.UniqueConstraint("idea_id", "fragment"),)

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"))
    fragment: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.String(500))
    accepted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    accepted_at: Mapped[When]


class ChangeRequest(db.Model):
    """Staff ask for a change in one section; the section is open until it is resubmitted."""

    __tablename__ = "change_request"

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"), index=True)
    section: Mapped[Section] = mapped_column(code_column(Section))
    note: Mapped[str] = mapped_column(sa.Text)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    asked_at: Mapped[When]
    resolved_at: Mapped[When | None]

    idea: Mapped[Idea] = relationship(back_populates="change_requests")
    asked_by: Mapped[User] = relationship()


class IdeaEvent(db.Model):
    """One act on an idea; only ever added."""

    __tablename__ = "idea_event"

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"), index=True)
    act: Mapped[str] = mapped_column(sa.String(40))
    from_status: Mapped[IdeaStatus | None] = mapped_column(code_column(IdeaStatus, "from_status"))
    to_status: Mapped[IdeaStatus] = mapped_column(code_column(IdeaStatus, "to_status"))
    revision: Mapped[int]
    reason: Mapped[Reason | None] = mapped_column(code_column(Reason))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    on_behalf: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[When]

    idea: Mapped[Idea] = relationship(back_populates="events")
    by: Mapped[User | None] = relationship()


class IdeaConfirmation(db.Model):
    """An editor or head said that this revision is still what they want."""

    __tablename__ = "idea_confirmation"
    __table_args__ = (sa.UniqueConstraint("idea_id", "revision", "at"),)

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"), index=True)
    revision: Mapped[int]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[When]

    by: Mapped[User] = relationship()


class Clearance(db.Model):
    """A lead named this person for a restricted idea."""

    __tablename__ = "clearance"
    __table_args__ = (sa.UniqueConstraint("idea_id", "user_id"),)

    id: Mapped[IntPk]
    idea_id: Mapped[int] = mapped_column(sa.ForeignKey("idea.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    granted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    granted_at: Mapped[When]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
