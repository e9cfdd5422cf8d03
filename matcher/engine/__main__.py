"""python -m matcher.engine: rank, evaluate, calibrate and look at the lexicon, without the app."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from matcher.engine import commands
from matcher.engine.lexicon import LexiconError
from matcher.engine.records import BadRecord, Judgments, read_judgments

_ADDITIONS = "folder of additions"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matcher.engine", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("rank", "rank the profiles for each idea"),
        ("evaluate", "compare the rankings with judged pairs"),
        ("bands", "fit the limits of the words on judged pairs"),
    ):
        command = subparsers.add_parser(name, help=text, description=text)
        command.add_argument("--profiles", type=Path, required=True, help="JSON Lines")
        command.add_argument("--ideas", type=Path, required=True, help="JSON Lines")
        command.add_argument("--lexicon", type=Path, action="append", default=[], help=_ADDITIONS)
        if name == "rank":
            command.add_argument("--top", type=_positive, default=10)
            command.add_argument("--out", type=Path, help="a file instead of the terminal")
            command.add_argument("--explain", action="store_true", help="with the reasons")
            command.add_argument("--today", type=date.fromisoformat, help="for dates of calls")
            command.add_argument("--rates", type=Path, help="JSON: dated exchange rates")
        else:
            command.add_argument(
                "--judgments", type=Path, required=True, help="idea, profile, grade"
            )
    command = subparsers.add_parser(
        "lexicon", help="the figures of the lexicon", description=commands.describe_lexicon.__doc__
    )
    command.add_argument("--lexicon", type=Path, action="append", default=[], help=_ADDITIONS)
    command.add_argument(
        "--texts", type=Path, action="append", default=[], help="JSON Lines: how much is covered"
    )
    command.add_argument("--sample", type=_positive, default=0, help="so many lines, to read back")
    command.add_argument("--seed", type=int, default=1, help="of the sample")
    return parser


def _rank_or_measure(options: argparse.Namespace) -> bool:
    """Run a command on two files of documents; tell whether every line was good."""
    inputs = commands.read_inputs(options.profiles, options.ideas)
    lexicon, lexicon_faults = commands.read_lexicon(options.lexicon)
    judged = Judgments() if options.command == "rank" else read_judgments(options.judgments)
    faults = [*inputs.faults, *lexicon_faults, *judged.faults]
    for fault in faults:
        print(fault, file=sys.stderr)
    generation = commands.fit(inputs, lexicon)
    if options.command == "evaluate":
        commands.evaluate_files(inputs, generation, judged.grades, sys.stdout)
    elif options.command == "bands":
        commands.fit_bands(generation, judged.grades, sys.stdout)
    else:
        how = commands.RankOptions(options.top, options.explain, options.today, options.rates)
        if options.out is None:
            commands.rank(inputs, generation, how, sys.stdout)
        else:
            with options.out.open("w", encoding="utf-8") as out:
                commands.rank(inputs, generation, how, out)
    return not faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 if a line or a file was bad (the rest is done)."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "lexicon":
            how = commands.LexiconOptions(
                options.lexicon, options.texts, options.sample, options.seed
            )
            is_good = commands.describe_lexicon(how, sys.stdout)
        else:
            is_good = _rank_or_measure(options)
    except (BadRecord, LexiconError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
