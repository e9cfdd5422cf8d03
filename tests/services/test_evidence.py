"""The reasons of a pair: where its words stand, and whose words they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.engine import Part, default_lexicon
from matcher.engine.analysis import Analyser
from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.match import Match
from matcher.services import evidence
from matcher.services.evidence import Evidence, Marks
from matcher.services.index import Index
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
AT = {"now": NOW, "today": NOW.date()}
CANARY = "теплотраса"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Return an index without a generation."""
    return Index(tmp_path / "index")


@pytest.fixture
def match(rolled_back: None) -> Match:
    """Make a pair whose full text says more than its release text; both name the canary."""
    idea = factories.idea(problem=f"Пошкоджена {CANARY} лікарні: немає води.")
    profile = factories.profile(
        text_uk=f"Відновлення водопостачання лікарень; {CANARY}.",
        text_en="Restoring the water supply of hospitals: wells, pumps; heat mains.",
    )
    return factories.match(idea, profile)


def marked(marks: Marks, content: dict[str, object]) -> list[tuple[int, str]]:
    """Return the numbered words that the marks cover; a mark outside its text fails."""
    found = []
    for field, rows in marks.items():
        text = str(content[field])
        ends = [0]
        for row in rows:
            assert ends[-1] <= row["start"] < row["end"] <= len(text)
            ends.append(row["end"])
            found.append((row["number"], text[row["start"] : row["end"]]))
    return found


def words(found: Evidence, side: str) -> dict[int, str]:
    """Return the numbered words of one side."""
    return {row.number: getattr(row, side) for row in found.shared}


def test_the_office_sees_the_words_where_they_stand(index: Index, match: Match) -> None:
    found = evidence.evidence(index, match, **AT)
    assert [row.number for row in found.shared] == list(range(1, len(found.shared) + 1))
    for side, marks, content in (
        ("idea", found.idea_marks, match.idea_revision.content),
        ("profile", found.profile_marks, match.profile_revision.content),
    ):
        shown = marked(marks, content)
        assert shown
        named = words(found, side)
        assert {number for number, _text in shown} <= named.keys()
        first = [text.casefold() for number, text in shown if number == 1]
        assert named[1].casefold() in first


def test_the_strongest_words_come_first_and_no_more_than_asked(index: Index, match: Match) -> None:
    found = evidence.evidence(index, match, **AT, best=3)
    given = [row.contribution for row in found.shared]
    assert len(given) == 3
    assert given == sorted(given, reverse=True)
    assert given[-1] > 0


def test_evidence_is_about_the_revision_that_the_pair_points_at(index: Index, match: Match) -> None:
    before = evidence.evidence(index, match, **AT).idea_marks
    match.idea.title = match.idea.summary = "Зовсім інше"
    db.session.flush()
    assert evidence.evidence(index, match, **AT).idea_marks == before


@pytest.mark.parametrize("language", list(Language))
def test_outsiders_get_reasons_from_the_release_text_alone(
    index: Index, match: Match, language: Language
) -> None:
    inside = evidence.evidence(index, match, **AT)
    assert CANARY in str(inside.shared)
    text = factories.release_text(match.idea, language)
    found = evidence.outside_evidence(index, match, language, **AT)
    assert found.shared
    assert CANARY not in str(found.shared)
    assert CANARY not in str([part.idea_word for part in found.explanation.parts])
    assert set(found.idea_marks) <= {"title", "summary"}
    content = {"title": text.title, "summary": text.summary}
    for _number, word in marked(found.idea_marks, content):
        assert word in f"{text.title}\n{text.summary}"


def test_what_is_not_released_changes_no_reason_outside(index: Index, match: Match) -> None:
    factories.release_text(match.idea)
    before = evidence.outside_evidence(index, match, Language.EN, **AT)
    content = {**match.idea_revision.content, "problem": "Насоси, свердловини, вода, лікарня"}
    match.idea_revision.content = content
    db.session.flush()
    after = evidence.outside_evidence(index, match, Language.EN, **AT)
    assert (after.shared, after.idea_marks) == (before.shared, before.idea_marks)


def test_without_a_confirmed_text_there_are_no_reasons_outside(index: Index, match: Match) -> None:
    factories.release_text(match.idea, Language.UK)
    factories.release_text(match.idea, Language.EN, reviewed_at=None, reviewed_by=None)
    assert evidence.outside_evidence(index, match, Language.EN, **AT) is None


def test_a_stretch_is_marked_once(match: Match) -> None:
    marks: Marks = {}
    place = evidence.documents.Place
    evidence.add_marks(marks, [place("title", 5, 9)], 1)
    evidence.add_marks(marks, [place("title", 8, 12), place("title", 9, 12)], 2)
    evidence.add_marks(marks, [place("title", 0, 5), place("summary", 0, 5)], 3)
    assert [(row["start"], row["number"]) for row in marks["title"]] == [(0, 3), (5, 1), (9, 2)]
    assert [row["number"] for row in marks["summary"]] == [3]


@pytest.mark.parametrize(
    ("idea", "profile", "words"),
    [
        ("водогону", "water pipeline", ("водогін", "water pipeline")),
        ("лікарні", "лікарень", ("лікарня", "hospital")),
        ("школа", "school", None),  # the pair itself says it
        ("fire", "fire", None),  # which of its notions is meant is not known
        ("Брумбель", "brumbel", None),
    ],
)
def test_the_words_for_a_notion_are_those_of_its_ukrainian_word(idea, profile, words) -> None:
    lexicon = default_lexicon()
    unit = next(iter(Analyser(lexicon).analyse(idea).units))
    concept = lexicon.concept_of.get(unit) or lexicon.english.get(unit, "")
    part = Part("word", idea, profile, concept, 0.1)
    found = evidence.notion_words(lexicon, part)
    assert (found is None) == (words is None)
    if words is not None:
        assert found == words
