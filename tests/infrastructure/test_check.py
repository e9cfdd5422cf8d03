"""`make test` tells the truth: failures fail, hanging ends, nothing is left running."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check.py"
LEAVE_ONE_BEHIND = """
import subprocess, sys
child = subprocess.Popen(["sleep", "300"], start_new_session=True)
print("1 passed, and", child.pid, "goes on")
"""
RUN_A_PART = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("check", sys.argv[1])
check = importlib.util.module_from_spec(spec)
sys.modules["check"] = check
spec.loader.exec_module(check)
check.LINGER_S = 0.3
check.adopt_orphans()
part = check.Part("a part", 1, ((sys.executable, "-c", sys.argv[2]),))
check.show_table([check.run_part(part, full=False)])
"""


@pytest.fixture
def check(monkeypatch):
    spec = importlib.util.spec_from_file_location("check", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "check", module)
    spec.loader.exec_module(module)
    return module


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_the_closing_line_is_kept_and_everything_is_shown(check, capfdbinary):
    said = check.run_command(python("print('a'); print('=== 3 passed in 1s ===')"), {}, 60)
    assert said == "3 passed in 1s"
    assert b"a\n=== 3 passed" in capfdbinary.readouterr().out


def test_a_failure_carries_its_code(check):
    assert check.run_command(python("print('2 failed'); exit(1)"), {}, 60) == "code 1: 2 failed"


def test_what_hangs_is_killed_at_its_limit(check):
    assert check.run_command(python("import time; time.sleep(300)"), {}, 0.5).startswith("code -9")


@pytest.mark.parametrize(
    ("codes", "result"), [((0, 0), "ok"), ((5, 0), "ok"), ((5, 5), "FAILED"), ((1, 0), "FAILED")]
)
def test_one_empty_run_among_others_is_no_failure(check, monkeypatch, codes, result):
    monkeypatch.setattr(check, "end_leftovers", lambda linger_s: [])
    part = check.Part("a part", 1, tuple(python(f"exit({code})") for code in codes))
    assert check.run_part(part, full=False).result == result


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux adopts orphans")
def test_a_process_left_running_is_ended_and_a_failure():
    answer = subprocess.run(
        [sys.executable, "-c", RUN_A_PART, str(SCRIPT), LEAVE_ONE_BEHIND],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "FAILED: a part" in answer
    assert "processes left running, killed: sleep" in answer
    pid = answer.split("1 passed, and ")[1].split()[0]
    assert not Path(f"/proc/{pid}").exists()


def test_without_a_browser_the_skip_is_loud(check, monkeypatch, capsys):
    monkeypatch.setattr(check, "have_chromium", lambda: False)
    part = check.Part("browser", 1, (python("exit(1)"),), needs="tests")
    check.show_table([check.decide_part(part, full=False)])
    shown = capsys.readouterr().out
    assert "!!! BROWSER TESTS ARE SKIPPED" in shown
    assert "all parts ok; SKIPPED: browser" in shown


def test_the_settings_of_a_developer_do_not_reach_the_tests(check, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://precious")
    monkeypatch.setattr(check, "end_leftovers", lambda linger_s: [])
    code = "import os; print('DATABASE_URL' in os.environ, repr(os.environ['MATCHER_FULL']))"
    part = check.Part("a part", 1, (python(code),))
    assert check.run_part(part, full=False).said == "False ''"
    assert check.run_part(part, full=True).said == "False '1'"


def test_an_unknown_part_ends_with_the_list():
    answer = subprocess.run(
        [sys.executable, str(SCRIPT), "everything"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "the parts are: lint, types, bandit, unit" in answer.stderr
