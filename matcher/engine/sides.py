"""One side of a generation: its documents as rows, frozen at fitting, and what came after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, vstack

from matcher.engine.documents import Document


@dataclass(frozen=True)
class Row:
    """One analysed document: its vector in float32, its hub mean, its number of known terms."""

    ids: NDArray[np.int32]
    values: NDArray[np.float32]
    hub: np.float32
    known_terms: int
    content_digest: str


def to_csr(rows: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]], width: int) -> csr_matrix:
    """Stack rows of ascending dimensions to a matrix of shape (len(rows), width)."""
    indptr = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(ids) for ids, _ in rows], out=indptr[1:])
    if not rows:
        return csr_matrix((0, width), dtype=np.float32)
    indices = np.concatenate([ids for ids, _ in rows])
    data = np.concatenate([values for _, values in rows])
    return csr_matrix((data, indices, indptr), shape=(len(rows), width))


class _Now(NamedTuple):
    """What is in at present: ``order`` picks from the fitted documents and the added ones."""

    ids: list[str]
    order: NDArray[np.int64]
    added: csr_matrix
    hubs: NDArray[np.float32]
    known_terms: NDArray[np.int64]


@dataclass
class Side:
    """The ideas, or the profiles, of a generation.

    ``learnt`` names the fitted profiles that lean towards what was decided about them.

    The fitted matrix and hub means never change: hub means of later documents are taken over
    them, so that no order of additions and removals can change a stored value. (Words that were
    unseen at the fit are numbered as they come: scores between two later documents may differ
    in the last bit by the order of their arrival.)
    """

    fitted_ids: list[str]
    fitted: csr_matrix
    hubs: NDArray[np.float32]
    known_terms: NDArray[np.int64]
    content_digests: list[str]
    added: dict[str, Row] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    learnt: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._place = {identifier: row for row, identifier in enumerate(self.fitted_ids)}
        self._columns: csc_matrix | None = None
        self._forget()

    def _forget(self) -> None:
        self._now: _Now | None = None
        self._matrix: csr_matrix | None = None

    def __contains__(self, identifier: str) -> bool:
        if identifier in self.added:
            return True
        return identifier in self._place and identifier not in self.removed

    @property
    def ids(self) -> list[str]:
        """Identifiers of the documents that are in now, ascending."""
        return self._current().ids

    def add(self, identifier: str, row: Row) -> None:
        """Put a document in; one of the same identifier is replaced."""
        self.learnt.discard(identifier)
        if identifier in self._place:
            self.removed.add(identifier)
        self.added[identifier] = row
        self._forget()

    def remove(self, identifier: str) -> None:
        """Take a document out; KeyError if it is not in."""
        if identifier not in self:
            raise KeyError(identifier)
        self.learnt.discard(identifier)
        if identifier in self._place:
            self.removed.add(identifier)
        self.added.pop(identifier, None)
        self._forget()

    def row(self, identifier: str) -> Row:
        """Return a document that is in now; KeyError if it is not."""
        if identifier in self.added:
            return self.added[identifier]
        if identifier not in self:
            raise KeyError(identifier)
        place = self._place[identifier]
        start, end = self.fitted.indptr[place], self.fitted.indptr[place + 1]
        return Row(
            self.fitted.indices[start:end],
            self.fitted.data[start:end],
            self.hubs[place],
            int(self.known_terms[place]),
            self.content_digests[place],
        )

    def same(self, document: Document) -> Row | None:
        """Return the row of a document if just this text is in under its identifier."""
        if document.id not in self:
            return None
        row = self.row(document.id)
        return row if row.content_digest == document.content_digest else None

    def _current(self) -> _Now:
        """Put together what is in now; the fitted documents stay where they are."""
        if self._now is None:
            added = sorted(self.added)
            rows = [self.added[identifier] for identifier in added]
            gone = self.removed - set(added)
            ids = sorted({*self.fitted_ids, *added} - gone) if added or gone else self.fitted_ids
            # Added ones come last in the stacks below, also those that replace a fitted one.
            stacked = self._place | {one: len(self._place) + n for n, one in enumerate(added)}
            self._now = _Now(
                ids,
                np.array([stacked[identifier] for identifier in ids], dtype=np.int64),
                to_csr([(row.ids, row.values) for row in rows], self._width(rows)),
                np.concatenate([self.hubs, np.array([row.hub for row in rows], np.float32)]),
                np.concatenate(
                    [self.known_terms, np.array([row.known_terms for row in rows], int)]
                ),
            )
        return self._now

    def _width(self, rows: Sequence[Row]) -> int:
        last = (int(row.ids[-1]) + 1 for row in rows if len(row.ids))
        return max([int(self.fitted.shape[1]), *last])

    @property
    def matrix(self) -> csr_matrix:
        """Rows of the documents that are in now, in the order of ``ids``."""
        if self._matrix is None:
            now = self._current()
            if now.ids is self.fitted_ids:
                self._matrix = self.fitted
            else:
                shape = (self.fitted.shape[0], now.added.shape[1])
                parts = (self.fitted.data, self.fitted.indices, self.fitted.indptr)
                both = vstack([csr_matrix(parts, shape=shape), now.added], format="csr")
                self._matrix = both[now.order]
        return self._matrix

    @property
    def current_hubs(self) -> NDArray[np.float32]:
        """Hub means in the order of ``ids``."""
        now = self._current()
        return now.hubs[now.order]

    @property
    def current_known_terms(self) -> NDArray[np.int64]:
        """Numbers of known terms in the order of ``ids``."""
        now = self._current()
        return now.known_terms[now.order]

    def cosines(self, row: Row) -> NDArray[np.float32]:
        """Return the cosine of one document with each one that is in now."""
        now = self._current()
        both = np.concatenate([self.fitted_cosines(row), _dense_products(now.added, row)])
        return both[now.order]

    def fitted_cosines(self, row: Row) -> NDArray[np.float32]:
        """Return the cosine of one document with each fitted one.

        Only the columns of its own dimensions are touched. Products are added in the order of
        the dimensions, as the product of two sparse matrices adds them, so one pair has the same
        bits on every path.
        """
        if self._columns is None:
            self._columns = self.fitted.tocsc()
        within = row.ids < self.fitted.shape[1]
        chosen = self._columns[:, row.ids[within]]
        return np.asarray(chosen @ row.values[within], dtype=np.float32)

    def places(self, among: Iterable[str] | None) -> NDArray[np.int64]:
        """Return the rows of the identifiers in ``among`` that are in, ascending; None: all."""
        if among is None:
            return np.arange(len(self.ids))
        wanted = set(among)
        return np.array([row for row, one in enumerate(self.ids) if one in wanted], dtype=np.int64)


def _dense_products(matrix: csr_matrix, row: Row) -> NDArray[np.float32]:
    width = matrix.shape[1]
    dense = np.zeros(width, dtype=np.float32)
    within = row.ids < width
    dense[row.ids[within]] = row.values[within]
    return np.asarray(matrix @ dense, dtype=np.float32)
