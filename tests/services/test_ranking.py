"""Whole runs: what is stored, what is replaced, what is never touched, what a stop leaves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from matcher.engine import ENGINE_VERSION
from matcher.errors import NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Idea, IdeaStatus, Sensitivity
from matcher.models.job import Job
from matcher.models.match import Match, MatchRun, MatchStatus, RunStatus
from matcher.models.profile import Profile
from matcher.models.user import Role
from matcher.services import decisions, matching, ranking
from matcher.services.index import Index
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")
TODAY = NOW.date()
AT = {"now": NOW, "today": TODAY}
WORDS = {
    "water": ("Нова свердловина", "Чиста вода для лікарні", "A new well", "Clean water, wells"),
    "school": ("Ремонт школи", "Дах і вікна для учнів", "School repair", "Roofs for pupils"),
    "road": ("Ремонт дороги", "Асфальт і мости", "Road repair", "Asphalt, bridges and roads"),
    "energy": ("Сонячні панелі", "Електрика для насосів", "Solar panels", "Power for pumps"),
}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Return an index without a generation."""
    return Index(tmp_path / "index")


def make_idea(subject: str, **values: object) -> Idea:
    """Publish an idea on a subject."""
    title, summary, title_en, summary_en = WORDS[subject]
    texts = {"problem": summary, "activities": title, "result": summary}
    named = {"title": title, "summary": summary, "title_en": title_en, "summary_en": summary_en}
    return factories.idea(**{**texts, **named, **values})


def make_profile(subject: str, **values: object) -> Profile:
    """Make a donor's priorities on a subject."""
    title, text, title_en, text_en = WORDS[subject]
    named = {"title_uk": title, "text_uk": text, "title_en": title_en, "text_en": text_en}
    return factories.profile(**{**named, **values})


@pytest.fixture
def catalogue(session: None) -> None:
    """Make one idea and one profile for each subject."""
    for subject in WORDS:
        make_idea(subject)
        make_profile(subject)
    db.session.commit()


def run(index: Index) -> MatchRun:
    """Queue a run and carry it out as the worker does."""
    queued = ranking.new_run(NOW)
    db.session.commit()
    done = ranking.run_ranking(index, queued.id, **AT)
    db.session.commit()
    return done


def stored() -> list[Match]:
    """Return all pairs, in a stated order."""
    return list(db.session.scalars(sa.select(Match).order_by(Match.idea_id, Match.profile_id)))


def figures() -> dict[tuple[int, int], tuple[object, ...]]:
    """Return the figures of all pairs."""
    return {
        (row.idea_id, row.profile_id): (
            row.score,
            row.cosine,
            row.band,
            row.rank_for_idea,
            row.rank_for_profile,
        )
        for row in stored()
    }


# What a run stores


@pytest.mark.usefixtures("catalogue")
def test_a_run_says_what_it_was_made_of(index: Index) -> None:
    done = run(index)
    assert (done.status, done.engine_version) == (RunStatus.DONE, ENGINE_VERSION)
    assert (done.figures["ideas"], done.figures["profiles"]) == (4, 4)
    assert (done.done, done.total, len(done.input_digest)) == (8, 8, 64)
    assert {match.run_id for match in stored()} == {done.id}


@pytest.mark.usefixtures("catalogue")
def test_each_idea_finds_the_donor_of_its_subject_first(index: Index) -> None:
    run(index)
    best = [match for match in stored() if match.rank_for_idea == 1]
    assert {match.idea.title_en: match.profile.title_en for match in best} == {
        words[2]: words[2] for words in WORDS.values()
    }
    assert {match.rank_for_profile for match in best} == {1}


@pytest.mark.usefixtures("catalogue")
def test_the_same_input_gives_the_same_figures(index: Index) -> None:
    first = run(index)
    before, digest = figures(), first.input_digest
    second = run(index)
    assert (figures(), second.input_digest) == (before, digest)
    assert second.id != first.id


@pytest.mark.usefixtures("catalogue")
def test_ranking_one_idea_at_once_says_what_the_run_said(index: Index) -> None:
    run(index)
    before = figures()
    for idea in db.session.scalars(sa.select(Idea)):
        matching.rank_idea(index, idea, **AT)
    assert figures() == before


@pytest.mark.usefixtures("catalogue")
def test_progress_is_told(index: Index) -> None:
    queued = ranking.new_run(NOW)
    db.session.commit()
    told: list[tuple[int, int]] = []
    ranking.run_ranking(index, queued.id, **AT, progress=lambda *step: told.append(step))
    assert told
    assert told == sorted(told)
    assert all(done <= total for done, total in told)


# What a run replaces


@pytest.mark.usefixtures("catalogue")
def test_a_suggestion_whose_idea_left_is_dropped(index: Index) -> None:
    run(index)
    idea = db.session.scalars(sa.select(Idea).order_by(Idea.id)).first()
    idea.status = IdeaStatus.ON_HOLD
    db.session.commit()
    run(index)
    assert idea.id not in {match.idea_id for match in stored()}


@pytest.mark.parametrize("status", [one for one in MatchStatus if one != MatchStatus.SUGGESTED])
def test_a_decided_pair_is_never_deleted(index: Index, status: MatchStatus) -> None:
    funded = {"funded_amount": 1, "funded_currency": "EUR", "funded_on": TODAY}
    values = funded if status is MatchStatus.FUNDED else {}
    pair = factories.match(make_idea("water"), make_profile("road"), status=status, **values)
    make_profile("water")
    db.session.commit()
    run(index)
    assert pair in stored()
    assert pair.status is status


def test_a_touched_suggestion_is_never_deleted(index: Index) -> None:
    staff = factories.seat(Role.STAFF)
    match = factories.match(make_idea("water"), make_profile("water"))
    decisions.dismiss_match(staff, match.id, Reason.NOT_READY, now=NOW)
    decisions.undo(staff, match.id, now=NOW)
    idea = match.idea
    idea.status = IdeaStatus.ON_HOLD
    db.session.commit()
    run(index)
    assert (match in stored(), match.status) == (True, MatchStatus.SUGGESTED)


@pytest.mark.usefixtures("catalogue")
def test_a_dismissed_pair_stays_away_from_every_run(index: Index) -> None:
    run(index)
    staff = factories.seat(Role.STAFF)
    match = next(row for row in stored() if row.rank_for_idea == 1)
    decisions.dismiss_match(staff, match.id, Reason.NOT_OUR_THEME, now=NOW)
    db.session.commit()
    run(index)
    assert match.status is MatchStatus.DISMISSED
    match.idea.revision = 2
    factories.snapshot(match.idea, factories.seat(Role.EDITOR))
    db.session.commit()
    run(index)
    assert (match.status, match.idea_revision.number) == (MatchStatus.SUGGESTED, 2)
    assert [event.act for event in match.events] == ["dismiss", "suggest_again"]


def test_an_open_pair_that_a_run_does_not_propose_gets_its_figures_too(index: Index) -> None:
    pair = factories.match(
        make_idea("water"), make_profile("road"), status=MatchStatus.RELEASED, score=None
    )
    make_idea("road")
    make_profile("water")
    db.session.commit()
    done = run(index)
    assert pair.run_id == done.id
    assert pair.score is not None
    assert pair.rank_for_idea == 2


# Restricted ideas


@pytest.mark.usefixtures("catalogue")
def test_a_restricted_idea_changes_no_other_figure(index: Index) -> None:
    run(index)
    before = figures()
    hidden = make_idea("water", sensitivity=Sensitivity.RESTRICTED)
    db.session.commit()
    run(index)
    with_hidden = figures()
    assert {key: row for key, row in with_hidden.items() if key[0] != hidden.id} == before
    assert any(key[0] == hidden.id for key in with_hidden)
    hidden.status = IdeaStatus.ARCHIVED
    db.session.commit()
    run(index)
    assert {key: row for key, row in figures().items() if key[0] != hidden.id} == before


# Stopping


@pytest.mark.usefixtures("catalogue")
def test_a_run_that_is_stopped_stores_nothing(index: Index) -> None:
    run(index)
    before, folders = figures(), sorted(path.name for path in index.folder.iterdir())
    make_profile("water")
    queued = ranking.new_run(NOW)
    db.session.commit()
    lead_id, run_id = factories.seat(Role.LEAD).id, queued.id
    assert lead_id
    db.session.commit()

    def stop(done: int, total: int) -> None:
        row = db.session.get(MatchRun, run_id)
        row.cancel_asked = True
        db.session.commit()

    with pytest.raises(ranking.Cancelled):
        ranking.run_ranking(index, run_id, **AT, progress=stop)
    db.session.rollback()
    assert figures() == before
    assert sorted(path.name for path in index.folder.iterdir()) == folders
    assert index.find_run().id != run_id


def test_a_queued_run_is_stopped_at_once() -> None:
    staff = factories.seat(Role.STAFF)
    queued = ranking.start_run(staff, now=NOW)
    later = NOW + timedelta(minutes=1)
    ranking.cancel_run(staff, queued.id, now=later)
    assert (queued.status, queued.finished_at) == (RunStatus.CANCELLED, later)
    running = ranking.start_run(staff, now=NOW)
    running.status = RunStatus.RUNNING
    ranking.cancel_run(staff, running.id, now=later)
    assert (running.status, running.cancel_asked) == (RunStatus.RUNNING, True)


def test_one_run_waits_at_a_time() -> None:
    staff = factories.seat(Role.STAFF)
    first = ranking.start_run(staff, now=NOW)
    assert ranking.start_run(factories.seat(Role.LEAD), now=NOW) is first
    assert db.session.scalar(sa.select(sa.func.count(Job.id))) == 1
    assert first.started_by_id == staff.user_id
    first.status = RunStatus.DONE
    second = ranking.start_run(staff, now=NOW)
    assert ranking.list_runs() == [second, first]
    assert ranking.list_runs(limit=1) == [second]


def test_only_the_office_starts_and_stops_runs() -> None:
    donor = factories.seat(Role.DONOR)
    with pytest.raises(NotAllowed):
        ranking.start_run(donor, now=NOW)
    queued = ranking.new_run(NOW)
    with pytest.raises(NotAllowed):
        ranking.cancel_run(donor, queued.id, now=NOW)
    with pytest.raises(NotFound):
        ranking.cancel_run(factories.seat(Role.LEAD), 999, now=NOW)


def test_a_run_that_is_not_there_is_not_run(index: Index) -> None:
    with pytest.raises(NotFound):
        ranking.run_ranking(index, 999, **AT)


# A damaged index


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("damage", ["garbage", "half", "missing"])
def test_a_damaged_index_is_fitted_anew(index: Index, damage: str) -> None:
    done = run(index)
    before = figures()
    folder = index.folder / str(done.id)
    for path in folder.iterdir():
        content = path.read_bytes()
        path.unlink()
        if damage != "missing":
            path.write_bytes(b"garbage" if damage == "garbage" else content[: len(content) // 2])
    fresh = Index(index.folder)
    assert fresh.find_run() is None
    for idea in db.session.scalars(sa.select(Idea)):
        matching.rank_idea(fresh, idea, **AT)
    assert figures() == before
    assert Index(index.folder).find_run() is not None


@pytest.mark.usefixtures("catalogue")
def test_two_generations_are_kept_on_disk(index: Index) -> None:
    ids = [run(index).id for _ in range(3)]
    assert sorted(int(path.name) for path in index.folder.iterdir()) == ids[1:]


@pytest.mark.usefixtures("catalogue")
def test_another_process_takes_the_newest_generation(index: Index) -> None:
    other = Index(index.folder)
    first = run(index)
    assert other.find_run().id == first.id
    make_idea("water")
    db.session.commit()
    second = run(index)
    assert other.find_run().id == second.id
    assert len(other.generation.idea_ids) == 5
