"""Takes pictures of the main screens, phone and desk, light and dark, in both languages.

    .venv/bin/python scripts/shots.py            all of them into shots/
    .venv/bin/python scripts/shots.py queue      those whose name begins so

The app runs on a demonstration of its own in a temporary folder and ends with the script.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "shots"
PASSWORD = "linen-harbour-4417-oak"  # noqa: S105  # of invented accounts on a throw-away database
WITHIN_S = 120
WIDTHS = {"phone": 390, "desk": 1280}
HEIGHTS = {"phone": 844, "desk": 900}
LANGUAGES = ("uk", "en")
SCHEMES = ("light", "dark")
TALLEST = 2600
SETTLE_MS = 300  # colours fade over from one scheme to the other
# An idea of the demonstration in which a donor is interested.
ROAD = "Кіберстійкість"


@dataclasses.dataclass(frozen=True)
class Screen:
    """One screen: who looks at it, where it is, what to follow on the way there."""

    name: str
    who: str
    path: str
    follow: tuple[str, ...] = ()


SCREENS = (
    Screen("start", "", "/"),
    Screen("open-ideas", "", "/ideas"),
    Screen("guidance", "", "/guidance"),
    Screen("access-request", "", "/access/request"),
    Screen("sign-in", "", "/auth/login"),
    Screen("my-ideas", "editor", "/community/ideas"),
    Screen("new-idea", "editor", "/community/ideas/new"),
    Screen("draft", "editor", "/community/ideas?view=writing", ("main h2 a",)),
    Screen("essence", "editor", "/community/ideas?view=writing", ("main h2 a", "ul.tasks a")),
    Screen("road", "editor", "/community/ideas?view=open", (f"section:has-text('{ROAD}') h2 a",)),
    Screen(
        "community-pair",
        "editor",
        "/community/ideas?view=open",
        (f"section:has-text('{ROAD}') h2 a", "main h3 a[href*='/matches/']"),
    ),
    Screen("matches", "donor", "/donor/matches"),
    Screen("match", "donor", "/donor/matches", ("article h2 a",)),
    Screen("priorities", "donor", "/donor/profile"),
    Screen("priority", "donor", "/donor/profile", ("main a[href*='/donor/profile/']",)),
    Screen("today", "staff", "/staff/"),
    Screen("check-list", "staff", "/staff/ideas"),
    Screen("idea", "staff", "/staff/ideas?status=submitted", ("main a[href*='/staff/ideas/2']",)),
    Screen("queue", "staff", "/staff/queue"),
    Screen("review", "staff", "/staff/queue?view=release", ("main th a",)),
    Screen("approve", "staff2", "/staff/queue?view=approve", ("main th a",)),
    Screen("follow-up", "staff", "/staff/follow-up"),
    Screen("donors", "staff", "/staff/donors"),
    Screen("donor-page", "staff", "/staff/donors", ("main th a[href*='/staff/donors/']",)),
    Screen("calls", "staff", "/staff/calls"),
    Screen("call", "staff", "/staff/calls", ("main a[href*='/staff/profiles/']",)),
    Screen("conflicts", "staff2", "/staff/conflicts"),
    Screen("rates", "staff", "/staff/rates"),
    Screen("runs", "staff", "/staff/runs"),
    Screen("quality", "staff", "/staff/quality"),
    Screen("letters", "staff", "/staff/letters"),
    Screen("restricted", "lead", "/staff/restricted"),
    Screen("territories", "lead", "/staff/territories"),
    Screen("users", "admin", "/admin/users"),
    Screen("settings", "admin", "/admin/settings"),
    Screen("audit", "admin", "/admin/audit"),
)


def say(line: str) -> None:
    """Print one line at once."""
    print(line, flush=True)


@contextmanager
def running_app(instance: Path) -> Iterator[str]:
    """Start web server and worker on an empty instance; yield the address; end both."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    strange = ("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "DEMO")
    environment = {name: text for name, text in os.environ.items() if name not in strange}
    environment |= {
        "INSTANCE_PATH": str(instance),
        "DEMO_PASSWORD": PASSWORD,
        "PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "scripts/serve.py"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_ready(f"http://localhost:{port}", process)
        yield f"http://localhost:{port}"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the app answers; end with one line when it does not."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310  # our own
                return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.2)
    sys.exit("The app did not start: run `make run` to see why.")


def sign_in(browser: Browser, url: str, who: str) -> list[dict[str, object]]:
    """Return the cookies of somebody who has signed in."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/auth/login")
    form = page.locator("form:has(input[type=password])")
    form.locator("input[name=email]").fill(f"{who}@demo.example")
    form.locator("input[type=password]").fill(PASSWORD)
    form.locator("button:not([type=button])").first.click()
    page.wait_for_url(lambda address: "/auth/login" not in address)
    cookies = context.cookies()
    context.close()
    return [dict(cookie) for cookie in cookies]


def set_language(page: Page, language: str) -> None:
    """Switch the page to this language with its own button."""
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]").click()
        page.wait_for_load_state()


def open_screen(context: BrowserContext, screen: Screen, language: str) -> Page:
    """Open a screen, following its links; stays on the last page that was there."""
    page = context.new_page()
    page.goto("/guidance")
    set_language(page, language)
    page.goto(screen.path)
    for link in screen.follow:
        if not page.locator(link).count():
            say(f"  {screen.name}: nothing to follow at {page.url}: {link}")
            break
        page.goto(page.locator(link).first.get_attribute("href") or screen.path)
    return page


def take(page: Page, screen: Screen, size: str, language: str) -> Iterator[Path]:
    """Take the picture of an open page in every scheme of colours."""
    # A window as tall as the page: what sticks to its lower edge stands where it belongs.
    height = page.evaluate("document.documentElement.scrollHeight")
    tall = max(HEIGHTS[size], min(height, TALLEST))
    page.set_viewport_size({"width": WIDTHS[size], "height": tall})
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        path = SHOTS / f"{screen.name}-{size}-{language}-{scheme}.png"
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=path)
        yield path


def take_all(browser: Browser, url: str, wanted: list[Screen]) -> int:
    """Take all pictures of the wanted screens; return how many there are."""
    cookies = {who: sign_in(browser, url, who) for who in {s.who for s in wanted} if who}
    count = 0
    for size, language, screen in itertools.product(WIDTHS, LANGUAGES, wanted):
        context = browser.new_context(
            base_url=url,
            viewport={"width": WIDTHS[size], "height": HEIGHTS[size]},
            timezone_id="Europe/Kyiv",
            locale="uk-UA",
        )
        if screen.who:
            context.add_cookies(cookies[screen.who])  # type: ignore[arg-type]
        page = open_screen(context, screen, language)
        for path in take(page, screen, size, language):
            say(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")
            count += 1
        context.close()
    return count


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of the names of screens")
    names = tuple(parser.parse_args().names)
    wanted = [screen for screen in SCREENS if not names or screen.name.startswith(names)]
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt install chromium")
    SHOTS.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="shots-") as folder,
        running_app(Path(folder) / "instance") as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        count = take_all(browser, url, wanted)
        browser.close()
    say(f"{count} pictures in {SHOTS.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
