"""What tests of the worker share: a worker on the app's database, letters read from the outbox."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from matcher.worker.loop import Worker


@pytest.fixture
def worker(app: Flask) -> Worker:
    """Return a worker whose day's tasks are not queued: a test asks for them itself."""
    worker = Worker(app)
    with app.app_context():
        worker.day_queued = app.config["CLOCK"]().date()
    return worker


@pytest.fixture
def outbox_folder(app: Flask) -> Path:
    """Return the folder of written letters."""
    return Path(app.config["INSTANCE_PATH"]) / "outbox"


@pytest.fixture
def read_letters(outbox_folder: Path) -> Callable[[], list[EmailMessage]]:
    """Return a function that reads all written letters, oldest first."""

    def read() -> list[EmailMessage]:
        files = sorted(outbox_folder.glob("*.eml"), key=lambda path: int(path.stem))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    return read
