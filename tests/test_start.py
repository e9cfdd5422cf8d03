"""The parts work together: a published idea finds its donor."""

from datetime import date
from pathlib import Path

from matcher.models.user import Role
from matcher.services import access, matching
from matcher.services.index import Index
from tests import factories
from tests.factories import NOW

TODAY = date(2026, 11, 22)


def test_a_ukrainian_idea_finds_its_english_donor(session, tmp_path: Path):
    staff = factories.seat(Role.STAFF)
    idea = factories.idea()
    water = factories.profile(text_uk="", title_uk="")
    factories.profile(
        title_en="Youth clubs",
        text_en="Debates, scholarships and summer camps for students.",
        title_uk="",
        text_uk="",
    )
    matches = matching.rank_idea(Index(tmp_path / "index"), idea, now=NOW, today=TODAY)
    assert matches[0].profile is water
    assert matches[0].rank_for_idea == 1
    assert access.get_match(staff, matches[0].id) is matches[0]
