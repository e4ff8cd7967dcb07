"""One part of the chaos: a database, its replicas, Slack and the people; for some seconds, then until all is quiet."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from callboard.app import database, sections
from callboard.cli import tokens
from callboard.core import outbox, schema, seal
from callboard.core.db import Database
from callboard.escalation.models import Climb
from callboard.locks.models import Lock
from callboard.plans import service as plans
from callboard.settings import Settings
from tests.chaos import company, faults, stores
from tests.chaos.clocks import Steps
from tests.chaos.crew import Board, Pace, Worker
from tests.chaos.desk import Slack
from tests.chaos.faults import Trouble
from tests.chaos.history import Recorder
from tests.chaos.readers import Reader
from tests.chaos.replicas import READY_WITHIN, Replica
from tests.chaos.stores import PostgreSQL, SQLite
from tests.chaos.wires import Wire
from tests.serving.house import NURSERY

REPLICAS = {"sqlite": 1, "postgresql": 3}
QUIET_WITHIN, PATIENCE = 600.0, 300.0
SCOPES = "blockers:read,tasks:read"
PASSED = ("PATH", "HOME", "LANG")


class NeverQuiet(Exception):
    """Something waits to be sent or done, and nothing happens."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is played, and where its files go: `history.jsonl`, `slack.json`, a log for each replica.

    People work for `seconds`, and longer where the machine is so slow that they have done fewer than `least` things.
    """

    folder: Path
    database: str
    seconds: float
    seed: int
    sockets: bool = False
    every: float = 1.5
    pause: float = 0.8
    raises: float = 2.0
    least: int = 100
    people: tuple[str, ...] = company.PEOPLE
    only: tuple[str, ...] = ()
    readers: int = 2
    reads: float = 0.1


@dataclass
class Played:
    """What there is to look at: a database past all wires, and what was done to it."""

    db: Database
    trouble: Trouble
    began: float
    took: float
    quiet_after: float
    began_at: datetime

    @property
    def sets(self) -> list[datetime]:
        """When somebody set a clock that the bot goes by."""
        return [self.instant(at) for at in self.trouble.sets]

    def instant(self, monotonic: float) -> datetime:
        """A moment of this process on the machine's clock."""
        return self.began_at + timedelta(seconds=monotonic - self.began)


@dataclass(frozen=True)
class Access:
    """Where programs read, and the token that lets them."""

    url: str
    token: str


@asynccontextmanager
async def played(part: Part) -> AsyncIterator[Played]:
    """Play it to its end; the database is there until the block ends."""
    part.folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        store: SQLite | PostgreSQL = stores.made(part.database, part.folder)
        stack.push_async_callback(store.close)
        await store.start()
        slack = Slack(part.folder)
        await slack.start()
        stack.push_async_callback(slack.close)
        db = database(Settings(database_url=store.url))
        stack.callback(db.close)
        token = await _applied(db)
        server = NURSERY.RawValue("d", 0.0)
        numbers = range(REPLICAS[part.database])
        replicas = [await _replica(part, store, slack, number, Steps.new(server)) for number in numbers]
        for replica in replicas:
            stack.push_async_callback(replica.kill)
            stack.push_async_callback(replica.slack.close)
        front = Wire(lambda: [("127.0.0.1", replica.port) for replica in replicas if replica.alive])
        await front.start()
        stack.push_async_callback(front.close)
        await asyncio.gather(*(replica.start() for replica in replicas))
        await asyncio.gather(*(replica.ready(READY_WITHIN) for replica in replicas))
        api = f"http://127.0.0.1:{front.port}"
        if not part.sockets:
            await slack.ask("aim", url=f"{api}/slack/events")
        yield await _lived(part, store, slack, db, replicas, Access(api, token))


async def _applied(db: Database) -> str:
    """Apply the plan; a token for whoever reads it."""
    await asyncio.to_thread(schema.upgrade, db)
    checked = plans.check(company.plan(), "plan.yml", sections())
    assert not checked.errors, checked.errors
    workspace = company.workspace().team_id
    await db.write(lambda tx: plans.apply(tx, checked, author="chaos", workspace=workspace))
    return await db.write(tokens.create, company.PLAN_KEY, "amp", SCOPES, "1d", "readers", "chaos")


async def _replica(
    part: Part, store: SQLite | PostgreSQL, slack: Slack, number: int, steps: Steps
) -> Replica:  # fmt: skip
    spec, wire = company.workspace(), Wire(lambda: [slack.api])
    await wire.start()
    secret = {"SLACK_APP_TOKEN": spec.app_token} if part.sockets else {"SLACK_SIGNING_SECRET": spec.signing_secret}
    environment = {
        **{name: os.environ[name] for name in PASSED if name in os.environ}, **secret,
        "SLACK_BOT_TOKEN": spec.bot_token, "SLACK_API_URL": f"http://127.0.0.1:{wire.port}/api/",
        "DATABASE_URL": await store.url_of(number), "CALLBOARD_MIRRORS": "off",
        "CALLBOARD_API_RATE": "1000000",
    }  # fmt: skip
    flag = str(store.flag) if isinstance(store, SQLite) else ""
    return Replica(number, part.folder / "log", environment, wire, steps, flag)


async def _lived(
    part: Part, store: SQLite | PostgreSQL, slack: Slack, db: Database, replicas: list[Replica], access: Access
) -> Played:  # fmt: skip
    recorder = Recorder(part.folder / "history.jsonl")
    trouble, board, pace = Trouble(replicas, slack, store), Board(), Pace(part.raises)
    workers = [
        Worker(slack, recorder, board, pace, place, person, part.seed) for place, person in enumerate(part.people)
    ]
    readers = [Reader(access.url, access.token, recorder, board, place, part.seed) for place in range(part.readers)]
    planned = faults.schedule(
        part.seed, part.seconds, part.database, sockets=part.sockets, replicas=len(replicas), every=part.every,
        only=part.only,
    )  # fmt: skip
    began = time.monotonic()

    def goes_on() -> bool:
        took = time.monotonic() - began
        return took < part.seconds or (recorder.done < part.least and took < PATIENCE)

    await asyncio.gather(
        trouble.make(planned, began), *(worker.work(goes_on, part.pause) for worker in workers),
        *(reader.work(goes_on, part.reads) for reader in readers),
    )  # fmt: skip
    took = time.monotonic() - began
    recorder.close()
    trouble.set_clocks_ahead()
    await _mended(slack, store, replicas)
    await _quiet(db, replicas)
    await slack.ask("write_down")
    quiet_after = time.monotonic() - began - took
    began_at = datetime.now(UTC) - timedelta(seconds=recorder.now())
    return Played(db, trouble, recorder.began, took, quiet_after, began_at)


async def _mended(slack: Slack, store: SQLite | PostgreSQL, replicas: list[Replica]) -> None:
    await slack.ask("calm")
    await store.mend()
    for replica in replicas:
        replica.thaw()
        replica.slack.mend()
        if not replica.alive:
            await replica.start()
    await asyncio.gather(*(replica.ready(READY_WITHIN) for replica in replicas))


async def _quiet(db: Database, replicas: list[Replica]) -> None:
    """Wait until nothing is to be sent, due or sealed. Raises NeverQuiet where that takes too long."""
    until = time.monotonic() + QUIET_WITHIN
    while left := await db.read(_left):
        for replica in replicas:
            assert replica.alive, replica.said[-3000:]
        if time.monotonic() > until:
            raise NeverQuiet(str(left))
        await asyncio.sleep(0.3)


def _left(tx: Any) -> dict[str, Any]:
    """What is still to be done, by what it is."""
    counts = outbox.counts(tx)
    soon = select(Climb.id).where(col(Climb.due_at).is_not(None), col(Climb.due_at) != col(Climb.ends_at))
    locks = select(Lock.id).where(col(Lock.ended_at).is_(None), col(Lock.expires_at).is_not(None))
    left = {
        "locks": len(tx.session.exec(locks).all()),
        "waiting": counts["waiting"], "sending": counts["sending"], "climbs": len(tx.session.exec(soon).all()),
        "unsealed": len(seal.unsealed(tx, 10)),
    }  # fmt: skip
    return {name: number for name, number in left.items() if number}
