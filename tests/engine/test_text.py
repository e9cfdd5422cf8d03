"""Normal form, keys and spans."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.engine.analysis import Analyser
from matcher.engine.lexicon import build_lexicon, parse_line
from matcher.engine.stem import KeyTable, key_of, stem_ukrainian
from matcher.engine.text import (
    fold_look_alikes,
    has_russian_letters,
    pieces_of,
    romanise,
    spelling_of,
)

TABLE = KeyTable()


def keys(text, lexicon):
    return Analyser(lexicon, TABLE).analyse(text).units


@pytest.mark.parametrize("apostrophe", "'’ʼ`´")
def test_all_apostrophes_give_one_key(apostrophe):
    assert TABLE.keys(f"здоров{apostrophe}я")[0].key == TABLE.keys("здоров'я")[0].key != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ЗБIР", "збір"),  # a Latin I
        ("Капiтальний", "капітальний"),
        ("проєкту", "проекти"),
        ("ґрант", "грант"),
        ("за\u0301мок", "замок"),  # a stress mark
        ("водо\u00adпостачання", "водопостачання"),  # a soft hyphen
        ("водо-\nпостачання", "водопостачання"),  # hyphenated by a PDF
        ("ак-тів", "актів"),
        ("громадою", "громади"),
        ("переміщених", "переміщені"),
        ("забезпечення", "забезпечити"),
        ("енергоефективності", "енергоефективність"),
        ("гендерної", "гендерний"),  # forms that the dictionary does not hold
        ("водогонів", "водогін"),
        ("переселенців", "переселенець"),
        ("найскладніша", "складний"),
        ("місті", "міста"),
        ("communities", "Community"),
        ("went", "goes"),
        ("wives", "wife"),
        ("school’s", "schools"),
        ("displaced", "displacing"),
        ("community's", "communities"),
    ],
)
def test_variants_meet_in_one_key(one, other):
    assert [key.key for key in TABLE.keys(one)] == [key.key for key in TABLE.keys(other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("школа", "шкода"), ("лікар", "лікоть"), ("water", "waste")),
        *(("вода", "водій"), ("місто", "міст"), ("гора", "горіх")),
    ],
)
def test_different_words_keep_different_keys(one, other):
    assert key_of(one) != key_of(other)


def test_decomposed_letters_are_composed_again():
    whole = unicodedata.normalize("NFD", "їжак йде")
    assert [key_of(piece.form) for piece in pieces_of(whole.split()[0])] == [key_of("їжак")]


def test_look_alikes_fold_towards_the_script_that_is_meant():
    assert fold_look_alikes("IДEЙ") == "ІДЕЙ"
    assert fold_look_alikes("Сovid") == "Covid"
    assert fold_look_alikes("Wi") == "Wi"
    assert fold_look_alikes("жz") == "жz"  # no twin in the other script: left alone


def test_capitals_save_an_acronym_from_the_stop_words():
    assert key_of("US") == "US"
    assert key_of("us") == key_of("we")
    assert key_of("AND") == ""


def test_stop_words_and_single_letters_have_no_key():
    assert [key_of(word) for word in ("із", "the", "з", "а", "x", "i")] == [""] * 6


@pytest.mark.parametrize(
    "forms",
    ["я мене мені", "який яка яких", "робити робив", "I me", "who whom", "do did does"],
)
def test_the_forms_of_a_function_word_share_a_key(forms):
    assert len({key_of(form) for form in forms.split()}) == 1


def test_contractions_keep_their_function_words():
    words = ("isn’t", "can't", "won't", "I'm", "we've", "it's", "they'll")
    keys = [[key.key for key in TABLE.keys(word)] for word in words]
    assert keys == [["=not"], ["=not"], ["=not"], ["=i"], ["=we"], ["=it"], ["=they"]]


def test_function_words_have_no_spelling_and_no_place_in_a_phrase(lexicon):
    analysis = Analyser(lexicon).analyse("охорона їхнього здоров’я, де хто")
    assert analysis.units["=де"] == analysis.units["=хто"] == 1
    assert "охорон_здоров" in analysis.units
    assert set(analysis.spellings) == {"ohorona", "zdorova"}


def test_a_form_is_analysed_once_and_the_table_is_bounded(monkeypatch):
    monkeypatch.setattr("matcher.engine.stem._MAX_FORMS", 2)
    table = KeyTable()
    assert table.keys("школа") is table.keys("школа")
    for word in ("вода", "міст", "ліс"):
        table.keys(word)
    assert len(table) <= 2


def test_romanisation_follows_the_standard():
    cases = {
        "згурський": "zghurskyi",
        "єнакієве": "yenakiieve",
        "їжакевич": "yizhakevych",
        "щастя": "shchastia",
        "знам'янка": "znamianka",
        "юрій": "yurii",
        "тростянець": "trostianets",
        "mariupol": "mariupol",
    }
    assert {word: romanise(word) for word in cases} == cases


def test_international_words_are_spelt_nearly_alike():
    assert spelling_of("інфраструктура")[:-1] == spelling_of("infrastructure")[:-1]
    assert spelling_of("комісія")[:5] == spelling_of("commission")[:5]


def test_russian_letters_are_noted():
    assert has_russian_letters("Ремонт крыши")
    assert not has_russian_letters("Ремонт даху")


def test_phrases_add_to_their_words(lexicon):
    units = keys("Охорона здоров'я, школа", lexicon)
    assert sum("_" in unit for unit in units) == 1
    assert {key_of("охорона"), key_of("здоров'я"), key_of("школа")} <= set(units)


def test_the_longest_phrase_that_is_there_wins_also_at_the_end():
    lines = ["a | гуманітарна допомога | aid", "b | гуманітарна допомога дітям | aid for children"]
    lexicon = build_lexicon([parse_line(line, "t", n) for n, line in enumerate(lines, 1)])
    for text, last in (("гуманітарна допомога", "допомог"), ("гуманітарна допомога дітям", "діти")):
        analysis = Analyser(lexicon).analyse(text, with_spans=True)
        [phrase] = [unit for unit in analysis.units if "_" in unit]
        assert phrase.endswith(last)
        assert analysis.unit_spans[phrase] == [(0, len(text))]


def test_phrases_cross_commas_but_not_sentences(lexicon):
    assert any("_" in unit for unit in keys("внутрішньо, переміщені особи", lexicon))
    assert not any("_" in unit for unit in keys("Охорона. Здоров'я", lexicon))


def test_spans_point_at_the_words_in_the_original(lexicon):
    text = "  Ре\u0301монт (водо-\nпостачання) — 2,5 км"
    spans = Analyser(lexicon, TABLE).analyse(text, with_spans=True).unit_spans
    found = {text[start:end] for places in spans.values() for start, end in places}
    assert {"Ре\u0301монт", "водо-\nпостачання", "2,5", "км"} <= found


def test_numbers_are_kept_apart(lexicon):
    assert {"#300", "#2.5"} <= set(keys("300 учнів, 2,5 км", lexicon))
    assert not any(unit.startswith("#") for unit in keys("E5P, N120, 110кВ", lexicon))


@given(st.text(max_size=200))
def test_any_text_has_units_with_valid_spans(lexicon, text):
    analysis = Analyser(lexicon, TABLE).analyse(text, with_spans=True)
    assert set(analysis.unit_spans) == set(analysis.units)
    for places in [*analysis.unit_spans.values(), *analysis.spelling_spans.values()]:
        assert all(0 <= start < end <= len(text) for start, end in places)


@given(st.text(alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'", max_size=40))
def test_a_stem_is_a_beginning_of_fair_length(word):
    stem = stem_ukrainian(word)
    assert len(stem) >= min(3, len(word.replace("'", "").removesuffix("ся").removesuffix("сь")))


@given(st.text(max_size=60))
def test_romanising_never_fails(text):
    for word in text.lower().split():
        assert isinstance(spelling_of(word), str)
