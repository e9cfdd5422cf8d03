"""From a text to its units: keys and phrases with their places, and the words to spell-compare."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from matcher.engine.lexicon import JOIN, Lexicon, number_key
from matcher.engine.stem import KeyTable
from matcher.engine.stopwords import FUNCTION
from matcher.engine.text import TOKEN

Span = tuple[int, int]
Phrase = tuple[int, int, str]  # first key, end, unit; function words are not counted
_BREAK = ""  # the end of a sentence, which no phrase crosses


@dataclass
class Analysis:
    """The units of one text.

    Attributes
    ----------
    units : Counter
        Key or phrase -> how often it occurs. A phrase adds to its words, it never replaces them.
    spellings : Counter
        Romanised word form -> how often it occurs; stop words and numbers left out.
    unit_spans, spelling_spans : dict
        Where they stand in the text; empty unless asked for.
    """

    units: Counter[str] = field(default_factory=Counter)
    spellings: Counter[str] = field(default_factory=Counter)
    unit_spans: dict[str, list[Span]] = field(default_factory=dict)
    spelling_spans: dict[str, list[Span]] = field(default_factory=dict)


class Analyser:
    """Analyses texts with one lexicon; forms are looked up in the lexicon's table of known ones."""

    def __init__(self, lexicon: Lexicon, table: KeyTable | None = None) -> None:
        self.lexicon = lexicon
        self.table = table if table is not None else lexicon.table

    def analyse(self, text: str, *, with_spans: bool = False) -> Analysis:
        """Return the units of ``text``; any string will do, the empty one included."""
        keys, spellings = self._keys(text)
        phrases = self._phrases([key for key in keys if key[:1] != FUNCTION])
        result = Analysis(Counter(keys), Counter(spellings))
        del result.units[_BREAK]
        if phrases:
            result.units.update([unit for _, _, unit in phrases])
        if with_spans:
            self._place(text, result, phrases)
        return result

    def _keys(self, text: str) -> tuple[list[str], list[str]]:
        """Keys in order without stop words, sentence breaks among them; spellings in order."""
        keys: list[str] = []
        spellings: list[str] = []
        content = self.table.content
        for word, number, _ in TOKEN.findall(text):
            if word:
                found = content(word)
                keys += found[0]
                spellings += found[1]
            else:
                keys.append(number_key(number) if number else _BREAK)
        return keys, spellings

    def _place(self, text: str, result: Analysis, phrases: list[Phrase]) -> None:
        """Note where units and spellings stand; walks the tokens as ``_keys`` does."""
        spans: list[Span] = []
        for match in TOKEN.finditer(text):
            start = match.start()
            if match.lastgroup != "word":
                spans.append(match.span())
                if match.lastgroup == "number":
                    _add(result.unit_spans, number_key(match.group()), match.span())
                continue
            for key in self.table.keys(match.group()):
                if not key.key:
                    continue
                span = start + key.start, start + key.end
                _add(result.unit_spans, key.key, span)
                if key.spelling:
                    _add(result.spelling_spans, key.spelling, span)
                if key.key[0] != FUNCTION:
                    spans.append(span)
        for first, end, unit in phrases:
            _add(result.unit_spans, unit, (spans[first][0], spans[end - 1][1]))

    def _phrases(self, keys: list[str]) -> list[Phrase]:
        """Longest lexicon phrases from left to right, not overlapping."""
        phrases, lengths = self.lexicon.phrases, self.lexicon.phrase_lengths
        found: list[Phrase] = []
        done = 0
        for position, key in enumerate(keys):
            if position < done or key not in lengths:
                continue
            for length in lengths[key]:
                phrase = tuple(keys[position : position + length])
                if len(phrase) == length and phrase in phrases:
                    done = position + length
                    found.append((position, done, JOIN.join(phrase)))
                    break
        return found


def _add(spans: dict[str, list[Span]], unit: str, span: Span) -> None:
    spans.setdefault(unit, []).append(span)
