"""Planted attacks: words repeated, hidden or disguised lift nothing; series are told apart."""

import pytest

from matcher.engine import Document
from matcher.engine.series import series_of, wording_of
from matcher.engine.stem import KeyTable

SCHOOL = "Облаштування укриття для учнів, ремонт підвалу школи, енергоефективність, вода"
PROFILE = "p1"  # water supply
ZERO_WIDTH = "\u200b"


def score_of(generation, text, profile=PROFILE):
    generation.add_idea(Document("attack", "", text))
    try:
        [hit] = generation.rank_ideas(profile, among=["attack"])
        return hit.score
    finally:
        generation.remove_idea("attack")


def place_of(generation, text, profile=PROFILE):
    generation.add_idea(Document("attack", "", text))
    try:
        return next(hit.rank for hit in generation.rank_ideas(profile) if hit.id == "attack")
    finally:
        generation.remove_idea("attack")


@pytest.mark.parametrize(
    "stuffing",
    [
        "водогін " * 500,
        "ВОДОГІН! водогону, водогоном; " * 100,
        "водогін\u200b \u00ad" * 300,
        "вoдoгiн " * 400,  # Latin o and i
        "водо\u0301гін " * 400,
        "\n".join(["водогін"] * 400),
    ],
    ids=["repeated", "inflected", "invisible", "look-alikes", "stressed", "lines"],
)
def test_words_repeated_in_any_dress_count_three_times(generation, stuffing):
    honest = score_of(generation, f"{SCHOOL}. Водогін, водогону, водогін.")
    assert score_of(generation, f"{SCHOOL} {stuffing}") == pytest.approx(honest, abs=0.02)


def test_stuffing_does_not_overtake_the_honest_idea(generation):
    text = f"{SCHOOL} {'водогін, насосна станція ' * 200}"
    assert place_of(generation, text) > 1


def test_the_whole_text_again_and_again_says_nothing_new(generation):
    once, often = (score_of(generation, f"{SCHOOL}. " * times) for times in (1, 40))
    assert often == pytest.approx(once, abs=1e-6)


def test_words_hidden_between_letters_are_read_as_they_look(generation):
    plain = score_of(generation, f"{SCHOOL}, водогін")
    hidden = score_of(generation, f"{SCHOOL}, {ZERO_WIDTH.join('водогін')}")
    assert hidden == pytest.approx(plain, abs=1e-6)


def test_a_pile_of_foreign_words_thins_out_every_one_of_them(generation):
    one = score_of(generation, f"{SCHOOL}, водогін")
    pile = " ".join(f"слово{number}" for number in range(300))
    assert score_of(generation, f"{SCHOOL}, водогін {pile}") < one


# Series


HOUSES = [f"Капітальний ремонт покрівлі будинку по вул. Миру, {n}" for n in (5, 7, "12а", "14/2")]


def test_titles_that_differ_by_a_house_number_are_one_series():
    titles = [*enumerate(HOUSES), (9, "Ремонт водогону в центрі міста")]
    assert series_of(titles, KeyTable()) == [[0, 1, 2, 3], [9]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HOUSES[0], "Капітальний ремонт покрівлі будинку по вул. Садовій, 5"),
        (HOUSES[0], "Поточний ремонт покрівлі будинку по вул. Миру, 5"),
        ("Школа 5", "Школа 7"),
        ("", ""),
        ("12 345", "67"),
    ],
)
def test_other_words_and_titles_of_few_words_are_no_series(one, other):
    assert series_of([(1, one), (2, other)], KeyTable()) == [[1], [2]]


def test_a_wording_knows_neither_numbers_nor_forms():
    table = KeyTable()
    one = wording_of("Ремонт даху школи № 3 на 120 учнів", table)
    assert one == wording_of("Ремонт дахів шкіл №17 на 90 учнів", table)
