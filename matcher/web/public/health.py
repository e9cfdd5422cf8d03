"""What a watcher of the server asks: is the process alive, can the installation work."""

from __future__ import annotations

from flask import Response, current_app, jsonify

from matcher.services import readiness
from matcher.web.public.blueprint import bp


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say check by check whether the installation can work; 503 when it cannot."""
    checks = readiness.check_readiness(current_app.config["INSTANCE_PATH"])
    ready = all(checks.values())
    return jsonify({"ready": ready, "checks": checks}), 200 if ready else 503
