"""What the command line does: rank, evaluate and fit the words, on files of documents."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from matcher.engine.calibration import fit_limits, half_of, judged_pairs, precision_per_band
from matcher.engine.checking import check_concepts, coverage, sample, shared_headwords, tally
from matcher.engine.documents import Document, Hit
from matcher.engine.eligibility import Rate, check, overall
from matcher.engine.explain import Explanation
from matcher.engine.index import Generation
from matcher.engine.lexicon import Lexicon, load_lexicon
from matcher.engine.metrics import evaluate
from matcher.engine.records import BadRecord, Records, read_rates, read_records

_BAR = 30  # signs


@dataclass(frozen=True)
class Inputs:
    """Both files, read; ``faults`` names the bad lines of both."""

    profiles: Records
    ideas: Records

    @property
    def faults(self) -> list[str]:
        """Bad lines, the profiles' first."""
        return self.profiles.faults + self.ideas.faults


def read_inputs(profiles: Path, ideas: Path) -> Inputs:
    """Read both files; raises BadRecord if one cannot be read at all."""
    return Inputs(read_records(profiles), read_records(ideas))


def read_lexicon(folders: list[Path]) -> tuple[Lexicon | None, list[str]]:
    """Return the lexicon with additions, None for the built-in one, and its bad lines."""
    if not folders:
        return None, []
    lexicon = load_lexicon(folders)
    return lexicon, [str(fault) for fault in lexicon.faults]


def fit(inputs: Inputs, lexicon: Lexicon | None) -> Generation:
    """Fit a generation, with a progress bar on a terminal."""
    return Generation.fit(
        inputs.ideas.documents,
        inputs.profiles.documents,
        lexicon=lexicon,
        progress=_show_progress if sys.stderr.isatty() else None,
    )


def _show_progress(done: int, total: int) -> None:
    filled = _BAR * done // max(total, 1)
    end = "\n" if done == total else ""
    bar = "#" * filled + "." * (_BAR - filled)
    sys.stderr.write(f"\r[{bar}] {done}/{total}{end}")
    sys.stderr.flush()


@dataclass(frozen=True)
class RankOptions:
    """How ``rank`` answers; without ``today`` a profile with dates of a call is refused."""

    top: int
    explain: bool
    today: date | None
    rates: Path | None


def rank(inputs: Inputs, generation: Generation, options: RankOptions, out: TextIO) -> None:
    """Write one JSON line per idea, in the order of the file."""
    rates = read_rates(options.rates) if options.rates else {}
    if options.today is None:
        _refuse_dates(inputs)
    for line in _ranked(inputs, generation, options, rates):
        # A text may hold half a character, which no file can.
        written = json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace")
        out.write(written.decode() + "\n")


def _refuse_dates(inputs: Inputs) -> None:
    for profile_id, rules in inputs.profiles.rules.items():
        if rules.opens_on or rules.closes_on:
            raise BadRecord(f"profile {profile_id!r} has dates: say --today YYYY-MM-DD")


def _ranked(
    inputs: Inputs, generation: Generation, options: RankOptions, rates: Mapping[str, Rate]
) -> Iterator[dict[str, Any]]:
    profiles = {document.id: document for document in inputs.profiles.documents}
    for idea in inputs.ideas.documents:
        hits = generation.rank_profiles(idea.id, k=options.top)
        yield {
            "idea": idea.id,
            "hits": [
                _hit(inputs, generation, (idea, profiles[hit.id]), hit, options, rates)
                for hit in hits
            ],
        }


def _hit(
    inputs: Inputs,
    generation: Generation,
    pair: tuple[Document, Document],
    hit: Hit,
    options: RankOptions,
    rates: Mapping[str, Rate],
) -> dict[str, Any]:
    idea, profile = pair
    facts, rules = inputs.ideas.facts[idea.id], inputs.profiles.rules[profile.id]
    verdicts = check(facts, rules, today=options.today or date.min, rates=rates)
    explanation: Explanation | None = None
    if options.explain:
        explanation = generation.explain(idea, profile)
    return {
        "profile": hit.id,
        "rank": hit.rank,
        "score": hit.score,
        "cosine": hit.cosine,
        "band": hit.band.value,
        "eligibility": {
            "overall": overall(verdicts).value,
            "verdicts": [asdict(verdict) for verdict in verdicts],
        },
        "evidence": explanation.to_json()["parts"] if explanation else [],
    }


def evaluate_files(
    inputs: Inputs, generation: Generation, judged: Mapping[str, Mapping[str, int]], out: TextIO
) -> None:
    """Print nDCG, recall and MRR over the judged ideas, each with its interval."""
    _warn_unknown(judged, inputs)
    rankings = {
        idea_id: [hit.id for hit in generation.rank_profiles(idea_id)]
        for idea_id in judged
        if generation.has_idea(idea_id)
    }
    figures = evaluate(rankings, judged)
    for name, value in figures.items():
        print(f"{name:<10} {value}", file=out)
    without = next(iter(figures.values())).n_without_relevant
    print(f"ideas without a relevant profile, not counted: {without}", file=out)


def _warn_unknown(judged: Mapping[str, Mapping[str, int]], inputs: Inputs) -> None:
    ideas = {document.id for document in inputs.ideas.documents}
    profiles = {document.id for document in inputs.profiles.documents}
    for kind, missing in (
        ("ideas", set(judged) - ideas),
        ("profiles", {one for grades in judged.values() for one in grades} - profiles),
    ):
        if missing:
            sys.stderr.write(f"judged {kind} that are in no file: {len(missing)}\n")


def fit_bands(generation: Generation, judged: Mapping[str, Mapping[str, int]], out: TextIO) -> None:
    """Print limits fitted on one fixed half of the ideas, and the other half's precision."""
    pairs = judged_pairs(generation, judged)
    halves = [[pair for pair in pairs if half_of(pair.idea_id) == half] for half in (0, 1)]
    try:
        limits = fit_limits(halves[0])
    except ValueError as error:
        raise BadRecord(str(error)) from error
    for name, value in asdict(limits).items():
        print(f"{name:<12} from {value:+.2f} spreads above the median", file=out)
    print(f"precision on the other half ({len(halves[1])} pairs):", file=out)
    for name, precision in precision_per_band(halves[1], limits).items():
        print(f"{name:<16} {precision}", file=out)


@dataclass(frozen=True)
class LexiconOptions:
    """What is said of a lexicon beside its counts."""

    folders: list[Path]
    texts: list[Path]
    sample: int
    seed: int


def describe_lexicon(options: LexiconOptions, out: TextIO) -> bool:
    """Print the figures of the lexicon and its faults; tell whether there are none."""
    lexicon = load_lexicon(options.folders)
    for part, count in tally(lexicon.concepts, lexicon.table).items():
        line = f"{part:<8} {count.concepts:>6} concepts, {count.headwords:>6} headwords, "
        print(f"{line}{count.english:.2f} English keys a concept", file=out)
    print(f"headwords with several concepts: {len(shared_headwords(lexicon))}", file=out)
    bad_lines: list[str] = []
    for path in options.texts:
        records = read_records(path)
        bad_lines += records.faults
        found = coverage(lexicon, (document.content for document in records.documents))
        shares = f"known {found.known:.3f}, with the nearest headword {found.near:.3f}"
        print(f"{path.name}: {shares} of {found.words} running words", file=out)
    for concept in sample(lexicon.concepts, options.sample, options.seed):
        columns = concept.id, "; ".join(concept.ukrainian), "; ".join(concept.english)
        print(f"{concept.file}:{concept.line}: {' | '.join(columns)}", file=out)
    wrong = [*lexicon.faults, *check_concepts(lexicon.concepts, table=lexicon.table)]
    faults = [*bad_lines, *map(str, wrong)]
    for fault in faults:
        print(fault, file=out)
    print(f"faults: {len(faults)}", file=out)
    return not faults
