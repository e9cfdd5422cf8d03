"""What a wording of priorities would find, tried without saving it: counts and the first few.

Computed over what this donor may see anyway and on the texts that outsiders read: published
open ideas and those that were sent to it. Trying words tells nothing of any other idea or text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matcher.engine import Document, Generation, Hit
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus, ReleaseText
from matcher.models.match import Match
from matcher.models.profile import Profile, ProfileKind
from matcher.models.user import Membership, Role
from matcher.services import (
    access,
    corpus,
    documents,
    donor_matches,
    matching,
    profile_content,
    public,
    verdicts,
)
from matcher.services.index import Index

FIRST = 5


@dataclass(frozen=True)
class Found:
    """One idea that the wording would find; ``match_id`` where it was sent to this donor."""

    idea: Idea
    match_id: int | None
    text: ReleaseText
    content: dict[str, Any]
    hit: Hit


@dataclass(frozen=True)
class Preview:
    """How many of the ideas this donor may see fit, how many of these break a rule, the best."""

    seen: int
    fitting: int
    excluded: int
    first: list[Found]


def preview(
    actor: Membership,
    index: Index,
    content: Mapping[str, Any],
    kind: ProfileKind,
    *,
    today: date,
) -> Preview | None:
    """Try a wording on what its donor may see; None while no matching run is in force."""
    access.require(actor, {Role.DONOR})
    if index.find_run() is None:
        return None
    values = profile_content.clean(content, kind)
    ideas = {str(idea.id): idea for idea in visible_ideas(actor)}
    hits = rank(index, documents.profile_document(0, 0, values), list(ideas.values()))
    fitting = [hit for hit in hits if hit.band in matching.FITS]
    draft = unsaved(values, kind)
    bench = verdicts.Bench(today, list(ideas.values()))
    kept = [hit for hit in fitting if not verdicts.excludes(bench.judge(ideas[hit.id], draft))]
    first = [(ideas[hit.id], hit) for hit in kept[:FIRST]]
    return Preview(len(ideas), len(kept), len(fitting) - len(kept), describe(actor, first))


def sent_pairs(actor: Membership) -> sa.Select[Match]:
    """Return the statement of the pairs that were sent to this donor."""
    return access.matches_seen_by(actor).where(Match.status.not_in(donor_matches.HIDDEN))


def visible_ideas(actor: Membership) -> list[Idea]:
    """Return the published ideas that this donor may read: the open ones, those sent to it."""
    sent = sent_pairs(actor).with_only_columns(Match.idea_id)
    statement = (
        sa.select(Idea)
        .where(
            Idea.status == IdeaStatus.PUBLISHED,
            public.has_text(),
            sa.or_(sa.and_(*public.is_open()), Idea.id.in_(sent)),
        )
        .options(joinedload(Idea.organisation), selectinload(Idea.release_texts))
        .order_by(Idea.id)
    )
    return list(db.session.scalars(statement))


def rank(index: Index, profile: Document, ideas: Sequence[Idea]) -> list[Hit]:
    """Rank release texts for a profile that is not stored; the generation is left as it was."""
    texts = [released_document(idea) for idea in ideas]
    draft = Document("preview", profile.title, profile.text)

    def ask(generation: Generation) -> list[Hit]:
        added: list[str] = []
        try:
            for document in texts:
                generation.add_idea(document)
                added.append(document.id)
            generation.add_profile(draft)
            return generation.rank_ideas(draft.id, among=added)
        finally:
            for name in added:
                generation.remove_idea(name)
            if generation.has_profile(draft.id):
                generation.remove_profile(draft.id)

    return [rename(hit) for hit in index.read(ask)]


def released_document(idea: Idea) -> Document:
    """Return all that outsiders read of an idea, in both languages, as one document."""
    texts = public.confirmed_texts(idea)
    rest = [part for text in texts[1:] for part in (text.title, text.summary)]
    return Document(
        f"preview:{idea.id}", texts[0].title, documents.BREAK.join([texts[0].summary, *rest])
    )


def rename(hit: Hit) -> Hit:
    """Return the hit under the idea's own number."""
    own = hit.id.removeprefix("preview:")
    return Hit(own, hit.rank, hit.score, hit.cosine, hit.band, hit.above_floor)


def unsaved(values: Mapping[str, Any], kind: ProfileKind) -> Profile:
    """Return the wording as a profile that belongs to no session, for the check of its rules."""
    draft = Profile(kind=kind, ended=False)
    profile_content.put_in_force(draft, values)
    return draft


def describe(actor: Membership, found: Sequence[tuple[Idea, Hit]]) -> list[Found]:
    """Return the first ideas with the text this donor reads and the facts as sent."""
    ids = [idea.id for idea, _hit in found]
    contents = {row.idea_id: row.content for row in corpus.current_revisions(ids)}
    sent = sent_pairs(actor).where(Match.idea_id.in_(ids)).order_by(Match.id.desc())
    matches = {match.idea_id: match.id for match in db.session.scalars(sent)}
    language = actor.organisation.reads
    return [
        Found(
            idea,
            matches.get(idea.id),
            public.pick_text(idea, language),
            contents[idea.id],
            hit,
        )
        for idea, hit in found
    ]
