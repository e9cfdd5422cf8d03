"""How gunicorn serves the app: loopback, one process of eight threads, quiet."""

import os
from pathlib import Path

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
