"""Pairs communities' project ideas with donors' priorities."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return the application, wired but idle; ``overrides`` replaces settings of config.py.

    The factory lives in matcher.app and is imported on the first call, so that
    ``import matcher.engine`` loads neither Flask nor SQLAlchemy.
    """
    app: Flask = import_module("matcher.app").create_app(overrides)
    return app
