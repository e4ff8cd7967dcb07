"""The bot as a process that serves until it is stopped; imports nothing of the command line, and little else."""

from __future__ import annotations

import errno
import gc
import os
import socket
import sys
from typing import TYPE_CHECKING

from callboard.core.errors import Refused

if TYPE_CHECKING:
    from callboard.core.clock import Clock

HOST = "0.0.0.0"  # noqa: S104 - a server in a container
UNUSED = "rich", "greenlet"
"""What structlog and SQLAlchemy would import where it is there, for tracebacks and for coroutines."""
TURN = 0.0005
"""Seconds that a thread goes on while another waits: an answer asks the database often, and waits each time."""


def run(host: str, clock: Clock | None = None) -> None:
    """Serve on `host`, by the database's time unless a `clock` is given. Raises Refused where a setting is missing."""
    gc.disable()  # until everything is there; `App` turns it on
    sys.setswitchinterval(TURN)
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    from callboard.settings import load, overruled

    settings = load()  # before the rest is imported: systemd starts it again and again while they are wrong
    if why := settings.unconnected():
        raise Refused(why)
    import structlog

    from callboard.app.bot import App
    from callboard.core import logs
    from callboard.core.resolver import keep_direct
    from callboard.preflight.rehearsal.models import FINDER
    from callboard.rehearsal.finder import Finder
    from callboard.web.server import server

    keep_direct(os.environ)
    logs.configure(as_json=not sys.stderr.isatty(), level=settings.log_level, secrets=settings.secrets())
    for name in overruled():
        structlog.get_logger().warning(
            "setting.overruled", name=name, why="the environment has another value, and counts"
        )
    free(host, settings.port)
    app = App(settings, clock)
    app.db.registry.put(FINDER, Finder())
    app.prepare()
    serving = server(app.web, host, settings.port)
    serving.leave = app.leave
    serving.run()


def free(host: str, port: int) -> None:
    """Raises Refused where another program listens already."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        why = "another program uses it" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise Refused(f"Callboard can't listen on {host}, port {port}: {why}. Set PORT to a free one.") from error
