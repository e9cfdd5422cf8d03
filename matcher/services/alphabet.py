"""The order of names: the Ukrainian alphabet, which no database of ours knows by itself."""

from __future__ import annotations

LETTERS = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
PLACES = {letter: 0x430 + place for place, letter in enumerate(LETTERS)}
UNHEARD = str.maketrans("", "", "’'ʼ«»“”\"()")


def sort_key(name: str) -> tuple[int, ...]:
    """Return what names are sorted by: Latin letters first, then Є after Е, І after И."""
    plain = name.casefold().translate(UNHEARD).strip()
    return tuple(PLACES.get(letter, ord(letter)) for letter in plain)
