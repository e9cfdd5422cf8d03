"""Whether this installation can work: database, migrations, disk, folder of the index."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from matcher.extensions import db

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LEAST_FREE_BYTES = 100 * 1024 * 1024


def check_readiness(instance: Path) -> dict[str, bool]:
    """Return each check by name; the installation is ready when all hold."""
    database = can_read_database()
    return {
        "database": database,
        "migrations": database and is_migrated(),
        "disk": has_free_disk(instance),
        "index": can_write(instance / "index"),
    }


def can_read_database() -> bool:
    """Tell whether the database answers."""
    try:
        db.session.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def is_migrated() -> bool:
    """Tell whether the tables are those of this version of the program."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    return MigrationContext.configure(db.session.connection()).get_current_revision() == head


def has_free_disk(folder: Path) -> bool:
    """Tell whether enough of the disk is free for a day of work."""
    try:
        return shutil.disk_usage(nearest(folder)).free > LEAST_FREE_BYTES
    except OSError:
        return False


def can_write(folder: Path) -> bool:
    """Tell whether the folder can be written to, or made."""
    return os.access(nearest(folder), os.W_OK | os.X_OK)


def nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())
