"""python -m matcher.engine: rank, evaluate and calibrate on files, without the app."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from matcher.engine import commands
from matcher.engine.lexicon import LexiconError
from matcher.engine.records import BadRecord


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
        command.add_argument(
            "--lexicon", type=Path, action="append", default=[], help="folder of additions"
        )
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
    return parser


def _run(options: argparse.Namespace, inputs: commands.Inputs) -> None:
    generation = commands.fit(inputs, options.lexicon)
    if options.command == "evaluate":
        commands.evaluate_files(inputs, generation, options.judgments, sys.stdout)
    elif options.command == "bands":
        commands.fit_bands(generation, options.judgments, sys.stdout)
    else:
        how = commands.RankOptions(options.top, options.explain, options.today, options.rates)
        if options.out is None:
            commands.rank(inputs, generation, how, sys.stdout)
        else:
            with options.out.open("w", encoding="utf-8") as out:
                commands.rank(inputs, generation, how, out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 if a line or a file was bad (the rest is done)."""
    options = _parser().parse_args(arguments)
    try:
        inputs = commands.read_inputs(options.profiles, options.ideas)
        for fault in inputs.faults:
            print(fault, file=sys.stderr)
        _run(options, inputs)
    except (BadRecord, LexiconError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if inputs.faults else 0


if __name__ == "__main__":
    sys.exit(main())
