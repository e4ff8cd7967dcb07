"""`callboard sandbox`: only the stand-in for Slack, with the app of a manifest installed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from pydantic import ValidationError

from callboard.core.errors import Refused

if TYPE_CHECKING:
    from slack_standin import WorkspaceSpec

commands = typer.Typer()


@commands.command()
def sandbox(
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8044,
    spec: Annotated[Path | None, typer.Option(help="The workspace as JSON; a small one without it.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="The bot's app manifest, JSON or YAML.")] = None,
    url: Annotated[str, typer.Option(metavar="URL", help="Where the bot takes HTTP requests; else Socket Mode.")] = "",
    state: Annotated[Path | None, typer.Option(help="Keep what happens in this file.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start again from nothing.")] = False,
) -> None:
    """Run only the stand-in for Slack, to try any bot on it."""
    made = _with_manifest(_workspace(spec), manifest).model_copy(update={"request_url": url or None})
    asyncio.run(_run(port, made, state, fresh=fresh))


async def _run(port: int, made: WorkspaceSpec, state: Path | None, *, fresh: bool) -> None:
    """Serve until it is stopped; prints what a bot needs to know."""
    from callboard.demo import HOST, stopped
    from slack_standin import start

    slack = await start(made, HOST, port, state, fresh=fresh)
    variables = {
        "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": made.bot_token, "SLACK_APP_TOKEN": made.app_token,
        "SLACK_SIGNING_SECRET": made.signing_secret,
    }  # fmt: skip
    lines = "\n".join(f"  {name}={value}" for name, value in variables.items())
    print(f"\n  The sandbox is at  {slack.url}\n\n{lines}\n", flush=True)  # noqa: T201
    try:
        await stopped()
    finally:
        await slack.close()


def _workspace(file: Path | None) -> WorkspaceSpec:
    from slack_standin import ChannelSpec, UserSpec, WorkspaceSpec

    if file is None:
        people = [UserSpec(name=name, real_name=name.capitalize()) for name in ("ada", "ben", "cleo")]
        return WorkspaceSpec(users=people, channels=[ChannelSpec(name="general"), ChannelSpec(name="release")])
    try:
        return WorkspaceSpec.model_validate(json.loads(file.read_text("utf-8")))
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}") from error
    except (ValueError, ValidationError) as error:
        raise Refused(f"{file} is not a workspace: {error}") from error


def _with_manifest(made: WorkspaceSpec, file: Path | None) -> WorkspaceSpec:
    if file is None:
        return made
    try:
        return made.with_manifest(yaml.safe_load(file.read_text("utf-8")))  # JSON is YAML too
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}") from error
    except (yaml.YAMLError, ValidationError, AttributeError, KeyError, TypeError) as error:
        raise Refused(f"{file} is not an app manifest: {error}") from error
