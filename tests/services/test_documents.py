"""Rows become documents, and places in documents become places in fields again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matcher.models.idea import ReleaseText
from matcher.services import documents

TEXT = st.text(alphabet="аbї -\n", max_size=12)
IDEA = ("title", *documents.IDEA_FIELDS)


def words_at(places: list[documents.Place], content: dict[str, str]) -> list[str]:
    return [content[place.field][place.start : place.end] for place in places]


@given(content=st.fixed_dictionaries(dict.fromkeys(IDEA, TEXT)), data=st.data())
def test_a_stretch_of_a_document_is_found_in_its_fields(content, data):
    document = documents.idea_document(7, 2, content)
    text = document.content
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = "".join(words_at(documents.idea_places(content, start, end), content))
    assert found.replace("\n", "") == text[start:end].replace("\n", "")


def test_what_a_profile_excludes_is_no_part_of_its_document():
    content = {"title_en": "Water", "text_en": "Wells", "exclusions_en": "No canaries"}
    document = documents.profile_document(3, 1, content)
    assert (document.id, document.title) == ("3:1", "Water")
    assert "canaries" not in document.content
    start = document.content.index("Wells")
    assert documents.profile_places(content, start, start + 5) == [documents.Place("text_en", 0, 5)]


def test_a_release_document_is_the_text_that_outsiders_read():
    text = ReleaseText(id=5, title="A well", summary="Clean water")
    document = documents.release_document(text)
    assert document.content.split("\n") == ["A well", "Clean water"]
    content = {"title": text.title, "summary": text.summary}
    assert words_at(documents.release_places(content, 2, 12), content) == ["well", "Clean"]


def test_a_document_knows_its_row():
    assert documents.row_id(documents.idea_document(42, 3, {}).id) == 42
