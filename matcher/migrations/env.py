"""Runs migrations on the application's own database."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import current_app

from matcher.models.columns import ExactDecimal, UtcDateTime

extension = current_app.extensions["migrate"]
target = extension.db.metadata


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write our column types as what the database stores: migrations outlive the models."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, ExactDecimal):
        return "sa.BigInteger()"
    return False


def run() -> None:
    """Migrate over one connection; batch mode rebuilds tables where SQLite cannot alter."""
    engine = extension.db.engine
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=target,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
