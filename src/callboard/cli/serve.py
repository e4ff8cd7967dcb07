"""`callboard serve` and `demo`: the bot, which runs until it is stopped."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from callboard.core.errors import Refused

STOP_WITHIN = 10
commands = typer.Typer()


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "0.0.0.0",  # noqa: S104 - a server in a container
) -> None:
    """Run the bot: with Socket Mode when SLACK_APP_TOKEN is set, and with HTTP on $PORT always."""
    import uvicorn

    from callboard.app import App
    from callboard.core import logs
    from callboard.settings import load

    settings = load()
    if not settings.slack_bot_token.get_secret_value():
        raise Refused("Set SLACK_BOT_TOKEN (xoxb-...): it is on your Slack app's page, under OAuth & Permissions.")
    if not settings.slack_app_token.get_secret_value() and not settings.slack_signing_secret.get_secret_value():
        raise Refused("Set SLACK_APP_TOKEN (xapp-..., Socket Mode) or SLACK_SIGNING_SECRET (HTTP).")
    logs.configure(as_json=not sys.stderr.isatty(), level=settings.log_level, secrets=settings.secrets())
    free(host, settings.port)
    app = App(settings)
    app.prepare()
    config = uvicorn.Config(
        app.web, host=host, port=settings.port, log_config=None, access_log=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )  # fmt: skip
    uvicorn.Server(config).run()


def free(host: str, port: int) -> None:
    """Raises Refused where another program listens already."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        why = "another program uses it" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise Refused(f"Callboard can't listen on {host}, port {port}: {why}. Set PORT to a free one.") from error


@commands.command()
def demo(
    port: Annotated[int, typer.Option(help="The port of the page; 0 takes any free one.")] = 8044,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its state.")] = Path(".demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Start again from nothing.")] = False,
) -> None:
    """Try everything: the bot, a small Slack to talk to, and a plan on its first morning. No account needed."""
    from callboard import demo as stage

    asyncio.run(stage.run(port, folder, fresh=fresh))
