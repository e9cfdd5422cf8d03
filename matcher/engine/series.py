"""Series: titles that say the same but for a number, such as one request for each house."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

from matcher.engine.stem import KeyTable
from matcher.engine.stopwords import FUNCTION
from matcher.engine.text import TOKEN

T = TypeVar("T", bound=Hashable)
_FEWEST_WORDS = 3  # fewer say too little: "Ремонт школи 5" and "Ремонт школи 7" are two schools


def wording_of(title: str, table: KeyTable) -> tuple[str, ...]:
    """Return the keys of a title without numbers, single letters, stop and function words.

    Empty where fewer than three are left: such a title belongs to no series.
    """
    keys = [
        key for word, _, _ in TOKEN.findall(title) if word for key in table.content(word)[0]
        if key[0] != FUNCTION
    ]  # fmt: skip
    return tuple(keys) if len(keys) >= _FEWEST_WORDS else ()


def series_of(titles: Sequence[tuple[T, str]], table: KeyTable) -> list[list[T]]:
    """Group documents whose titles differ by numbers alone.

    Parameters
    ----------
    titles : sequence of (identifier, title)
    table : KeyTable
        Where analysed forms are kept.

    Returns
    -------
    list of list
        Every identifier once, in the order of the first of its group.
    """
    groups: dict[Hashable, list[T]] = {}
    for identifier, title in titles:
        wording = wording_of(title, table)
        groups.setdefault(wording or (None, identifier), []).append(identifier)
    return list(groups.values())
