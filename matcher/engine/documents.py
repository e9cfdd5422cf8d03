"""What goes into the engine and what comes out: a document and a hit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from matcher.engine.bands import Band


@dataclass(frozen=True)
class Document:
    """One text to rank: a project idea or a priority profile, in any mix of languages.

    Attributes
    ----------
    id : str
        Identifier, unique among the ideas or among the profiles of one generation.
    title, text : str
        Plain text. Character spans elsewhere in the engine index into ``content``.
    """

    id: str
    title: str
    text: str

    @property
    def content(self) -> str:
        """The whole text that is analysed: the title, a line break, the text."""
        return f"{self.title}\n{self.text}"

    @property
    def content_digest(self) -> str:
        """SHA-256 of ``content`` as 64 hexadecimal digits (lone surrogates are allowed)."""
        return hashlib.sha256(self.content.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)  # a whole run keeps more than a million
class Hit:
    """One place in a ranking.

    Attributes
    ----------
    id : str
        The document that was found.
    rank : int
        1 for the best.
    score : float
        The value that sets the order: cosine minus half of both hub means; any sign.
    cosine : float
        Words + 0.5 x spelling, in [0, 1.5]; independent of the other documents' hubs.
    band : Band
        The word that stands for the score.
    above_floor : bool
        Whether the pair is worth a person's look in its generation.
    """

    id: str
    rank: int
    score: float
    cosine: float
    band: Band
    above_floor: bool = True
