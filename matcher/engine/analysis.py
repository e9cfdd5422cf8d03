"""From a text to its units: keys and phrases with their places, and the words to spell-compare."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from matcher.engine.lexicon import JOIN, Lexicon, number_key
from matcher.engine.stem import KeyTable
from matcher.engine.text import TOKEN

Span = tuple[int, int]
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
    """Analyses texts with one lexicon and one table of known forms."""

    def __init__(self, lexicon: Lexicon, table: KeyTable | None = None) -> None:
        self.lexicon = lexicon
        self.table = table if table is not None else KeyTable()

    def analyse(self, text: str, *, with_spans: bool = False) -> Analysis:
        """Return the units of ``text``; any string will do, the empty one included."""
        keys, spans, spellings = self._keys(text)
        result = Analysis()
        result.units.update(key for key in keys if key)
        result.spellings.update(word for word in spellings if word)
        phrases = self._phrases(keys)
        result.units.update(JOIN.join(keys[start:end]) for start, end in phrases)
        if with_spans:
            for key, span, word in zip(keys, spans, spellings, strict=True):
                if key:
                    result.unit_spans.setdefault(key, []).append(span)
                if word:
                    result.spelling_spans.setdefault(word, []).append(span)
            for start, end in phrases:
                whole = (spans[start][0], spans[end - 1][1])
                result.unit_spans.setdefault(JOIN.join(keys[start:end]), []).append(whole)
        return result

    def _keys(self, text: str) -> tuple[list[str], list[Span], list[str]]:
        """Keys in order without stop words, with sentence breaks, their spans and spellings."""
        keys: list[str] = []
        spans: list[Span] = []
        spellings: list[str] = []
        for match in TOKEN.finditer(text):
            start = match.start()
            if match.lastgroup == "word":
                for key in self.table.keys(match.group()):
                    if key.key:
                        keys.append(key.key)
                        spans.append((start + key.start, start + key.end))
                        spellings.append(key.spelling)
            else:
                number = match.lastgroup == "number"
                keys.append(number_key(match.group()) if number else _BREAK)
                spans.append(match.span())
                spellings.append("")
        return keys, spans, spellings

    def _phrases(self, keys: list[str]) -> list[tuple[int, int]]:
        """Longest lexicon phrases from left to right, not overlapping, as index ranges."""
        by_first = self.lexicon.phrases
        found: list[tuple[int, int]] = []
        position = 0
        while position < len(keys):
            for phrase in by_first.get(keys[position], ()):
                end = position + len(phrase)
                if tuple(keys[position:end]) == phrase:
                    found.append((position, end))
                    position = end
                    break
            else:
                position += 1
        return found
