"""The process's index of the generation in force, made at start and loaded on first use."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app

from matcher.services.index import Index

NAME = "matcher-index"


def register(app: Flask) -> None:
    """Give ``app`` its index; nothing is read before it is asked for."""
    instance = Path(app.config["INSTANCE_PATH"])
    app.extensions[NAME] = Index(instance / "index", instance / "lexicon")


def get_index() -> Index:
    """Return the index of this process."""
    index: Index = current_app.extensions[NAME]
    return index
