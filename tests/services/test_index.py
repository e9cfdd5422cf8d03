"""The generation in force in a process: drafts are tried without a trace, damage is noticed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from matcher.engine import Document, IndexCorrupt
from matcher.extensions import db
from matcher.models.match import RunStatus
from matcher.models.profile import Profile
from matcher.services import ranking
from matcher.services.index import Index
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
AT = {"now": NOW, "today": NOW.date()}


@pytest.fixture
def index(tmp_path: Path, rolled_back: None) -> Index:
    """Return an index with one idea and one profile in force."""
    factories.idea()
    factories.profile()
    index = Index(tmp_path / "index")
    ranking.ensure_generation(index, **AT)
    return index


def test_without_a_generation_nothing_can_be_asked(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    assert index.find_run() is None
    with pytest.raises(IndexCorrupt):
        index.read(lambda generation: generation.idea_ids)


def test_the_run_in_force_is_made_once(index: Index) -> None:
    run = index.find_run()
    later = NOW + timedelta(days=1)
    assert ranking.ensure_generation(index, now=later, today=later.date()) is run


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.RUNNING])
def test_a_run_that_did_not_end_well_is_not_in_force(index: Index, status: RunStatus) -> None:
    run = index.find_run()
    ranking.new_run(NOW).status = status
    db.session.flush()
    assert index.find_run() is run


def test_an_older_engine_is_not_in_force(index: Index) -> None:
    index.find_run().engine_version = "0.0.1"
    db.session.flush()
    assert Index(index.folder).find_run() is None


def test_trying_leaves_the_generation_as_it_was(index: Index) -> None:
    ideas, profiles = index.generation.idea_ids, index.generation.profile_ids
    words = Document("any", "A new well for the hospital", "Clean drinking water")
    assert [hit.id for hit in index.try_idea(words, profiles)] == profiles
    assert [hit.id for hit in index.try_profile(words, ideas)] == ideas
    assert (index.generation.idea_ids, index.generation.profile_ids) == (ideas, profiles)


def test_a_new_wording_takes_the_place_of_the_old(index: Index) -> None:
    (name,) = index.generation.profile_ids
    row = name.partition(":")[0]
    index.add("profile", [Document(f"{row}:2", "Schools", "Roofs")])
    assert index.generation.profile_ids == [f"{row}:2"]
    assert index.missing("profile", [f"{row}:2", name]) == [name]


def test_an_unknown_row_is_missing(index: Index) -> None:
    assert index.missing("idea", ["999:1"]) == ["999:1"]
    assert db.session.get(Profile, 999) is None
