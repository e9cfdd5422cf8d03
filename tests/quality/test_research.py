"""The figures that docs/quality.md states, measured again; choices were made on the other half."""

import pytest

from matcher.engine import Generation, Lexicon, Parameters, default_lexicon
from matcher.engine.analysis import Analyser
from matcher.engine.checking import coverage
from matcher.engine.stopwords import FUNCTION
from tests.quality import research as data
from tests.quality.research import CHOSEN, REPORTED

FOLDER = data.folder_or_skip()


@pytest.fixture(scope="module")
def research():
    return data.read(FOLDER)


def say(name, *figures):
    print(f"\n{name}: " + "; ".join(str(figure) for figure in figures))


def test_sentences_find_their_translation(research):
    for half in (CHOSEN, REPORTED):
        found = data.sentences(research, half)
        say(f"sentences A@1 uk->en, en->uk, half {half}", *found)
        assert min(figure.mean for figure in found) >= 0.85


def test_donors_find_themselves_in_the_other_language(research):
    for half in (CHOSEN, REPORTED):
        found = data.donors(research, half)
        say(f"donors A@1 uk->en, en->uk, half {half}", *found)
        assert min(figure.mean for figure in found) >= 0.95


@pytest.mark.parametrize("languages", [("en",), ("uk",), ("en", "uk")])
def test_ukrainian_ideas_find_donors(research, languages):
    generation = data.donor_generation(languages)
    for half in (CHOSEN, REPORTED):
        found = data.silver(research, generation, half)
        say(f"silver nDCG@10, donor texts in {'+'.join(languages)}, half {half}", found)
        assert found.mean >= 0.45


def test_the_real_donor_of_the_gold_pairs(research):
    ranks = data.gold_ranks(research, data.donor_generation())
    for row in ranks:
        print("{:<32} {:<26} {:>3}".format(*row))
    shares = {k: sum(rank <= k for *_, rank in ranks) / len(ranks) for k in (1, 3, 10)}
    print(f"share within the first 1, 3, 10 of {len(research.donors)}: {shares}")
    assert shares[10] >= 0.75


@pytest.mark.parametrize(
    ("step", "parameters", "has_lexicon"),
    [
        ("everything", Parameters(), True),
        ("no lexicon", Parameters(), False),
        ("no spelling", Parameters(spelling_weight=0.0), True),
        ("no back-off", Parameters(back_off_letters=99), True),
        ("no words of phrases", Parameters(phrase_words=0.0), True),
        ("no English synonyms", Parameters(synonym_weight=0.0), True),
        ("no everyday texts in the idf", Parameters(prior_texts=0), True),
    ],
)
def test_each_step_on_and_off(research, step, parameters, has_lexicon):
    lexicon = None if has_lexicon else Lexicon(digest="none")
    found = data.sentences(research, REPORTED, parameters=parameters, lexicon=lexicon)
    generation = data.donor_generation(parameters=parameters, has_lexicon=has_lexicon)
    say(f"{step}: sentences both ways, silver", *found, data.silver(research, generation, REPORTED))


def test_without_function_words(research, monkeypatch):
    whole = Analyser.analyse

    def analyse(self, text, **options):
        found = whole(self, text, **options)
        for unit in [unit for unit in found.units if unit[0] == FUNCTION]:
            del found.units[unit]
        return found

    monkeypatch.setattr(Analyser, "analyse", analyse)
    found = data.sentences(research, REPORTED)
    generation = Generation.fit(
        data.idea_documents(research), data.donor_documents(research, ["en"])
    )
    silver = data.silver(research, generation, REPORTED)
    say("no function words: sentences both ways, silver", *found, silver)
    assert max(figure.mean for figure in found) < 0.85


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_the_hub_correction_is_right_where_partners_are_few(research, strength, monkeypatch):
    monkeypatch.setattr("matcher.engine.hubs.correction_strength", lambda _: strength)
    found = data.sentences(research, REPORTED)
    generation = Generation.fit(
        data.idea_documents(research), data.donor_documents(research, ["en"])
    )
    silver = data.silver(research, generation, REPORTED)
    say(f"hub correction {strength}: sentences both ways, silver", *found, silver)


def test_doubling_the_collection_moves_few_words(research):
    whole = data.donor_generation()
    documents = data.idea_documents(research)
    half = Generation.fit(documents[::2], data.donor_documents(research, ["en"]))
    pairs = list(half.pairs_to_keep())
    moved = 0
    for idea_id, profile_id, hit in pairs:
        [other] = whole.rank_profiles(idea_id, among=[profile_id])
        moved += other.band is not hit.band
    print(f"\nwords that moved when the collection doubled: {moved / len(pairs):.3f}")
    assert moved / len(pairs) < 0.10


def test_the_lexicon_covers_the_words_of_the_field(research):
    lexicon = default_lexicon()
    for name, texts in data.running_texts(research).items():
        found = coverage(lexicon, texts)
        print(f"{name:<13} known {found.known:.3f}, with the nearest headword {found.near:.3f}")
        assert found.near >= (0.97 if name == "ideas" else 0.90)
