"""The bot as a process that serves until it is stopped; imports nothing of the command line, and little else."""

from __future__ import annotations

import gc
import sys

from callboard.core.errors import Refused

HOST = "0.0.0.0"  # noqa: S104 - a server in a container


def run(host: str) -> None:
    """Serve on `host`. Raises Refused where a setting is missing."""
    gc.disable()  # until everything is there; `App` turns it on
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type] # structlog would import it for tracebacks
    from callboard.app import App
    from callboard.core import logs
    from callboard.settings import load
    from callboard.web.server import server

    settings = load()
    if not settings.slack_bot_token.get_secret_value():
        raise Refused("Set SLACK_BOT_TOKEN (xoxb-...): it is on your Slack app's page, under OAuth & Permissions.")
    if not settings.slack_app_token.get_secret_value() and not settings.slack_signing_secret.get_secret_value():
        raise Refused("Set SLACK_APP_TOKEN (xapp-..., Socket Mode) or SLACK_SIGNING_SECRET (HTTP).")
    logs.configure(as_json=not sys.stderr.isatty(), level=settings.log_level, secrets=settings.secrets())
    server(App(settings).web, host, settings.port).run()
