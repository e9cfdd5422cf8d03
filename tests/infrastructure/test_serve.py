"""What `make run` starts: both children begin, are watched and end together."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(fact, what: str):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if answer := fact():
            return answer
        time.sleep(0.05)
    pytest.fail(f"waited in vain: {what}")


class Run:
    """One running scripts/serve.py in a folder of its own."""

    def __init__(self, root: Path, **environment: str) -> None:
        self.root = root
        self.instance = root / "instance"
        self.instance.mkdir(exist_ok=True)
        self.port = free_port()
        self.log = root / "log"
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "DEMO_PASSWORD", "SECRET_KEY", "DEMO")
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "scripts/serve.py"],
                cwd=root,
                env=clean
                | {"INSTANCE_PATH": str(self.instance), "PORT": str(self.port)}
                | environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    @property
    def notes(self) -> list[str]:
        path = self.instance / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.output or self.process.poll() is not None, text)
        assert text in self.output, self.output

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status

    def descendants(self) -> list[int]:
        """Return every process of this run, found by the folder in its environment."""
        mark = f"INSTANCE_PATH={self.instance}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != self.process.pid:
                try:
                    environment = (entry / "environ").read_bytes().split(b"\0")
                except OSError:
                    continue
                if mark in environment and is_running(int(entry.name)):
                    found.append(int(entry.name))
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def root(tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copy(Path(__file__).with_name("fake_app.py"), tmp_path / "wsgi.py")
    return tmp_path


@pytest.fixture
def start(root):
    runs: list[Run] = []

    def begin(**environment: str) -> Run:
        runs.append(Run(root, **environment))
        return runs[-1]

    yield begin
    for run in runs:
        run.end()
        run.process.stdin.close()
    assert [pid for run in runs for pid in run.descendants()] == []


pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads /proc to see which processes are left"
)


def test_the_first_start_loads_the_demonstration_and_says_how_to_sign_in(start):
    run = start()
    run.wait_for("Ctrl-C ends it.")
    assert run.get("/readyz") == 200
    assert f"http://localhost:{run.port}" in run.output
    assert "editor@demo.example" in run.output
    password = run.notes[1].removeprefix("load ")
    assert len(password) >= 14
    assert f"Password of all: {password}" in run.output


def test_the_second_start_loads_nothing_and_still_knows_the_password(start):
    first = start()
    first.wait_for("Ctrl-C ends it.")
    assert first.end() == 0
    password = first.notes[1].removeprefix("load ")
    second = start()
    second.wait_for("Ctrl-C ends it.")
    assert [note.split()[0] for note in second.notes].count("load") == 1
    assert f"Password of all: {password}" in second.output


def test_a_password_from_the_environment_is_used_and_stored_nowhere(start):
    run = start(DEMO_PASSWORD="a-given-one-2741")
    run.wait_for("Password of all: a-given-one-2741")
    assert "load a-given-one-2741" in run.notes
    assert (run.instance / "demo_password").read_text() == ""


def test_an_interrupted_first_start_is_filled_the_next_time(start, root):
    (root / "instance").mkdir()
    (root / "instance" / "refuse-load").touch()
    first = start()
    assert first.process.wait(PATIENCE_S) == 1
    assert "the reason of the loader" in first.output
    (root / "instance" / "refuse-load").unlink()
    second = start()
    second.wait_for("Ctrl-C ends it.")
    assert [note.split()[0] for note in second.notes].count("load") == 2


def test_without_demo_the_setup_asks_and_loads_no_demonstration(start):
    run = start(DEMO="0")
    run.wait_for("Office")
    run.process.stdin.write(b"An office\n")
    run.process.stdin.flush()
    run.wait_for("Ctrl-C ends it.")
    assert run.notes[1] == "setup An office"
    assert "demo.example" not in run.output


def test_a_cancelled_setup_starts_nothing(start):
    run = start(DEMO="0")
    run.wait_for("Office")
    run.process.stdin.close()
    assert run.process.wait(PATIENCE_S) == 1
    assert "Nothing was set up" in run.output
    assert "Starting" not in run.output


def test_the_secret_key_is_made_once_and_private(start):
    run = start()
    run.wait_for("Ctrl-C ends it.")
    key = run.instance / "secret_key"
    text = key.read_text()
    assert len(text.strip()) >= 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE((run.instance / "matcher.db").stat().st_mode) == 0o600
    run.end()
    again = start()
    again.wait_for("Ctrl-C ends it.")
    assert key.read_text() == text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_both_children_and_exit_0(start, number):
    run = start()
    run.wait_for("Ctrl-C ends it.")
    assert len(run.descendants()) >= 3
    assert run.end(number) == 0
    assert run.descendants() == []
    assert "Stopped." in run.output
    assert "Traceback" not in run.output


def test_a_worker_that_ends_takes_the_web_server_with_it(start):
    run = start()
    run.wait_for("Ctrl-C ends it.")
    (run.instance / "end-worker").touch()
    assert run.process.wait(PATIENCE_S) == 1
    assert "The worker ended by itself (exit code 7)" in run.output
    assert run.descendants() == []


def test_a_killed_web_server_takes_the_worker_with_it(start):
    run = start()
    run.wait_for("Ctrl-C ends it.")
    with contextlib.suppress(OSError):  # The answer may or may not get through.
        run.get("/crash")
    assert run.process.wait(PATIENCE_S) == 1
    assert "The web server ended by itself" in run.output
    assert run.descendants() == []


def test_children_do_not_outlive_a_killed_parent(start):
    run = start()
    run.wait_for("Ctrl-C ends it.")
    run.end(signal.SIGKILL)
    wait_until(lambda: run.descendants() == [], "the children end")


def test_it_says_starting_until_the_app_is_ready(start, root):
    (root / "instance").mkdir()
    (root / "instance" / "unready").touch()
    run = start()
    run.wait_for("Starting ...")
    wait_until(lambda: len(run.descendants()) >= 3, "the children start")
    assert "http://localhost" not in run.output
    (root / "instance" / "unready").unlink()
    run.wait_for(f"http://localhost:{run.port}")


def test_a_database_out_of_reach_is_one_clear_line(start):
    run = start(DATABASE_URL="postgresql://somebody:secret@127.0.0.1:1/none")
    assert run.process.wait(PATIENCE_S) == 1
    assert "postgresql+psycopg://somebody:***@127.0.0.1:1/none cannot be opened" in run.output
    assert "secret" not in run.output
    assert "Traceback" not in run.output
