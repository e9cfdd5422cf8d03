"""The smallest app that scripts/serve.py can run: the same commands and /readyz, no database."""

import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

INSTANCE = Path(os.environ["INSTANCE_PATH"])
app = Flask(__name__)


def note(line: str) -> None:
    with (INSTANCE / "notes").open("a") as file:
        file.write(line + "\n")


@app.get("/readyz")
def readyz():
    return ("not yet", 503) if (INSTANCE / "unready").exists() else "ready"


@app.get("/crash")
def crash():
    os.kill(os.getppid(), signal.SIGKILL)
    return ""


database = AppGroup("db")
demo = AppGroup("demo")
worker = AppGroup("worker")


@database.command("upgrade")
def upgrade():
    note("upgrade")
    with sqlite3.connect(INSTANCE / "matcher.db") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")


@demo.command("load")
def load():
    note("load " + os.environ["DEMO_PASSWORD"])
    if (INSTANCE / "refuse-load").exists():
        click.echo("the reason of the loader")
        sys.exit(3)


@app.cli.command("setup")
def setup():
    note("setup " + click.prompt("Office"))


@worker.command("run")
def run():
    note(f"worker {os.getpid()}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while not (INSTANCE / "end-worker").exists():
        time.sleep(0.05)
    sys.exit(7)


for group in (database, demo, worker):
    app.cli.add_command(group)
