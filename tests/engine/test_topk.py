"""Both sides' best k against a brute-force oracle."""

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


@settings(deadline=None)
@given(
    hnp.arrays(np.float32, st.tuples(st.integers(0, 7), st.just(4)), elements=SMALL),
    hnp.arrays(np.float32, st.tuples(st.integers(0, 9), st.just(4)), elements=SMALL),
    st.integers(1, 12),
    st.integers(1, 20),
)
def test_it_equals_brute_force_on_both_sides(queries, documents, k, cells):
    usual, module._CELLS = module._CELLS, cells  # small blocks, so that merging is tried
    try:
        found = top_k(csr_matrix(queries), csr_matrix(documents), k)
    finally:
        module._CELLS = usual
    assert pairs(found.documents_of_query, found.scores_of_query) == oracle(queries, documents, k)
    assert pairs(found.queries_of_document, found.scores_of_document) == oracle(
        documents, queries, k
    )


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
