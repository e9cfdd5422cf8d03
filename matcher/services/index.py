"""The engine's generation that is in force: loaded once per process, guarded by a lock."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from threading import RLock
from typing import TypeVar

import sqlalchemy as sa

from matcher.engine import (
    ENGINE_VERSION,
    Document,
    Generation,
    Hit,
    IndexCorrupt,
    Lexicon,
    default_lexicon,
)
from matcher.engine.compiled import keep_lexicon, open_lexicon
from matcher.extensions import db
from matcher.models.match import MatchRun, RunStatus
from matcher.services.documents import row_id

logger = logging.getLogger(__name__)
KEPT_GENERATIONS = 2
LEXICON = "lexicon.json"
T = TypeVar("T")


class Index:
    """Keeps one generation; derived data: what is damaged or old is fitted anew.

    Documents written after the fit are added when they are first asked for, in the frozen
    generation: they change no stored score of others.
    """

    def __init__(self, folder: Path, additions: Path | None = None) -> None:
        self.folder = folder
        self.additions = additions
        self.lock = RLock()
        self._lexicon: Lexicon | None = None
        self._in_force = (0, "")
        self._generation: Generation | None = None
        self._ids: dict[tuple[str, int], str] = {}

    @property
    def lexicon(self) -> Lexicon:
        """The built-in lexicon with the installation's additions, read once per process."""
        if self.additions is None:
            return default_lexicon()
        with self.lock:
            if self._lexicon is None:
                self._lexicon = open_lexicon([self.additions], self.folder / LEXICON)
            return self._lexicon

    def find_run(self) -> MatchRun | None:
        """Return the run whose generation is in force and can be read, or None."""
        run = self.latest_run()
        return run if run is not None and self.load(run) else None

    def latest_run(self) -> MatchRun | None:
        """Return the latest whole run of this engine's version."""
        statement = (
            sa.select(MatchRun)
            .where(MatchRun.status == RunStatus.DONE, MatchRun.engine_version == ENGINE_VERSION)
            .order_by(MatchRun.id.desc())
            .limit(1)
        )
        return db.session.scalars(statement).one_or_none()

    def load(self, run: MatchRun) -> bool:
        """Read the run's generation unless it is here already; tell whether it can be used."""
        with self.lock:
            if (run.id, run.input_digest) == self._in_force:
                return True
            try:
                self.adopt(run, Generation.load(self.folder / str(run.id), lexicon=self.lexicon))
            except (IndexCorrupt, OSError) as error:
                logger.warning("index of run %s is unusable: %s", run.id, type(error).__name__)
                return False
        return True

    def adopt(self, run: MatchRun, generation: Generation) -> None:
        """Put a generation in force in this process.

        The digest belongs to its name: a run that was rolled back leaves its id to another.
        """
        with self.lock:
            self._in_force = (run.id, run.input_digest)
            self._generation = generation
            self._ids = {("idea", row_id(name)): name for name in generation.idea_ids}
            self._ids |= {("profile", row_id(name)): name for name in generation.profile_ids}

    def store(self, run_id: int, generation: Generation) -> None:
        """Write a generation to the instance folder and drop the oldest ones."""
        generation.save(self.folder / str(run_id))
        if self.additions is not None:
            # With the forms that the fit has met, so that no other process need analyse them.
            try:
                keep_lexicon(self.lexicon, self.folder / LEXICON)
            except OSError as error:
                logger.warning("the lexicon could not be kept: %s", type(error).__name__)
        known = sorted(
            (path for path in self.folder.iterdir() if path.name.isdigit()),
            key=lambda path: int(path.name),
        )
        for path in known[:-KEPT_GENERATIONS]:
            shutil.rmtree(path, ignore_errors=True)

    def missing(self, kind: str, names: Iterable[str]) -> list[str]:
        """Return those document identifiers that the generation does not hold yet."""
        with self.lock:
            return [name for name in names if self._ids.get((kind, row_id(name))) != name]

    def add(self, kind: str, documents: Iterable[Document]) -> None:
        """Add documents or put a new revision in the place of the old one."""
        with self.lock:
            for document in documents:
                old = self._ids.get((kind, row_id(document.id)))
                if kind == "idea":
                    if old is not None:
                        self.generation.remove_idea(old)
                    self.generation.add_idea(document)
                else:
                    if old is not None:
                        self.generation.remove_profile(old)
                    self.generation.add_profile(document)
                self._ids[kind, row_id(document.id)] = document.id

    @property
    def generation(self) -> Generation:
        """The generation in force; `ranking.ensure_generation` has put one there."""
        if self._generation is None:
            raise IndexCorrupt("no generation is loaded")
        return self._generation

    def read(self, question: Callable[[Generation], T]) -> T:
        """Answer a question to the generation while nobody changes it."""
        with self.lock:
            return question(self.generation)

    def try_profile(self, document: Document, among: Collection[str]) -> list[Hit]:
        """Rank ideas for a profile that is not stored: a preview."""
        draft = Document("draft", document.title, document.text)
        with self.lock:
            self.generation.add_profile(draft)
            try:
                return self.generation.rank_ideas(draft.id, among=among)
            finally:
                self.generation.remove_profile(draft.id)

    def try_idea(self, document: Document, among: Collection[str]) -> list[Hit]:
        """Rank profiles for the working text of an idea, without keeping it."""
        draft = Document("draft", document.title, document.text)
        with self.lock:
            self.generation.add_idea(draft)
            try:
                return self.generation.rank_profiles(draft.id, among=among)
            finally:
                self.generation.remove_idea(draft.id)
