"""Learning from decisions: what it moves, what it leaves alone, and when it counts as proved."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from matcher.engine import Decision, Document, Generation
from matcher.engine.learning import leaned
from matcher.engine.metrics import Figure
from tests.engine.test_generation import stored

ROOFS = ["Дах школи", "Дах лікарні і вода", "Дах водонасосної станції", "Дах клубу, вода і школа"]
WELLS = ["Колодязь для школи", "Колодязь і вода", "Колодязь лікарні", "Колодязь, школа, вода"]


def town(prefix, titles):
    return [Document(f"{prefix}{n}", "", text) for n, text in enumerate(titles)]


@pytest.fixture
def decided(lexicon):
    """A donor of water and schools that takes roofs and leaves wells, and nobody knows why."""
    ideas = [*town("roof", ROOFS), *town("well", WELLS)]
    profiles = [
        Document("p", "", "Water and schools and hospitals"),
        Document("q", "", "Schools: education, training"),
    ]
    decisions = [
        *(Decision(f"roof{n}", "p", is_accepted=True) for n in range(3)),
        *(Decision(f"well{n}", "p", is_accepted=False) for n in range(3)),
    ]

    def fit(taught):
        return Generation.fit(ideas, profiles, lexicon=lexicon, decisions=taught)

    return fit, decisions


def scores(generation, profile_id):
    return {hit.id: hit.score for hit in generation.rank_ideas(profile_id)}


def test_an_idea_like_the_accepted_ones_rises_above_one_like_the_declined(decided):
    fit, decisions = decided
    plain, taught = scores(fit([]), "p"), scores(fit(decisions), "p")
    assert taught["roof3"] - taught["well3"] > plain["roof3"] - plain["well3"] + 0.05


def test_other_profiles_keep_their_cosines_bit_by_bit(decided):
    fit, decisions = decided
    plain, taught = (fit(one).rank_ideas("q") for one in ([], decisions))
    assert {hit.id: hit.cosine for hit in plain} == {hit.id: hit.cosine for hit in taught}


def test_decisions_about_others_change_nothing(decided):
    fit, _ = decided
    strangers = [Decision("roof1", "gone", is_accepted=True), Decision("gone", "p", True)]
    assert stored(fit(strangers)) == stored(fit([]))
    assert fit(strangers).digest == fit([]).digest


def test_the_order_of_decisions_changes_nothing(decided):
    fit, decisions = decided
    assert stored(fit(decisions)) == stored(fit([*decisions[::-1], decisions[0]]))


def test_the_explanation_names_what_was_learnt_and_still_adds_up(decided):
    fit, decisions = decided
    generation = fit(decisions)
    idea, profile = (
        Document("roof3", "", ROOFS[3]),
        Document("p", "", "Water and schools and hospitals"),
    )
    explanation = generation.explain(idea, profile)
    assert [part.concept for part in explanation.parts if part.kind == "learnt"] == ["decisions"]
    assert sum(part.contribution for part in explanation.parts) == pytest.approx(
        scores(generation, "p")["roof3"], abs=1e-5
    )


def test_a_new_text_of_the_profile_forgets_until_the_next_fit(decided):
    fit, decisions = decided
    generation = fit(decisions)
    document = Document("p", "", "Water for schools")
    generation.add_profile(document)
    explanation = generation.explain(Document("roof3", "", ROOFS[3]), document)
    assert "learnt" not in {part.kind for part in explanation.parts}


def test_it_is_saved_with_the_generation(decided, lexicon, tmp_path):
    fit, decisions = decided
    generation = fit(decisions)
    generation.save(tmp_path)
    loaded = Generation.load(tmp_path, lexicon=lexicon)
    assert stored(loaded) == stored(generation)
    assert loaded.parameters["learnt_profiles"] == 1


def many_decisions(lexicon, *, is_telling):
    """Twenty donors with the same words; a hidden taste, or none at all."""
    chance = random.Random(2)
    ideas, profiles, decisions = [], [], []
    for number in range(20):
        profiles.append(Document(f"p{number:02}", "", "Water and schools and hospitals"))
        for n in range(6):
            taste = n % 2 == 0
            word = ("дах", "колодязь")[taste] if is_telling else chance.choice(["дах", "колодязь"])
            extra = chance.choice(["школа", "вода", "лікарня"])
            ideas.append(Document(f"i{number:02}-{n}", "", f"{word} {extra} {word} вода"))
            decisions.append(Decision(f"i{number:02}-{n}", f"p{number:02}", is_accepted=taste))
    return Generation.fit(ideas, profiles, lexicon=lexicon), decisions


def test_a_hidden_taste_is_a_proved_gain(lexicon):
    generation, decisions = many_decisions(lexicon, is_telling=True)
    report = generation.gain_from(decisions)
    assert report.after.mean > 0.9 > report.before.mean
    assert report.is_proved


def test_chance_is_no_gain(lexicon):
    generation, decisions = many_decisions(lexicon, is_telling=False)
    assert not generation.gain_from(decisions).is_proved


def test_too_few_decisions_prove_nothing(decided):
    fit, decisions = decided
    report = fit([]).gain_from(decisions)
    assert report.gain.n_queries == 1
    assert not report.is_proved
    empty = fit([]).gain_from([])
    assert isinstance(empty.gain, Figure)
    assert not empty.is_proved


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1, width=32), min_size=5, max_size=5), max_size=3))
def test_words_keep_their_length_and_stay_positive(rows):
    words = csr_matrix([[0.6, 0.8, 0.0, 0.0, 0.0]])
    ideas = csr_matrix(np.array(rows).reshape(len(rows), 5))
    moved = leaned(words, ideas, ideas[:1]).toarray()
    assert moved.min() >= 0.0
    assert np.linalg.norm(moved) == pytest.approx(1.0)


def test_a_profile_without_words_can_learn_and_be_explained(lexicon):
    ideas, profiles = [Document("i", "", "вода")], [Document("p", "", "!?")]
    generation = Generation.fit(
        ideas, profiles, lexicon=lexicon, decisions=[Decision("i", "p", is_accepted=True)]
    )
    [hit] = generation.rank_profiles("i")
    parts = generation.explain(ideas[0], profiles[0]).parts
    assert sum(part.contribution for part in parts) == pytest.approx(hit.score, abs=1e-5)


def test_a_removed_profile_counts_as_learnt_no_more(decided):
    fit, decisions = decided
    generation = fit(decisions)
    generation.remove_profile("p")
    assert generation.parameters["learnt_profiles"] == 0
