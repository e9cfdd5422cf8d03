"""Figures on the research data, which stays outside the project and is only read here."""

import csv
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from matcher.engine import Document, Generation, Lexicon, Parameters
from matcher.engine.calibration import half_of
from matcher.engine.metrics import accuracy_at_1, figure, ndcg_at_k, ordered_against

VARIABLE = "MATCHER_RESEARCH_DATA"
OWN = Path(__file__).with_name("own")
CHOSEN, REPORTED = 0, 1  # the half that choices are made on, the half that is reported


@dataclass(frozen=True)
class Research:
    """The rows that the figures need."""

    ideas: dict
    donors: dict
    silver: dict
    gold: list
    sentences: list


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _lines(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@cache
def read(folder):
    folder = Path(folder)
    silver = {}
    for row in _rows(folder / "judgments_silver.tsv"):
        silver.setdefault(row["idea_id"], {})[row["donor_id"]] = int(row["grade"])
    return Research(
        ideas={row["id"]: row for row in _lines(folder / "ideas.jsonl")},
        donors={row["id"]: row for row in _lines(folder / "donors.jsonl")},
        silver=silver,
        gold=[(row["idea_id"], row["donor_id"]) for row in _rows(folder / "gold_pairs.tsv")],
        sentences=_rows(folder / "dev" / "tatoeba.tsv"),
    )


def folder_or_skip():
    """Return the folder of the research data; skip the whole module with one line without it."""
    folder = os.environ.get(VARIABLE)
    if not folder or not Path(folder).is_dir():
        reason = f"{VARIABLE} names no folder: the figures on research data are left out"
        pytest.skip(reason, allow_module_level=True)
    return folder


def running_texts(research):
    """The texts whose running words the lexicon should know."""
    return {
        "ideas": [document.content for document in idea_documents(research)],
        "donors en": [document.content for document in donor_documents(research, ["en"])],
        "donors uk": [document.content for document in donor_documents(research, ["uk"])],
        "sentences en": [row["en"] for row in research.sentences],
        "sentences uk": [row["uk"] for row in research.sentences],
    }


def idea_documents(research, ids=None):
    return [
        Document(key, row["title_uk"], row.get("description_uk") or "")
        for key, row in research.ideas.items()
        if row["title_uk"] and (ids is None or key in ids)
    ]


def donor_documents(research, languages):
    return [
        Document(
            key,
            "\n".join(row[f"name_{language}"] for language in languages),
            "\n".join(row[f"priorities_{language}"] for language in languages),
        )
        for key, row in research.donors.items()
    ]


def numbered(texts):
    return [Document(f"{number:06}", "", text) for number, text in enumerate(texts)]


def both_ways(one, other, places, **options):
    """Accuracy at 1 from one to other and back, at the given places alone."""
    generation = Generation.fit(numbered(one), numbered(other), **options)
    scores = generation.score_matrix()
    right = range(len(one))
    ways = [accuracy_at_1(scores, right), accuracy_at_1(scores.T, right)]
    return [figure(way[places].tolist()) for way in ways]


def sentences(research, half, **options):
    """Sentence pairs of one half among themselves."""
    rows = [row for number, row in enumerate(research.sentences) if number % 2 == half]
    texts = [[row[language] for row in rows] for language in ("uk", "en")]
    return both_ways(*texts, np.arange(len(rows)), **options)


def donors(research, half, **options):
    """A donor's priorities in one language against all donors' in the other."""
    places = np.array([n for n, key in enumerate(research.donors) if half_of(key) == half])
    rows = research.donors.values()
    texts = [[row[f"priorities_{language}"] for row in rows] for language in ("uk", "en")]
    return both_ways(*texts, places, **options)


@cache
def _donor_generation(languages, parameters, has_lexicon):
    research = read(folder_or_skip())
    return Generation.fit(
        idea_documents(research),
        donor_documents(research, languages),
        lexicon=None if has_lexicon else Lexicon(digest="none"),
        parameters=parameters,
    )


def donor_generation(languages=("en",), parameters=None, *, has_lexicon=True):
    """All Ukrainian ideas against the donors in the given languages."""
    return _donor_generation(tuple(languages), parameters or Parameters(), has_lexicon)


def silver(research, generation, half):
    """nDCG@10 of the judged ideas of one half."""
    values = []
    for idea_id, grades in sorted(research.silver.items()):
        if half_of(idea_id) == half:
            scores = {hit.id: hit.score for hit in generation.rank_profiles(idea_id)}
            values.append(ndcg_at_k(ordered_against(scores, grades), grades, 10))
    return figure(values)


def gold_ranks(research, generation):
    """Rank of the donor that really funded each idea."""
    return [
        (
            idea_id,
            donor_id,
            next(hit.rank for hit in generation.rank_profiles(idea_id) if hit.id == donor_id),
        )
        for idea_id, donor_id in research.gold
    ]
