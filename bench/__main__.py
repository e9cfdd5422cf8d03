"""python -m bench: topk, query, analysis, memory, or all of them."""

from __future__ import annotations

import argparse
import os
import sys

# One thread for everybody; read when the libraries load, so the jobs are imported afterwards.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from bench import analysis, memory, topk  # noqa: E402


def main() -> int:
    """Run the jobs that are asked for."""
    jobs = {
        "topk": lambda rounds: topk.both_sides(rounds),
        "query": lambda rounds: topk.one_query(rounds),
        "analysis": lambda rounds: analysis.analysis(rounds),
        "memory": lambda _rounds: memory.whole_run(100_000, 10_000),
    }
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("jobs", nargs="*", choices=[*jobs, []], help="all by default")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for name in options.jobs or jobs:
        jobs[name](options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
