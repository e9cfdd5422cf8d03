"""The lists of codes: whole, in order, worded in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from matcher.services import taxonomy
from matcher.services.taxonomy import Term


@pytest.mark.parametrize("read", [taxonomy.sectors, taxonomy.sdgs, taxonomy.clusters])
def test_each_code_has_words_in_both_languages(read: Callable[[], Mapping[str, Term]]) -> None:
    terms = read()
    for code, term in terms.items():
        assert code == term.code == code.strip()
        assert term.name_uk.strip()
        assert term.name_en.strip()
        assert any("а" <= letter <= "ї" for letter in term.name_uk.casefold())
    assert len({term.name_en for term in terms.values()}) == len(terms)


def test_the_goals_are_the_seventeen_in_order() -> None:
    assert list(taxonomy.sdgs()) == [str(number) for number in range(1, 18)]
    assert taxonomy.sdgs()["6"].name_en == "Clean water and sanitation"


def test_sectors_are_three_digits() -> None:
    assert all(len(code) == 3 and code.isdecimal() for code in taxonomy.sectors())
    assert "140" in taxonomy.sectors()
