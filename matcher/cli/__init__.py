"""Commands of an installation: setup, people, ranking, words, jobs, worker, lists."""

from __future__ import annotations

from flask import Flask

from matcher.cli import demonstration, lexicon, lists, people, ranking, setup, work


def register(app: Flask) -> None:
    """Give ``app`` its commands."""
    for command in (
        setup.setup,
        demonstration.group,
        people.group,
        ranking.rank,
        ranking.evaluate,
        lexicon.group,
        work.jobs_group,
        work.worker_group,
        lists.territories,
        lists.rates,
    ):
        app.cli.add_command(command)
