"""The bot, a stand-in for Slack and a database in one process, on a clock that jumps to what is due next."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from callboard.app import routes
from callboard.app.bot import App
from callboard.core.clock import ManualClock
from callboard.forecast.forecaster import WORKSHOP, Forecaster
from callboard.rehearsal.wire import ADDRESS, Session, Socket, Study
from callboard.settings import Settings
from callboard.slack import manifest
from callboard.teams.directory import COORDINATOR
from slack_standin import ChannelSpec, RateLimits, Sandbox, UserSpec, WorkspaceSpec
from slack_standin.socket_mode import Connection

if TYPE_CHECKING:
    from callboard.core.outbox import Picture
    from callboard.teams.directory import Directory

PATIENCE = 30.0
"""Real seconds: a machine that stalls must not change a story."""
PLAN_ID = 1
"""The only plan of a rehearsal."""
RUNS = 300
"""Days pass in a moment: each forecast is of few runs, and of the same number on every machine."""
MOMENT = timedelta(milliseconds=1)
EVENTS_WITHIN = 10.0
A_DAY = timedelta(days=1)


class Stage:
    """`says`, `clicks`, `submits`, `advance`. All of it runs for real: over loopback, or `indoors` without sockets.

    Indoors everything happens in one thread and in one order, so that the same acts have the same effects.
    """

    app: App

    def __init__(
        self, spec: WorkspaceSpec, database_url: str, at: datetime, *, patience: float = PATIENCE, indoors: bool = False
    ) -> None:
        self.clock = ManualClock(at)
        self.database_url = database_url
        self.patience = patience
        self.indoors = indoors
        self._settled: tuple[datetime, int] | None = None
        self.slack = Sandbox(
            spec, clock=self.clock.now, limits=RateLimits.off(), ack_within=2 * PATIENCE,
            trigger_lifetime=2 * PATIENCE,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Everybody is there: the bot is connected, and has done what is due."""
        if not self.indoors:
            await self.slack.serve()
        self.app = self.another()
        self.prepare()
        await self.app.start(beating=False)
        await self.slack.connected()
        await self.app.settled_in.wait()
        await self.settled()

    async def close(self) -> None:
        await self.app.stop()
        await self.slack.close()

    def prepare(self) -> None:
        """What is done before the bot starts."""

    def another(self) -> App:
        """One more bot on the same database and the same Slack."""
        sealed_after = A_DAY if self.indoors else timedelta(0)
        app = App(self.settings(), clock=self.clock, patience=self.patience, sealed_after=sealed_after)
        app.forecaster = Forecaster(app.db, Study() if self.indoors else WORKSHOP, runs=RUNS)
        if self.indoors:
            app.db.stay_in_one_thread()
            app.slack.sender.pictures.draw, app.slack.sender.pictures.pause = unseen, 0.0
            self.slack.replies.base_url = ADDRESS
            app.slack.api.carried_by(Session(self.slack.asgi))
            socket: Any = Socket(app.slack)
            socket.stand_in = Connection(socket)
            self.slack.sockets.connections.append(socket.stand_in)
        return app

    def settings(self) -> Settings:
        spec = self.slack.spec
        return Settings(
            slack_bot_token=SecretStr(spec.bot_token),
            slack_app_token=SecretStr("" if self.indoors else spec.app_token),
            slack_api_url=f"{ADDRESS}/api/" if self.indoors else self.slack.api_url,
            database_url=self.database_url, mirrors=None,
        )  # fmt: skip

    async def says(self, person: str, text: str, channel: str) -> Any:
        """Type a slash command, and let everything that follows from it at this instant happen."""
        outcome = await self.slack.command(person, channel, text)
        await self.settled()
        return outcome

    async def until(self, instant: datetime) -> None:
        """Let time pass, stopping at every instant at which something is due on the way."""
        while (due := await self.app.next_due()) is not None and due <= instant:
            self.clock.move_to(max(due, self.clock.now() + MOMENT))
            await self.settled()
        self.clock.move_to(instant)
        await self.settled()

    async def settled(self) -> None:
        """Do all that is due at this instant, and what Slack tells the bot of it."""
        if not self.indoors:
            await self.app.settle()
            return
        while self._settled != (self.clock.now(), self.app.db.turns):
            await self.app.settle()
            self._settled = (self.clock.now(), self.app.db.turns)
            await self.app.slack.idle()
            await self.slack.courier.idle()

    async def opened(self, person: str) -> Any:
        """Wait for the form that was asked for."""
        await until(lambda: self.slack.views(person))
        return self.slack.views(person)[-1]

    async def heard(self, event: str) -> None:
        """Wait until the bot has heard an event, and let follow what follows."""

        def answered() -> bool:
            events = [one for one in self.slack.courier.deliveries if "event" in one.payload]
            sent = {one.id for one in events if one.payload["event"]["type"] == event}
            acks = {ack["arguments"]["delivery"] for ack in self.slack.record.of("ack")}
            return bool(sent) and sent <= acks

        await until(answered)
        await self.settled()

    async def home(self, person: str) -> Any:
        """Open the Home tab; what it shows."""
        await self.slack.open_home(person)
        await self.heard("app_home_opened")
        return self.slack.home(person)

    async def submits(self, person: str, values: dict[str, Any] | None = None) -> str:
        """Submit the form on top, and close what is left of it; what came of it, in words."""
        outcome = await self.slack.submit(person, values or {})
        answer = outcome.view.shown if outcome.view else outcome.text
        while self.slack.views(person):
            await self.slack.close_view(person)
        await self.settled()
        return str(answer)


def workspace(directory: Directory) -> WorkspaceSpec:
    """A Slack workspace with everybody and every channel of a plan, and Callboard installed.

    Whoever may take a vacant seat is there too.
    """
    users = [
        UserSpec(name=person.key, id=person.slack_id, real_name=person.name, tz=person.timezone, title=person.title,
                 email=person.email or None, is_admin=directory.has_role(person, COORDINATOR))
        for person in directory.people.values()
    ]  # fmt: skip
    channels = [ChannelSpec(name=channel.name, id=channel.slack_id) for channel in directory.channels]
    named = {channel.name for channel in channels}
    teams = [team.channel.removeprefix("#") for team in directory.teams.values()]
    channels += [ChannelSpec(name=name) for name in dict.fromkeys(teams) if name and name not in named]
    made = WorkspaceSpec(name=directory.plan_name, users=users, channels=channels)
    return made.with_manifest(manifest.build(routes()))


def unseen(picture: Picture) -> bytes:
    """What is uploaded in place of a picture: nobody looks at it, and to draw it takes longer than all else."""
    return picture.name.encode()


async def until(condition: Any, within: float = EVENTS_WITHIN) -> None:
    """Wait for something that happens by itself, in real time."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - what is waited for may be anywhere
            await asyncio.sleep(0.02)
