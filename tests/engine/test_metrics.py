"""Measures against values worked out by hand."""

import math

import numpy as np
import pytest

from matcher.engine.bands import Band, Limits, band_of
from matcher.engine.calibration import JudgedPair, fit_limits, half_of, precision_per_band
from matcher.engine.metrics import (
    accuracy_at_1,
    evaluate,
    figure,
    mrr,
    ndcg_at_k,
    ordered_against,
    recall_at_k,
)

GRADES = {"a": 3, "b": 1, "z": 0}


def test_ndcg_by_hand():
    reached = 1 / math.log2(3) + 7 / math.log2(4)
    best = 7 + 1 / math.log2(3)
    assert ndcg_at_k(["x", "b", "a"], GRADES, 10) == pytest.approx(reached / best)
    assert ndcg_at_k(["a", "b"], GRADES, 10) == 1.0
    assert ndcg_at_k(["x", "b"], GRADES, 1) == 0.0


def test_recall_and_reciprocal_rank_by_hand():
    assert recall_at_k(["x", "a", "b"], GRADES, 2) == 0.5
    assert mrr(["x", "a"], GRADES) == 0.5
    assert mrr(["x"], GRADES) == 0.0


def test_a_query_without_a_relevant_document_is_not_scored():
    for measure in (ndcg_at_k, recall_at_k):
        assert measure(["a"], {"a": 0}, 5) is None
    assert mrr(["a"], {}) is None
    result = evaluate({"q": ["a"], "r": ["a"]}, {"q": GRADES, "r": {"a": 0}, "s": {"a": 1}})
    assert (result["MRR"].n_queries, result["MRR"].n_without_relevant) == (2, 1)
    assert result["MRR"].mean == 0.5  # the query that was not ranked counts as missed


def test_ties_count_against_the_system():
    assert ordered_against({"a": 1.0, "x": 1.0, "b": 2.0}, GRADES) == ["b", "x", "a"]
    scores = np.array([[1.0, 1.0], [0.0, 2.0]], dtype=np.float32)
    assert accuracy_at_1(scores, [0, 1]).tolist() == [0.0, 1.0]


def test_intervals_are_seeded_and_hold_the_mean():
    values = [0.0, 1.0, 1.0, None, 0.5]
    one, other = figure(values), figure(values)
    assert one == other
    assert one.low <= one.mean <= one.high
    assert (one.n_queries, one.n_without_relevant) == (4, 1)
    assert math.isnan(figure([None]).mean)


def test_the_words_follow_the_limits():
    limits = Limits(0.3, 0.2, 0.1, 0.05)
    words = [band_of(score, limits=limits) for score in (0.3, 0.2, 0.1, 0.09, -1.0)]
    assert words == [Band.VERY_STRONG, Band.STRONG, Band.MODERATE, Band.WEAK, Band.WEAK]
    assert band_of(9.0, enough_text=False) is Band.TOO_LITTLE_TEXT


def test_limits_keep_their_promise_on_the_pairs_they_were_fitted_on():
    chance = np.random.default_rng(3)
    scores = chance.random(4000)
    pairs = [JudgedPair("i", float(score), bool(chance.random() < score**2)) for score in scores]
    limits = fit_limits(pairs)
    assert limits.floor <= limits.moderate <= limits.strong <= limits.very_strong
    table = precision_per_band(pairs, limits)
    assert sum(figure.n_queries for figure in table.values()) == 4000
    # The chance is the square of the score: a limit lies near the root of its promise.
    for limit, promised in ((limits.very_strong, 0.50), (limits.strong, 0.33)):
        assert limit == pytest.approx(promised**0.5, abs=0.08)
    assert table["very_strong"].mean > table["strong"].mean > table["moderate"].mean > 0.16


def test_limits_need_a_relevant_pair():
    with pytest.raises(ValueError, match="relevant"):
        fit_limits([JudgedPair("i", 0.5, False)])


def test_halves_are_fixed():
    assert [half_of(name) for name in ("a", "b", "c", "громада")] == [
        half_of(name) for name in ("a", "b", "c", "громада")
    ]
    assert {half_of(str(number)) for number in range(20)} == {0, 1}
