"""Whatever people paste: an honest result, never a crash."""

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.engine import Band, Document, Generation, similarity

STRANGE = {
    "empty": "",
    "blank": " \n\t ",
    "one letter": "а",
    "emoji": "🏫🚰 🇺🇦👩‍👩‍👧",
    "nul": "вода\x00школа\x00",
    "mixed": "Wаter вoda ВPО школаschool",
    "numbers": "12 345,67 2.2.1",
    "signs": "!!! --- ««»» '''' ---",
    "lone surrogate": "вода \ud800 школа",
    "right to left": "مدرسة школа בית ספר",
    "accents": "а" + "\u0301" * 500,
    "greek": "Σχολείο νερό",
    "hyphens": "а-" * 2000,
    "turkish": "İSTANBUL",
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_texts_are_ranked_and_explained(generation, profiles, name):
    document = Document("strange", STRANGE[name], STRANGE[name])
    generation.add_idea(document)
    hits = generation.rank_profiles("strange")
    assert len(hits) == len(profiles)
    assert all(-2.0 < hit.score < 2.0 for hit in hits)
    generation.explain(document, profiles[0])
    generation.similar_ideas("strange")
    assert list(generation.pairs_to_keep())


def test_texts_without_words_score_zero_and_are_never_proposed(generation):
    generation.add_idea(Document("empty", "", "🚰 !!!"))
    hits = generation.rank_profiles("empty")
    assert {hit.cosine for hit in hits} == {0.0}
    assert {hit.band for hit in hits} == {Band.TOO_LITTLE_TEXT}
    assert "empty" not in {idea_id for idea_id, _, _ in generation.pairs_to_keep()}


def test_a_collection_of_strange_texts_is_fitted(lexicon):
    documents = [Document(name, "", text) for name, text in STRANGE.items()]
    generation = Generation.fit(documents, documents, lexicon=lexicon)
    assert generation.score_matrix().shape == (len(STRANGE), len(STRANGE))


def test_strange_texts_survive_saving(generation, lexicon, tmp_path):
    for name, text in STRANGE.items():
        generation.add_idea(Document(name, "", text))
    generation.save(tmp_path)
    loaded = Generation.load(tmp_path, lexicon=lexicon)
    assert loaded.idea_ids == generation.idea_ids


@pytest.mark.parametrize("kind", ["words", "one word", "accents", "digits"])
def test_a_megabyte_of_text_is_ranked(generation, profiles, kind):
    chance = random.Random(1)
    text = {
        "words": " ".join("".join(chance.choices("абвгде", k=6)) for _ in range(150_000)),
        "one word": "а" * 1_000_000,
        "accents": "й\u0301" * 500_000,
        "digits": "1." * 500_000,
    }[kind]
    document = Document("big", "Вода", text)
    generation.add_idea(document)
    assert len(generation.rank_profiles("big")) == len(profiles)
    explanation = generation.explain(document, profiles[0])
    total = sum(part.contribution for part in explanation.parts)
    assert total == pytest.approx(explanation.score, abs=1e-6)


def test_two_very_long_texts_are_explained_in_few_parts(generation):
    chance = random.Random(2)
    texts = [
        " ".join("".join(chance.choices("абвгде", k=5)) for _ in range(30_000)) for _ in range(2)
    ]
    explanation = generation.explain(Document("x", "", texts[0]), Document("y", "", texts[1]))
    assert sum(part.contribution for part in explanation.parts) == pytest.approx(explanation.score)
    assert len(explanation.parts) < 400


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4), st.lists(st.text(max_size=60), max_size=4))
def test_any_texts_have_finite_scores(one, other):
    scores = similarity(one, other)
    assert scores.shape == (len(one), len(other))
    assert ((scores > -2.0) & (scores < 2.0)).all()


@pytest.mark.parametrize("text", ["ьь", "ъъъ школа", "ЬЬ", "ʼьʼ", "ʼʼ", "ʹʹ", "`ʼʼ`", "''"])
def test_signs_without_a_sound_are_no_words(text):
    scores = similarity([text, "вода"], ["school", text])
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    "text",
    [
        "a¬" + " " * 200_000,
        "a-" + " " * 200_000,
        "1." * 100_000 + "1a",
        "1," * 100_000 + "x",
        "a" + "\u0315\u0316\u0300" * 60_000,
        "слово-" * 40_000,
        "'" * 200_000,
    ],
    ids=["soft break", "hyphen", "points", "commas", "marks", "chain", "apostrophes"],
)
def test_no_text_takes_more_time_than_its_length_deserves(generation, text):
    start = time.process_time()
    generation.add_idea(Document("long", "", text))
    generation.rank_profiles("long")
    assert time.process_time() - start < 5.0
