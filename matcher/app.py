"""The application factory: wires the parts together, does no work, touches no data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

import sqlalchemy as sa
from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import matcher.models  # noqa: F401  # registers the tables
from matcher import cli, web
from matcher.config import ROOT, check_config, read_config
from matcher.extensions import babel, compress, csrf, db, login_manager, migrate

BUSY_TIMEOUT_MS = 10_000


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return the application; ``overrides`` replaces settings of config.py."""
    app = Flask("matcher", template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.config.from_mapping(read_config())
    app.config.from_mapping(overrides or {})
    check_config(app.config)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    register_extensions(app)
    web.register(app)
    cli.register(app)
    return app


def register_extensions(app: Flask) -> None:
    """Bind the extensions to ``app``."""
    db.init_app(app)
    with app.app_context():
        prepare_sqlite(db.engine)
    migrate.init_app(
        app, db, directory=str(Path(__file__).with_name("migrations")), render_as_batch=True
    )
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=web.select_language)
    compress.init_app(app)


def prepare_sqlite(engine: sa.Engine) -> None:
    """Make each SQLite connection durable and strict; other databases are so already.

    FULL, because NORMAL in WAL mode loses acknowledged commits in a power cut.
    """
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def set_pragmas(connection: SQLiteConnection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins; see begin() below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A read that later writes must not meet SQLITE_BUSY_SNAPSHOT: sessions that write
        # ask for IMMEDIATE through execution options, all others begin deferred.
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")
