"""The way from a bare machine to a running program: finds Python, fills .venv, hands over.

Only the standard library is used, and nothing newer than Python 3.6 knows, so that a machine
whose Python is too old is told so in one line instead of with a traceback.
"""

import errno
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
NEEDED = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11", "python3")
USAGE = "usage: bootstrap.py run | check [--full] [PART ...]"


class Refusal(Exception):
    """A reason to stop, said in one line."""


def say(line: str) -> None:
    """Print one line at once, also when the output is a pipe."""
    print(line, flush=True)


def version_of(python: str) -> "tuple[int, ...]":
    """Return the version of an interpreter; () where it does not start."""
    code = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
    try:
        answer = subprocess.run(
            [python, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=30,
        )
        return tuple(int(part) for part in answer.stdout.strip().split("."))
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def candidates() -> "list[str]":
    """Return the interpreters to try: the one that runs this file, then the newest by name."""
    found = [shutil.which(name) for name in NAMES]
    return list(dict.fromkeys([sys.executable] + [path for path in found if path]))


def has_modules(python: str, names: str) -> bool:
    """Tell whether an interpreter can import these modules, with commas between them."""
    return (
        subprocess.call(
            [python, "-c", "import " + names],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        == 0
    )


def find_uv() -> str:
    """Return the path of a uv that works, or an empty string."""
    path = shutil.which("uv")
    if path and subprocess.call([path, "--version"], stdout=subprocess.DEVNULL) == 0:
        return path
    return ""


def find_python(uv: str) -> str:
    """Return an interpreter that fits and can fill an environment; raises Refusal."""
    versions = [(python, version_of(python)) for python in candidates()]
    fitting = [python for python, version in versions if version[:2] >= NEEDED]
    if not fitting:
        found = ", ".join(sorted({".".join(map(str, v)) for _, v in versions if v}))
        raise Refusal(
            "Python 3.11 or newer is needed; found {}. Install it (Debian and Ubuntu: "
            "apt install python3 python3-venv; macOS: brew install python) or get it from "
            "https://www.python.org/downloads/".format(found or "none")
        )
    # Debian packs these two apart from Python.
    able = [python for python in fitting if uv or has_modules(python, "venv, ensurepip")]
    if not able:
        version = ".".join(map(str, version_of(fitting[0])[:2]))
        raise Refusal(
            "Python {} has no module venv. Install it (Debian and Ubuntu: apt install "
            "python3-venv, or python{}-venv) and start again.".format(version, version)
        )
    return able[0]


def read_port(text: str) -> int:
    """Return the port number in a text; raises Refusal."""
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise Refusal("PORT must be a number from 1 to 65535, not {!r}.".format(text))


def check_port(port: int) -> None:
    """Raise Refusal when nothing can listen on this loopback port."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            probe = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            continue  # A machine without IPv6 has nothing there that could be in the way.
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refusal(
                    "Port {} is taken by another program. Choose another one: "
                    "make run PORT={}".format(port, port + 1 if port < 65535 else 8001)
                ) from None
            if error.errno == errno.EACCES:
                raise Refusal(
                    "Port {} needs special rights. Choose one above 1023: "
                    "make run PORT=8000".format(port)
                ) from None
        finally:
            probe.close()


def instance_path() -> Path:
    """Return the folder of this installation's own files."""
    return Path(os.environ.get("INSTANCE_PATH") or ROOT / "instance").resolve()


def check_instance(folder: Path) -> None:
    """Raise Refusal when the database cannot be written in this folder."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writable-", dir=str(folder))
        os.close(handle)
        os.unlink(name)
    except OSError as error:
        raise Refusal(
            "The folder {} cannot be written ({}). Make it writable for this user, or choose "
            "another: INSTANCE_PATH=/path make run".format(folder, error.strerror)
        ) from None


def run(command: "list[str]", failure: str) -> None:
    """Run a program whose progress the person sees; raises Refusal when it fails."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    if subprocess.call(command, cwd=str(ROOT), env=environment) != 0:
        raise Refusal(failure)


def make_environment(uv: str) -> None:
    """Make .venv unless a working one with a fitting Python is there."""
    if version_of(str(VENV_PYTHON))[:2] >= NEEDED:
        return
    python = find_python(uv)
    say("Making .venv with Python {} ...".format(".".join(map(str, version_of(python)))))
    failure = ".venv could not be made: see the lines above."
    if uv:
        run([uv, "venv", "--quiet", "--clear", "--python", python, str(VENV)], failure)
    else:
        run([python, "-m", "venv", "--clear", str(VENV)], failure)


def fingerprint(requirements: Path) -> str:
    """Return what an installation depends on: the pins and the version of Python."""
    version = ".".join(map(str, version_of(str(VENV_PYTHON))))
    return hashlib.sha256(requirements.read_bytes() + version.encode()).hexdigest()


def install(name: str, uv: str) -> None:
    """Install one file of pins into .venv, unless its stamp says that this was done."""
    requirements = ROOT / name
    stamp = VENV / (".installed-" + name)
    wanted = fingerprint(requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Installing the packages of {} (once; a minute or two) ...".format(name))
    options = ["install", "--require-hashes", "-r", str(requirements)]
    if uv:
        command = [uv, "pip", *options, "--python", str(VENV_PYTHON)]
    else:
        command = [str(VENV_PYTHON), "-m", "pip", *options]
        if not has_modules(str(VENV_PYTHON), "pip"):
            run([str(VENV_PYTHON), "-m", "ensurepip"], "pip could not be put into .venv.")
    run(
        command,
        "The packages of {} could not be installed: see the lines above. Check that this "
        "machine reaches the package index, then start again.".format(name),
    )
    stamp.write_text(wanted)


def hand_over(*arguments: str) -> None:
    """Replace this process by a script inside .venv, so that signals reach it directly."""
    python = str(VENV_PYTHON)
    os.chdir(str(ROOT))
    os.execv(python, [python, *list(arguments)])


def start(arguments: "list[str]") -> None:
    """Check what can be checked before installing, install, and hand over."""
    uv = find_uv()
    if arguments[0] == "run":
        port = read_port(os.environ.get("PORT") or "8000")
        check_port(port)
        check_instance(instance_path())
        make_environment(uv)
        install("requirements.txt", uv)
        hand_over("scripts/serve.py")
    make_environment(uv)
    install("requirements.txt", uv)
    install("requirements-test.txt", uv)
    hand_over("scripts/check.py", *arguments[1:])


def main(arguments: "list[str]") -> int:
    """Do what the command says; one clear line and 1 when it cannot be done."""
    if not arguments or arguments[0] not in ("run", "check"):
        say(USAGE)
        return 2
    try:
        start(arguments)
    except Refusal as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
