"""The figures that staff read on the page about quality are those of this engine."""

import json

import pytest

from matcher.engine import ENGINE_VERSION
from matcher.engine.published import FIGURES, published_figures
from tests.quality.figures import own_figures


def test_they_are_of_this_version():
    assert json.loads(FIGURES.read_text(encoding="utf-8"))["engine"] == ENGINE_VERSION


def test_our_own_pairs_still_give_the_published_figure():
    [own] = [row for row in published_figures() if row.judged_set == "own"]
    assert own_figures()["nDCG@10"].mean == pytest.approx(own.mean, abs=0.005)
