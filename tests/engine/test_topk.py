"""Both sides' best k against a brute-force oracle."""

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_matrix

from matcher.engine import top_k
from matcher.engine import topk as module

SMALL = st.integers(-2, 3).map(float)  # few values: many ties


def oracle(queries, documents, k):
    products = (queries @ documents.T).astype(np.float32)
    rows = []
    for row in products:
        best = sorted((-value, place) for place, value in enumerate(row) if value != 0)[:k]
        rows.append([(place, -value) for value, place in best])
    return rows


def pairs(indices, values):
    return [
        [(int(place), float(value)) for place, value in zip(row, scores, strict=True) if place >= 0]
        for row, scores in zip(indices, values, strict=True)
    ]


@contextmanager
def sizes(**values):
    """Small blocks and chunks, so that merging is tried; the kernel from the first pair on."""
    usual = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in usual.items():
            setattr(module, name, value)


matrices = st.tuples(
    hnp.arrays(np.float32, st.tuples(st.integers(0, 7), st.just(4)), elements=SMALL),
    hnp.arrays(np.float32, st.tuples(st.integers(0, 9), st.just(4)), elements=SMALL),
)


@pytest.mark.parametrize("batch_work", [0, 10**12], ids=["kernel", "blocks"])
@settings(deadline=None, max_examples=150)
@given(matrices, st.integers(1, 12), st.integers(1, 20), st.sampled_from([0.0, 0.5, 2.0]))
def test_it_equals_brute_force_on_both_sides(batch_work, both, k, cells, dense):
    queries, documents = both
    with sizes(_CELLS=cells, _CHUNK=cells, _DENSE=dense, _BATCH_WORK=batch_work):
        found = top_k(csr_matrix(queries), csr_matrix(documents), k)
    assert pairs(found.documents_of_query, found.scores_of_query) == oracle(queries, documents, k)
    assert pairs(found.queries_of_document, found.scores_of_document) == oracle(
        documents, queries, k
    )


def random_texts(n, seed, n_words=900, length=40):
    """Texts with Zipf's law of words, as unit vectors."""
    chance = np.random.default_rng(seed)
    share = 1.0 / np.arange(1, n_words + 1)
    words = chance.choice(n_words, size=n * length, p=share / share.sum())
    texts = np.repeat(np.arange(n), length)
    matrix = csr_matrix((np.ones(n * length), (texts, words)), shape=(n, n_words))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return csr_matrix(matrix.multiply(1.0 / lengths[:, None]), dtype=np.float32)


def test_kernel_and_blocks_agree_with_hubs_on_large_sets():
    queries, documents = random_texts(300, 1), random_texts(2500, 2)
    chance = np.random.default_rng(3)
    hubs = module.Hubs(*(chance.random(n, dtype=np.float32) / 4 for n in (300, 2500)))
    kernel, blocks = (
        way(queries, documents, (15, 30), hubs) for way in (module._in_batch, module._in_blocks)
    )
    for one, other in zip(kernel, blocks, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=1e-5)
        assert (one.places == other.places).mean() > 0.999


def test_both_sides_see_the_same_pairs():
    one, other = random_texts(60, 4), random_texts(80, 5)
    there, back = top_k(one, other, 7), top_k(other, one, 7)
    assert np.array_equal(there.documents_of_query, back.queries_of_document)
    assert there.scores_of_query == pytest.approx(back.scores_of_document, abs=1e-6)


def test_an_order_of_documents_is_only_an_order():
    queries, documents = random_texts(50, 6), random_texts(400, 7)
    order = np.random.default_rng(8).permutation(400)
    with sizes(_BATCH_WORK=0, _CHUNK=128):
        plain, mixed = top_k(queries, documents, 5), top_k(queries, documents[order], 5)
    assert mixed.scores_of_query == pytest.approx(plain.scores_of_query, abs=1e-6)


def test_a_planted_twin_is_the_best_of_both_sides():
    documents = random_texts(3000, 9)
    twins = np.random.default_rng(10).choice(3000, size=100, replace=False)
    with sizes(_BATCH_WORK=0):
        found = top_k(documents[twins], documents, 3)
    assert found.documents_of_query[:, 0].tolist() == twins.tolist()
    assert found.scores_of_query[:, 0] == pytest.approx(1.0, abs=1e-5)
    assert found.queries_of_document[twins, 0].tolist() == list(range(100))


def test_no_request_starts_the_kernel():
    code = (
        "import sys; from matcher.engine import Document, Generation\n"
        "g = Generation.fit([Document('i', '', 'вода')], [Document('p', '', 'water')])\n"
        "g.rank_profiles('i'); list(g.pairs_to_keep())\n"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_places_are_minus_one_with_score_zero():
    found = top_k(csr_matrix([[1.0, 0.0]]), csr_matrix([[1.0, 0.0], [0.0, 1.0]]), 3)
    assert found.documents_of_query.tolist() == [[0, -1, -1]]
    assert found.scores_of_query.tolist() == [[1.0, 0.0, 0.0]]
    assert found.scores_of_query.dtype == np.float32


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="positive"):
        top_k(csr_matrix((1, 2)), csr_matrix((1, 2)), 0)
    with pytest.raises(ValueError, match="dimensions"):
        top_k(csr_matrix((1, 2)), csr_matrix((1, 3)), 1)


def test_candidates_by_product_keep_the_best_by_score(generation):
    candidates = top_k(generation.ideas.matrix, generation.profiles.matrix, 7)
    for row, idea_id in enumerate(generation.idea_ids):
        best = {hit.id for hit in generation.rank_profiles(idea_id, k=3)}
        found = {generation.profile_ids[place] for place in candidates.documents_of_query[row]}
        assert best <= found


def test_cells_that_stand_twice_are_added_on_both_ways():
    queries = csr_matrix(([0.5, 0.25, 1.0, 2.0], ([0, 0, 0, 1], [1, 1, 0, 1])), shape=(2, 3))
    raw = csr_matrix((2, 3))
    raw.data, raw.indices = np.array([0.5, 0.25, 1.0, 2.0]), np.array([1, 1, 0, 1])
    raw.indptr = np.array([0, 3, 4])
    before = raw.data.copy()
    for work in (0, 10**12):
        with sizes(_BATCH_WORK=work):
            found = top_k(raw, queries, 2)
        assert pairs(found.documents_of_query, found.scores_of_query) == oracle(
            queries.toarray(), queries.toarray(), 2
        )
    assert np.array_equal(raw.data, before)


def test_a_huge_k_costs_no_more_than_there_is():
    found = top_k(csr_matrix([[1.0]]), csr_matrix([[1.0], [2.0]]), 50_000)
    assert found.documents_of_query.shape == (1, 50_000)
    assert found.documents_of_query[0, :3].tolist() == [1, 0, -1]
    assert found.queries_of_document.shape == (2, 50_000)
