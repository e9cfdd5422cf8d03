"""The way from a bare machine: what is wrong is said in one line, before anything is installed."""

import ast
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """Return the script as a module whose project folder is an empty one."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "find_uv", lambda: "")
    for name in ("INSTANCE_PATH", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return module


@pytest.fixture
def fake_python(tmp_path):
    """Return a function that makes an interpreter of a version, with or without venv."""

    def make(version: str, *, venv: bool = True) -> str:
        path = tmp_path / f"python-{version}"
        path.write_text(
            f'#!/bin/sh\ncase "$2" in *venv*) exit {0 if venv else 1};; esac\necho {version}\n'
        )
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def tree(tmp_path):
    """Return a project folder with the scripts and the Makefile only."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def run(tree: Path, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command,
        cwd=tree,
        env=clean | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_old_python_can_read_the_script():
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


def test_a_wrong_python_is_named_with_the_way_out(bootstrap, fake_python, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "candidates", lambda: [fake_python("3.9.2")])
    assert bootstrap.main(["check"]) == 1
    line = capsys.readouterr().out
    assert line.startswith("Python 3.11 or newer is needed; found 3.9.2. Install it")
    assert line.count("\n") == 1


def test_no_python_that_starts_is_said_too(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "candidates", lambda: ["/nowhere/python3"])
    assert bootstrap.main(["check"]) == 1
    assert "found none" in capsys.readouterr().out


def test_a_newer_python_beside_an_old_one_is_found(bootstrap, fake_python, monkeypatch):
    old, fitting = fake_python("3.10.9"), fake_python("3.12.1")
    monkeypatch.setattr(bootstrap, "candidates", lambda: [old, fitting])
    assert bootstrap.find_python("") == fitting


def test_a_python_with_venv_is_preferred(bootstrap, fake_python, monkeypatch):
    bare, whole = fake_python("3.13.0", venv=False), fake_python("3.11.2")
    monkeypatch.setattr(bootstrap, "candidates", lambda: [bare, whole])
    assert bootstrap.find_python("") == whole
    assert bootstrap.find_python("/usr/bin/uv") == bare


def test_a_missing_venv_module_names_the_package(bootstrap, fake_python, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "candidates", lambda: [fake_python("3.11.2", venv=False)])
    assert bootstrap.main(["check"]) == 1
    line = capsys.readouterr().out
    assert "apt install python3-venv" in line
    assert line.count("\n") == 1


def test_a_taken_port_is_said_before_anything_is_installed(tree, taken_port):
    result = run(tree, [sys.executable, "scripts/bootstrap.py", "run"], PORT=str(taken_port))
    assert result.returncode == 1
    assert result.stdout == (
        f"Port {taken_port} is taken by another program. "
        f"Choose another one: make run PORT={taken_port + 1}\n"
    )
    assert not (tree / ".venv").exists()


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
def test_make_run_passes_the_port_on(tree, taken_port):
    result = run(tree, ["make", "run", f"PORT={taken_port}", f"PYTHON={sys.executable}"])
    assert result.returncode != 0
    assert f"Port {taken_port} is taken" in result.stdout
    assert not (tree / ".venv").exists()


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
def test_make_without_any_python_says_so(tree):
    result = run(tree, ["make", "run", "PYTHON="])
    assert result.returncode != 0
    assert "Python 3.11 or newer is needed; found none" in result.stdout


@pytest.mark.parametrize("text", ["web", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_no_number_is_refused(bootstrap, text):
    with pytest.raises(bootstrap.Refusal, match="PORT must be a number"):
        bootstrap.read_port(text)


def test_a_file_in_place_of_the_instance_folder_is_refused(tree):
    (tree / "instance").write_text("")
    result = run(tree, [sys.executable, "scripts/bootstrap.py", "run"], PORT="48765")
    assert result.returncode == 1
    assert f"The folder {tree / 'instance'} cannot be written" in result.stdout
    assert result.stdout.count("\n") == 1
    assert not (tree / ".venv").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable for root")
def test_an_unwritable_instance_folder_is_refused(bootstrap, tmp_path):
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o500)
    with pytest.raises(bootstrap.Refusal, match="cannot be written"):
        bootstrap.check_instance(folder)


def test_a_folder_that_can_be_written_is_left_as_it_was(bootstrap, tmp_path):
    bootstrap.check_instance(tmp_path / "instance")
    assert list((tmp_path / "instance").iterdir()) == []


def test_packages_are_installed_once_and_again_when_the_pins_change(
    bootstrap, tmp_path, monkeypatch
):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    pins = tmp_path / "requirements.txt"
    pins.write_text("a==1\n")
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, failure: commands.append(command))
    for _ in range(2):
        bootstrap.install("requirements.txt", "uv")
    assert len(commands) == 1
    assert "--require-hashes" in commands[0]
    pins.write_text("a==2\n")
    bootstrap.install("requirements.txt", "uv")
    assert len(commands) == 2


def test_a_failed_installation_is_tried_again(bootstrap, tmp_path, monkeypatch):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "requirements.txt").write_text("a==1\n")
    with pytest.raises(bootstrap.Refusal, match="could not be installed"):
        bootstrap.install("requirements.txt", "false")
    assert not list((tmp_path / ".venv").glob(".installed-*"))


def test_a_broken_environment_is_made_anew(bootstrap, tmp_path, monkeypatch):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(tmp_path / "gone")
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, failure: commands.append(command))
    bootstrap.make_environment("")
    assert [command[1:4] for command in commands] == [["-m", "venv", "--clear"]]


def test_without_a_command_the_usage_is_shown(bootstrap, capsys):
    assert bootstrap.main([]) == 2
    assert "usage" in capsys.readouterr().out
