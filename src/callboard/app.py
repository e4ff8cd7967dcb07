"""The composition root: the one list of capabilities, and everything built from the settings."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
from contextlib import asynccontextmanager
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import DBAPIError

from callboard import rights
from callboard.branches import web as forges
from callboard.branches.addresses import Origins
from callboard.branches.radar import Radar
from callboard.conflicts.notices import FORGES
from callboard.core import notices, schema, seal
from callboard.core.clock import Clock
from callboard.core.courier import Carrier, Courier, claims, outcomes
from callboard.core.db import Database
from callboard.core.deliveries import Medium
from callboard.core.errors import Refused
from callboard.core.hosts import Hosts
from callboard.core.measures import COMPUTED
from callboard.core.outbox import BUDGET
from callboard.core.registry import Bus
from callboard.core.resolver import look_up
from callboard.core.ticks import DueWork, Ticker, rows_due
from callboard.escalation.pages import PAGES
from callboard.escalation.service import StepsDue
from callboard.gates.service import gate_states
from callboard.locks import web as locks_api
from callboard.noise import budget
from callboard.planfile.sections import SECTIONS
from callboard.planning.rights import SHARED, STARTERS
from callboard.planning.service import HOLDERS
from callboard.plans import service as plans
from callboard.slack.app import PATIENCE, Account, SlackApp
from callboard.slack.grammar import joined
from callboard.slack.idempotency import OLD_RECEIPTS
from callboard.slack.routes import Routes
from callboard.tasks.dependencies import GATES
from callboard.tasks.service import holders
from callboard.teams.fallback import Fallback
from callboard.teams.links import Linker
from callboard.web import PUBLIC_URL
from callboard.web import api as automation
from callboard.web import app as web
from callboard.web.health import Health, Metrics, is_away, unusable
from callboard.web.idempotency import OLD_REPLIES
from callboard.web.limits import Callers, Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping
    from datetime import datetime

    from fastapi import APIRouter, FastAPI

    from callboard.branches.web import Forge
    from callboard.capability import Capability
    from callboard.core.notices import Notice
    from callboard.core.outbox import Renderer
    from callboard.planfile.sections import Section
    from callboard.settings import Settings

log = structlog.get_logger()

CAPABILITIES: tuple[Capability, ...] = tuple(
    import_module(f"callboard.{name}").capability for name in (
        "plans", "teams", "noise", "planning", "escalation", "zones", "branches", "blockers", "tasks", "jobs", "locks",
        "conflicts", "gates", "freezes", "standups", "checkpoints", "cadences", "meetings", "emergencies", "runbooks",
        "risks", "board",
    )
)  # fmt: skip

API = ("planning", "tasks", "jobs", "blockers", "locks", "gates", "runbooks")
"""Who has a part in the automation API, in the order of its description."""
BEAT = 0.25
LOOK_FOR_PLANS = 2.0
# Between tries while the database is away.
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
LINK_EVERY = 5

CORE_WORK = (
    outcomes.UNACCEPTED, outcomes.PARKED, OLD_RECEIPTS, OLD_REPLIES,
    DueWork("seal", seal.unsealed, seal.seal, seal.WAITING),
    rows_due("heads", seal.publish, seal.Chain.plan_id, seal.Chain.publish_at),
)  # fmt: skip


def sections() -> tuple[Section[Any], ...]:
    """Every section of the plan file that a capability declares."""
    return tuple(itertools.chain.from_iterable(capability.sections for capability in CAPABILITIES))


def routes() -> Routes:
    """Everything that Slack may ask for. LookupError for what the table of rights does not know."""
    found = Routes(
        joined(itertools.chain.from_iterable(capability.commands for capability in CAPABILITIES)),
        itertools.chain.from_iterable(capability.interactions for capability in CAPABILITIES),
        itertools.chain.from_iterable(capability.hears for capability in CAPABILITIES),
    )
    if missing := rights.missing(found.names()):
        raise LookupError(f"rights.py does not say who may do this: {', '.join(missing)}")
    return found


def scopes() -> list[str]:
    """Every scope that a token may have."""
    from callboard.locks import lfs

    return [scope for each in (*_api(), lfs) for scope in each.SCOPES]


def _api() -> list[Any]:
    return [import_module(f"callboard.{name}.web") for name in API]


def renderers() -> dict[str, Renderer]:
    """Who writes each kind of message."""
    return notices.renderers(every_notice())


def every_notice() -> tuple[Notice, ...]:
    """Every kind of message that a capability sends."""
    return tuple(itertools.chain.from_iterable(capability.notices for capability in CAPABILITIES))


def page_notices(capabilities: Iterable[Capability] = CAPABILITIES) -> dict[str, Notice]:
    """By which notice each kind of subject pages. LookupError for a capability that climbs and declares none."""
    found: dict[str, Notice] = {}
    for capability in capabilities:
        if StepsDue in dict(capability.subscriptions) and not capability.pages:
            sentence = f"{capability.name} hears how its climbs move, and declares no notice for their pages"
            raise LookupError(sentence)
        found |= capability.pages
    return found


def database(settings: Settings, clock: Clock | None = None) -> Database:
    """The database, with every subscription, and what lower layers must know from above."""
    bus = Bus()
    for capability in CAPABILITIES:
        for kind, handler in capability.subscriptions:
            bus.subscribe(kind, handler)
    db = Database(settings.database_url, clock, bus)
    db.registry.put(SECTIONS, sections())
    db.registry.put(PUBLIC_URL, settings.public_url or "")
    db.registry.put(STARTERS, settings.plan_starters)
    db.registry.put(SHARED, settings.shared_channels)
    db.registry.put(FORGES, frozenset(_forges(settings)))
    db.registry.put(GATES, gate_states)
    db.registry.put(HOLDERS, holders)
    db.registry.put(PAGES, page_notices())
    db.registry.put(COMPUTED, dict(itertools.chain.from_iterable(each.measures.items() for each in CAPABILITIES)))
    db.registry.put(notices.NOTICES, {notice.kind: notice for notice in every_notice()})
    db.registry.put(BUDGET, budget.folded)
    return db


class App:
    """The bot: Slack, web, clock work and the courier, on one database."""

    def __init__(self, settings: Settings, clock: Clock | None = None, *, patience: float = PATIENCE) -> None:
        """After `patience` real seconds whoever waits for an answer is told that it takes longer."""
        self.settings = settings
        self.db = database(settings, clock)
        self.metrics = Metrics()
        self.slack = SlackApp(
            self.db, _account(settings, patience), routes(), is_plan_key=plans.is_plan_key,
            observe=self.metrics.answered,
        )  # fmt: skip
        hosts = Hosts(settings.hosts, look_up)
        fallback = Fallback(
            settings.mail_url.get_secret_value(), settings.phone_url.get_secret_value(),
            schemes=settings.fallback_schemes, hosts=hosts,
        )  # fmt: skip
        media: dict[str, Carrier] = {
            Medium.SLACK: self.slack.sender, Medium.APPRISE: fallback, **_forges(settings),
        }  # fmt: skip
        aheads = notices.aheads(every_notice())
        self.courier = Courier(self.db, media, renderers(), self.metrics.paged, aheads)
        self.db.on_commit(self.courier.nudge)
        works = itertools.chain.from_iterable(capability.due for capability in CAPABILITIES)
        self.ticker = Ticker(self.db, (*works, *CORE_WORK))
        self.linker = Linker(self.db, self.slack.lookup)
        self.radar = Radar(self.db, settings.mirrors, Origins(hosts, frozenset(settings.repository_schemes)))
        self.db.on_commit(self.radar.nudge)
        # A tick that is still at work when the next is due is no cause for a warning.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._beating = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self.settled_in = asyncio.Event()
        self._stopped: list[str] = []
        self._starting = ""

    @cached_property
    def web(self) -> FastAPI:
        """Everything that is served over HTTP; built when it is first asked for."""
        health = Health(
            self.db, self.ticker.age, self.slack.signs, stopped=lambda: self._stopped, starting=lambda: self._starting
        )
        limits = Limits(self.settings.api_rate)
        callers = Callers(self.db)
        given = {"github": self.settings.github_secret, "gitlab": self.settings.gitlab_secret}
        secrets = {name: secret.get_secret_value() for name, secret in given.items()}
        doors = (automation.door(callers), locks_api.door(callers), *forges.doors(secrets, callers))
        routers = self._routers(limits, callers, secrets)
        built = web.build(self.slack, health, self.metrics, routers=routers, doors=doors, lifespan=self._lifespan)
        built.state.limits, built.state.callers = limits, callers
        return built

    def _routers(self, limits: Limits, callers: Callers, secrets: Mapping[str, str]) -> Iterator[APIRouter]:
        """What capabilities serve over HTTP, imported when somebody first asks for it."""
        from callboard.planning import web as plans_api
        from callboard.teams.web import Bearers

        api = automation.Api(self.db, Bearers(), limits)
        yield forges.router(self.db, secrets)
        yield locks_api.router(self.db)
        for each in _api():
            yield each.routes(api)
        yield plans_api.calendars(self.db, callers)

    def prepare(self) -> None:
        """Bring the schema up to date. Raises Refused where waiting for the database would not help."""
        try:
            schema.upgrade(self.db)
        except DBAPIError as error:
            if not is_away(error):
                why = unusable(error)
                raise Refused(f"{why[0].upper()}{why[1:]}.") from error

    async def start(self, *, beating: bool = True) -> None:
        """Bring the schema up to date, connect and begin. Without `beating` it acts only when told to `settle`."""
        await asyncio.to_thread(schema.upgrade, self.db)
        await self.slack.start()
        self._begin(self._settle_in(beating=beating))
        if not beating:
            return
        self._begin(self.courier.run())
        self._begin(self.radar.run())
        self._begin(self._beat())
        self._scheduler.add_job(
            self._beat, "interval", seconds=BEAT, coalesce=True, max_instances=1, misfire_grace_time=None
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Take nothing new, finish what was begun, close."""
        if self._scheduler.running:
            self._scheduler.remove_all_jobs()
            await asyncio.sleep(0)  # a beat that was begun by now has the lock
            async with self._beating:
                self._scheduler.shutdown(wait=False)
        await self.courier.stop()
        await self.slack.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.db.close)

    async def settle(self) -> None:
        """Do everything that is due at this instant, until nothing is left."""
        while await self.ticker.tick() + await self.radar.turn() + await self.courier.drain():
            pass

    async def next_due(self) -> datetime | None:
        """The next instant at which something happens by itself."""
        waiting = await self.db.read(claims.next_due)
        known = (await self.ticker.next_at(), await self.radar.next_at(), waiting)
        return min(filter(None, known), default=None)

    async def _settle_in(self, *, beating: bool) -> None:
        """Once the workspace is known: adopt plans that wait for one, and link people and channels."""
        workspace = (await self.slack.identity.learned()).team_id or ""
        for turn in itertools.count():
            try:
                await self._look_for_plans(workspace, link=turn % LINK_EVERY == 0)
            except Exception:
                log.exception("plans.not_looked_for")
            self.settled_in.set()
            if not beating:
                return
            await asyncio.sleep(LOOK_FOR_PLANS)

    async def _look_for_plans(self, workspace: str, *, link: bool) -> None:
        adopted = await self.db.write(plans.adopt, workspace) if await self.db.read(plans.any_homeless) else []
        for key in adopted:
            log.info("plan.adopted", plan=key, workspace=workspace)
        if adopted or link:
            await self.linker.link(workspace)

    async def _beat(self) -> None:
        async with self._beating:
            await self.ticker.tick()

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
    async def _lifespan(self, _web: FastAPI) -> AsyncIterator[None]:
        try:
            await self.start()
        except DBAPIError as error:
            self._starting = unusable(error)
            log.warning("database.away", why=self._starting, again_in=PAUSES[0])
            self._begin(self._start_later())
        gc.freeze()  # what is there by now stays: the collector need not look through it again and again
        gc.enable()
        try:
            yield
        finally:
            await self.stop()


def _forges(settings: Settings) -> dict[str, Forge]:
    """The forges with a token."""
    if not settings.github_token.get_secret_value() and not settings.gitlab_token.get_secret_value():
        return {}
    from callboard.branches.web import Forge

    named = {
        Medium.GITHUB: (settings.github_api_url, settings.github_token),
        Medium.GITLAB: (settings.gitlab_api_url, settings.gitlab_token),
    }
    return {
        name: Forge(name, api, token.get_secret_value()) for name, (api, token) in named.items()
        if token.get_secret_value()
    }  # fmt: skip


def _account(settings: Settings, patience: float) -> Account:
    return Account(
        bot_token=settings.slack_bot_token.get_secret_value(), app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(), api_url=settings.slack_api_url,
        prefix=settings.command_prefix, patience=patience,
    )  # fmt: skip
