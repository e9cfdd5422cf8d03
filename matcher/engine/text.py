"""From characters to tokens: normal form, script, spans in the original text."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# A letter with the marks that may follow it: combining accents, soft hyphen, zero-width joiners.
_MARKS = "[\u0300-\u036f\u00ad\u200b-\u200d\u2060]{0,8}"  # more are no writing
_LETTER = rf"[^\W\d_]{_MARKS}"
_APOSTROPHES = "'’ʼ`´‘ʹ＇"
# Inside a word: an apostrophe, a hyphen, or the hyphen that a PDF leaves at the end of a line.
_JOINT = rf"(?:[{_APOSTROPHES}]|[-‐‑](?:[ \t]*\r?\n[ \t]*)?|¬[ \t]*(?:\r?\n[ \t]*)?)"
TOKEN = re.compile(
    rf"(?P<word>{_LETTER}(?:{_JOINT}?{_LETTER})*)"
    r"|(?P<number>(?<![^\W_])(?<!\d[.,])\d++(?:[.,]\d++)*+(?![^\W_]))"  # not the 5 of E5P
    r"|(?P<stop>[.!?;:]+)"
)
_PIECE = re.compile(rf"(?:{_LETTER}|[{_APOSTROPHES}](?=[^\W\d_]))+")
_DROPPED = re.compile("[\u0300\u0301\u00ad\u200b-\u200d\u2060]")  # stress marks, the invisible
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")

# Latin letters that look like Cyrillic ones; people and scanners mix them inside one word.
_LATIN_LOOKS = str.maketrans("aceiopxykABCEHIKMOPTXYS", "асеіорхукАВСЕНІКМОРТХУЅ")
_CYRILLIC_LOOKS = str.maketrans("асеіорхукАВСЕНІКМОРТХУ", "aceiopxykABCEHIKMOPTXY")
_LATIN_ALIKE = frozenset("aceiopxykABCEHIKMOPTXY")
_CYRILLIC_ALIKE = frozenset("асеіорхукАВСЕНІКМОРТХУ")
_RUSSIAN = frozenset("ыэъё")

# The official romanisation: Cabinet of Ministers resolution No. 55 of 27 January 2010;
# the letters of Russian words that are not Ukrainian follow passport practice.
_ROMAN = {
    **{"а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "ж": "zh", "з": "z"},
    **{"и": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s"},
    **{"т": "t", "у": "u", "ф": "f", "ц": "ts", "ч": "ch", "ш": "sh"},
    **{"і": "i", "х": "kh", "щ": "shch", "ь": "", "є": "ie", "ї": "i", "й": "i", "ю": "iu"},
    **{"я": "ia", "ы": "y", "э": "e", "ъ": "", "ё": "io", "'": ""},
}
_ROMAN_FIRST = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}


class Piece(NamedTuple):
    """A word of one script inside a token; ``start`` and ``end`` count from the token's start."""

    start: int
    end: int
    form: str


def is_cyrillic(word: str) -> bool:
    """Tell whether the first letter of ``word`` that has a script is Cyrillic."""
    return any("\u0400" <= letter <= "\u052f" for letter in word[:2])


def has_russian_letters(text: str) -> bool:
    """Tell whether ``text`` holds letters that Russian has and Ukrainian has not."""
    return any(letter in _RUSSIAN for letter in text.lower())


def _clean(raw: str) -> str:
    """NFC, without stress marks and invisible characters, one kind of apostrophe."""
    if raw.isascii():
        return raw
    # Taken apart first, so that a composed letter with a stress mark loses the mark alone.
    dropped = _DROPPED.sub("", unicodedata.normalize("NFD", raw))
    return _APOSTROPHE.sub("'", unicodedata.normalize("NFC", dropped))


def fold_look_alikes(word: str) -> str:
    """Return ``word`` in one script if the letters of the other all have a twin in it."""
    if word.isascii():
        return word
    latin = {letter for letter in word if letter.isascii() and letter.isalpha()}
    if not latin:
        return word
    cyrillic = {letter for letter in word if "\u0400" <= letter <= "\u052f"}
    if not cyrillic:
        return word
    if latin <= _LATIN_ALIKE and not (cyrillic <= _CYRILLIC_ALIKE and len(latin) > len(cyrillic)):
        return word.translate(_LATIN_LOOKS)
    if cyrillic <= _CYRILLIC_ALIKE:
        return word.translate(_CYRILLIC_LOOKS)
    return word


def pieces_of(raw: str) -> list[Piece]:
    """Split a raw token at its hyphens; each piece is clean, folded, its case kept.

    Parameters
    ----------
    raw : str
        A match of the ``word`` group of ``TOKEN``, as it stands in the text.

    Returns
    -------
    list of Piece
        In the order of the text, spans relative to ``raw``; at least one.
    """
    return [
        Piece(match.start(), match.end(), fold_look_alikes(_clean(match.group())))
        for match in _PIECE.finditer(raw)
    ]


def romanise(word: str) -> str:
    """Return a lower-case word in Latin letters after the Ukrainian standard of 2010.

    Latin words pass through unchanged; apostrophes and soft signs vanish.
    """
    if word.isascii():
        return word.replace("'", "")
    word = word.replace("зг", "зgh")
    first = _ROMAN_FIRST.get(word[0])
    start = first if first is not None else _ROMAN.get(word[0], word[0])
    return start + "".join(_ROMAN.get(letter, letter) for letter in word[1:])


# Letters that stand for one sound in the two spellings of an international word.
_SOUNDS = (
    *(("ph", "f"), ("th", "t"), ("kh", "h"), ("ck", "k"), ("c", "k"), ("qu", "kv"), ("x", "ks")),
    *(("y", "i"), ("w", "v"), ("ie", "e"), ("ia", "a"), ("iu", "u"), ("j", "i")),
)
_DOUBLED = re.compile(r"(.)\1")


def spelling_of(word: str) -> str:
    """Return a lower-case word as its spelling is compared: romanised, folded to its sound.

    infrastructure and інфраструктура meet as infrastrukture and infrastruktura.
    """
    folded = romanise(word)
    for letters, sound in _SOUNDS:
        folded = folded.replace(letters, sound)
    return _DOUBLED.sub(r"\1", folded)
