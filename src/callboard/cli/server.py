"""Runs the bot as a server until it is told to stop."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import uvicorn

from callboard.app import App
from callboard.core import logs
from callboard.core.errors import Refused

if TYPE_CHECKING:
    from callboard.settings import Settings

STOP_WITHIN = 10


def serve(settings: Settings, host: str) -> None:
    """Serve until SIGTERM or SIGINT. Refused when there is no way to talk to Slack."""
    bot, app_token, signing = (
        settings.slack_bot_token.get_secret_value(),
        settings.slack_app_token.get_secret_value(),
        settings.slack_signing_secret.get_secret_value(),
    )
    if not bot:
        raise Refused("Set SLACK_BOT_TOKEN (xoxb-...): it is on your Slack app's page, under OAuth & Permissions.")
    if not app_token and not signing:
        raise Refused("Set SLACK_APP_TOKEN (xapp-..., Socket Mode) or SLACK_SIGNING_SECRET (HTTP).")
    logs.configure(as_json=not sys.stderr.isatty(), level=settings.log_level, secrets=settings.secrets())
    app = App(settings)
    config = uvicorn.Config(
        app.web, host=host, port=settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=STOP_WITHIN
    )  # fmt: skip
    uvicorn.Server(config).run()
