"""The office's lists of ideas: filtered, searched, with what a reader should look at first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matcher.engine import Document, Generation, Hit
from matcher.engine.series import wording_of
from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Clearance, Idea, IdeaStatus, Sensitivity
from matcher.models.match import Match
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role
from matcher.services import access, documents, matching, moves, ranking, release_texts
from matcher.services.corpus import documents_id, ensure
from matcher.services.index import Index
from matcher.services.places import find_marks
from matcher.services.verdicts import missing_facts

PAGE = 25
SORTS = ("wait", "changed", "code", "title", "amount")


@dataclass(frozen=True)
class Filter:
    """What the reader asked to see; an empty value asks for nothing."""

    status: IdeaStatus | None = None
    community_id: int | None = None
    sector: str = ""
    sensitivity: Sensitivity | None = None
    words: str = ""
    sort: str = "wait"
    descending: bool = False


@dataclass(frozen=True)
class Check:
    """An idea to check: facts that are missing, neighbours that may be the same, places named.

    ``series`` are ideas whose title differs by a number alone: they are asked for on purpose.
    """

    idea: Idea
    missing: list[str]
    duplicates: list[Idea]
    series: list[Idea]
    marks: int


def list_page(actor: Membership, asked: Filter, *, page: int) -> tuple[list[Idea], int]:
    """Return one page of the ideas that this seat sees and asked for, and how many there are."""
    access.require(actor, access.OFFICE)
    statement = narrow(access.ideas_seen_by(actor), asked)
    total = db.session.scalar(statement.with_only_columns(sa.func.count(Idea.id)))
    rows = (
        statement.options(
            joinedload(Idea.organisation),
            selectinload(Idea.release_texts),
            selectinload(Idea.revisions),
        )
        .order_by(*order(asked))
        .limit(PAGE)
        .offset((max(page, 1) - 1) * PAGE)
    )
    return list(db.session.scalars(rows)), total or 0


def narrow(statement: sa.Select[Idea], asked: Filter) -> sa.Select[Idea]:
    """Add the reader's filters to a guarded statement."""
    if asked.status is not None:
        statement = statement.where(Idea.status == asked.status)
    if asked.community_id is not None:
        statement = statement.where(Idea.organisation_id == asked.community_id)
    if asked.sector:
        statement = statement.where(Idea.sector == asked.sector)
    if asked.sensitivity is not None:
        statement = statement.where(Idea.sensitivity == asked.sensitivity)
    for word in asked.words.split()[:5]:
        statement = statement.where(says(word))
    return statement


def says(word: str) -> sa.ColumnElement[bool]:
    """Return that a word stands in the number or a title of an idea, in either letter case.

    SQLite knows the case of Latin letters only, so that the usual spellings are asked for.
    """
    spellings = sorted({word, word.lower(), word.capitalize(), word.upper()})
    fields = (Idea.code, Idea.title, Idea.title_en)
    return sa.or_(
        *(column.contains(spelling, autoescape=True) for column in fields for spelling in spellings)
    )


def order(asked: Filter) -> list[Any]:
    """Return a total order; by default the idea that has waited longest in its state is first."""
    columns: dict[str, Any] = {
        "wait": Idea.status_at,
        "changed": Idea.updated_at,
        "code": Idea.code,
        "title": Idea.title,
        "amount": sa.func.coalesce(Idea.amount, 0),
    }
    column = columns.get(asked.sort, columns["wait"])
    return [column.desc() if asked.descending else column.asc(), Idea.id]


def count_by_status(actor: Membership) -> dict[IdeaStatus, int]:
    """Return how many ideas this seat sees in each state."""
    statement = access.ideas_seen_by(actor).with_only_columns(Idea.status, sa.func.count())
    rows = db.session.execute(statement.group_by(Idea.status))
    return {status: count for status, count in rows}


def list_communities(actor: Membership) -> list[Organisation]:
    """Return the organisations that lead an idea which this seat sees, by name."""
    own = access.ideas_seen_by(actor).with_only_columns(Idea.organisation_id)
    statement = sa.select(Organisation).where(Organisation.id.in_(own))
    return list(db.session.scalars(statement.order_by(Organisation.name_uk, Organisation.id)))


def get_by_code(actor: Membership, code: str) -> Idea:
    """Return the idea of this number among those the seat sees; raises NotFound."""
    statement = access.ideas_seen_by(actor).where(Idea.code == code.strip())
    idea = db.session.scalars(statement).one_or_none()
    if idea is None:
        raise NotFound("idea")
    return idea


# What to look at first


def list_to_check(
    actor: Membership, index: Index, *, limit: int, now: datetime, today: date
) -> list[Check]:
    """Return the submissions that wait for a check, oldest first, with what to look at."""
    statement = (
        access.ideas_seen_by(actor)
        .where(Idea.status == IdeaStatus.SUBMITTED)
        .options(joinedload(Idea.organisation))
        .order_by(Idea.status_at, Idea.id)
        .limit(limit)
    )
    ideas = list(db.session.scalars(statement))
    return look_at(actor, index, ideas, now=now, today=today)


def look_at(
    actor: Membership, index: Index, ideas: list[Idea], *, now: datetime, today: date
) -> list[Check]:
    """Return what is missing in these ideas, what they may repeat and how many places they name."""
    names = release_texts.settlement_names() if ideas else frozenset()
    alike = find_duplicates(actor, index, ideas, now=now, today=today)
    return [
        Check(
            idea,
            missing_facts(idea),
            *alike.get(idea.id, ([], [])),
            sum(len(find_marks(text, names)) for text in released_words(idea)),
        )
        for idea in ideas
    ]


def released_words(idea: Idea) -> list[str]:
    """Return the texts of an idea that outsiders might come to read."""
    texts = release_texts.proposals(idea)
    wanted = [texts[language] for language in Language if language in texts]
    return [text for wording in wanted for text in (wording.title, wording.summary)]


def find_duplicates(
    actor: Membership, index: Index, ideas: list[Idea], *, now: datetime, today: date, k: int = 3
) -> dict[int, tuple[list[Idea], list[Idea]]]:
    """Return for each idea those that read much like it, and its series, among those seen.

    Nothing before the first matching run. Restricted ideas are no one's hint.
    """
    if not ideas or index.find_run() is None:
        return {}
    ranking.ensure_generation(index, now=now, today=today)
    statement = access.ideas_seen_by(actor).where(
        Idea.revision > 0,
        Idea.sensitivity != Sensitivity.RESTRICTED,
        Idea.status.not_in([IdeaStatus.REJECTED, IdeaStatus.WITHDRAWN]),
    )
    pool = list(db.session.scalars(statement.options(joinedload(Idea.organisation))))
    ensure(index, ideas=pool, profiles=[])
    among = {documents_id(idea): idea for idea in pool}
    found: dict[int, tuple[list[Idea], list[Idea]]] = {}
    for idea in ideas:
        series = [other for other in find_series(index, idea, pool) if other.id != idea.id]
        content = {name: getattr(idea, name) for name in ("title", *documents.IDEA_FIELDS)}
        document = documents.idea_document(idea.id, idea.revision, content)
        others = among.keys() - {documents_id(one) for one in (idea, *series)}
        ask = partial(ask_alike, document=document, among=others, k=k)
        hits = index.read(ask)
        found[idea.id] = [among[hit.id] for hit in hits if hit.band in matching.FITS], series
    return found


def find_series(index: Index, idea: Idea, pool: list[Idea]) -> list[Idea]:
    """Return the ideas of its community whose title differs from its own by a number alone."""
    table = index.lexicon.table
    wording = wording_of(idea.title, table)
    return [
        other
        for other in pool
        if wording
        and other.organisation_id == idea.organisation_id
        and wording_of(other.title, table) == wording
    ]


def ask_alike(
    generation: Generation, *, document: Document, among: Collection[str], k: int
) -> list[Hit]:
    """Return the ideas of the generation that read most like a document."""
    return generation.similar_ideas(document, among=among, k=k)


# Around one idea


def list_pairs(actor: Membership, idea: Idea) -> list[Match]:
    """Return the pairs of an idea that this seat sees: open ones first, the best donor first."""
    is_closed = sa.case((Match.status.in_(moves.OPEN), 0), else_=1)
    statement = (
        access.matches_seen_by(actor)
        .where(Match.idea_id == idea.id)
        .options(joinedload(Match.profile).joinedload(Profile.organisation))
        .order_by(is_closed, sa.func.coalesce(Match.score, -1.0).desc(), Match.id)
    )
    return list(db.session.scalars(statement))


def list_restricted(actor: Membership) -> list[Idea]:
    """Return the restricted ideas that a lead sees, the last changed first."""
    access.require(actor, {Role.LEAD})
    statement = (
        access.ideas_seen_by(actor)
        .where(Idea.sensitivity == Sensitivity.RESTRICTED)
        .options(joinedload(Idea.organisation))
        .order_by(Idea.updated_at.desc(), Idea.id.desc())
    )
    return list(db.session.scalars(statement))


def list_clearances(idea_ids: Collection[int]) -> dict[int, list[Clearance]]:
    """Return who was named for each of these ideas, by idea."""
    statement = (
        sa.select(Clearance)
        .where(Clearance.idea_id.in_(idea_ids))
        .options(joinedload(Clearance.user))
        .order_by(Clearance.granted_at, Clearance.id)
    )
    found: dict[int, list[Clearance]] = {}
    for row in db.session.scalars(statement):
        found.setdefault(row.idea_id, []).append(row)
    return found


def list_seconding(actor: Membership, idea_ids: Collection[int]) -> dict[int, list[Match]]:
    """Return the pairs of these ideas that wait for a second person, by idea."""
    statement = (
        access.matches_seen_by(actor)
        .where(Match.idea_id.in_(idea_ids), Match.seconding_act.is_not(None))
        .options(
            joinedload(Match.seconding_by),
            joinedload(Match.profile).joinedload(Profile.organisation),
        )
        .order_by(Match.seconding_at, Match.id)
    )
    found: dict[int, list[Match]] = {}
    for match in db.session.scalars(statement):
        found.setdefault(match.idea_id, []).append(match)
    return found
