"""Static files under addresses that carry a hash of their content, cached for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, request, url_for
from werkzeug.wrappers import Response

YEAR_S = 365 * 24 * 3600


@lru_cache(maxsize=256)
def content_hash(path: Path, _changed_ns: int) -> str:
    """Return a short hash of the file; a changed file is read again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def register(app: Flask) -> None:
    """Offer `static_url` to templates and cache what it points to."""
    folder = Path(app.static_folder or "static")

    @app.template_global()
    def static_url(name: str) -> str:
        path = folder / name
        return url_for("static", filename=name, v=content_hash(path, path.stat().st_mtime_ns))

    @app.after_request
    def cache_static(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.cache_control.public = True
            response.cache_control.max_age = YEAR_S
            response.cache_control.immutable = True
            response.cache_control.no_cache = None
        return response
