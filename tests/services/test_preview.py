"""The preview of a wording: what it counts, on which texts, and that it leaves no trace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matcher.errors import Invalid, NotAllowed
from matcher.models.codes import Language
from matcher.models.idea import IdeaStatus, Sensitivity
from matcher.models.match import MatchStatus
from matcher.models.profile import ProfileKind
from matcher.models.user import Role
from matcher.services import preview, ranking
from matcher.web.matching import get_index
from tests import factories

NOW = factories.NOW
TODAY = NOW.date()
WELLS = {"title_en": "Wells", "text_en": "Wells, pumps and drinking water for hospitals."}


@pytest.fixture
def donor(session):
    """Return a donor's seat."""
    return factories.seat(Role.DONOR)


def run() -> None:
    """Put a matching run in force."""
    ranking.ensure_generation(get_index(), now=NOW, today=TODAY)


def try_out(seat, content=None, kind=ProfileKind.STANDING):
    """Return the preview of a wording."""
    return preview.preview(seat, get_index(), content or WELLS, kind, today=TODAY)


def open_idea(code: str, **values):
    """Make an idea that everybody may read."""
    row = factories.idea(code=code, **({"sensitivity": Sensitivity.OPEN} | values))
    factories.release_text(row, Language.EN)
    return row


def test_nothing_is_said_before_the_first_run(donor):
    open_idea("A")
    assert try_out(donor) is None


def test_open_and_sent_ideas_are_counted_and_no_others(donor):
    open_idea("OPEN")
    sent = open_idea("SENT", sensitivity=Sensitivity.AFTER_APPROVAL)
    hidden = open_idea("HIDDEN", sensitivity=Sensitivity.AFTER_APPROVAL)
    open_idea("HELD", status=IdeaStatus.ON_HOLD)
    profile = factories.profile(donor.organisation)
    match = factories.match(sent, profile, status=MatchStatus.RELEASED)
    factories.match(hidden, profile, status=MatchStatus.SUGGESTED)
    run()
    found = try_out(donor)
    assert (found.seen, found.fitting, found.excluded) == (2, 2, 0)
    assert {(row.idea.code, row.match_id) for row in found.first} == {
        ("OPEN", None),
        ("SENT", match.id),
    }


def test_words_outside_the_release_text_find_nothing(donor):
    open_idea("A", problem="Зруйновано міст біля села.", activities="Збудувати новий міст.")
    run()
    content = {"title_en": "Bridges", "text_en": "Reconstruction of bridges. Відбудова мостів."}
    assert try_out(donor, content).fitting == 0


def test_a_rule_excludes_and_an_unclear_one_does_not(donor):
    open_idea("SMALL")
    open_idea("UNKNOWN", amount=None, currency=None)
    run()
    found = try_out(donor, WELLS | {"amount_min": "200000", "currency": "EUR"})
    assert (found.seen, found.fitting, found.excluded) == (2, 1, 1)
    assert [row.idea.code for row in found.first] == ["UNKNOWN"]


def test_a_closed_call_excludes_all(donor):
    open_idea("A")
    run()
    closed = WELLS | {"closes_on": (TODAY - timedelta(days=1)).isoformat()}
    found = try_out(donor, closed, ProfileKind.CALL)
    assert (found.fitting, found.excluded) == (0, 1)


def test_the_first_five_are_shown(donor):
    for number in range(7):
        open_idea(f"A{number}")
    run()
    found = try_out(donor)
    assert found.fitting == 7
    assert len(found.first) == 5


def test_the_generation_is_left_as_it_was(donor):
    open_idea("A")
    run()
    generation = get_index().generation
    before = (generation.idea_ids, generation.profile_ids)
    try_out(donor)
    assert (generation.idea_ids, generation.profile_ids) == before


def test_a_fault_in_the_middle_leaves_no_draft_behind(donor, monkeypatch):
    open_idea("A")
    run()
    generation = get_index().generation
    before = (generation.idea_ids, generation.profile_ids)
    monkeypatch.setattr(type(generation), "rank_ideas", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        try_out(donor)
    assert (generation.idea_ids, generation.profile_ids) == before


def test_a_wording_that_breaks_the_rules_of_a_profile_is_refused(donor):
    open_idea("A")
    run()
    with pytest.raises(Invalid):
        try_out(donor, {"title_en": "", "text_en": ""})


@pytest.mark.parametrize("role", [Role.EDITOR, Role.STAFF, Role.ADMIN])
def test_only_donors_preview(session, role):
    with pytest.raises(NotAllowed):
        try_out(factories.seat(role))
