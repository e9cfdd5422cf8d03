"""From 1,000 texts to weighted vectors: the engine against TfidfVectorizer with kept analysis."""

from __future__ import annotations

from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.corpora import invented_texts, invented_words, real_texts
from bench.measure import costs, table
from matcher.engine import Parameters, default_lexicon
from matcher.engine.analysis import Analyser
from matcher.engine.space import Space
from matcher.engine.text import TOKEN, romanise
from matcher.engine.weighting import Texts, Weights, placed, weigh


def ours(texts: list[str], analyser: Analyser, space: Space) -> object:
    """All of the engine: phrases, both languages, spelling."""
    collected = Texts(space)
    collected.extend([analyser.analyse(text) for text in texts])
    found = placed(collected)
    counts = found.counts(0, len(found))
    return weigh(counts, Weights.fit([counts], space), space)


def cached(texts: list[str], analyser: Analyser) -> object:
    """Words by a kept table of keys and char_wb 2-4-grams: no phrases, no translation."""

    def keys(text: str) -> list[str]:
        return [
            key for word, _, _ in TOKEN.findall(text) for key in analyser.table.content(word)[0]
        ]

    words = TfidfVectorizer(analyzer=keys, sublinear_tf=True)
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    romanised = [" ".join(map(romanise, text.lower().split())) for text in texts]
    return hstack([words.fit_transform(texts), grams.fit_transform(romanised)])


def analysis(rounds: int) -> None:
    """Print the table."""
    lexicon = default_lexicon()
    sets = {
        "invented words": invented_texts(1000, 90, invented_words(20_000, 1), 2),
        "real ideas": real_texts(1000, 90, 1),
    }
    for name, texts in sets.items():
        if not texts:
            print(f"\n{name}: left out, no folder of real texts is named")
            continue
        analyser, space = Analyser(lexicon), Space(lexicon, Parameters())
        ways = {
            "ours": lambda t=texts, a=analyser, s=space: ours(t, a, s),
            "TfidfVectorizer, keys kept": lambda t=texts, a=analyser: cached(t, a),
        }
        title = f"{name}: 1,000 texts of 90 words to weighted vectors"
        table(title, costs(ways, rounds=rounds), base="TfidfVectorizer, keys kept")
