"""`callboard serve` and `demo`: the bot, which runs until it is stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from callboard.cli import server

commands = typer.Typer()


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = server.HOST,
) -> None:
    """Run the bot: with Socket Mode when SLACK_APP_TOKEN is set, and with HTTP on $PORT always."""
    server.run(host)


@commands.command()
def demo(
    port: Annotated[int, typer.Option(help="The port of the page; 0 takes any free one.")] = 8044,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its state.")] = Path(".demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Start again from nothing.")] = False,
    day: Annotated[bool, typer.Option("--day", help="Begin on the last day, with everything signed.")] = False,
) -> None:
    """Try everything: the bot, a small Slack to talk to, and a plan on its first morning. No account needed."""
    from callboard import demo as stage

    asyncio.run(stage.run(port, folder, fresh=fresh, day=day))
