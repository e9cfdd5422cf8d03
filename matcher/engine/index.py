"""A generation: documents of both sides fitted together, frozen, ranked and added to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.engine import storage
from matcher.engine.analysis import Analyser
from matcher.engine.bands import ENGINE_VERSION, STANDARD_LIMITS, Background, Limits, band_of
from matcher.engine.documents import Document, Hit
from matcher.engine.explain import Explanation, explain_pair
from matcher.engine.fitting import (
    Progress,
    count_blocks,
    in_order,
    inputs_digest,
    place_documents,
    sides_of,
    vectors_of_sides,
)
from matcher.engine.hubs import Correction, fit_hubs, hub_means, hub_size
from matcher.engine.learning import (
    Decision,
    Gain,
    Vectors,
    known_decisions,
    lean_profiles,
    measure_gain,
)
from matcher.engine.lexicon import Lexicon, default_lexicon
from matcher.engine.pairs import fit_background, kept_pairs, score_blocks
from matcher.engine.sides import Row, Side
from matcher.engine.space import Parameters, Space
from matcher.engine.storage import Stored
from matcher.engine.topk import corrected
from matcher.engine.weighting import Weights, vectors

# Similar ideas are compared by the plain cosine, whose scale differs from that of the score.
_SIMILAR = Limits(very_strong=0.85, strong=0.6, moderate=0.4, floor=0.0)


class Generation:
    """Ideas and profiles in one frozen space.

    Fitting sets the inverse document frequencies, the hub means and the words of the bands.
    Afterwards documents come and go without changing any value of another one; scores of two
    generations must not be mixed in one list.
    """

    def __init__(
        self,
        space: Space,
        weights: Weights,
        ideas: Side,
        profiles: Side,
        digest: str,
        correction: Correction,
        background: Background,
    ) -> None:
        self.space = space
        self.weights = weights
        self.ideas = ideas
        self.profiles = profiles
        self.digest = digest
        self.correction = correction
        self.background = background
        self.limits = background.limits(STANDARD_LIMITS)
        self.analyser = Analyser(space.lexicon)

    @classmethod
    def fit(
        cls,
        ideas: Sequence[Document],
        profiles: Sequence[Document],
        *,
        lexicon: Lexicon | None = None,
        progress: Progress | None = None,
        parameters: Parameters | None = None,
        decisions: Iterable[Decision] = (),
    ) -> Generation:
        """Fit both sides together.

        Parameters
        ----------
        ideas, profiles : sequences of Document
            Either may be empty; identifiers must be unique on their side.
        lexicon : Lexicon, optional
            The built-in one by default.
        progress : callable, optional
            Called with (done, total) documents.
        decisions : iterable of Decision
            What profiles learn from; those of documents that are not there are passed over.

        Raises
        ------
        ValueError
            If an identifier occurs twice on one side.
        """
        space = Space(default_lexicon() if lexicon is None else lexicon, parameters or Parameters())
        sides = in_order(ideas, "idea"), in_order(profiles, "profile")
        placing = place_documents(space, [*sides[0], *sides[1]], progress)
        weights = Weights.fit(count_blocks(placing.texts), space)
        of_ideas, of_profiles = vectors_of_sides(sides, placing, weights, space)
        learnt = known_decisions(decisions, of_ideas.ids, of_profiles.ids)
        if learnt:
            of_profiles = lean_profiles(of_ideas, of_profiles, learnt, space.vocabulary)
        size = space.parameters.hub_size
        *hubs, correction = fit_hubs(of_ideas.matrix, of_profiles.matrix, size)
        fitted = sides_of((of_ideas, of_profiles), sides, hubs, placing.texts.known_terms)
        fitted[1].learnt = {decision.profile_id for decision in learnt}
        digest = inputs_digest(fitted, space, learnt)
        return cls(space, weights, *fitted, digest, correction, fit_background(*fitted))

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything but the documents that the scores depend on, as plain values."""
        return {
            "engine": ENGINE_VERSION,
            "lexicon": self.space.lexicon.digest,
            "headwords": self.space.lexicon.headwords,
            "ideas": len(self.ideas.fitted_ids),
            "profiles": len(self.profiles.fitted_ids),
            "hub_strength": self.correction.strength,
            "learnt_profiles": len(self.profiles.learnt),
            **asdict(self.space.parameters),
        }

    @property
    def idea_ids(self) -> list[str]:
        """Identifiers of the ideas that are in now, ascending."""
        return list(self.ideas.ids)

    @property
    def profile_ids(self) -> list[str]:
        """Identifiers of the profiles that are in now, ascending."""
        return list(self.profiles.ids)

    def has_idea(self, idea_id: str) -> bool:
        """Tell whether an idea is in now."""
        return idea_id in self.ideas

    def has_profile(self, profile_id: str) -> bool:
        """Tell whether a profile is in now."""
        return profile_id in self.profiles

    def add_idea(self, document: Document) -> None:
        """Analyse and score an idea in the frozen generation; the same identifier replaces."""
        self.ideas.add(document.id, self._idea_row(document))

    def add_profile(self, document: Document) -> None:
        """Analyse and score a profile in the frozen generation; the same identifier replaces."""
        self.profiles.add(document.id, self._profile_row(document))

    def remove_idea(self, idea_id: str) -> None:
        """Take an idea out; KeyError if it is not in. No value of another document changes."""
        self.ideas.remove(idea_id)

    def remove_profile(self, profile_id: str) -> None:
        """Take a profile out; KeyError if it is not in. No value of another document changes."""
        self.profiles.remove(profile_id)

    def _idea_row(self, document: Document) -> Row:
        row, mean = self._row(document, self.profiles)
        return replace(row, hub=self.correction.of_ideas(mean)[0])

    def _profile_row(self, document: Document) -> Row:
        row, mean = self._row(document, self.ideas)
        return replace(row, hub=self.correction.of_profiles(mean)[0])

    def _row(self, document: Document, others: Side) -> tuple[Row, NDArray[np.float32]]:
        """Analyse a document; its hub mean is over the fitted documents of the other side."""
        analysis = self.analyser.analyse(document.content)
        vector, known = vectors([analysis], self.weights, self.space)
        values = vector.data.astype(np.float32)
        row = Row(vector.indices, values, np.float32(0.0), int(known[0]), document.content_digest)
        cosines = others.fitted_cosines(row)
        size = hub_size(len(cosines), self.space.parameters.hub_size)
        return row, hub_means(cosines[None, :], size)

    def rank_profiles(
        self, idea_id: str, *, among: Collection[str] | None = None, k: int | None = None
    ) -> list[Hit]:
        """Rank the profiles for one idea.

        Parameters
        ----------
        idea_id : str
            KeyError if it is not in.
        among : collection of str, optional
            Only these profiles are ranked and counted; those not in are ignored.
        k : int, optional
            At most so many.

        Returns
        -------
        list of Hit
            Highest score first, equal scores by identifier; pairs that share nothing come last.
        """
        return self._rank(self.ideas.row(idea_id), self.profiles, among, k)

    def rank_ideas(
        self, profile_id: str, *, among: Collection[str] | None = None, k: int | None = None
    ) -> list[Hit]:
        """Rank the ideas for one profile; as ``rank_profiles``."""
        return self._rank(self.profiles.row(profile_id), self.ideas, among, k)

    def _rank(
        self, row: Row, others: Side, among: Collection[str] | None, k: int | None
    ) -> list[Hit]:
        places = others.places(among)
        cosines = others.cosines(row)
        scores = corrected(cosines, row.hub, others.current_hubs)
        nothing = cosines[places] <= 0.0
        order = places[np.lexsort((places, -scores[places], nothing))][: _limit(k)]
        needed = self.space.parameters.known_terms
        enough = (others.current_known_terms >= needed) & (row.known_terms >= needed)
        ids = others.ids
        return [
            Hit(
                ids[place],
                rank,
                float(scores[place]),
                float(cosines[place]),
                band_of(float(scores[place]), limits=self.limits, enough_text=bool(enough[place])),
                bool(scores[place] >= self.limits.floor and cosines[place] > 0.0),
            )
            for rank, place in enumerate(order.tolist(), start=1)
        ]

    def similar_ideas(
        self, idea: Document | str, *, among: Collection[str] | None = None, k: int = 5
    ) -> list[Hit]:
        """Return the ideas nearest to one by plain cosine, itself left out.

        ``score`` and ``cosine`` of a hit are the same here, and its band means: very strong, a
        near-duplicate; strong, the same subject.
        """
        if isinstance(idea, Document):
            row, own_id = self._idea_row(idea), idea.id
        else:
            row, own_id = self.ideas.row(idea), idea
        cosines = self.ideas.cosines(row)
        ids = self.ideas.ids
        places = [place for place in self.ideas.places(among).tolist() if ids[place] != own_id]
        best = sorted(places, key=lambda place: (-cosines[place], place))[: _limit(k)]
        found = [(ids[place], float(cosines[place])) for place in best]
        return [
            Hit(other, rank, cosine, cosine, band_of(cosine, limits=_SIMILAR))
            for rank, (other, cosine) in enumerate(found, start=1)
        ]

    def score_matrix(self) -> NDArray[np.float32]:
        """Return all scores, shape (n_ideas, n_profiles), in the order of the identifiers."""
        blocks = [scores for _, _, scores in score_blocks(self.ideas, self.profiles)]
        empty = np.zeros((len(self.ideas.ids), len(self.profiles.ids)), dtype=np.float32)
        return np.concatenate(blocks) if blocks else empty

    def pairs_to_keep(
        self, *, best_profiles: int = 15, best_ideas: int = 30, limits: Limits | None = None
    ) -> Iterator[tuple[str, str, Hit]]:
        """Yield the pairs worth storing after a whole run.

        Parameters
        ----------
        best_profiles, best_ideas : int
            The union of each idea's best profiles and each profile's best ideas.
        limits : Limits, optional
            Those of the generation by default. Pairs below ``limits.floor``, and pairs that
            share nothing, are left out.

        Yields
        ------
        (idea id, profile id, Hit)
            By idea, then rank. The hit names the profile and its rank for the idea.
        """
        return kept_pairs(
            self.ideas,
            self.profiles,
            best_profiles=best_profiles,
            best_ideas=best_ideas,
            limits=limits if limits is not None else self.limits,
            known_terms=self.space.parameters.known_terms,
        )

    def explain(self, idea: Document, profile: Document) -> Explanation:
        """Say which words make the score of a pair; the parts sum to it within 1e-5.

        Texts that are stored under the same identifier keep their stored hub mean; any other
        text (a release text, say) is scored here, without being added.
        """
        idea_row = self.ideas.same(idea) or self._idea_row(idea)
        profile_row = self.profiles.same(profile)
        has_learnt = profile_row is not None and profile.id in self.profiles.learnt
        profile_row = profile_row or self._profile_row(profile)
        return explain_pair(
            (idea.content, profile.content),
            (float(idea_row.hub), float(profile_row.hub)),
            self.analyser,
            self.space,
            self.weights,
            limits=self.limits,
            enough_text=min(idea_row.known_terms, profile_row.known_terms)
            >= self.space.parameters.known_terms,
            leaned=profile_row if has_learnt else None,
        )

    def gain_from(self, decisions: Iterable[Decision]) -> Gain:
        """Report whether learning from decisions would help; for a generation without learning."""
        ideas, profiles = (
            Vectors(side.fitted_ids, side.fitted) for side in (self.ideas, self.profiles)
        )
        learnt = known_decisions(decisions, ideas.ids, profiles.ids)
        return measure_gain(ideas, profiles, learnt, self.space.vocabulary)

    def save(self, folder: Path) -> None:
        """Write the generation to ``folder`` as npz and json, with a digest, without pickle."""
        storage.save(
            folder,
            Stored(
                self.space,
                self.weights,
                self.ideas,
                self.profiles,
                self.digest,
                self.correction,
                self.background,
            ),
        )

    @classmethod
    def load(cls, folder: Path, *, lexicon: Lexicon | None = None) -> Generation:
        """Read a saved generation.

        Raises
        ------
        IndexCorrupt
            If a file is missing or damaged, or of another engine version or lexicon: rebuild it.
        """
        stored = storage.load(folder, lexicon if lexicon is not None else default_lexicon())
        return cls(*stored)


def _limit(k: int | None) -> int | None:
    if k is not None and k < 1:
        raise ValueError(f"k must be positive, not {k}")
    return k
