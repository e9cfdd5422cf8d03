"""Every setting of the process, read from the environment once; secrets have no default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """A setting is missing or wrong; the message says what to do."""


def read_secret_key(environ: Mapping[str, str], instance: Path) -> str:
    """Return SECRET_KEY from the environment or from ``instance/secret_key``."""
    key = environ.get("SECRET_KEY", "")
    key_file = instance / "secret_key"
    if not key and key_file.is_file():
        key = key_file.read_text(encoding="utf-8").strip()
    return key


def database_url(environ: Mapping[str, str], instance: Path) -> str:
    """Return the address of the database; SQLite in the instance folder unless told otherwise."""
    url = environ.get("DATABASE_URL", "")
    if not url:
        return f"sqlite:///{instance / 'matcher.db'}"
    if url.startswith("postgresql://"):
        return "postgresql+psycopg://" + url.removeprefix("postgresql://")
    return url


def read_config(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return Flask's settings from ``environ``."""
    instance = Path(environ.get("INSTANCE_PATH", ROOT / "instance")).resolve()
    hosts = [host.strip() for host in environ.get("TRUSTED_HOSTS", "").split(",") if host.strip()]
    return {
        # Where the database, the secret key, the index and unsent letters of this installation lie.
        "INSTANCE_PATH": instance,
        # Signs cookies; from the environment or instance/secret_key (made by `make run`).
        "SECRET_KEY": read_secret_key(environ, instance),
        "SQLALCHEMY_DATABASE_URI": database_url(environ, instance),
        # The address that letters point to, for example https://ideas.example.org
        "PUBLIC_URL": environ.get("PUBLIC_URL", "http://localhost:8000").rstrip("/"),
        # Hosts that this installation answers for, with commas; empty means loopback names only.
        "TRUSTED_HOSTS": hosts or ["localhost", "127.0.0.1", "[::1]"],
        # How many proxies in front may tell the reader's address; 0 means none is believed.
        "TRUSTED_PROXIES": int(environ.get("TRUSTED_PROXIES", "0")),
        # Mail goes to this server; without it letters are written to instance/outbox.
        "SMTP_HOST": environ.get("SMTP_HOST", ""),
        "SMTP_PORT": int(environ.get("SMTP_PORT", "25")),
        "SMTP_USER": environ.get("SMTP_USER", ""),
        "SMTP_PASSWORD": environ.get("SMTP_PASSWORD", ""),
        "SMTP_STARTTLS": environ.get("SMTP_STARTTLS", "1") == "1",
        # Cookies travel over https alone; set by installations that have a certificate.
        "SESSION_COOKIE_SECURE": environ.get("PUBLIC_URL", "").startswith("https://"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "matcher",
        # Idle and absolute limits of a signed-in session, for the office and for all others.
        "OFFICE_IDLE": timedelta(minutes=30),
        "OFFICE_ABSOLUTE": timedelta(hours=8),
        "OTHERS_IDLE": timedelta(hours=2),
        "OTHERS_ABSOLUTE": timedelta(hours=12),
        # Profiles learn from accepted and declined ideas, if a report on these decisions proves
        # that it helps; off unless set to 1.
        "LEARN_FROM_DECISIONS": environ.get("LEARN_FROM_DECISIONS", "0") == "1",
        # A long form on a bad line must not die: the token is bound to the session instead.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 500,
        "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "image/svg+xml"],
        "BABEL_DEFAULT_LOCALE": "uk",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Kyiv",
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).with_name("translations")),
    }


def check_config(config: Mapping[str, Any]) -> None:
    """Refuse to start with a key that anybody could guess."""
    if len(config["SECRET_KEY"]) < 32:
        raise ConfigError(
            "SECRET_KEY is missing or shorter than 32 characters. Set it in the environment or "
            "write a random one to instance/secret_key (`make run` does that)."
        )
