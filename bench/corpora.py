"""Texts and vectors to measure on: Zipf's law, seeded, and real texts from a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags_array

from matcher.engine import Document, Generation

VARIABLE = "MATCHER_RESEARCH_DATA"
LETTERS = "абвгдежзиклмнопрстуфхцчшюя"


def zipf_counts(n: int, length: int, seed: int, *, n_words: int = 50_000) -> csr_matrix:
    """Return n texts of ``length`` words drawn by Zipf's law, as sublinear counts."""
    chance = np.random.default_rng(seed)
    share = 1.0 / np.arange(1, n_words + 1)
    words = chance.choice(n_words, size=n * length, p=share / share.sum())
    texts = np.repeat(np.arange(n), length)
    counts = csr_matrix((np.ones(n * length), (texts, words)), shape=(n, n_words))
    counts.data = 1.0 + np.log(counts.data)
    return counts


def weighed(*sides: csr_matrix) -> list[csr_matrix]:
    """Return tf-idf vectors of length 1, float32; idf over all sides."""
    n = sum(side.shape[0] for side in sides)
    frequency = sum(np.bincount(side.indices, minlength=side.shape[1]) for side in sides)
    idf = np.log((1.0 + n) / (1.0 + frequency)) + 1.0
    result = []
    for side in sides:
        matrix = csr_matrix(side @ diags_array(idf))
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        scaled = csr_matrix(diags_array(1.0 / np.maximum(lengths, 1e-9)) @ matrix, dtype=np.float32)
        scaled.sort_indices()
        result.append(scaled)
    return result


def invented_words(n: int, seed: int) -> list[str]:
    """Return n different words of Ukrainian letters."""
    chance = np.random.default_rng(seed)
    words: dict[str, None] = {}
    while len(words) < n:
        letters = chance.choice(list(LETTERS), size=int(chance.integers(4, 11)))
        words["".join(letters)] = None
    return list(words)


def invented_texts(n: int, length: int, words: list[str], seed: int) -> list[str]:
    """Return n texts of ``length`` words by Zipf's law."""
    chance = np.random.default_rng(seed)
    share = 1.0 / np.arange(1, len(words) + 1)
    places = chance.choice(len(words), size=(n, length), p=share / share.sum())
    return [" ".join(words[place] for place in row) for row in places]


def research_folder() -> Path | None:
    """Return the folder of real texts, if the environment names one."""
    folder = Path(os.environ.get(VARIABLE, ""))
    return folder if (folder / "ideas.jsonl").is_file() else None


def real_words() -> list[str]:
    """Return the words of the real ideas in their order, punctuation attached."""
    folder = research_folder()
    if folder is None:
        return []
    rows = (json.loads(line) for line in (folder / "ideas.jsonl").open(encoding="utf-8"))
    return " ".join(f"{row.get('title_uk') or ''}." for row in rows).split()


def real_texts(n: int, length: int, seed: int) -> list[str]:
    """Return n stretches of ``length`` words of the real ideas."""
    words, chance = real_words(), np.random.default_rng(seed)
    if not words:
        return []
    starts = chance.integers(0, len(words) - length, size=n)
    return [" ".join(words[start : start + length]) for start in starts]


def real_vectors(n: int, length: int) -> list[csr_matrix]:
    """Return the engine's own vectors of n real texts on both sides."""
    texts = [real_texts(n, length, seed) for seed in (1, 2)]
    if not texts[0]:
        return []
    sides = [[Document(f"{k:06}", "", text) for k, text in enumerate(side)] for side in texts]
    generation = Generation.fit(*sides)
    return [generation.ideas.fitted, generation.profiles.fitted]
