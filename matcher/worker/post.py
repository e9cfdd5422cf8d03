"""Hands letters over: to a mail server, or as files where none is set."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import current_app

TIMEOUT_S = 30
TLS_PORT = 465
OUTBOX = "outbox"


class NotSent(Exception):
    """The letter did not leave; ``for_good`` tells that trying again is of no use.

    The message is a code for the page of failed letters: never an address or a text.
    """

    def __init__(self, code: str, *, for_good: bool = False) -> None:
        super().__init__(code)
        self.for_good = for_good


def send(message: EmailMessage, job_id: int, *, demo: bool) -> str:
    """Send a letter and return how: "smtp" or "file"; raises NotSent.

    A demonstration never writes to a mail server: its people are invented, their
    addresses are not ours.
    """
    config = current_app.config
    if demo or not config["SMTP_HOST"]:
        keep_as_file(message, Path(config["INSTANCE_PATH"]) / OUTBOX / f"{job_id}.eml")
        return "file"
    try:
        server = connect(config, message)
        try:
            server.send_message(message)
        finally:
            # What the server says to a goodbye changes nothing: the letter is with it.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
    except smtplib.SMTPRecipientsRefused as error:
        code = min(reply for reply, _words in error.recipients.values())
        raise NotSent(f"smtp {code}", for_good=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"smtp {error.smtp_code}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(type(error).__name__) from error
    return "smtp"


def connect(config: Mapping[str, Any], message: EmailMessage) -> smtplib.SMTP:
    """Return a connection to the mail server, encrypted where the setting says so.

    With SMTP_STARTTLS a server that offers none gets nothing: no letter goes in the clear
    because somebody on the way has cut the offer out.
    """
    host, port = config["SMTP_HOST"], config["SMTP_PORT"]
    name = message["From"].addresses[0].domain
    if port == TLS_PORT:
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, local_hostname=name, timeout=TIMEOUT_S, context=context
        )
    else:
        server = smtplib.SMTP(host, port, local_hostname=name, timeout=TIMEOUT_S)
    try:
        if config["SMTP_STARTTLS"] and port != TLS_PORT:
            server.starttls(context=ssl.create_default_context())
        if config["SMTP_USER"]:
            server.login(config["SMTP_USER"], config["SMTP_PASSWORD"])
    except BaseException:
        server.close()
        raise
    return server


def keep_as_file(message: EmailMessage, path: Path) -> None:
    """Write a letter where only this user can read it; it is whole or not there at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
