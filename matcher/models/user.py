"""People, their seats in organisations, their sessions and one-time links."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.columns import IntPk, When, code_column
from matcher.models.organisation import Organisation


class Role(StrEnum):
    """What a seat allows; one word per right holder of the product."""

    EDITOR = "editor"
    HEAD = "head"
    DONOR = "donor"
    STAFF = "staff"
    LEAD = "lead"
    ADMIN = "admin"


class User(db.Model):
    """A person with an account."""

    __tablename__ = "user"

    id: Mapped[IntPk]
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    post: Mapped[str] = mapped_column(sa.String(120), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    language: Mapped[Language] = mapped_column(code_column(Language), default=Language.UK)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    is_locked: Mapped[bool] = mapped_column(default=False)
    is_example: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[When]
    last_seen_at: Mapped[When | None]
    left_at: Mapped[When | None]

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", order_by="Membership.id"
    )


class Membership(db.Model):
    """A seat: a person acts with the rights of one role in one organisation."""

    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("user_id", "organisation_id", "role"),)

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    role: Mapped[Role] = mapped_column(code_column(Role))
    created_at: Mapped[When]
    ended_at: Mapped[When | None]
    last_visit_at: Mapped[When | None]

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()


class LoginSession(db.Model):
    """A signed-in browser; the cookie holds the secret, this row its SHA-256."""

    __tablename__ = "login_session"

    id: Mapped[IntPk]
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    membership_id: Mapped[int | None] = mapped_column(sa.ForeignKey("membership.id"))
    created_at: Mapped[When]
    last_seen_at: Mapped[When]
    ended_at: Mapped[When | None]
    device: Mapped[str] = mapped_column(sa.String(200), default="")

    user: Mapped[User] = relationship()
    membership: Mapped[Membership | None] = relationship()


class LinkPurpose(StrEnum):
    """What a one-time link is good for, and nothing else."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    CONFIRM_IDEA = "confirm_idea"


class OneTimeLink(db.Model):
    """A link that works once, for one purpose, until it expires; stored as a hash."""

    __tablename__ = "one_time_link"

    id: Mapped[IntPk]
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(code_column(LinkPurpose))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    membership_id: Mapped[int | None] = mapped_column(sa.ForeignKey("membership.id"))
    subject_id: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[When]
    expires_at: Mapped[When]
    used_at: Mapped[When | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class SignInFailure(db.Model):
    """A failed sign-in; counted by account and by address, over all processes."""

    __tablename__ = "sign_in_failure"

    id: Mapped[IntPk]
    account_key: Mapped[str] = mapped_column(sa.String(64), index=True)
    address_key: Mapped[str] = mapped_column(sa.String(64), index=True)
    at: Mapped[When] = mapped_column(index=True)


class AccessRequestStatus(StrEnum):
    """Where a request for an account stands."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class AccessRequest(db.Model):
    """Somebody asks for an account; staff confirm that the person is who they say."""

    __tablename__ = "access_request"

    id: Mapped[IntPk]
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    post: Mapped[str] = mapped_column(sa.String(120))
    language: Mapped[Language] = mapped_column(code_column(Language))
    role: Mapped[Role] = mapped_column(code_column(Role))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_name: Mapped[str] = mapped_column(sa.String(200), default="")
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    status: Mapped[AccessRequestStatus] = mapped_column(
        code_column(AccessRequestStatus), default=AccessRequestStatus.REQUESTED, index=True
    )
    created_at: Mapped[When]
    decided_at: Mapped[When | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    is_example: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped[Organisation | None] = relationship()


class Conflict(db.Model):
    """A person has an interest in an organisation and keeps out of its pairs."""

    __tablename__ = "conflict"
    __table_args__ = (
        sa.Index(
            "uq_conflict_open",
            "user_id",
            "organisation_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    declared_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[When]
    ended_at: Mapped[When | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship()
