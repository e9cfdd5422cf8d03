"""From a word to its key: lemma, then a light stem; one function for texts and lexicon alike."""

from __future__ import annotations

import re
from typing import NamedTuple

import simplemma
import snowballstemmer

from matcher.engine.stopwords import ENGLISH, FUNCTION, FUNCTION_KEYS, UKRAINIAN
from matcher.engine.text import Piece, is_cyrillic, pieces_of, spelling_of

_PORTER2 = snowballstemmer.stemmer("english")
# Past forms that the dictionary leaves as they are or takes for another word.
_IRREGULAR = {
    **{"went": "go", "gone": "go", "felt": "feel", "left": "leave", "found": "find"},
    **{"given": "give", "thought": "think", "spoke": "speak", "broke": "break", "drove": "drive"},
    **{"fell": "fall", "ran": "run", "shot": "shoot", "won": "win", "drunk": "drink"},
    **{"wives": "wife", "worse": "bad", "worst": "bad"},
}
_MUTE = "'ьъ"  # signs that are spelt like nothing in Latin letters
_ACRONYMS = frozenset({"us", "who", "it"})
_MAX_FORMS = 400_000  # forms kept; a bound for a long-lived process, far above a real vocabulary
_MAX_WORD = 60  # letters looked at; longer ones are noise (hashes, keyboard rolls)

# Endings by what must be left of the word; the longest that fits goes. Order inside a group is
# of no account. Written for this project: inflection first, then the suffixes that tie a verb,
# its noun and its participle together (забезпечити, забезпечення, забезпечений).
_INFLECTION = re.compile(
    r"(?:ями|ами|ові|еві|єві|ього|ого|ьому|ому|ьої|ої|ими|іми|ах|ях|ам|ям|ів|їв|ом|ем|єм|ою|ею|єю"
    r"|ий|ій|їй|им|ім|їм|их|іх|їх|ей|а|я|о|е|є|у|ю|и|і|ї|ь|й)$"
)
_QUALITY = re.compile(r"(?:ість|ості|істю|остей|остям|остями|остях)$")
_VERB = re.compile(
    r"(?:увати|ювати|ував|ювала|увала|ували|ювали|ують|юють|ується|уються|уються|ує|ює|уючи|юючи)$"
)
_INFINITIVE = re.compile(r"(?:ати|яти|ити|іти|їти|ути|ти)$")
_REFLEXIVE = re.compile(r"(?<=[тлвеиюєійаую])(?:ся|сь)$")
_SHORT = 6  # letters up to which a lemma of the dictionary is a key by itself
_STRESS = "\u0301"  # some lemmas of the dictionary carry it
_CLOSED = re.compile(r"(?:(?<=г)і(?=н$)|і(?=[бвгджзклмпрстфхцч]$))")  # not the names in -ін
_COMPARED = re.compile(r"^(?:най)?(.{4,})іш$")
_CONTRACTION = re.compile(r"'(?:s|m|re|ve|ll|d|t)$")
_FLEETING = re.compile(r"(?<=[бвгджзклмнпрстфхчшщ])ц$")
_PARTICIPLE = re.compile(r"(?:ован|юван|уван|йован)$")


class Key(NamedTuple):
    """What a form is compared by.

    ``key`` is empty for a stop word, which counts for nothing; ``spelling`` is the romanised
    form whose character grams are compared, empty for a function word.
    """

    start: int
    end: int
    key: str
    spelling: str


def stem_ukrainian(lemma: str) -> str:
    """Return the light stem of a lower-case Ukrainian lemma or unknown form.

    At least three letters stay; words of up to three letters are returned as they are.
    """
    word = _REFLEXIVE.sub("", lemma) if len(lemma) > 5 else lemma
    word = word.replace("'", "")
    if len(word) <= 3:
        return word
    for pattern, left, replacement in (
        (_QUALITY, 4, ""),
        (_VERB, 3, "ув"),
        (_INFINITIVE, 3, ""),
        (_INFLECTION, 3, ""),
    ):
        match = pattern.search(word)
        if match and match.start() >= left:
            word = word[: match.start()] + replacement
            break
    compared = _COMPARED.match(word)
    word = compared.group(1) if compared else _stem_derivation(word)
    # водогін, водогону: i of a closed syllable; переселенець, переселенців: the fleeting e.
    if len(word) >= 5:
        word = _CLOSED.sub("о", word)
    return _FLEETING.sub("ец", word)


def _stem_derivation(word: str) -> str:
    """Join verbal nouns and participles to their verb: забезпеченн, забезпечен -> забезпеч."""
    match = _PARTICIPLE.search(word)
    if match and match.start() >= 4:
        return word[: match.start()] + "ув"
    for suffix in ("уванн", "юванн"):
        if word.endswith(suffix) and len(word) >= len(suffix) + 3:
            return word[: -len(suffix)] + "ув"
    for suffix in ("анн", "янн", "енн", "інн", "єнн", "ен", "єн"):
        if word.endswith(suffix) and len(word) >= len(suffix) + 4:
            return word[: -len(suffix)]
    return word


def _ukrainian_key(form: str) -> str:
    # The dictionary knows the spelling before the reform of 2019, writers use both.
    word = form.replace("проєкт", "проект").replace("ґ", "г")
    # What the dictionary does not hold it guesses by rules that were made for other languages.
    if simplemma.is_known(word, lang="uk"):
        word = simplemma.lemmatize(word, lang="uk").lower().replace(_STRESS, "")
        if len(word) <= _SHORT:  # a stem would join вода and водій, місто and міст
            return "" if word in UKRAINIAN else word.replace("'", "")
    return "" if word in UKRAINIAN else stem_ukrainian(word)


def _english_key(form: str) -> str:
    word = form.replace("'", "")
    lemma = _IRREGULAR.get(word) or simplemma.lemmatize(word, lang="en").lower()
    return str(_PORTER2.stemWord(lemma))


def key_of(form: str) -> str:
    """Return the key of one clean form, its case kept; empty for a stop word or one letter.

    A function word has the key of its group, which begins with ``FUNCTION``. A short word in
    capitals that would be one otherwise (US, WHO, IT) keeps its capitals and is none.
    """
    word = form.lower()[:_MAX_WORD]
    if word in _ACRONYMS and form.isupper():
        return form
    if "'" in word and word.isascii():
        word = "not" if word.endswith("n't") else _CONTRACTION.sub("", word)
    if word in FUNCTION_KEYS:
        return "" if form[0] == "i" and word == "i" else FUNCTION_KEYS[word]
    if len(word) < 2 or not word.strip(_MUTE) or word in ENGLISH or word in UKRAINIAN:
        return ""
    return _ukrainian_key(word) if is_cyrillic(word) else _english_key(word)


class KeyTable:
    """Raw token -> keys, each analysed once: analysis is by far the dearest step.

    Parameters
    ----------
    packed : dict, optional
        What ``packed`` returned before, in another process perhaps.
    """

    def __init__(self, packed: dict[str, str] | None = None) -> None:
        self._keys: dict[str, tuple[Key, ...]] = {}
        self._content: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._packed = packed or {}

    def __len__(self) -> int:
        return len(self._packed.keys() | self._keys.keys())

    def packed(self) -> dict[str, str]:
        """Return all forms with their keys in one text each, for a file."""
        return self._packed | {raw: _pack(keys) for raw, keys in self._keys.items()}

    def keys(self, raw: str) -> tuple[Key, ...]:
        """Return the keys of a raw token, spans relative to it; stop words have an empty key."""
        found = self._keys.get(raw)
        if found is None:
            if len(self._keys) >= _MAX_FORMS:
                self._keys.clear()
                self._content.clear()
            packed = self._packed.get(raw)
            found = tuple(self._analyse(raw)) if packed is None else _unpack(packed)
            if len(raw) <= _MAX_WORD:
                self._keys[raw] = found
        return found

    def content(self, raw: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the keys of a raw token that are no stop words, and their spellings."""
        found = self._content.get(raw)
        if found is None:
            keys = [key for key in self.keys(raw) if key.key]
            spellings = tuple(key.spelling for key in keys if key.spelling)
            found = tuple(key.key for key in keys), spellings
            if len(raw) <= _MAX_WORD:
                self._content[raw] = found
        return found

    def _analyse(self, raw: str) -> list[Key]:
        pieces = pieces_of(raw)
        if len(pieces) > 1:
            pieces = _joined(pieces, at_line_end="\n" in raw or "¬" in raw)
        keys = []
        for start, end, form in pieces:
            key = key_of(form)
            has_spelling = key and key[0] != FUNCTION
            spelling = spelling_of(form.lower()[:_MAX_WORD]) if has_spelling else ""
            keys.append(Key(start, end, key, spelling))
        return keys


def _pack(keys: tuple[Key, ...]) -> str:
    return "\t".join(f"{start} {end} {key} {spelling}" for start, end, key, spelling in keys)


def _unpack(packed: str) -> tuple[Key, ...]:
    rows = (one.split(" ") for one in packed.split("\t") if one)
    return tuple(Key(int(start), int(end), key, spelling) for start, end, key, spelling in rows)


def _joined(pieces: list[Piece], *, at_line_end: bool) -> list[Piece]:
    """Undo hyphenation that a PDF left: one known word instead of pieces.

    Inside a line that is done only where a piece is no word by itself.
    """
    whole = "".join(piece.form for piece in pieces).lower()
    language = "uk" if is_cyrillic(whole) else "en"
    forms = [piece.form.lower() for piece in pieces]
    if not at_line_end and all(simplemma.is_known(form, lang=language) for form in forms):
        return pieces
    if simplemma.is_known(whole, lang=language):
        return [Piece(pieces[0].start, pieces[-1].end, whole)]
    return pieces
