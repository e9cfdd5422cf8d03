"""Hints for the author of an idea: neighbours with a like need, and how many donors may fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from matcher.engine.series import series_of
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, ReleaseText
from matcher.models.user import Membership
from matcher.services import documents, matching
from matcher.services.index import Index

SHOWN = 5
LOOKED_AT = 25  # so that a series does not take all places


@dataclass(frozen=True)
class SimilarIdea:
    """An idea that reads like the author's own: one's own, or one of the public list.

    ``others`` counts further ones whose title differs by a number alone.
    """

    idea: Idea
    title: str
    language: Language
    is_own: bool
    others: int = 0


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
    hits = matching.similar_ideas(
        index, actor, document, own_id=idea.id, now=now, today=today, k=LOOKED_AT
    )
    donors = matching.possible_donors_step(index, idea, now=now, today=today)
    titled = _titled(actor, [found for found, _hit in hits])
    return Hints(_grouped(index, titled)[:SHOWN], donors)


def _grouped(index: Index, rows: list[SimilarIdea]) -> list[SimilarIdea]:
    """Let the first of each series stand for all of it."""
    by_id = {row.idea.id: row for row in rows}
    titles = [(row.idea.id, row.title) for row in rows]
    return [
        replace(by_id[group[0]], others=len(group) - 1)
        for group in series_of(titles, index.lexicon.table)
    ]


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
