"""Which rows are ranked, and that the engine always holds their current wording."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from matcher.extensions import db
from matcher.models.idea import IdeaStatus
from matcher.models.match import Suppression
from matcher.models.profile import ProposalStatus
from matcher.models.user import Role
from matcher.services import corpus, ranking
from matcher.services.index import Index
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
TODAY = NOW.date()


def test_only_published_ideas_are_ranked() -> None:
    rows = {status: factories.idea(status=status) for status in IdeaStatus}
    assert corpus.published_ideas() == [rows[IdeaStatus.PUBLISHED]]


def test_profiles_are_ranked_while_they_can_be_offered() -> None:
    good = [factories.profile(), factories.profile(review_by=None)]
    factories.profile(ended=True)
    factories.profile(review_by=TODAY - timedelta(days=200))
    assert corpus.rankable_profiles(TODAY) == good


def test_the_current_revision_is_what_the_engine_reads() -> None:
    idea, profile = factories.idea(), factories.profile()
    idea.title, idea.revision = "Школа", 2
    factories.snapshot(idea, factories.seat(Role.EDITOR))
    factories.idea()
    (revision,) = corpus.current_revisions([idea.id])
    document = corpus.idea_document_of(revision)
    assert (document.id, document.title) == (corpus.documents_id(idea), "Школа")
    (content,) = corpus.current_contents([profile.id])
    assert corpus.profile_document_of(content).id == f"{profile.id}:1"


def test_a_wording_that_nobody_verified_is_not_read() -> None:
    profile = factories.profile()
    profile.revisions[0].status = ProposalStatus.PROPOSED
    db.session.flush()
    assert corpus.current_contents([profile.id]) == []


def test_missing_documents_are_added_and_old_ones_replaced(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    first, profile = factories.idea(), factories.profile()
    ranking.ensure_generation(index, now=NOW, today=TODAY)
    idea, other = factories.idea(), factories.profile()
    first.revision = 2
    factories.snapshot(first, factories.seat(Role.EDITOR))
    corpus.ensure(index, ideas=[first, idea], profiles=[profile, other])
    assert set(index.generation.idea_ids) == {f"{first.id}:2", f"{idea.id}:1"}
    assert set(index.generation.profile_ids) == {f"{profile.id}:1", f"{other.id}:1"}
    assert index.missing("idea", [f"{first.id}:2", f"{first.id}:1"]) == [f"{first.id}:1"]


@pytest.mark.parametrize("change", ["", "idea", "profile"])
def test_a_pair_stays_away_while_both_sides_are_as_they_were(change: str) -> None:
    idea, profile = factories.idea(), factories.profile()
    row = Suppression(
        idea_id=idea.id,
        profile_id=profile.id,
        idea_revision=1,
        profile_revision=1,
        reason="not_our_theme",
        created_at=NOW,
    )
    factories.add(row)
    for name, side in (("idea", idea), ("profile", profile)):
        side.revision += name == change
    db.session.flush()
    assert corpus.suppressed_pairs([idea.id]) == (set() if change else {(idea.id, profile.id)})
    assert corpus.suppressed_pairs([]) == set()
