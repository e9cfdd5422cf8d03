"""Reasons that add up, with their places in both texts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.engine import Document, Explanation, Generation

WORDS = [
    "водогін", "ремонт", "школа", "укриття", "внутрішньо", "переміщені", "особи", "Тростянець",
    "water", "supply", "repair", "school", "shelter", "internally", "displaced", "person", "300",
    "Trostianets", "брумбель", "охорона", "здоров'я", "health", "care", ".", "\n", "енергетична",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)


def explained(generation, idea_id, profile_id, ideas, profiles):
    idea = next(one for one in ideas if one.id == idea_id)
    profile = next(one for one in profiles if one.id == profile_id)
    return idea, profile, generation.explain(idea, profile)


def test_the_parts_of_a_stored_pair_sum_to_its_stored_score(generation, ideas, profiles):
    for idea in ideas:
        for hit in generation.rank_profiles(idea.id):
            profile = next(one for one in profiles if one.id == hit.id)
            explanation = generation.explain(idea, profile)
            total = sum(part.contribution for part in explanation.parts)
            assert total == pytest.approx(hit.score, abs=1e-5)
            assert explanation.score == pytest.approx(hit.score, abs=1e-5)
            assert explanation.cosine == pytest.approx(hit.cosine, abs=1e-5)
            assert explanation.band == hit.band


@settings(max_examples=60, deadline=None)
@given(texts, texts)
def test_the_parts_of_any_pair_sum_to_its_score(shared_generation, idea_text, profile_text):
    generation = shared_generation
    idea, profile = Document("new", "", idea_text), Document("other", "", profile_text)
    explanation = generation.explain(idea, profile)
    total = sum(part.contribution for part in explanation.parts)
    assert total == pytest.approx(explanation.score, abs=1e-9)
    generation.add_idea(idea)
    generation.add_profile(profile)
    [hit] = generation.rank_profiles("new", among=["other"])
    generation.remove_idea("new")
    generation.remove_profile("other")
    assert hit.score == pytest.approx(total, abs=1e-5)
    for part in explanation.parts:
        for text, spans, word in (
            (idea.content, part.idea_spans, part.idea_word),
            (profile.content, part.profile_spans, part.profile_word),
        ):
            assert bool(spans) == bool(word)
            assert not spans or text[spans[0][0] : spans[0][1]] == word


@pytest.fixture(scope="session")
def shared_generation(ideas, profiles, lexicon):
    return Generation.fit(ideas, profiles, lexicon=lexicon)


def test_the_words_name_both_sides_and_their_concept(generation, ideas, profiles):
    *_, explanation = explained(generation, "i5", "p5", ideas, profiles)
    found = {(part.idea_word, part.profile_word, part.concept) for part in explanation.parts}
    assert ("внутрішньо переміщених осіб", "IDPs", "idp") in found
    assert ("навчання", "learning", "education") in found


def test_spans_cover_each_occurrence(generation, profiles):
    idea = Document("x", "Школа", "Ремонт школи і ще однієї школи")
    explanation = generation.explain(idea, profiles[1])
    part = next(part for part in explanation.parts if part.concept == "school")
    assert [idea.content[a:b] for a, b in part.idea_spans] == ["Школа", "школи", "школи"]


def test_names_are_explained_by_their_spelling(generation):
    idea = Document("x", "", "Вулиці міста Тростянець")
    profile = Document("y", "", "Streets of Trostianets")
    parts = generation.explain(idea, profile).parts
    named = [part for part in parts if part.kind == "spelling" and part.idea_word]
    assert (named[0].idea_word, named[0].profile_word) == ("Тростянець", "Trostianets")


def test_words_come_first_then_spelling_then_hubs_by_size(generation, ideas, profiles):
    for profile in profiles:
        parts = generation.explain(ideas[1], profile).parts
        kinds = [part.kind for part in parts]
        assert kinds == sorted(kinds, key=["word", "spelling", "hub"].index)
        words = [part.contribution for part in parts if part.kind == "word"]
        assert words == sorted(words, reverse=True)


def test_a_release_text_is_explained_without_being_stored(generation, ideas, profiles):
    idea = Document("i1", "Водопостачання", "Ремонт мережі")
    before = generation.rank_profiles("i1")
    explanation = generation.explain(idea, profiles[0])
    assert {part.idea_word for part in explanation.parts if part.kind == "word"} <= {
        "Водопостачання",
        "Ремонт",
    }
    assert generation.rank_profiles("i1") == before


def test_texts_that_share_nothing_have_no_words(generation):
    explanation = generation.explain(Document("x", "", "вода"), Document("y", "", ""))
    assert [part for part in explanation.parts if part.kind != "hub"] == []
    assert explanation.cosine == 0.0


def test_json_and_back(generation, ideas, profiles):
    explanation = generation.explain(ideas[0], profiles[0])
    data = json.loads(json.dumps(explanation.to_json()))
    assert Explanation.from_json(data) == explanation
