"""Every check of the project, part by part, with seconds and a table at the end."""

import argparse
import contextlib
import ctypes
import dataclasses
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = (sys.executable, "-m", "pytest")
NO_TESTS = 5
LINGER_S = 5.0
# What a developer's own installation sets must not steer the tests.
NOT_FOR_TESTS = ("DATABASE_URL", "INSTANCE_PATH", "SECRET_KEY", "DEMO_PASSWORD", "PORT", "DEMO")
OWN_PARTS = ("browser", "quality", "durability", "security", "infrastructure")
NO_BROWSER = "BROWSER TESTS ARE SKIPPED: there is no chromium. Install it: apt install chromium"


@dataclasses.dataclass(frozen=True)
class Part:
    """One part: its commands run in order, all of them, and it may take this long."""

    name: str
    plan_min: int
    commands: tuple[tuple[str, ...], ...]
    needs: str = ""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one part ended."""

    name: str
    result: str
    seconds: float
    plan_min: int
    said: str


def say(line: str = "") -> None:
    """Print one line at once, also when the output is a pipe."""
    print(line, flush=True)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs a module of this environment."""
    return (sys.executable, "-m", name, *arguments)


def list_parts(full: bool) -> list[Part]:
    """Return the parts in the order in which they run; quick and telling ones first."""
    quick = "" if full else " and not slow"
    elsewhere = tuple(f"--ignore=tests/{folder}" for folder in OWN_PARTS)
    migrations = "tests/test_migrations.py"
    coverage = (
        "--cov=matcher/services",
        "--cov=matcher/engine",
        "--cov-branch",
        "--cov-report=term:skip-covered",
        "--cov-fail-under=90",
    )

    def tests(folder: str, *more: str) -> tuple[str, ...]:
        return (*PYTEST, f"tests/{folder}", "-m", "not postgres" + quick, *more)

    both = (*PYTEST, migrations, "-m", "not browser" + quick)
    on_postgres = (*PYTEST, "tests/services", "--database=postgresql", "-m", "not slow")
    return [
        Part("lint", 1, (module("ruff", "check"), module("ruff", "format", "--check"))),
        Part("types", 1, (module("mypy", "matcher/engine", "matcher/services"),)),
        Part(
            "bandit", 1, (module("bandit", "-q", "-ll", "-c", "pyproject.toml", "-r", "matcher"),)
        ),
        Part("unit", 6, (tests("", *elsewhere, f"--ignore={migrations}", *coverage),)),
        Part("infrastructure", 1, (tests("infrastructure"),), needs="tests/infrastructure"),
        Part(
            "databases",
            5,
            (both, on_postgres),
        ),
        Part("mutants", 3, (module("tests.mutants"),)),
        Part("quality", 2, (tests("quality"),), needs="tests/quality"),
        Part(
            "browser", 5, (tests("browser", "--screenshot=only-on-failure"),), needs="tests/browser"
        ),
        Part("durability", 3, (tests("durability"),), needs="tests/durability"),
        Part("security", 2, (tests("security"),), needs="tests/security"),
    ]


def prctl(option: int, value: int) -> None:
    """Set a property of this process, where Linux is there to ask."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def adopt_orphans() -> None:
    """Become the parent of every process that a test leaves behind, so that it can be found."""
    pr_set_child_subreaper = 36
    prctl(pr_set_child_subreaper, 1)


def read_parents() -> dict[int, tuple[int, str, str]]:
    """Return process id -> (parent, state, name) as /proc has them; empty without /proc."""
    table = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            head, _, tail = stat.read_text(errors="replace").rpartition(")")
            state, parent = tail.split()[:2]
            table[int(stat.parent.name)] = (int(parent), state, head.partition("(")[2])
    return table


def list_descendants() -> dict[int, str]:
    """Return the living processes below this one: id -> name."""
    table = read_parents()
    found: dict[int, str] = {}
    below = {os.getpid()}
    while below:
        below = {pid for pid, (parent, _, _) in table.items() if parent in below}
        found.update((pid, table[pid][2]) for pid in below if table[pid][1] != "Z")
    return found


def bury_dead() -> None:
    """Collect the exit codes of adopted processes that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_leftovers(linger_s: float) -> list[str]:
    """Kill what is still running after a moment of grace; return the names."""
    deadline = time.monotonic() + linger_s
    while list_descendants() and time.monotonic() < deadline:
        bury_dead()
        time.sleep(0.1)
    left = list_descendants()
    for pid in left:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    bury_dead()
    return sorted(left.values())


def copy_output(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Show the output as it comes and return its end; kill the process at the deadline.

    The end of the process counts, not the end of the pipe: a leftover may hold that open.
    """
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    tail = b""
    while True:
        ended = process.poll() is not None
        readable, _, _ = select.select([descriptor], [], [], 0 if ended else 0.2)
        chunk = os.read(descriptor, 65536) if readable else b""
        if chunk:
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            tail = (tail + chunk)[-4000:]
        elif ended:
            return tail
        elif time.monotonic() > deadline:
            say(f"\nStill running at its limit, killed: {' '.join(process.args)}")  # type: ignore[arg-type]
            process.kill()
            process.wait()


def run_command(command: tuple[str, ...], environment: dict[str, str], limit_s: float) -> str:
    """Run one command; return its closing line, with "code N: " before it when it failed."""
    say("$ " + " ".join(command).replace(sys.executable, "python"))
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        tail = copy_output(process, time.monotonic() + limit_s)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", tail.decode(errors="replace")).strip().splitlines()
    closing = lines[-1].strip("= ") if lines else ""
    return f"code {process.returncode}: {closing}" if process.returncode else closing


def run_part(part: Part, full: bool) -> Outcome:
    """Run every command of a part, then end what it left running, which is a failure too."""
    say(f"\n=== {part.name} " + "=" * max(3, 74 - len(part.name)))
    environment = {name: text for name, text in os.environ.items() if name not in NOT_FOR_TESTS}
    environment["MATCHER_FULL"] = "1" if full else ""
    if sys.stdout.isatty():
        environment["PY_COLORS"] = "1"
    started = time.monotonic()
    limit_s = 60 * (60 if full else 4 * part.plan_min)
    said = [run_command(command, environment, limit_s) for command in part.commands]
    left = end_leftovers(LINGER_S)
    if left:
        said.append(f"code -: processes left running, killed: {', '.join(left)}")
    empty = [line for line in said if line.startswith(f"code {NO_TESTS}: ")]
    # Of several test runs some may have nothing to do on this machine, but not all of them.
    failed = [line for line in said if line.startswith("code ")]
    if len(empty) < len(said):
        failed = [line for line in failed if line not in empty]
    seconds = time.monotonic() - started
    result = "FAILED" if failed else "ok"
    return Outcome(part.name, result, seconds, part.plan_min, "; ".join(said))


def have_chromium() -> bool:
    """Tell whether there is a browser, after trying to install it where that is possible."""
    if shutil.which("chromium"):
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say("Installing chromium for the browser tests (apt-get) ...")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "chromium", "fonts-dejavu-core"],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    return shutil.which("chromium") is not None


def decide_part(part: Part, full: bool) -> Outcome | None:
    """Run a part, or say why not; None for a part whose tests are not in this tree."""
    if part.needs and not (ROOT / part.needs).exists():
        return None
    if part.name == "browser" and not have_chromium():
        say("\n" + "!" * 79 + f"\n!!! {NO_BROWSER}\n" + "!" * 79)
        return Outcome(part.name, "SKIPPED", 0.0, part.plan_min, NO_BROWSER)
    return run_part(part, full)


def show_table(outcomes: list[Outcome]) -> None:
    """Print a line per part and the sum."""
    say(f"\n{'part':<16}{'result':<9}{'seconds':>8}{'plan':>7}  what it said")
    for outcome in outcomes:
        say(
            f"{outcome.name:<16}{outcome.result:<9}{outcome.seconds:>8.1f}"
            f"{outcome.plan_min * 60:>7}  {outcome.said[:140]}"
        )
    total = sum(outcome.seconds for outcome in outcomes)
    failed = [outcome.name for outcome in outcomes if outcome.result == "FAILED"]
    skipped = [outcome.name for outcome in outcomes if outcome.result == "SKIPPED"]
    verdict = f"FAILED: {', '.join(failed)}" if failed else "all parts ok"
    if skipped:
        verdict += f"; SKIPPED: {', '.join(skipped)}"
    say(f"{'total':<16}{'':<9}{total:>8.1f}{'':>7}  {verdict}")


def parse_arguments() -> argparse.Namespace:
    """Read the command line; an unknown part ends with the list of parts."""
    names = [part.name for part in list_parts(full=False)]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="every combination, full figures")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(names))
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in names:
            parser.error(f"there is no part {name!r}; the parts are: {', '.join(names)}")
    return arguments


def interrupt(_number: int, _frame: object) -> None:
    """Treat SIGTERM and a closed terminal like Ctrl-C: end the tests first."""
    raise KeyboardInterrupt


def main() -> int:
    """Run the chosen parts, or all of them: 0 when none failed."""
    arguments = parse_arguments()
    adopt_orphans()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    outcomes: list[Outcome] = []
    try:
        for part in list_parts(arguments.full):
            if not arguments.parts or part.name in arguments.parts:
                outcome = decide_part(part, arguments.full)
                outcomes += [outcome] if outcome else []
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    finally:
        end_leftovers(0)
        show_table(outcomes)
    return 1 if any(outcome.result == "FAILED" for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
