"""How gunicorn serves the app: loopback, one process of eight threads, quiet."""

import os
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

bind = f"127.0.0.1:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or "1")
threads = 8
keepalive = 5
timeout = 60
# Shorter than the 30 seconds that scripts/serve.py waits before it kills.
graceful_timeout = 20

loglevel = "warning"
accesslog = None
errorlog = "-"

# The heartbeat file is touched every second: keep it off a slow disk where memory is at hand.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (not a temp file)
# Whose forwarding headers count is decided by the app alone (TRUSTED_PROXIES).
forwarded_allow_ips = ""
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Read the engine's index while nobody waits for it: the first ranked page would take seconds.

    It runs beside the first requests; without an index, or a database, nothing happens here.
    """
    if "matcher-index" in getattr(worker.wsgi, "extensions", {}):
        Thread(target=read_index, args=(worker.wsgi,), daemon=True).start()


def read_index(app: Any) -> None:
    """Load the generation in force into this process."""
    with app.app_context():
        try:
            app.extensions["matcher-index"].find_run()
        except SQLAlchemyError as error:  # the pages say what is wrong with the database
            app.logger.warning("the index was not read at start: %s", type(error).__name__)
