"""Measures the figures that a release publishes: python -m tests.quality.figures

Writes matcher/engine/data/figures.json. Needs the research data; uses the reported halves alone.
"""

import json
from datetime import UTC, datetime

from matcher.engine import ENGINE_VERSION
from matcher.engine.metrics import evaluate, figure
from matcher.engine.published import FIGURES
from matcher.engine.records import read_judgments, read_records
from tests.quality import research as data
from tests.quality.research import REPORTED


def own_figures():
    """Every figure of the project's own judged pairs."""
    ideas, profiles = (read_records(data.OWN / f"{name}.jsonl") for name in ("ideas", "profiles"))
    generation = data.Generation.fit(ideas.documents, profiles.documents)
    judged = read_judgments(data.OWN / "judgments.tsv").grades
    rankings = {one: [hit.id for hit in generation.rank_profiles(one)] for one in judged}
    return evaluate(rankings, judged)


def measure(research):
    """Return (set, measure, figure) in the order in which a page shows them."""
    generations = {language: data.donor_generation((language,)) for language in ("en", "uk")}
    ranks = [rank for *_, rank in data.gold_ranks(research, generations["en"])]
    there, back = data.sentences(research, REPORTED)
    one, other = data.donors(research, REPORTED)
    return [
        ("silver_en", "nDCG@10", data.silver(research, generations["en"], REPORTED)),
        ("silver_uk", "nDCG@10", data.silver(research, generations["uk"], REPORTED)),
        ("gold_10", "first 10", figure([float(rank <= 10) for rank in ranks])),
        ("own", "nDCG@10", own_figures()["nDCG@10"]),
        ("sentences_uk_en", "A@1", there),
        ("sentences_en_uk", "A@1", back),
        ("donors_uk_en", "A@1", one),
        ("donors_en_uk", "A@1", other),
    ]


def main():
    """Write the file."""
    rows = [
        {
            "judged_set": name,
            "measure": what,
            "mean": round(found.mean, 3),
            "low": round(found.low, 3),
            "high": round(found.high, 3),
            "queries": found.n_queries,
        }
        for name, what, found in measure(data.read(data.folder_or_skip()))
    ]
    content = {
        "engine": ENGINE_VERSION,
        "measured_on": datetime.now(UTC).date().isoformat(),
        "figures": rows,
    }
    FIGURES.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
