"""Hints for the author of an idea: neighbours with a like need, and how many donors may fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, ReleaseText
from matcher.models.user import Membership
from matcher.services import documents, matching
from matcher.services.index import Index


@dataclass(frozen=True)
class SimilarIdea:
    """An idea that reads like the author's own: one's own, or one of the public list."""

    idea: Idea
    title: str
    language: Language
    is_own: bool


@dataclass(frozen=True)
class Hints:
    """What the author is told; ``donors`` is a step ("0", "1-4", "5-9", "10+") or nothing."""

    similar: list[SimilarIdea]
    donors: str = ""


def find_hints(index: Index, actor: Membership, idea: Idea, *, now: datetime, today: date) -> Hints:
    """Return the hints for a draft; none before the first matching run: nothing is known yet."""
    if not idea.summary or index.find_run() is None:
        return Hints([])
    content = {name: getattr(idea, name) for name in ("title", *documents.IDEA_FIELDS)}
    document = documents.idea_document(idea.id, idea.revision, content)
    hits = matching.similar_ideas(index, actor, document, own_id=idea.id, now=now, today=today, k=5)
    donors = matching.possible_donors_step(index, idea, now=now, today=today)
    return Hints(_titled(actor, [found for found, _hit in hits]), donors)


def _titled(actor: Membership, ideas: list[Idea]) -> list[SimilarIdea]:
    """Name each idea as this reader may read it: others by their confirmed release text."""
    statement = sa.select(ReleaseText).where(
        ReleaseText.idea_id.in_([idea.id for idea in ideas]), ReleaseText.reviewed_at.is_not(None)
    )
    texts: dict[int, ReleaseText] = {}
    for text in db.session.scalars(statement.order_by(ReleaseText.language)):
        texts[text.idea_id] = text  # Ukrainian comes last and wins
    rows = []
    for idea in ideas:
        if idea.organisation_id == actor.organisation_id:
            rows.append(SimilarIdea(idea, idea.title, idea.language, True))
        elif idea.id in texts:
            text = texts[idea.id]
            rows.append(SimilarIdea(idea, text.title, text.language, False))
    return rows
