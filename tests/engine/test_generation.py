"""A generation: planted pairs, frozen values, one order on every path, saving and loading."""

import dataclasses
import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer

import matcher.engine
from matcher.engine import Band, Document, Generation, IndexCorrupt, Parameters
from matcher.engine import similarity as engine_similarity
from matcher.engine.hubs import correction_strength, hub_means, hub_size
from matcher.engine.lexicon import Lexicon
from matcher.engine.space import Space
from matcher.engine.weighting import Counts, Weights

PLANTED = {"i1": "p1", "i2": "p2", "i3": "p3", "i4": "p4", "i5": "p5", "i6": "p6"}
TOPICS = [
    *("water", "school", "hospital", "shelter", "grain"),
    *("waste", "youth", "solar", "demining", "health"),
]
TOPICS_UK = [
    *("вода", "школа", "лікарня", "укриття", "зерно"),
    *("відходи", "молодь", "сонячний", "розмінування", "медицина"),
]


def many(count, words, prefix, seed=1):
    chance = random.Random(seed)
    return [
        Document(
            f"{prefix}{number:04}",
            "",
            " ".join([*chance.choices(words, k=6), f"{prefix}{number}x"]),
        )
        for number in range(count)
    ]


def stored(generation):
    """Every score of every pair, by identifiers, as bytes."""
    return {
        (idea_id, hit.id): (hit.score, hit.cosine, hit.band)
        for idea_id in generation.idea_ids
        for hit in generation.rank_profiles(idea_id)
    }


def test_each_planted_idea_finds_its_profile_across_the_languages(generation):
    found = {idea_id: generation.rank_profiles(idea_id, k=1)[0].id for idea_id in PLANTED}
    assert found == PLANTED


def test_each_profile_finds_its_idea(generation):
    found = {generation.rank_ideas(profile_id, k=1)[0].id for profile_id in PLANTED.values()}
    assert found == set(PLANTED)


def test_an_english_idea_and_its_ukrainian_twin_rank_alike(generation):
    generation.add_idea(Document("en", "", "Repair of a water supply pipeline"))
    generation.add_idea(Document("uk", "", "Ремонт водопроводу, водопостачання"))
    tops = [generation.rank_profiles(one, k=1)[0].id for one in ("en", "uk")]
    assert tops == ["p1", "p1"]


def test_both_directions_and_the_whole_run_have_the_same_bits(generation):
    kept = list(
        generation.pairs_to_keep(
            best_profiles=99, limits=dataclasses.replace(generation.limits, floor=-9.0)
        )
    )
    matrix = generation.score_matrix()
    assert kept
    for idea_id, profile_id, hit in kept:
        [one] = generation.rank_profiles(idea_id, among=[profile_id])
        [other] = generation.rank_ideas(profile_id, among=[idea_id])
        row, column = (
            generation.idea_ids.index(idea_id),
            generation.profile_ids.index(profile_id),
        )
        assert hit.score == one.score == other.score == float(matrix[row, column])
        assert hit.cosine == one.cosine == other.cosine
        assert hit.band == one.band == other.band


def test_pairs_to_keep_are_the_union_of_both_sides_best(lexicon):
    generation = Generation.fit(many(40, TOPICS_UK, "i"), many(25, TOPICS, "p"), lexicon=lexicon)
    limits = dataclasses.replace(generation.limits, floor=0.02)
    kept = list(generation.pairs_to_keep(best_profiles=3, best_ideas=4, limits=limits))
    expected = {
        (idea_id, hit.id): hit
        for idea_id in generation.idea_ids
        for hit in generation.rank_profiles(idea_id)
    }
    wanted = {
        (idea_id, hit.id)
        for idea_id in generation.idea_ids
        for hit in generation.rank_profiles(idea_id, k=3)
    } | {
        (hit.id, profile_id)
        for profile_id in generation.profile_ids
        for hit in generation.rank_ideas(profile_id, k=4)
    }
    wanted = {pair for pair in wanted if expected[pair].score >= limits.floor}
    assert {(idea_id, profile_id) for idea_id, profile_id, _ in kept} == wanted
    assert [(a, hit.rank) for a, _, hit in kept] == sorted((a, hit.rank) for a, _, hit in kept)
    assert all(expected[a, b].rank == hit.rank for a, b, hit in kept)


def test_the_order_of_the_input_changes_nothing(ideas, profiles, lexicon):
    one = Generation.fit(ideas, profiles, lexicon=lexicon)
    other = Generation.fit(ideas[::-1], profiles[::-1], lexicon=lexicon)
    assert stored(one) == stored(other)
    assert one.digest == other.digest


def test_fitting_twice_gives_the_same_bits(ideas, profiles, lexicon):
    fits = [Generation.fit(ideas, profiles, lexicon=lexicon) for _ in range(2)]
    assert stored(fits[0]) == stored(fits[1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 3)), max_size=8))
def test_a_restricted_idea_leaves_every_other_value_bit_equal(ideas, profiles, lexicon, acts):
    generation = Generation.fit(ideas, profiles, lexicon=lexicon)
    before = stored(generation)
    for act, number in acts:
        idea_id = f"r{number}"
        if act == "add":
            text = f"Вода, школа, {number} нечувані слова кшталту Зюзя{number}"
            generation.add_idea(Document(idea_id, "Обмежена", text))
        elif generation.has_idea(idea_id):
            generation.remove_idea(idea_id)
    after = stored(generation)
    assert {pair: after[pair] for pair in before} == before


def test_a_changed_profile_changes_its_own_values_alone(generation):
    before = stored(generation)
    generation.add_profile(Document("p4", "Roads", "School roads and bridges"))
    after = stored(generation)
    changed = {pair for pair in before if before[pair] != after[pair]}
    assert {profile_id for _, profile_id in changed} == {"p4"}
    assert len(generation.profile_ids) == 7


def test_the_same_text_added_again_has_its_fitted_values(generation, ideas):
    before = stored(generation)
    generation.add_idea(ideas[0])
    assert stored(generation) == before


def test_values_do_not_depend_on_the_order_of_additions(ideas, profiles, lexicon):
    new_idea = Document("n", "", "Лікарня та незвичний Брумбель")
    new_profile = Document("q", "", "Clinics and brumbel")
    results = []
    for idea_first in (True, False):
        generation = Generation.fit(ideas, profiles, lexicon=lexicon)
        if idea_first:
            generation.add_idea(new_idea)
        generation.add_profile(new_profile)
        if not idea_first:
            generation.add_idea(new_idea)
        results.append({hit.id: hit.score for hit in generation.rank_profiles("n")})
    assert results[0] == pytest.approx(results[1], abs=1e-6)


def test_removed_documents_are_gone_everywhere(generation):
    generation.remove_idea("i1")
    generation.remove_profile("p1")
    assert not generation.has_idea("i1")
    assert "i1" not in generation.idea_ids
    assert "p1" not in {hit.id for hit in generation.rank_profiles("i2")}
    assert all(a != "i1" and b != "p1" for a, b, _ in generation.pairs_to_keep())
    assert generation.score_matrix().shape == (5, 6)
    with pytest.raises(KeyError):
        generation.rank_profiles("i1")
    with pytest.raises(KeyError):
        generation.remove_idea("i1")


def test_only_the_counting_set_is_ranked(generation):
    hits = generation.rank_profiles("i1", among={"p2", "p3", "unheard of"})
    assert sorted(hit.id for hit in hits) == ["p2", "p3"]
    assert [hit.rank for hit in hits] == [1, 2]
    assert generation.rank_profiles("i1", among=[]) == []


def test_equal_texts_are_ordered_by_identifier(lexicon):
    profiles = [Document(key, "", "water school") for key in ("c", "a", "b")]
    generation = Generation.fit([Document("i", "", "вода")], profiles, lexicon=lexicon)
    assert [hit.id for hit in generation.rank_profiles("i")] == ["a", "b", "c"]


def test_bad_arguments_are_refused(generation, ideas, profiles, lexicon):
    with pytest.raises(ValueError, match="k must be positive"):
        generation.rank_profiles("i1", k=0)
    with pytest.raises(ValueError, match="two documents have the idea id 'i1'"):
        Generation.fit([*ideas, ideas[0]], profiles, lexicon=lexicon)


def test_incremental_scoring_is_close_to_a_refit(lexicon):
    ideas = many(120, TOPICS_UK, "i")
    profiles = many(60, TOPICS, "p", seed=2)
    frozen = Generation.fit(ideas[:110], profiles, lexicon=lexicon)
    for idea in ideas[110:]:
        frozen.add_idea(idea)
    refit = Generation.fit(ideas, profiles, lexicon=lexicon)
    overlaps = []
    for idea in ideas[110:]:
        tops = [
            {hit.id for hit in generation.rank_profiles(idea.id, k=10)}
            for generation in (frozen, refit)
        ]
        overlaps.append(len(tops[0] & tops[1]) / 10)
    assert np.mean(overlaps) >= 0.9


def test_similar_ideas_leave_the_idea_itself_out(generation):
    twin = Document("twin", "Ремонт водогону", "Капітальний ремонт водопостачання, станція")
    generation.add_idea(twin)
    hits = generation.similar_ideas("i1", k=2)
    assert hits[0].id == "twin"
    assert hits[0].band in (Band.VERY_STRONG, Band.STRONG)
    assert generation.similar_ideas(twin, among=["i1", "twin", "i6"])[0].id == "i1"
    assert generation.similar_ideas(Document("new", "", "Сміття"), k=1)[0].id == "i4"


def test_similarity_ranks_as_a_generation_does(generation, ideas, profiles, monkeypatch, lexicon):
    monkeypatch.setattr("matcher.engine.index.default_lexicon", lambda: lexicon)
    texts = [[document.content for document in side] for side in (ideas, profiles)]
    # similarity() joins an empty title and the text, which adds a line break and no word.
    scores = engine_similarity(*texts)
    assert scores.dtype == np.float32
    assert np.array_equal(scores, generation.score_matrix())


def test_a_text_is_most_similar_to_itself(monkeypatch, lexicon):
    monkeypatch.setattr("matcher.engine.index.default_lexicon", lambda: lexicon)
    texts = [document.text for document in many(30, TOPICS, "t")]
    assert engine_similarity(texts, texts).argmax(axis=1).tolist() == list(range(30))


@pytest.mark.parametrize(("queries", "documents"), [([], []), (["вода"], []), ([], ["water"])])
def test_empty_sides_have_empty_scores(queries, documents):
    assert engine_similarity(queries, documents).shape == (len(queries), len(documents))


def test_too_little_text_gets_no_word_for_its_fit(generation):
    generation.add_idea(Document("short", "ЧПЛЗТ", "вода"))
    assert {hit.band for hit in generation.rank_profiles("short")} == {Band.TOO_LITTLE_TEXT}
    assert Band.TOO_LITTLE_TEXT not in {hit.band for hit in generation.rank_profiles("i2")}


def test_repeating_a_word_cannot_lift_a_rank(generation):
    school = "Облаштування укриття для учнів, ремонт підвалу школи, енергоефективність, вода"
    scores = {}
    for name, times in (("some", 3), ("many", 500)):
        text = f"{school} {'водогін ' * times}"
        generation.add_idea(Document(name, "", text))
        [hit] = generation.rank_ideas("p1", among=[name])
        scores[name] = hit.score
    assert scores["many"] == scores["some"]
    ranks = {hit.id: hit.rank for hit in generation.rank_ideas("p1")}
    assert ranks["i1"] < ranks["many"]


def test_a_very_long_text_is_no_hub(lexicon):
    profiles = many(40, TOPICS, "p")
    broad = Document("zz", "", " ".join(TOPICS * 30 + [f"слово{n}" for n in range(2000)]))
    ideas = many(60, TOPICS_UK, "i")
    generation = Generation.fit(ideas, [*profiles, broad], lexicon=lexicon)
    tops = [generation.rank_profiles(idea.id, k=1)[0].id for idea in ideas]
    assert tops.count("zz") <= 3


def test_idf_is_the_smooth_one_of_scikit_learn():
    dense = np.array([[1, 1, 0], [0, 1, 1], [0, 1, 0]])
    words = csr_matrix(dense, dtype=np.float64)
    counts = [Counts(words[row], csr_matrix((1, 3)), None) for row in range(3)]
    space = Space(Lexicon(), Parameters(prior_texts=4), ["a", "b", "=c"])
    # Everyday texts without a subject, one in four of which holds any given function word.
    prior = [[0, 0, 0]] * 3 + [[0, 0, 1]]
    expected = TfidfTransformer(smooth_idf=True).fit(np.vstack([dense, prior])).idf_
    weights = Weights.fit(counts, space)
    assert weights.idf == pytest.approx(expected)
    assert weights.of(np.array([7])) == pytest.approx(np.log(8.0) + 1.0)


def test_hub_means_take_the_best_neighbours():
    cosines = np.array([[0.1, 0.5, 0.3]], dtype=np.float32)
    assert hub_means(cosines, 2) == pytest.approx([0.4])
    assert hub_means(cosines[:, :0], 2) == pytest.approx([0.0])
    assert [hub_size(n, 10) for n in (0, 1, 17, 76, 5000)] == [1, 1, 4, 9, 10]


def test_the_hub_correction_fades_where_texts_have_many_partners():
    assert correction_strength([0.4, 0.5]) == 1.0
    assert correction_strength([0.7, 0.7]) == 0.0
    assert 0.0 < correction_strength([0.57, 0.57]) < 1.0
    assert correction_strength([]) == 0.0


def test_a_small_lexicon_scales_by_the_covered_share(ideas, profiles, lexicon):
    text = Document("n", "", "вода школа брумбель шмурдяк")
    cosines = []
    for limit in (0, 10_000):
        generation = Generation.fit(
            ideas, profiles, lexicon=lexicon, parameters=Parameters(covered_headwords=limit)
        )
        generation.add_idea(text)
        cosines.append(generation.rank_profiles("n", among=["p2"])[0].cosine)
    assert cosines[1] < cosines[0]


def test_it_works_without_any_lexicon(ideas, profiles):
    generation = Generation.fit(ideas, profiles, lexicon=Lexicon())
    assert len(generation.rank_profiles("i1")) == len(profiles)


def test_progress_ends_with_the_total(ideas, profiles, lexicon):
    seen = []
    Generation.fit(ideas, profiles, lexicon=lexicon, progress=lambda *now: seen.append(now))
    assert seen[-1] == (13, 13)


def changed(generation):
    generation.add_idea(Document("new", "Брумбель", "Школа й укриття"))
    generation.remove_idea("i4")
    generation.add_profile(Document("p1", "Roads", "School roads"))
    return generation


def test_a_saved_generation_comes_back_bit_equal(generation, lexicon, tmp_path):
    changed(generation).save(tmp_path)
    loaded = Generation.load(tmp_path, lexicon=lexicon)
    assert stored(loaded) == stored(generation)
    assert loaded.digest == generation.digest
    assert loaded.parameters == generation.parameters
    for one in (loaded, generation):
        one.add_idea(Document("later", "", "Сонячна лікарня і брумбель"))
    assert stored(loaded) == stored(generation)


def test_parameters_are_plain_values(generation):
    assert json.loads(json.dumps(generation.parameters))["engine"] == matcher.engine.ENGINE_VERSION


@pytest.mark.parametrize("name", ["generation.npz", "generation.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "flipped", "empty", "text"])
def test_a_damaged_file_is_named_corrupt(generation, lexicon, tmp_path, name, damage):
    generation.save(tmp_path)
    path = tmp_path / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        shapes = {"cut": content[:-20], "flipped": content, "empty": b"", "text": b"[1, 2]"}
        path.write_bytes(bytes(shapes[damage]))
    with pytest.raises(IndexCorrupt):
        Generation.load(tmp_path, lexicon=lexicon)


def test_another_engine_or_lexicon_is_refused(generation, lexicon, tmp_path, monkeypatch):
    generation.save(tmp_path)
    with pytest.raises(IndexCorrupt, match="lexicon"):
        Generation.load(tmp_path, lexicon=Lexicon(digest="other"))
    monkeypatch.setattr("matcher.engine.storage.ENGINE_VERSION", "0.0")
    with pytest.raises(IndexCorrupt, match="engine"):
        Generation.load(tmp_path, lexicon=lexicon)


def test_a_mixed_pair_of_files_is_refused(generation, lexicon, tmp_path):
    generation.save(tmp_path)
    old = (tmp_path / "generation.npz").read_bytes()
    changed(generation).save(tmp_path)
    (tmp_path / "generation.npz").write_bytes(old)
    with pytest.raises(IndexCorrupt):
        Generation.load(tmp_path, lexicon=lexicon)
