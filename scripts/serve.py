"""Runs the app on one machine: prepares the database, starts web server and worker, ends both."""

import contextlib
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 90
STOP_WITHIN_S = 30
POLL_S = 0.2
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "scripts/gunicorn.conf.py", "wsgi:app"]
ACCOUNTS = (
    ("editor@demo.example", "writes the ideas of a community"),
    ("head@demo.example", "heads the same community"),
    ("donor@demo.example", "donor, reads English"),
    ("donor2@demo.example", "another donor"),
    ("staff@demo.example", "office staff"),
    ("staff2@demo.example", "a colleague, for what needs two persons"),
    ("lead@demo.example", "leads the office"),
    ("lead2@demo.example", "a second lead"),
    ("admin@demo.example", "administrator"),
)


class Failure(Exception):
    """A reason to end with exit code 1, said in one line."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C or asked this process to end."""


def say(line: str = "") -> None:
    """Print one line at once, also when the output is a pipe."""
    print(line, flush=True)


def die_with_parent() -> None:
    """Ask Linux to end this child should the parent be killed without a chance to do so."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Server:
    """The processes of one running app, and the wish of the person to end them."""

    def __init__(self, instance: Path, port: int) -> None:
        self.instance = instance
        self.port = port
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stop_asked = 0
        self.environment = dict(os.environ, INSTANCE_PATH=str(instance), PORT=str(port))
        self.environment.setdefault("PUBLIC_URL", f"http://localhost:{port}")

    def on_signal(self, _number: int, _frame: types.FrameType | None) -> None:
        """Note that the end is wanted; the second time, do not wait any longer."""
        self.stop_asked += 1

    def run_step(self, command: list[str], *, quiet: bool) -> subprocess.CompletedProcess[bytes]:
        """Run one command to its end; raises Stopped when the end was asked for meanwhile.

        It stays in the foreground, so that it can ask questions and hears Ctrl-C itself.
        """
        output = subprocess.PIPE if quiet else None
        with subprocess.Popen(
            [*FLASK, *command], cwd=ROOT, env=self.environment, stdout=output
        ) as step:
            while True:
                try:
                    text, _ = step.communicate(timeout=POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    if self.stop_asked:
                        step.terminate()
        if self.stop_asked:
            raise Stopped
        return subprocess.CompletedProcess(command, step.returncode, text or b"")

    def start(self, name: str, command: list[str]) -> None:
        """Start a child in its own session: Ctrl-C must reach this process alone."""
        self.children[name] = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def watch(self) -> None:
        """Raise Stopped when the end was asked for, Failure when a child has ended by itself."""
        if self.stop_asked:
            raise Stopped
        for name, child in self.children.items():
            code = child.poll()
            if code is not None:
                raise Failure(f"The {name} ended by itself (exit code {code}); ending the rest.")

    def wait_until_ready(self) -> None:
        """Return once /readyz answers 200; raises Failure, Stopped."""
        deadline = time.monotonic() + READY_WITHIN_S
        answer = ""
        while time.monotonic() < deadline:
            self.watch()
            answer = ask_ready(self.port)
            if not answer:
                return
            time.sleep(POLL_S)
        raise Failure(f"The app was not ready after {READY_WITHIN_S} seconds: {answer}")

    def run_until_stopped(self) -> None:
        """Return never: raises Stopped or Failure."""
        while True:
            self.watch()
            time.sleep(POLL_S)

    def end(self) -> None:
        """End every child: ask, wait up to 30 seconds (not after a second Ctrl-C), kill."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        asked_before = self.stop_asked
        deadline = time.monotonic() + STOP_WITHIN_S
        while any(child.poll() is None for child in self.children.values()):
            if time.monotonic() > deadline or self.stop_asked > max(asked_before, 1):
                say("Killing what did not end in time.")
                break
            time.sleep(0.05)
        for child in self.children.values():
            # The group too: a child that was killed could leave processes of its own behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.children.clear()


def ask_ready(port: int) -> str:
    """Return an empty text when the app is ready, else what it answered."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/readyz", headers={"Host": f"localhost:{port}"}
    )
    # A proxy of the environment must not be asked for an address of this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        text = error.read(300).decode(errors="replace") if "html" not in str(error.headers) else ""
        return f"it answers {error.code} {' '.join(text.split()) or error.reason}"
    except OSError as error:
        return str(error)


def keep_private_file(path: Path, text: str) -> None:
    """Write a file that only this user may read; it is whole or not there at all."""
    path.unlink(missing_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def ensure_secret_key(instance: Path) -> None:
    """Make instance/secret_key at the first start, unless the environment has a SECRET_KEY."""
    path = instance / "secret_key"
    if os.environ.get("SECRET_KEY") or (path.exists() and path.read_text().strip()):
        return
    keep_private_file(path, secrets.token_urlsafe(48) + "\n")


def is_new(url: str) -> bool:
    """Tell whether a database has never been migrated; raises Failure when it is out of reach."""
    address = sa.make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        return True
    engine = sa.create_engine(address)
    try:
        return not sa.inspect(engine).has_table("alembic_version")
    except sa.exc.SQLAlchemyError as error:
        shown = address.render_as_string(hide_password=True)
        reason = str(error).splitlines()[0]
        raise Failure(f"The database {shown} cannot be opened: {reason}") from error
    finally:
        engine.dispose()


def load_demonstration(server: Server) -> None:
    """Load the invented rows; the password is kept for the next start when we made it up."""
    given = os.environ.get("DEMO_PASSWORD", "")
    password = given or "-".join(secrets.token_hex(3) for _ in range(3))
    server.environment["DEMO_PASSWORD"] = password
    say("Loading reference and demonstration data ...")
    loaded = server.run_step(["demo", "load"], quiet=True)
    if loaded.returncode != 0:
        say(loaded.stdout.decode(errors="replace"))
        raise Failure("The demonstration data could not be loaded: see the lines above.")
    keep_private_file(server.instance / "demo_password", "" if given else password + "\n")


def fill_new_database(server: Server, demo: bool) -> None:
    """Put the first rows into an empty database; raises Failure when that was cancelled."""
    if demo:
        load_demonstration(server)
        return
    if server.run_step(["setup"], quiet=False).returncode != 0:
        raise Failure("Nothing was set up. To start again: make run DEMO=0")


def prepare_database(server: Server, demo: bool) -> None:
    """Migrate, and fill a new database; an interrupted filling is done again next time."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{server.instance / 'matcher.db'}"
    unfinished = server.instance / ".first-start-unfinished"
    new = unfinished.exists() or is_new(url)
    if new:
        unfinished.touch()
    elif not demo:
        say("A database is there already: it is used as it is, nothing is set up anew.")
    say("Preparing the database ...")
    migrated = server.run_step(["db", "upgrade"], quiet=True)
    if migrated.returncode != 0:
        say(migrated.stdout.decode(errors="replace"))
        raise Failure("The database could not be migrated: see the lines above.")
    if new:
        fill_new_database(server, demo)
        unfinished.unlink()


def show_address(server: Server) -> None:
    """Print where the app is and, of a demonstration, who may sign in."""
    say()
    say(f"  http://localhost:{server.port}")
    kept = server.instance / "demo_password"
    if kept.exists():
        password = os.environ.get("DEMO_PASSWORD") or kept.read_text().strip()
        say()
        say("  Demonstration: invented data. Accounts:")
        for email, who in ACCOUNTS:
            say(f"    {email:<22}{who}")
        say(f"  Password of all: {password or 'the DEMO_PASSWORD of the first start'}")
    say()
    say("  Ctrl-C ends it.")


def serve(server: Server, demo: bool) -> None:
    """Prepare, start and watch; raises Stopped or Failure, never returns."""
    ensure_secret_key(server.instance)
    prepare_database(server, demo)
    say("Starting ...")
    server.start("web server", GUNICORN)
    server.start("worker", [*FLASK, "worker", "run"])
    server.wait_until_ready()
    show_address(server)
    server.run_until_stopped()


def main() -> int:
    """Run until told to stop: 0; 1 after a failure."""
    os.umask(0o077)
    instance = Path(os.environ.get("INSTANCE_PATH") or ROOT / "instance").resolve()
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = Server(instance, int(os.environ.get("PORT") or "8000"))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, server.on_signal)
    try:
        serve(server, demo=os.environ.get("DEMO", "1") != "0")
    except Stopped:
        say("Stopping ...")
        server.end()
        say("Stopped.")
        return 0
    except Failure as failure:
        say(str(failure))
        return 1
    finally:
        server.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
