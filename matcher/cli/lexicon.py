"""`flask lexicon check`: what is wrong in a file of additions before it is put to use."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from matcher.engine import default_lexicon
from matcher.engine.checking import check_file

group = AppGroup("lexicon", help="Words that the engine knows beside its own.")


@group.command("check", with_appcontext=False)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check a FILE of additions; each fault is named with its line.

    A good file goes into instance/lexicon/ and is used from the next start on.
    """
    faults = check_file(file, default_lexicon())
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise click.ClickException(
            f"{len(faults)} faults. A line with a fault of form is left out."
        )
    click.echo("No faults. Copy the file to instance/lexicon/, then restart the application.")
