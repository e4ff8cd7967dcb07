"""A bot that dies at a given moment: after a commit, or when Slack has something and nobody has written it down."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import chain
from typing import Any, NamedTuple

from callboard.app import CAPABILITIES, CORE_WORK, database, renderers, routes
from callboard.core.clock import Clock
from callboard.core.courier import Courier
from callboard.core.db import Database
from callboard.core.ticks import Ticker
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.slack.app import Account, SlackApp
from callboard.teams.fallback import Fallback
from callboard.teams.links import Linker
from tests.world import PATIENCE


class Moment(NamedTuple):
    """A boundary in the bot's work, and the how manieth time it comes by."""

    where: str
    time: int


class Heart:
    """Beats at every boundary of the bot's work, and stops for good where it is told to."""

    def __init__(self) -> None:
        self.beats: list[Moment] = []
        self.stopped = asyncio.Event()
        self._end: Moment | None = None
        self._counted: Counter[str] = Counter()

    def stops_at(self, end: Moment | None) -> None:
        """Count from here: the first, second, ... time that the bot comes by."""
        self._end = end
        self._counted.clear()
        self.beats.clear()

    async def beat(self, where: str) -> None:
        """Go on, or never again."""
        self._counted[where] += 1
        moment = Moment(where, self._counted[where])
        self.beats.append(moment)
        if self.stopped.is_set() or moment == self._end:
            self.stopped.set()
            await asyncio.Event().wait()


class MortalDatabase(Database):
    """Dies after a commit."""

    def __init__(self, url: str, clock: Clock, bus: Any, heart: Heart) -> None:
        super().__init__(url, clock, bus)
        self._heart = heart

    async def write(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._beaten(super().write(verb, *args, **kwargs), verb, *args)

    async def write_behind(self, patience: Any, verb: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._beaten(super().write_behind(patience, verb, *args, **kwargs), verb, *args)

    async def write_together(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._beaten(super().write_together(verb, *args, **kwargs), verb, *args)

    async def _beaten(self, writing: Any, verb: Any, *args: Any) -> Any:
        done = await writing
        name = getattr(verb, "func", verb).__name__  # of what is partial too
        await self._heart.beat(f"{name} {_about(*args)} is committed")
        return done


class MortalMedium:
    """Dies after Slack has accepted something."""

    def __init__(self, medium: Any, heart: Heart) -> None:
        self._medium = medium
        self._heart = heart

    async def post(self, delivery: Any, message: Any, thread: Any) -> Any:
        accepted = await self._medium.post(delivery, message, thread)
        await self._heart.beat(f"{delivery.kind} is in Slack")
        return accepted

    async def edit(self, delivery: Any, message: Any) -> Any:
        accepted = await self._medium.edit(delivery, message)
        await self._heart.beat(f"the edit of {delivery.kind} is in Slack")
        return accepted

    async def find(self, delivery: Any) -> Any:
        return await self._medium.find(delivery)


class Mortal:
    """The bot, of the same parts as `callboard.app.bot.App`, around a heart."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.heart = Heart()
        spare = database(settings, clock)
        self.db = MortalDatabase(settings.database_url, clock, spare.bus, self.heart)
        self.db.registry = spare.registry
        spare.close()
        account = Account(
            bot_token=settings.slack_bot_token.get_secret_value(),
            app_token=settings.slack_app_token.get_secret_value(),
            api_url=settings.slack_api_url,
            patience=PATIENCE,
        )
        self.slack = SlackApp(self.db, account, routes(), is_plan_key=plans.is_plan_key)
        media: dict[str, Any] = {"slack": MortalMedium(self.slack.sender, self.heart), "apprise": Fallback()}
        self.courier = Courier(self.db, media, renderers())
        works = chain.from_iterable(capability.due for capability in CAPABILITIES)
        self.ticker = Ticker(self.db, (*works, *CORE_WORK))
        self.linker = Linker(self.db, self.slack.lookup)

    async def settle(self) -> None:
        """Do all that is due at this instant, and what follows from it."""
        while await self.ticker.tick() + await self.courier.drain():
            pass

    async def lives(self, doing: Any) -> bool:
        """Whether it lives to see the end of `doing`."""
        task = asyncio.ensure_future(doing)
        death = asyncio.create_task(self.heart.stopped.wait())
        await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
        alive = task.done() and not self.heart.stopped.is_set()
        if not alive:
            await self._is_gone()
        await _ended(death, *(() if alive else (task,)))
        if alive:
            task.result()
        return alive

    async def leaves(self) -> None:
        """Stop in good order."""
        await self.courier.stop()
        await self.slack.stop()
        await asyncio.to_thread(self.db.close)

    async def _is_gone(self) -> None:
        """What is left of it is torn away: nothing is settled, nothing is answered."""
        tasks = [*self.courier._under_way, *self.slack._once._running.values(), *self.slack._tasks]
        await _ended(*tasks)
        await self.slack.api.close()
        await asyncio.to_thread(self.db.close)


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _about(subject: Any = None, *_: Any) -> str:
    return str(getattr(subject, "kind", type(subject).__name__))
