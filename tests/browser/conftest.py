"""The running app and people in real browsers.

    def test_the_donor_sees_what_staff_release(person):
        staff = person("staff@demo.example")
        staff.goto("/staff/queue")

``person`` gives a signed-in Playwright page in a context of its own (``javascript=False``,
``width=390``, ``language="en"`` as wished), ``visitor`` one that is signed in as nobody. Addresses
are relative to the app. Every test module has its own copy of the freshly loaded demonstration.
At the end a test fails on any console error, script error, breach of the content security policy,
request to another site, or answer of 500 and above that one of its pages has met; what a test
provokes on purpose it takes out of ``problems``.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "linen-harbour-4417-oak"
START_WITHIN_S = 120
LOCALES = {"uk": "uk-UA", "en": "en-GB"}
HEIGHTS = {True: 844, False: 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and skip it with one clear line where there is no browser."""
    missing = pytest.mark.skip(reason="no chromium here: apt install chromium")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                item.add_marker(missing)


class LiveApp:
    """A running web server and worker on an instance folder of their own."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.password = PASSWORD
        self.log = instance.with_name(instance.name + ".log")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "scripts/serve.py"],
                cwd=ROOT,
                env=app_environment(instance) | {"PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Return once /readyz answers 200; fails the test with the log otherwise."""
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return
            except (OSError, urllib.error.HTTPError):
                time.sleep(0.1)
        self.end()
        pytest.fail(f"the app did not start:\n{self.log.read_text()[-4000:]}")

    def end(self) -> int:
        """End web server and worker as Ctrl-C does; return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def letters(self, to: str = "") -> list[EmailMessage]:
        """Return the letters written so far, oldest first; ``to`` keeps those to one address."""
        files = (self.instance / "outbox").glob("*.eml")
        files = sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))
        found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [letter for letter in found if to in str(letter["To"])]

    def wait_for_letter(self, to: str, containing: str = "", within_s: float = 20) -> EmailMessage:
        """Return the newest letter to somebody whose subject or text has these words."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for letter in reversed(self.letters(to)):
                if containing in f"{letter['Subject']}\n{text_of(letter)}":
                    return letter
            time.sleep(0.2)
        subjects = [f"{letter['To']}: {letter['Subject']}" for letter in self.letters()]
        return pytest.fail(f"no letter to {to} with {containing!r}; there are: {subjects}")


def text_of(letter: EmailMessage) -> str:
    """Return the plain text of a letter."""
    body = letter.get_body(("plain",))
    return body.get_content() if body else ""


def app_environment(instance: Path) -> dict[str, str]:
    """Return the environment of an app on this instance; nothing of a developer's own."""
    own = ("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "WEB_CONCURRENCY", "SMTP_HOST", "DEMO")
    clean = {name: value for name, value in os.environ.items() if name not in own}
    return clean | {"INSTANCE_PATH": str(instance), "DEMO_PASSWORD": PASSWORD}


@pytest.fixture(scope="session")
def prepared_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance folder with the demonstration loaded and nothing running; copy it."""
    instance = tmp_path_factory.mktemp("prepared") / "instance"
    instance.mkdir()
    app = LiveApp(instance)
    app.wait_until_ready()
    assert app.end() == 0, app.log.read_text()
    return instance


@pytest.fixture(scope="module")
def live_app(
    prepared_instance: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveApp]:
    """Yield the running app on a fresh copy of the demonstration; one per test module."""
    instance = tmp_path_factory.mktemp("live") / "instance"
    shutil.copytree(prepared_instance, instance)
    app = LiveApp(instance)
    app.wait_until_ready()
    yield app
    assert app.end() == 0, app.log.read_text()
    assert "Traceback" not in app.log.read_text()


@pytest.fixture
def letters(live_app: LiveApp) -> Callable[..., list[EmailMessage]]:
    """Return the function that reads the letters in instance/outbox."""
    return live_app.letters


@pytest.fixture
def wait_for_letter(live_app: LiveApp) -> Callable[..., EmailMessage]:
    """Return the function that waits for a letter of the worker."""
    return live_app.wait_for_letter


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use Debian's chromium, silent on the network apart from what the pages ask for."""
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """Collect what no page may do; a test that provokes something takes it out of the list."""
    found: list[str] = []
    yield found
    assert not found, "\n".join(found)


class Watch:
    """Notes the problems of one context in a list."""

    def __init__(self, context: BrowserContext, site: str, problems: list[str]) -> None:
        self.site = site
        self.problems = problems
        context.on("console", self.on_console)
        context.on("weberror", lambda error: problems.append(f"script error: {error.error}"))
        context.on("request", self.on_request)
        context.on("response", self.on_response)

    def on_console(self, message: ConsoleMessage) -> None:
        """Note errors and refusals; failed loads are judged by their answers instead."""
        text = message.text
        if text.startswith("Failed to load resource"):
            return
        refused = "Content Security Policy" in text or text.startswith("Refused to")
        if message.type == "error" or refused:
            self.problems.append(f"console: {text}")

    def on_request(self, request: Request) -> None:
        """Note requests to any other site."""
        inside = request.url == self.site or request.url.startswith(self.site + "/")
        if not inside and not request.url.startswith(("data:", "blob:", "about:")):
            self.problems.append(f"request off-site: {request.url}")

    def on_response(self, response: Response) -> None:
        """Note failures of the server and missing files; a page may well answer 4xx."""
        is_page = response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not is_page):
            self.problems.append(f"answer {response.status}: {response.url}")


@pytest.fixture
def visitor(
    live_app: LiveApp, new_context: Callable[..., BrowserContext], problems: list[str]
) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a browser of somebody who is not signed in."""
    opened: list[Page] = []

    def open_browser(*, javascript: bool = True, width: int = 1280, language: str = "uk") -> Page:
        context = new_context(
            base_url=live_app.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": HEIGHTS[width < 600]},
            locale=LOCALES[language],
            timezone_id="Europe/Kyiv",
        )
        context.set_default_timeout(15_000)
        Watch(context, live_app.url, problems)
        opened.append(context.new_page())
        return opened[-1]

    yield open_browser
    for page in opened:
        # What the browser reports last arrives only while somebody listens.
        if not page.is_closed():
            page.wait_for_timeout(50)


@pytest.fixture(scope="module")
def known_people(live_app: LiveApp) -> dict[str, Any]:
    """Keep the cookies of those who have signed in to this app: passwords take their time."""
    return {}


@pytest.fixture
def person(
    live_app: LiveApp, visitor: Callable[..., Page], known_people: dict[str, Any]
) -> Callable[..., Page]:
    """Return a function that signs somebody in: ``person("staff@demo.example")``."""

    def sign_in(email: str, **browser: Any) -> Page:
        page = visitor(**browser)
        if email in known_people:
            page.context.add_cookies(known_people[email])
        page.goto("/auth/login")
        form = page.locator("form:has(input[type=password])")
        if "/auth/login" in page.url and form.count():
            form.locator("input[name=email]").fill(email)
            form.locator("input[type=password]").fill(live_app.password)
            form.locator("button:not([type=button])").first.click()
        page.wait_for_url(re.compile(r"^(?!.*/auth/login)"))
        known_people[email] = page.context.cookies()
        return page

    return sign_in


@pytest.fixture(
    params=[
        pytest.param(True, id="script"),
        pytest.param(False, id="plain", marks=pytest.mark.slow),
    ]
)
def javascript(request: pytest.FixtureRequest) -> bool:
    """Run a test with JavaScript, and without where everything is checked."""
    return bool(request.param)


both_ways = pytest.mark.parametrize(
    "javascript", [True, False], ids=["script", "plain"], indirect=True
)


@pytest.fixture
def people(person: Callable[..., Page], javascript: bool) -> Callable[[str], Page]:
    """Return a function that finds the page of somebody, signing them in at first."""
    return functools.cache(lambda email: person(email, javascript=javascript))
