"""What strangers may read: open ideas by their release texts, a few counts, what was funded.

Everything here is computed over the public set alone: published ideas of the open class with a
text that staff have confirmed. No other idea changes a byte of these answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from matcher.engine.analysis import Analyser
from matcher.engine.lexicon import Lexicon
from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, IdeaRevision, IdeaStatus, ReleaseText, Sensitivity
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.profile import Profile
from matcher.services import corpus

PER_PAGE = 25
ANALYSER = Analyser(Lexicon())
APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`´‘", "'"))


@dataclass(frozen=True)
class Filters:
    """What a reader of a list of ideas has chosen; empty means all."""

    raion: str = ""
    sector: str = ""
    sdg: str = ""
    text: str = ""


@dataclass(frozen=True)
class OpenIdea:
    """An idea of the public list: the text nearest to the reader's language, the facts as sent."""

    idea: Idea
    text: ReleaseText
    content: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """One page of the public list."""

    rows: list[OpenIdea]
    number: int
    pages: int
    total: int


@dataclass(frozen=True)
class Raion:
    """A raion by its code, with both names."""

    code: str
    name_uk: str
    name_en: str


@dataclass(frozen=True)
class Choices:
    """The values that occur in the public list, for its filters."""

    raions: list[Raion]
    sectors: list[str]
    sdgs: list[int]


@dataclass(frozen=True)
class Figures:
    """The counts of the start page."""

    ideas: int
    communities: int
    donors: int


@dataclass(frozen=True)
class Funded:
    """An open idea that was funded: no donor, no sum, no place finer than the community."""

    text: ReleaseText
    organisation: Organisation
    on: date | None
    is_example: bool


def has_text() -> sa.ColumnElement[bool]:
    """Return the condition that staff have confirmed a text of the idea for outsiders."""
    return sa.exists().where(ReleaseText.idea_id == Idea.id, ReleaseText.reviewed_at.is_not(None))


def is_open() -> list[sa.ColumnElement[bool]]:
    """Return the conditions under which an idea is of the open class.

    The author's working text says so and the revision that staff have read as well: a change
    that nobody has seen closes an idea at once and never opens one.
    """
    sent = sa.exists().where(
        IdeaRevision.idea_id == Idea.id,
        IdeaRevision.number == Idea.revision,
        IdeaRevision.content["sensitivity"].as_string() == Sensitivity.OPEN.value,
    )
    return [Idea.sensitivity == Sensitivity.OPEN, sent, has_text()]


def is_public() -> list[sa.ColumnElement[bool]]:
    """Return the conditions on Idea under which everybody may read its release text."""
    return [Idea.status == IdeaStatus.PUBLISHED, *is_open()]


def open_ideas() -> sa.Select[Idea]:
    """Return the statement of the public set, the latest first."""
    return (
        sa.select(Idea)
        .join(Organisation, Idea.organisation_id == Organisation.id)
        .where(*is_public())
        .options(contains_eager(Idea.organisation), selectinload(Idea.release_texts))
        .order_by(Idea.status_at.desc(), Idea.id.desc())
    )


def list_ideas(filters: Filters, language: Language, page: int = 1) -> Page:
    """Return one page of the open ideas that pass the filters, the latest first."""
    statement = open_ideas()
    if filters.raion:
        statement = statement.where(Organisation.raion_code == filters.raion)
    if filters.sector:
        statement = statement.where(Idea.sector == filters.sector)
    if filters.sdg:
        goal = int(filters.sdg) if filters.sdg.isdecimal() and len(filters.sdg) < 3 else 0
        statement = statement.where(Idea.sdg == goal)
    found = [
        idea
        for idea in db.session.scalars(statement)
        if mentions(confirmed_texts(idea), filters.text)
    ]
    pages = max(1, ceil(len(found) / PER_PAGE))
    number = min(max(page, 1), pages)
    chosen = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    return Page(as_sent(chosen, language), number, pages, len(found))


def as_sent(ideas: Sequence[Idea], language: Language) -> list[OpenIdea]:
    """Return ideas with their texts and the facts of the revision that staff have read."""
    revisions = corpus.current_revisions([idea.id for idea in ideas])
    contents = {revision.idea_id: revision.content for revision in revisions}
    return [OpenIdea(idea, pick_text(idea, language), contents[idea.id]) for idea in ideas]


def get_idea(code: str, language: Language) -> OpenIdea:
    """Return one open idea by its code; raises NotFound for every other, alike."""
    idea = None
    if code.isprintable():
        idea = db.session.scalars(open_ideas().where(Idea.code == code)).one_or_none()
    if idea is None:
        raise NotFound("idea")
    return as_sent([idea], language)[0]


def confirmed_texts(idea: Idea) -> list[ReleaseText]:
    """Return the texts of the idea that staff have confirmed."""
    return [text for text in idea.release_texts if text.reviewed_at is not None]


def pick_text(idea: Idea, language: Language) -> ReleaseText:
    """Return the confirmed text in this language, else in the other."""
    texts = confirmed_texts(idea)
    return next((text for text in texts if text.language == language), texts[0])


# Search


def mentions(texts: Sequence[ReleaseText], query: str) -> bool:
    """Tell whether every word of the query, or another form of it, stands in the texts.

    It is done here because SQLite folds the case of Latin letters alone.
    """
    wanted = fold(query).split()
    if not wanted:
        return True
    folded = "\n".join(fold(f"{text.title}\n{text.summary}") for text in texts)
    keys = keys_of(folded)
    return all(word in folded or bool(keys & keys_of(word)) for word in wanted)


def fold(text: str) -> str:
    """Return the text without capitals and with one kind of apostrophe."""
    return text.translate(APOSTROPHES).casefold()


@lru_cache(maxsize=4096)
def keys_of(text: str) -> frozenset[str]:
    """Return the stems of a text's words; an inflected word has the stem of its dictionary form."""
    return frozenset(ANALYSER.analyse(text).units)


# Counts


def list_choices() -> Choices:
    """Return the raions, sectors and goals that occur in the public list."""
    places = (
        sa.select(Organisation.raion_code, Organisation.raion_uk, Organisation.raion_en)
        .join(Idea, Idea.organisation_id == Organisation.id)
        .where(*is_public(), Organisation.raion_code.is_not(None))
        .distinct()
        .order_by(Organisation.raion_uk)
    )
    rows: Sequence[Any] = db.session.execute(places).all()
    return Choices(
        raions=[Raion(row[0], row[1] or "", row[2] or "") for row in rows],
        sectors=list(_distinct(Idea.sector)),
        sdgs=list(_distinct(Idea.sdg)),
    )


def _distinct(column: Any) -> Sequence[Any]:
    statement = sa.select(column).where(*is_public(), column.is_not(None))
    return db.session.scalars(statement.distinct().order_by(column)).all()


def figures() -> Figures:
    """Return the counts of the start page: open ideas, their communities, known donors."""
    ideas, communities = db.session.execute(
        sa.select(sa.func.count(Idea.id), sa.func.count(Idea.organisation_id.distinct())).where(
            *is_public()
        )
    ).one()
    donors = (
        sa.select(sa.func.count(Profile.organisation_id.distinct()))
        .join(Organisation, Profile.organisation_id == Organisation.id)
        .where(Organisation.kind == OrganisationKind.DONOR, Organisation.is_active)
        .where(Profile.revision > 0, sa.not_(Profile.ended))
    )
    return Figures(ideas, communities, db.session.scalar(donors) or 0)


def latest_funded(language: Language, *, best: int = 3) -> list[Funded]:
    """Return the latest open ideas that a donor funded, at the level of the community."""
    statement = (
        sa.select(Match)
        .join(Idea, Match.idea_id == Idea.id)
        .where(
            Match.status == MatchStatus.FUNDED,
            Idea.status.in_([IdeaStatus.PUBLISHED, IdeaStatus.ARCHIVED]),
            *is_open(),
        )
        .options(
            joinedload(Match.idea).joinedload(Idea.organisation),
            joinedload(Match.idea).selectinload(Idea.release_texts),
        )
        .order_by(Match.funded_on.desc(), Match.id.desc())
        .limit(best)
    )
    return [
        Funded(
            pick_text(match.idea, language),
            match.idea.organisation,
            match.funded_on,
            match.idea.is_example,
        )
        for match in db.session.scalars(statement)
    ]
