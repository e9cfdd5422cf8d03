"""Judged pairs in the project's own words: Ukrainian ideas against English profiles."""

from pathlib import Path

import pytest

from matcher.engine import Band, Generation
from matcher.engine.metrics import evaluate
from matcher.engine.records import read_judgments, read_records

OWN = Path(__file__).with_name("own")


@pytest.fixture(scope="module")
def judged():
    return read_judgments(OWN / "judgments.tsv").grades


@pytest.fixture(scope="module")
def generation():
    ideas, profiles = read_records(OWN / "ideas.jsonl"), read_records(OWN / "profiles.jsonl")
    assert ideas.faults == profiles.faults == []
    return Generation.fit(ideas.documents, profiles.documents)


def test_the_ranking_keeps_its_figures(generation, judged):
    rankings = {
        idea_id: [hit.id for hit in generation.rank_profiles(idea_id)] for idea_id in judged
    }
    figures = evaluate(rankings, judged)
    print({name: str(figure) for name, figure in figures.items()})
    assert figures["nDCG@10"].mean >= 0.93
    assert figures["MRR"].mean >= 0.93


def test_the_words_tell_right_from_wrong(generation, judged):
    right, wrong = [], []
    for idea_id, grades in judged.items():
        for hit in generation.rank_profiles(idea_id):
            if grades.get(hit.id) != 1:
                (right if grades.get(hit.id) == 2 else wrong).append(hit.band)
    good = {Band.VERY_STRONG, Band.STRONG}
    assert sum(band in good for band in right) / len(right) >= 0.8
    assert sum(band in good for band in wrong) / len(wrong) <= 0.1


def test_an_idea_that_fits_nobody_is_never_very_strong(generation):
    for idea_id in generation.idea_ids:
        hits = generation.rank_profiles(idea_id)
        assert sum(hit.band is Band.VERY_STRONG for hit in hits) <= 5
