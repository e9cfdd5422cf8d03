"""Whole runs of the engine: fits a generation, ranks everything, keeps the best pairs."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matcher.engine import ENGINE_VERSION, Decision, Document, Gain, Generation, Hit, Lexicon
from matcher.errors import MatcherError, NotFound
from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus, Sensitivity
from matcher.models.match import Match, MatchEvent, MatchRun, MatchStatus, RunStatus
from matcher.models.profile import Profile
from matcher.models.user import Membership
from matcher.services import access, audit, judgements, moves, outbox, verdicts
from matcher.services.corpus import (
    current_contents,
    current_revisions,
    documents_id,
    idea_document_of,
    profile_document_of,
    published_ideas,
    rankable_profiles,
    suppressed_pairs,
)
from matcher.services.index import Index

Progress = Callable[[int, int], None]
Pair = tuple[Idea, Profile, Hit]
AGAIN = frozenset({MatchStatus.DISMISSED, MatchStatus.DECLINED, MatchStatus.LAPSED})


class Cancelled(MatcherError):
    """Somebody asked to stop the run."""


# Starting


def start_run(actor: Membership, *, now: datetime) -> MatchRun:
    """Queue a run for the worker; one that waits or runs already is returned instead."""
    access.require(actor, access.OFFICE)
    waiting = sa.select(MatchRun).where(MatchRun.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]))
    run = db.session.scalars(waiting.order_by(MatchRun.id.desc()).limit(1)).one_or_none()
    if run is not None:
        return run
    run = new_run(now, started_by_id=actor.user_id)
    outbox.queue_job("rank", {"run_id": run.id}, now=now, unique_key=f"rank:{run.id}")
    audit.record(actor, "run.started", run, now=now)
    db.session.flush()
    return run


def new_run(now: datetime, *, started_by_id: int | None = None) -> MatchRun:
    """Make the row of a run."""
    run = MatchRun(
        engine_version=ENGINE_VERSION,
        status=RunStatus.QUEUED,
        started_by_id=started_by_id,
        created_at=now,
    )
    db.session.add(run)
    db.session.flush()
    return run


def cancel_run(actor: Membership, run_id: int, *, now: datetime) -> MatchRun:
    """Ask a run to stop; what it has not stored is dropped."""
    access.require(actor, access.OFFICE)
    run = db.session.get(MatchRun, run_id)
    if run is None:
        raise NotFound("run")
    if run.status is RunStatus.QUEUED:
        run.status, run.finished_at = RunStatus.CANCELLED, now
    run.cancel_asked = True
    audit.record(actor, "run.cancelled", run, now=now)
    db.session.flush()
    return run


def list_runs(limit: int = 25) -> list[MatchRun]:
    """Return the latest runs, newest first."""
    return list(db.session.scalars(sa.select(MatchRun).order_by(MatchRun.id.desc()).limit(limit)))


def ensure_generation(index: Index, *, now: datetime, today: date) -> MatchRun:
    """Return the run in force; a damaged index is derived data and is fitted anew on the spot."""
    run = index.latest_run()
    if run is not None and index.load(run):
        return run
    if run is None:
        run = new_run(now)
        generation = fit(read_documents(today), lexicon=index.lexicon, progress=None)
        finish_run(run, generation, seconds=0.0, now=now)
    else:
        generation = fit(read_documents(today), lexicon=index.lexicon, progress=None)
    put_in_force(index, run, generation)
    return run


# Running


def run_ranking(
    index: Index,
    run_id: int,
    *,
    now: datetime,
    today: date,
    progress: Progress | None = None,
    learns: bool = False,
) -> MatchRun:
    """Fit a new generation and store its best pairs; raises Cancelled.

    Reading, fitting and writing are apart, so that nobody waits for the fit: the reading
    transaction ends before it, and the writing one begins after it. The caller commits.
    With ``learns`` profiles learn from decisions, if these themselves prove that it helps.
    """
    started = time.perf_counter()
    corpus = read_documents(today)
    taught = judgements.learning_decisions() if learns else []
    db.session.rollback()
    run = get_run(run_id)
    generation = fit(corpus, lexicon=index.lexicon, progress=progress)
    learning = generation.gain_from(taught) if learns else None
    if learning is not None and learning.is_proved:
        generation = fit(corpus, lexicon=index.lexicon, progress=progress, decisions=taught)
    db.session.rollback()
    db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
    run = get_run(run_id)
    if run.cancel_asked:
        raise Cancelled("cancelled")
    store_pairs(generation, run, now=now, today=today)
    finish_run(run, generation, seconds=time.perf_counter() - started, now=now)
    if learning is not None:
        run.figures = run.figures | {"learning": learning_figures(learning)}
    put_in_force(index, run, generation)
    return run


def learning_figures(gain: Gain) -> dict[str, Any]:
    """Return what a report on learning says, for the run's row and the page about quality."""
    if not gain.gain.n_queries:
        return {"profiles": 0, "is_used": False}
    return {
        "profiles": gain.gain.n_queries,
        "before": round(gain.before.mean, 3),
        "after": round(gain.after.mean, 3),
        "gain_low": round(gain.gain.low, 3),
        "gain_high": round(gain.gain.high, 3),
        "is_used": gain.is_proved,
    }


def get_run(run_id: int) -> MatchRun:
    """Return a run; raises NotFound."""
    run = db.session.get(MatchRun, run_id)
    if run is None:
        raise NotFound("run")
    return run


def read_documents(today: date) -> tuple[list[Document], list[Document], list[Document]]:
    """Return documents of ideas, of restricted ideas (these never fit) and of profiles."""
    ideas = published_ideas()
    restricted = {idea.id for idea in ideas if idea.sensitivity is Sensitivity.RESTRICTED}
    revisions = current_revisions([idea.id for idea in ideas])
    contents = current_contents([row.id for row in rankable_profiles(today)])
    return (
        [idea_document_of(row) for row in revisions if row.idea_id not in restricted],
        [idea_document_of(row) for row in revisions if row.idea_id in restricted],
        [profile_document_of(row) for row in contents],
    )


def fit(
    corpus: tuple[list[Document], list[Document], list[Document]],
    *,
    lexicon: Lexicon,
    progress: Progress | None,
    decisions: Sequence[Decision] = (),
) -> Generation:
    """Fit a generation and add the restricted ideas, which never contribute to it."""
    ideas, restricted, profiles = corpus
    generation = Generation.fit(
        ideas, profiles, lexicon=lexicon, progress=progress, decisions=decisions
    )
    for document in restricted:
        generation.add_idea(document)
    return generation


def put_in_force(index: Index, run: MatchRun, generation: Generation) -> None:
    """Write the generation to the instance folder and use it in this process."""
    index.store(run.id, generation)
    index.adopt(run, generation)


def finish_run(run: MatchRun, generation: Generation, *, seconds: float, now: datetime) -> None:
    """Write down what the run was made of and how long it took."""
    run.status, run.finished_at = RunStatus.DONE, now
    run.engine_version = ENGINE_VERSION
    run.parameters = generation.parameters
    run.input_digest = generation.digest
    run.figures = {
        "ideas": len(generation.idea_ids),
        "profiles": len(generation.profile_ids),
        "seconds": round(seconds, 2),
    }
    run.done = run.total = len(generation.idea_ids) + len(generation.profile_ids)
    db.session.flush()


# Storing


def store_pairs(generation: Generation, run: MatchRun, *, now: datetime, today: date) -> None:
    """Put the run's best pairs in the place of the old suggestions; rescore the open pairs."""
    ideas = {documents_id(idea): idea for idea in published_ideas()}
    profiles = {documents_id(row): row for row in rankable_profiles(today)}
    found = [
        (ideas[idea_id], profiles[profile_id], hit)
        for idea_id, profile_id, hit in generation.pairs_to_keep()
        if idea_id in ideas and profile_id in profiles
    ]
    kept = keep_pairs(found, run, now=now, today=today)
    rank_for_profiles(kept)
    drop_suggestions(sa.true(), keep={match.id for match in kept})
    rescore_open(generation, ideas, profiles, run)


def keep_pairs(pairs: Sequence[Pair], run: MatchRun, *, now: datetime, today: date) -> list[Match]:
    """Make or refresh the rows of these pairs; suppressed ones stay away.

    A pair that was closed and whose idea or profile has changed since is suggested again.
    """
    idea_ids = {idea.id for idea, _, _ in pairs}
    away = suppressed_pairs(idea_ids)
    known = known_matches(idea_ids)
    revisions = {row.idea_id: row for row in current_revisions(idea_ids)}
    profile_ids = {profile.id for _, profile, _ in pairs}
    contents = {row.profile_id: row for row in current_contents(profile_ids)}
    bench = verdicts.Bench(today, list({idea.id: idea for idea, _, _ in pairs}.values()))
    kept: list[Match] = []
    for idea, profile, hit in pairs:
        match = known.get((idea.id, profile.id)) or Match(
            idea=idea,
            profile=profile,
            status=MatchStatus.SUGGESTED,
            status_at=now,
            idea_revision=revisions[idea.id],
            profile_revision=contents[profile.id],
            created_at=now,
        )
        if (idea.id, profile.id) in away or not suggest(match, now=now):
            continue
        if match.status is MatchStatus.SUGGESTED:
            match.idea_revision = revisions[idea.id]
            match.profile_revision = contents[profile.id]
        set_scores(match, hit, run)
        db.session.add(match)
        bench.store(match)
        kept.append(match)
    db.session.flush()
    return kept


def suggest(match: Match, *, now: datetime) -> bool:
    """Bring a closed pair back when its idea or profile has changed; tell whether it is open."""
    if match.status in AGAIN and has_changed(match, match.idea, match.profile):
        moves.make_move(match, "suggest_again", None, now=now)
        match.released_at = match.released_by_id = None
    return match.status in moves.OPEN


def has_changed(match: Match, idea: Idea, profile: Profile) -> bool:
    """Tell whether the idea or the profile has a newer revision than the pair points at."""
    return (
        match.idea_revision.number < idea.revision
        or match.profile_revision.number < profile.revision
    )


def known_matches(idea_ids: Iterable[int]) -> dict[tuple[int, int], Match]:
    """Return the stored pairs of these ideas."""
    statement = (
        sa.select(Match)
        .where(Match.idea_id.in_(idea_ids))
        .options(joinedload(Match.idea_revision), joinedload(Match.profile_revision))
    )
    return {(row.idea_id, row.profile_id): row for row in db.session.scalars(statement)}


def set_scores(match: Match, hit: Hit, run: MatchRun) -> None:
    """Write the engine's figures of one hit to its pair."""
    match.run = run
    match.score, match.cosine = round(hit.score, 6), round(hit.cosine, 6)
    match.band, match.rank_for_idea = hit.band.value, hit.rank


def rank_for_profiles(matches: Sequence[Match]) -> None:
    """Number the pairs of each profile, best first.

    A restricted idea takes no number from others: a gap would tell of it.
    """
    by_profile: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        by_profile[match.profile_id].append(match)
    for rows in by_profile.values():
        rows.sort(key=lambda row: (-(row.score or 0.0), row.idea_id))
        better = 0
        for row in rows:
            row.rank_for_profile = better + 1
            better += row.idea.sensitivity is not Sensitivity.RESTRICTED


def drop_suggestions(condition: sa.ColumnElement[bool], *, keep: set[int]) -> None:
    """Delete suggestions that no run proposes any more and that nobody has touched."""
    touched = sa.exists().where(MatchEvent.match_id == Match.id)
    statement = sa.select(Match).where(
        condition,
        Match.status == MatchStatus.SUGGESTED,
        sa.not_(Match.is_manual),
        sa.not_(touched),
    )
    for match in db.session.scalars(statement):
        if match.id not in keep:
            db.session.delete(match)
    db.session.flush()


def rescore_open(
    generation: Generation,
    ideas: dict[str, Idea],
    profiles: dict[str, Profile],
    run: MatchRun,
) -> None:
    """Bring the open pairs that the run did not propose into its generation as well."""
    statement = (
        sa.select(Match)
        .join(Idea, Match.idea_id == Idea.id)
        .where(Match.status.in_(moves.OPEN), Idea.status == IdeaStatus.PUBLISHED)
        .where(sa.or_(Match.run_id.is_(None), Match.run_id != run.id))
        .options(joinedload(Match.idea), joinedload(Match.profile))
    )
    by_idea: dict[str, list[Match]] = defaultdict(list)
    for match in db.session.scalars(statement):
        if documents_id(match.idea) in ideas and documents_id(match.profile) in profiles:
            by_idea[documents_id(match.idea)].append(match)
    for name, rows in by_idea.items():
        if name not in generation.idea_ids:
            continue
        hits = {hit.id: hit for hit in generation.rank_profiles(name)}
        for match in rows:
            hit = hits.get(documents_id(match.profile))
            if hit is not None:
                set_scores(match, hit, run)
    db.session.flush()
