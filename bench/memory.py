"""A whole run of 100,000 ideas and 10,000 profiles: how long, and how much memory at most."""

from __future__ import annotations

import resource
import time

from bench.corpora import invented_texts, invented_words
from matcher.engine import Document, Generation, default_lexicon


def whole_run(n_ideas: int, n_profiles: int) -> None:
    """Fit and keep the best pairs; print seconds and the peak of this process."""
    lexicon = default_lexicon()
    known = [term for concept in lexicon.concepts for term in concept.ukrainian if " " not in term]
    words = known[::4] + invented_words(20_000, 1)
    sides = [
        [Document(f"{k:06}", "", text) for k, text in enumerate(invented_texts(n, 40, words, seed))]
        for n, seed in ((n_ideas, 2), (n_profiles, 3))
    ]
    start = time.process_time()
    generation = Generation.fit(*sides)
    fitted = time.process_time()
    pairs = sum(1 for _ in generation.pairs_to_keep())
    ranked = time.process_time()
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cells = generation.ideas.fitted.nnz / n_ideas
    print(f"\n{n_ideas:,} ideas x {n_profiles:,} profiles of 40 words, {cells:.0f} cells a text")
    print(f"fit {fitted - start:.0f} s, pairs {ranked - fitted:.0f} s, {pairs:,} pairs kept")
    print(f"peak memory {peak_mib:,.0f} MiB")
