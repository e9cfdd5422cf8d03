"""Money, numbers, dates and names as readers of both languages see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from matcher.web import filters

NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)  # in Kyiv it is already 23 November


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config["CLOCK"] = lambda: NOW
    Babel(app, locale_selector=lambda: "uk")
    filters.register(app)
    return app


@pytest.fixture(params=["uk"])
def language(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context(), force_locale(request.param):
        yield request.param


uk = pytest.mark.parametrize("language", ["uk"], indirect=True)
en = pytest.mark.parametrize("language", ["en"], indirect=True)
both = pytest.mark.parametrize("language", ["uk", "en"], indirect=True)
pytestmark = pytest.mark.usefixtures("language")


@uk
@pytest.mark.parametrize(
    ("amount", "currency", "short", "written"),
    [
        (Decimal(85000), "EUR", False, "85\u00a0000\u00a0€"),
        (Decimal("85000.50"), "EUR", False, "85\u00a0000,50\u00a0€"),
        (Decimal(68_510_000), "UAH", False, "68\u00a0510\u00a0000\u00a0грн"),
        (Decimal(1_900_000), "EUR", True, "1,9\u00a0млн\u00a0€"),
        (Decimal(2_000_000), "USD", True, "2\u00a0млн\u00a0$"),
        (Decimal(999_999_999), "EUR", True, "1\u00a0млрд\u00a0€"),
        (Decimal(85_000), "EUR", True, "85\u00a0000\u00a0€"),
        (Decimal(-5), "CHF", False, "−5\u00a0CHF"),
        (Decimal(0), "EUR", False, "0\u00a0€"),
        (Decimal(7), None, False, "7"),
    ],
)
def test_a_sum_reads_as_ukrainians_write_it(amount, currency, short, written):
    assert filters.money(amount, currency, short) == written


@en
@pytest.mark.parametrize(
    ("amount", "currency", "short", "written"),
    [
        (Decimal(85000), "EUR", False, "€85,000"),
        (Decimal("85000.50"), "EUR", False, "€85,000.50"),
        (Decimal(85000), "UAH", False, "UAH\u00a085,000"),
        (Decimal(1_900_000), "EUR", True, "€1.9m"),
        (Decimal(-5), "USD", False, "−$5"),
        (None, "EUR", False, "not stated"),
    ],
)
def test_a_sum_reads_as_english_donors_write_it(amount, currency, short, written):
    assert filters.money(amount, currency, short) == written


@en
def test_a_range_words_its_open_ends():
    low, high = Decimal(50_000), Decimal(250_000)
    assert filters.money_range(low, high) == "€50,000\u00a0– €250,000"
    assert filters.money_range(low, None) == "from €50,000"
    assert filters.money_range(None, high) == "up to €250,000"
    assert filters.money_range(low, low) == "€50,000"
    assert filters.money_range(None, None) == "any amount"


@uk
def test_numbers_and_shares_keep_their_parts_together():
    assert filters.number(12400) == "12\u00a0400"
    assert filters.number(0.25, 2) == "0,25"
    assert filters.number(None) == "not stated"
    assert filters.percent(0.125) == "13\u00a0%"
    assert filters.percent(10, of=100) == "10\u00a0%"
    assert filters.percent(None) == "not stated"


@en
def test_a_share_in_english_has_no_space():
    assert filters.percent(Decimal("0.5")) == "50%"


@both
def test_a_date_follows_the_language(language):
    written = {"uk": "22\u00a0листопада 2026\u00a0р.", "en": "22\u00a0November 2026"}
    assert filters.day(date(2026, 11, 22)) == written[language]
    assert filters.day(None) == "not stated"


@both
def test_a_moment_is_shown_in_kyiv_in_winter_and_in_summer(language):
    end = {"uk": "\u00a0р.", "en": ""}[language]
    assert filters.moment(NOW).endswith(f"2026{end}, 00:30")
    assert filters.moment(NOW).startswith("23")
    assert filters.moment(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)).endswith(", 12:00")
    assert filters.moment(datetime(2026, 7, 1, 9, 0, tzinfo=UTC).replace(tzinfo=None)).endswith(
        ", 12:00"
    )
    assert filters.moment(None) == "not stated"


@uk
def test_the_past_and_the_future_are_told_apart():
    assert filters.ago(NOW - timedelta(hours=3)) == "3 години тому"
    assert filters.ago(NOW + timedelta(days=2)) == "через 2 дні"
    assert filters.ago(NOW - timedelta(seconds=20)) == "just now"
    assert filters.ago(None) == "never"
    assert filters.ago((NOW - timedelta(hours=3)).replace(tzinfo=None)) == "3 години тому"


@en
@pytest.mark.parametrize(
    ("closes", "ending"),
    [
        (date(2026, 11, 22), ", over"),
        (date(2026, 11, 23), ", today until 24:00"),
        (date(2026, 11, 24), ", 1 day left"),
        (date(2026, 11, 30), ", 7 days left"),
    ],
)
def test_a_deadline_counts_days_of_kyiv_and_includes_its_own(closes, ending):
    assert filters.deadline(closes) == filters.day(closes) + ending


@en
def test_no_date_is_no_deadline():
    assert filters.deadline(None) == "no deadline"
    assert filters.days_left(None) is None
    assert filters.days_left(NOW, on=date(2026, 11, 20)) == 3


@both
def test_a_name_is_taken_in_the_readers_language_else_in_the_other(language):
    both_names = SimpleNamespace(name_uk="Громада", name_en="Hromada")
    assert filters.localised(both_names, "name") == {"uk": "Громада", "en": "Hromada"}[language]
    only_english = {"name_uk": "", "name_en": "Fund"}
    assert filters.localised(only_english, "name") == "Fund"
    assert filters.localised_lang(only_english, "name") == "en"
    assert filters.localised(None, "name") == ""


@uk
@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("школа — це місце", "школа\u00a0— це місце"),
        ("ліцей № 5", "ліцей №\u00a05"),
        ("85 000 євро", "85\u00a0000\u00a0євро"),
        ("вода у школі та в лікарні", "вода у\u00a0школі та в\u00a0лікарні"),
        ("сім’я і я", "сім’я і\u00a0я"),
        ("2026 5 шкіл", "2026 5 шкіл"),
        ("", ""),
        (None, ""),
    ],
)
def test_what_belongs_together_is_not_torn(text, bound):
    assert filters.nbsp(text) == bound


@given(st.text(alphabet=st.sampled_from("ав 12—№%€<&'я.\n\t"), max_size=60))
def test_binding_changes_spaces_only_and_once_is_enough(text):
    bound = filters.nbsp(text)
    assert bound.replace("\u00a0", "").replace(" ", "").replace("\t", "") == text.replace(
        " ", ""
    ).replace("\t", "")
    assert filters.nbsp(bound) == bound


def test_an_address_keeps_its_other_arguments():
    args = MultiDict([("view", "old"), ("sector", "140"), ("sector", "220"), ("page", "3")])
    assert filters.with_query(args, page=4) == "?view=old&sector=140&sector=220&page=4"
    assert filters.with_query(args, page=None, view=None) == "?sector=140&sector=220"
    assert filters.with_query(MultiDict()) == "?"


@pytest.mark.parametrize("name", ["_external", "_scheme", "_anchor", "endpoint", "self"])
def test_arguments_that_mean_something_to_url_for_are_only_text(name):
    args = MultiDict([(name, "javascript://x")])
    assert filters.with_query(args, page=2) == f"?{name}=javascript%3A%2F%2Fx&page=2"


def test_every_filter_is_registered_under_its_name(app):
    assert {function.__name__ for function in filters.FILTERS} <= set(app.jinja_env.filters)
