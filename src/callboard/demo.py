"""The demo: the bot itself, unchanged, beside a stand-in for Slack whose clock it follows."""

from __future__ import annotations

import asyncio
import shutil
import signal
from contextlib import suppress
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from callboard import gallery
from callboard.app import App, routes, sections
from callboard.core import logs, schema
from callboard.core.errors import Refused
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.slack import manifest
from callboard.teams.plan.directory import drafted
from slack_standin import ChannelSpec, SandboxClock, UserSpec, WorkspaceSpec, start

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from callboard.teams.directory import Directory

PLAN = "deployment.yml"
HOST = "127.0.0.1"


async def run(port: int, folder: Path, *, fresh: bool) -> None:
    """Serve the demo until it is stopped; prints its address when everything is up."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs yet
    logs.configure(as_json=False, level="WARNING")
    checked = plans.check(resources.files("callboard.examples").joinpath(PLAN).read_bytes(), PLAN, sections())
    directory = drafted(checked.document)
    if directory is None:
        raise Refused(f"{PLAN} is not a valid plan:\n" + "\n".join(checked.report()))
    spec = workspace(directory)
    bots: list[App] = []

    async def next_due() -> datetime | None:
        return await bots[0].next_due() if bots else None

    clock = SandboxClock(directory.calendar.starts(_first_day(directory, checked.document)))
    slack = await start(spec, HOST, port, folder / "slack.json", clock=clock, next_due=next_due)
    app = App(
        Settings(
            slack_bot_token=SecretStr(spec.bot_token), slack_app_token=SecretStr(spec.app_token),
            slack_api_url=slack.api_url, database_url=f"sqlite:///{folder / 'callboard.db'}", mirrors=None,
        ),
        clock=clock,
    )  # fmt: skip
    bots.append(app)
    slack.gallery = partial(asyncio.to_thread, gallery.records)
    try:
        schema.upgrade(app.db)
        await app.db.write(plans.apply, checked, author="demo", workspace=spec.team_id)
        await app.start()
        print(f"\n  Callboard's demo is at  {slack.url}\n\n  Try:  /blocker mongo refuses TLS\n", flush=True)  # noqa: T201
        await stopped()
    finally:
        await app.stop()
        await slack.close()


def workspace(directory: Directory) -> WorkspaceSpec:
    """A Slack workspace with everybody and every channel of a plan, and Callboard installed."""
    users = [
        UserSpec(name=person.key, id=person.slack_id, real_name=person.name, tz=person.timezone, title=person.title,
                 email=person.email or None)
        for person in directory.people.values() if not person.vacant
    ]  # fmt: skip
    channels = [ChannelSpec(name=channel.name, id=channel.slack_id) for channel in directory.channels]
    named = {channel.name for channel in channels}
    teams = [team.channel.removeprefix("#") for team in directory.teams.values()]
    channels += [ChannelSpec(name=name) for name in dict.fromkeys(teams) if name and name not in named]
    made = WorkspaceSpec(name=directory.plan_name, users=users, channels=channels)
    return made.with_manifest(manifest.build(routes()))


def _first_day(directory: Directory, document: Any) -> Any:
    frame = document.of(plans.HEADER)
    return frame.from_.instant(directory.calendar, opening=True).astimezone(directory.calendar.zone).date()


async def stopped() -> None:
    """Return when somebody presses Ctrl-C or ends the process."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
