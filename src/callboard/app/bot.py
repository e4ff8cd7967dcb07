"""The bot: everything built from the settings, started and stopped."""

from __future__ import annotations

import asyncio
import gc
import itertools
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import DBAPIError

from callboard import app
from callboard.app.lifesign import LifeSign
from callboard.app.metronome import Metronome
from callboard.board.workspace.scribe import Scribe
from callboard.branches.addresses import Origins
from callboard.branches.radar import Radar
from callboard.core import notices, retention, schema
from callboard.core.clock import Clock
from callboard.core.courier import Courier, claims
from callboard.core.courier.carrier import Carrier
from callboard.core.deliveries import Medium
from callboard.core.errors import Refused
from callboard.core.ticks import Look, Ticker
from callboard.core.words import capital
from callboard.forecast import store as forecasts
from callboard.forecast.forecaster import Forecaster
from callboard.plans import service as plans
from callboard.preflight.rehearsal import store as rehearsals
from callboard.preflight.rehearsal.reader import Reader
from callboard.slack.app import PATIENCE, Account, SlackApp
from callboard.slack.clients import ByWorkspace
from callboard.teams.links import Arrival
from callboard.web import app as web
from callboard.web.app import Web
from callboard.web.health import Health, Metrics, is_away, unusable
from callboard.web.limits import Callers, Limits
from callboard.web.spent import Exchange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from datetime import datetime

    from fastapi import FastAPI
    from starlette.applications import Starlette

    from callboard.core.db import Tx
    from callboard.installations.assembly import Assembly
    from callboard.settings import Settings

log = structlog.get_logger()

# Between tries while the database is away.
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
# Objects made between two looks of the collector: a transaction makes many, and leaves hardly a circle of them.
MADE = 10_000


class App:
    """The bot: Slack, web, clock work and the courier, on one database."""

    def __init__(
        self, settings: Settings, clock: Clock | None = None, *, patience: float = PATIENCE,
        sealed_after: timedelta = timedelta(0),
    ) -> None:  # fmt: skip
        """After `patience` real seconds whoever waits for an answer is told that it takes longer.

        What nobody else can change need not be sealed at once.
        """
        self.settings = settings
        self.db = app.database(settings, clock)
        if settings.otlp_endpoint:
            from callboard.app.telemetry import Collector

            self.db.spans.recorder = Collector(settings.otlp_endpoint)
        self.metrics = Metrics()
        self.installations = self._installations() if settings.several else None
        several = self.installations
        self.slack = SlackApp(
            self.db, _account(settings, patience), app.routes(several.hears if several else ()),
            is_plan_key=plans.is_plan_key, observe=self.metrics.answered, called=self.metrics.called,
            clients=several.clients if several else None,
        )  # fmt: skip
        self.fallback = app.fallback(settings)
        media: dict[str, Carrier] = {
            **{each: ByWorkspace(self.slack.clients, each) for each in (Medium.SLACK, Medium.HOME, Medium.CANVAS)},
            Medium.APPRISE: self.fallback, **app.forges(settings),
        }  # fmt: skip
        aheads = notices.aheads(app.every_notice())
        self.courier = Courier(self.db, media, app.renderers(), self.metrics.paged, aheads)
        self.db.on_commit(self.courier.nudge)
        works = itertools.chain.from_iterable(capability.due for capability in app.CAPABILITIES)
        core = (replace(work, after=sealed_after) if work is app.SEALING else work for work in app.CORE_WORK)
        self.ticker = Ticker(self.db, (*works, *core))
        self._asking = self.ticker.looking(forecasts.WAITING, rehearsals.WAITING)
        self._looked: tuple[int, Look] | None = None
        self.arrival = Arrival(self.db, self.slack.lookup, self.slack.clients.workspaces, self.slack.lookup_of)
        self.linker, self.settled_in = self.arrival.linker, self.arrival.settled_in
        origins = Origins(app.hosts(settings), frozenset(settings.repository_schemes))
        self.radar = Radar(self.db, settings.mirrors, origins)
        self.db.on_commit(self.radar.nudge)
        self.scribe = Scribe(self.db, settings.mirrors, origins)
        self.forecaster = Forecaster(self.db)
        self.reader = Reader(self.db)
        self._metronome = Metronome(self.ticker.tick)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped: list[str] = []
        self._starting = ""
        self._leaving: asyncio.Task[None] | None = None
        self.limits = Limits(settings.api_rate)
        self.callers = Callers(self.db)
        counted = {"token": self.limits, "wrong": self.callers.wrong}
        self.exchange = None if self.db.on_sqlite else Exchange(self.db, counted)
        self.health = Health(
            self.db, self.ticker.age, self.slack.signs, stopped=lambda: self._stopped, starting=lambda: self._starting
        )
        heartbeat = settings.heartbeat_url.get_secret_value()
        self.life_sign = LifeSign(heartbeat, app.hosts(settings), self.health.trouble, self.metrics.gave_sign)

    @cached_property
    def web(self) -> Web:
        """Everything that is served over HTTP; built when it is first asked for."""
        return Web(web.build(self.slack, self.health, self.metrics, self._lifespan), lambda: self.api, self.db.spans)

    @cached_property
    def api(self) -> FastAPI:
        """What capabilities serve over HTTP; imported and built when somebody first asks for it."""
        from callboard.alerts import web as alerts
        from callboard.answers import web as answers
        from callboard.board import web as board
        from callboard.branches import web as forges
        from callboard.locks import web as locks
        from callboard.planning import web as planning
        from callboard.teams.web import Bearers
        from callboard.web import api as automation

        given = {"github": self.settings.github_secret, "gitlab": self.settings.gitlab_secret}
        secrets = {name: secret.get_secret_value() for name, secret in given.items()}
        sentry = self.settings.sentry_secret.get_secret_value()
        api = automation.Api(self.db, Bearers(), self.limits)
        routers = (
            forges.router(self.db, secrets), alerts.router(self.db, sentry), locks.router(self.db),
            *(each.routes(api) for each in app.apis()), planning.calendars(self.db, self.callers),
            answers.router(self.db, self.callers), board.router(self.db, self.callers),
            *([self.installations.router(self.callers)] if self.installations else []),
        )  # fmt: skip
        own = (automation.door(self.callers), locks.door(self.callers), answers.door, board.door)
        hooks = (*alerts.doors(sentry, self.callers), *forges.doors(secrets, self.callers))
        return automation.build(routers, (*own, *hooks))

    def _installations(self) -> Assembly:
        from callboard.installations.assembly import Assembly

        return Assembly(self.db, self.settings, self.metrics.called)

    def prepare(self) -> None:
        """Bring the schema up to date. Raises Refused where waiting for the database would not help."""
        try:
            schema.upgrade(self.db)
        except DBAPIError as error:
            if not is_away(error):
                raise Refused(f"{capital(unusable(error))}.") from error

    async def start(self, *, beating: bool = True) -> None:
        """Bring the schema up to date, connect and begin. Without `beating` it acts only when told to `settle`."""
        await asyncio.to_thread(schema.upgrade, self.db)
        await self.db.write(retention.begin)
        await self.slack.start()
        self._begin(self.arrival.run(beating=beating))
        if not beating:
            return
        self._begin(self.courier.run())
        if not self.db.on_sqlite:
            self._begin(self.courier.presence.run())
        self._begin(self.radar.run())
        self._begin(self.scribe.run())
        self._begin(self.forecaster.run())
        self._begin(self.reader.run())
        if self.exchange:
            self._begin(self.exchange.run())
        self._begin(self.life_sign.run())
        self._begin(self._metronome.run())

    def leave(self) -> asyncio.Task[None]:
        """Begin to stop: leave to others whatever comes from now on, while those who asked before are answered."""
        self._leaving = self._leaving or asyncio.create_task(self._left())
        return self._leaving

    async def _left(self) -> None:
        await self._metronome.stop()
        await asyncio.gather(self.courier.stop(), self.slack.leave())

    async def stop(self) -> None:
        """Take nothing new, finish what was begun, close."""
        await self.leave()
        await self.slack.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self.db.close()
        if self.db.spans.recorder:
            self.db.spans.recorder.close()

    async def settle(self) -> None:
        """Do everything that is due at this instant, until nothing is left."""
        if not self.db.in_one_order:
            self.courier.nudge({"outbox"})
        while await self._done_now():
            pass

    async def _done_now(self) -> int:
        """Do what is due now, each part once; how many things that was."""
        look = await self._next_look()
        due = [at is not None and at <= self.db.clock.now() for at in look]
        *_, forecast_due, rehearsal_due, message_due = due
        done = await self.ticker.handle(look) + await self.radar.turn() + await self.scribe.turn()
        done += await self.forecaster.turn() if forecast_due else 0
        done += await self.reader.turn() if rehearsal_due else 0
        done += await self.courier.drain() if message_due or self.courier.is_nudged else 0
        self._looked = None if done or any(due) else (self.db.turns, look)
        return done

    async def next_due(self) -> datetime | None:
        """The next instant at which something happens by itself."""
        mirrored = [await part.next_at() for part in (self.radar, self.scribe)]
        return min(filter(None, (*await self._next_look(), *mirrored)), default=None)

    async def _next_look(self) -> Look:
        """What the last look found, where nobody can have written since; else another one."""
        if self.db.in_one_order and self._looked and self._looked[0] == self.db.turns:
            return self._looked[1]
        return await self.db.read(self._look)

    def _look(self, tx: Tx) -> Look:
        return [*self.ticker.instants(tx, self._asking), claims.next_due(tx)]

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """What ends by a fault is missed by nobody at first: readiness tells."""
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._stopped.append(getattr(task.get_coro(), "__qualname__", "?"))
            log.error("app.part_stopped", part=self._stopped[-1], exc_info=fault)

    async def _start_later(self) -> None:
        """Start as soon as the database answers; until then say why nothing happens."""
        for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
            await asyncio.sleep(pause)
            try:
                await self.start()
            except DBAPIError as error:
                self._starting = unusable(error)
                log.warning("database.away", why=self._starting, again_in=pause)
            else:
                self._starting = ""
                log.info("database.back")
                return

    @asynccontextmanager
    async def _lifespan(self, _web: Starlette) -> AsyncIterator[None]:
        try:
            await self.start()
        except DBAPIError as error:
            self._starting = unusable(error)
            log.warning("database.away", why=self._starting, again_in=PAUSES[0])
            self._begin(self._start_later())
        gc.freeze()  # what is there by now stays: the collector need not look through it again and again
        gc.set_threshold(MADE)
        gc.enable()
        try:
            yield
        finally:
            await self.stop()


def _account(settings: Settings, patience: float) -> Account:
    return Account(
        bot_token=settings.slack_bot_token.get_secret_value(), app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(), api_url=settings.slack_api_url,
        prefix=settings.command_prefix, patience=patience,
    )  # fmt: skip
