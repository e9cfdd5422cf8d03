"""The rows that the engine ranks, as its documents: which they are and how they get in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matcher.engine import Document
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaRevision, IdeaStatus
from matcher.models.match import Suppression
from matcher.models.profile import Profile, ProfileRevision, ProposalStatus
from matcher.services import documents, freshness
from matcher.services.index import Index


class Revised(Protocol):
    """Anything that has an id and the number of its current revision: a row, or two columns."""

    @property
    def id(self) -> int:
        """The idea's or profile's id."""

    @property
    def revision(self) -> int:
        """The number of its current revision."""


def documents_id(row: Revised) -> str:
    """Return the identifier of the row's current document."""
    return f"{row.id}:{row.revision}"


def rankable_profiles(today: date) -> list[Profile]:
    """Return the profiles that ideas are ranked against today."""
    statement = sa.select(Profile).where(*freshness.rankable(today)).order_by(Profile.id)
    return list(db.session.scalars(statement))


def published_ideas(among: Collection[int] | None = None) -> list[Idea]:
    """Return the ideas that profiles are ranked against, all or those of the ids."""
    statement = (
        sa.select(Idea)
        .where(Idea.status == IdeaStatus.PUBLISHED)
        .options(selectinload(Idea.organisation))
        .order_by(Idea.id)
    )
    if among is not None:
        statement = statement.where(Idea.id.in_(among))
    return list(db.session.scalars(statement))


def published_revisions() -> list[sa.Row[int, int]]:
    """Return id and revision of the published ideas: ranking thousands needs no more of them."""
    statement = sa.select(Idea.id, Idea.revision).where(Idea.status == IdeaStatus.PUBLISHED)
    return list(db.session.execute(statement.order_by(Idea.id)))


def ensure(index: Index, *, ideas: Sequence[Revised], profiles: Sequence[Revised]) -> None:
    """Add the rows' current documents to the generation where they are missing."""
    names = index.missing("idea", [documents_id(idea) for idea in ideas])
    if names:
        rows = current_revisions([documents.row_id(name) for name in names])
        index.add("idea", [idea_document_of(row) for row in rows])
    names = index.missing("profile", [documents_id(profile) for profile in profiles])
    if names:
        contents = current_contents([documents.row_id(name) for name in names])
        index.add("profile", [profile_document_of(row) for row in contents])


def current_revisions(idea_ids: Collection[int]) -> list[IdeaRevision]:
    """Return the current revision of each of these ideas."""
    statement = (
        sa.select(IdeaRevision)
        .join(Idea, Idea.id == IdeaRevision.idea_id)
        .where(Idea.id.in_(idea_ids))
        .where(IdeaRevision.number == Idea.revision)
        .order_by(IdeaRevision.idea_id)
    )
    return list(db.session.scalars(statement))


def current_contents(profile_ids: Collection[int]) -> list[ProfileRevision]:
    """Return the verified content of each of these profiles."""
    statement = (
        sa.select(ProfileRevision)
        .join(Profile, Profile.id == ProfileRevision.profile_id)
        .where(Profile.id.in_(profile_ids))
        .where(ProfileRevision.number == Profile.revision)
        .where(ProfileRevision.status == ProposalStatus.VERIFIED)
        .order_by(ProfileRevision.profile_id)
    )
    return list(db.session.scalars(statement))


def idea_document_of(revision: IdeaRevision) -> Document:
    """Return the document of a stored revision."""
    return documents.idea_document(revision.idea_id, revision.number, revision.content)


def profile_document_of(revision: ProfileRevision) -> Document:
    """Return the document of a stored revision."""
    return documents.profile_document(revision.profile_id, revision.number, revision.content)


def suppressed_pairs(idea_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return the pairs of these ideas that stay away: nothing has changed since the no."""
    statement = (
        sa.select(Suppression.idea_id, Suppression.profile_id)
        .join(Idea, Idea.id == Suppression.idea_id)
        .join(Profile, Profile.id == Suppression.profile_id)
        .where(Suppression.idea_id.in_(idea_ids))
        .where(Suppression.idea_revision == Idea.revision)
        .where(Suppression.profile_revision == Profile.revision)
    )
    return {(row.idea_id, row.profile_id) for row in db.session.execute(statement)}
