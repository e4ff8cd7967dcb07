"""What goes wrong, and when: a list by a seed, and somebody who does it and mends it again."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.clocks import OFFSETS
from tests.chaos.desk import Slack
from tests.chaos.replicas import Replica
from tests.chaos.stores import PostgreSQL, SQLite

SIGN_IN = "<!doctype html><title>Sign in to the network</title><p>Access is blocked."
ANY = {"killed": 6.0, "frozen": 3.0, "Slack cut off": 2.0, "Slack hangs": 2.0}
OF_SLACK = {
    "429": 2.0, "500": 2.0, "HTML for an answer": 2.0, "slow": 2.0, "accepted, then lost": 3.0, "dropped": 2.0,
    "delivered again": 3.0, "delivered twice": 2.0, "not delivered": 2.0, "out of order": 1.0,
}  # fmt: skip
OF_SOCKETS = {"sockets cut": 2.0, "sockets renewed": 1.0, "sockets stalled": 1.0}
OF: dict[str, dict[str, float]] = {
    "sqlite": {"held by another": 2.0, "disk full": 1.0, "clock of the machine set": 2.0},
    "postgresql": {
        "database killed": 1.0, "database restarted": 0.5, "database cut off": 2.0, "database hangs": 2.0,
        "connections ended": 2.0, "out of connections": 1.0, "disk full": 1.0, "clock of the machine set": 1.0,
        "clock of the database set": 1.0,
    },
}  # fmt: skip
AROUND = 5.0
LONG, SHORT = (3.0, 9.0), (0.3, 2.5)
NEVER_LONG = {"database killed", "database restarted", "disk full", "out of connections", "killed", "sockets stalled"}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong: seconds after the start, for how long, and with which replica."""

    at: float
    kind: str
    lasts: float
    replica: int
    draw: float


def schedule(
    seed: int, seconds: float, database: str, *, sockets: bool, replicas: int, every: float, only: Sequence[str] = ()
) -> list[Fault]:  # fmt: skip
    """The faults of a run: one each `every` seconds on average; the same for the same arguments. `only` some kinds."""
    chance = random.Random(f"{seed} {database} faults")
    weights = ANY | OF_SLACK | OF[database] | (OF_SOCKETS if sockets else {})
    weights = {kind: weight for kind, weight in weights.items() if kind in only or not only}
    faults, at = [], 1.0
    while (at := at + chance.expovariate(1 / every)) < seconds:
        (kind,) = chance.choices(list(weights), list(weights.values()))
        long = kind not in NEVER_LONG and chance.random() < 0.3
        lasts = chance.uniform(*(LONG if long else SHORT))
        faults.append(Fault(at, kind, lasts, chance.randrange(replicas), chance.random()))
    return faults


@dataclass
class Trouble:
    """Does what is scheduled. Instants are monotonic ones.

    `kills` are when a replica was killed, and `last` those of them that left no other one ready. `unwell` is when the
    database was not itself, and for how long, `sets` when somebody set the clock that the bot goes by, and `farthest`
    by how much at most.
    """

    replicas: Sequence[Replica]
    slack: Slack
    store: SQLite | PostgreSQL
    made: Counter[str] = field(default_factory=Counter)
    kills: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    unwell: list[tuple[float, float]] = field(default_factory=list)
    sets: list[float] = field(default_factory=list)
    farthest: float = 0.0
    _busy: set[Any] = field(default_factory=set)

    async def make(self, faults: Sequence[Fault], began: float) -> None:
        """Let everything go wrong in its time; return when all of it is mended."""
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, began + fault.at - time.monotonic()))
                group.create_task(self._one(fault))

    async def _one(self, fault: Fault) -> None:
        """Make one, unless something is wrong with the same thing already."""
        replica = self.replicas[fault.replica]
        doings: dict[str, tuple[Any, Callable[[], Awaitable[None]]]] = {
            "killed": (replica, lambda: self._kill(replica, fault)),
            "frozen": (replica, lambda: self._freeze(replica, fault)),
            "Slack cut off": (replica.slack, lambda: self._wire(replica.slack, fault, hangs=False)),
            "Slack hangs": (replica.slack, lambda: self._wire(replica.slack, fault, hangs=True)),
            "delivered again": (fault, lambda: self._ask("old", place=fault.draw)),
            "delivered twice": (fault, lambda: self._ask("disturb", kind="duplicated", times=5)),
            "not delivered": (fault, lambda: self._ask("disturb", kind="dropped", times=2)),
            "out of order": (fault, lambda: self._ask("disturb", kind="reordered", times=2)),
            "sockets cut": (fault, lambda: self._ask("sockets", what="cut")),
            "sockets renewed": (fault, lambda: self._ask("sockets", what="disconnect")),
            "sockets stalled": ("sockets", lambda: self._stall(fault)),
            "clock of the machine set": ((replica, "clock"), lambda: self._set(replica.steps.machine, fault)),
            "clock of the database set": ("clock", lambda: self._set(replica.steps.server, fault)),
        }
        thing, doing = doings.get(fault.kind) or (
            (fault, lambda: self._of_slack(fault))
            if fault.kind in OF_SLACK
            else (self.store, lambda: self._of_store(fault))
        )
        if thing in self._busy:
            return
        self._busy.add(thing)
        self.made[fault.kind] += 1
        began = time.monotonic()
        try:
            await doing()
        finally:
            self._busy.discard(thing)
            if thing is self.store:
                self.unwell.append((began, time.monotonic()))

    async def _ask(self, deed: str, **how: Any) -> None:
        await self.slack.ask(deed, **how)

    async def _kill(self, replica: Replica, fault: Fault) -> None:
        self.kills.append(time.monotonic())
        if not any(other.serves for other in self.replicas if other is not replica):
            self.last.append(self.kills[-1])
        await replica.kill()
        await asyncio.sleep(fault.lasts / 2)
        await replica.start()

    async def _freeze(self, replica: Replica, fault: Fault) -> None:
        replica.freeze()
        await asyncio.sleep(fault.lasts)
        replica.thaw()

    async def _set(self, clock: Any, fault: Fault) -> None:
        """Set a clock, and right again later. On PostgreSQL nobody goes by that of a replica's machine."""
        counts = isinstance(self.store, SQLite) or fault.kind == "clock of the database set"
        ahead = OFFSETS[int(fault.draw * len(OFFSETS))]
        for offset in (ahead, 0.0):
            clock.value = offset
            if counts:
                self.sets.append(time.monotonic())
                self.farthest = max(self.farthest, offset)
            if offset:
                await asyncio.sleep(fault.lasts)

    def was_unwell(self, at: float) -> bool:
        """Whether something was wrong with the database then, or a moment before or after."""
        return any(began - AROUND <= at <= ended + AROUND for began, ended in self.unwell)

    def set_clocks_ahead(self) -> None:
        """Leave nothing due later than now, by whatever a clock has said."""
        for replica in self.replicas:
            replica.steps.machine.value = replica.steps.server.value = self.farthest
        self.sets.append(time.monotonic())

    async def _wire(self, wire: Any, fault: Fault, *, hangs: bool) -> None:
        (wire.hang if hangs else wire.cut)()
        await asyncio.sleep(fault.lasts)
        wire.mend()

    async def _stall(self, fault: Fault) -> None:
        await self._ask("sockets", what="stall")
        await asyncio.sleep(fault.lasts)
        await self._ask("sockets", what="resume")

    async def _of_slack(self, fault: Fault) -> None:
        share = 0.2 + 0.8 * fault.draw
        how: dict[str, dict[str, Any]] = {
            "429": {"kind": "ratelimited", "retry_after": 1 + int(3 * fault.draw)},
            "500": {"kind": "broken"},
            "HTML for an answer": {"kind": "foreign", "body": SIGN_IN, "carried": fault.draw < 0.5},
            "slow": {"kind": "slow", "delay": 0.5 + 4 * fault.draw},
            "accepted, then lost": {"kind": "lost"},
            "dropped": {"kind": "dropped"},
        }
        await self._ask("fault", method="*", seconds=fault.lasts, share=share, **how[fault.kind])

    async def _of_store(self, fault: Fault) -> None:
        store = self.store
        if fault.kind == "disk full":
            await store.fill()
            await asyncio.sleep(fault.lasts)
            await store.empty()
        elif isinstance(store, SQLite):
            await asyncio.to_thread(store.hold)
            await asyncio.sleep(fault.lasts)
            store.let_go()
        else:
            await self._of_server(store, fault)

    async def _of_server(self, store: PostgreSQL, fault: Fault) -> None:
        match fault.kind:
            case "database killed" | "database restarted":
                await store.restart("immediate" if "killed" in fault.kind else "fast", fault.lasts)
            case "database cut off" | "database hangs":
                await self._wire(store.wire(fault.replica), fault, hangs="hangs" in fault.kind)
            case "connections ended":
                await store.terminate()
            case _:
                await store.run_short()
                await asyncio.sleep(fault.lasts)
                await store.take_all()
