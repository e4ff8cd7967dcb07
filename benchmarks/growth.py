"""What grows: what people type and ticks look for, with a hundred times the history, the open matters and the plans.

The small and the large are asked in turns, so that a busy machine slows both. `PYTHONPATH=PATH/src` before the command
measures the code of another checkout.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.report import Table, quantile
from callboard.app import database
from callboard.core import schema
from callboard.core.db import Database
from callboard.settings import Settings
from tests.api.desk import Desk
from tests.growth import history
from tests.growth.company import DEEDS, STORY, does, growing
from tests.growth.statements import asked, rows_read
from tests.world import BEGUN

HEADS = ("statements", "x100", "work", "x100", "time ratio")
SMALL, TIMES, TURNS = 50, 100, 5
OPEN = ("tick", "link", "pa /blocker redis is down as well now", "pa /blocker list", "olga /blocker mine",
        "pb /task list", "pa /gate list", "pb /task progress O-1 50%", "GET /gates", "tick")  # fmt: skip
IDLE = ("tick", "link", "pa /plan", "pa /blocker list")


@dataclass
class Cost:
    """What a deed costs: statements, steps of SQLite or rows that PostgreSQL looks at, and seconds of each turn."""

    statements: int = 0
    work: int = 0
    seconds: list[float] = field(default_factory=list)


def run(stage: Stage) -> None:
    """Print the tables."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    turns = max(int(TURNS * stage.share), 1)
    grown: dict[str, tuple[tuple[str, ...], Callable[[Database, int], None], int]] = {
        "history": (tuple(DEEDS.splitlines()), history.age, SMALL),
        "open blockers": (OPEN, history.raise_blockers, 10),
        "plans": (IDLE, history.copy_plans, 1),
    }
    for what, (deeds, grow, small) in grown.items():
        for (label, first), (_, other) in zip(stage.databases(), stage.databases(), strict=True):
            unit = "steps" if label == "SQLite" else "rows"
            table = Table(f"{label}: {small:,} {what}, and {small * TIMES:,}; work in {unit}", *HEADS)
            costs = asyncio.run(_measured(first, other, deeds, grow, small, turns))
            for deed, (few, many) in costs.items():
                ratio = quantile(many.seconds, 0.5) / quantile(few.seconds, 0.5)
                table.row(deed[:54], f"{few.statements}", f"{many.statements}", f"{few.work:,}", f"{many.work:,}",
                          f"{ratio:.2f}")  # fmt: skip


async def _measured(
    first: Store, other: Store, deeds: tuple[str, ...], grow: Callable[[Database, int], None], small: int, turns: int
) -> dict[str, tuple[Cost, Cost]]:
    costs = {deed: (Cost(), Cost()) for deed in deeds}
    async with AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(_begun(store, grow, count))
                 for store, count in ((first, small), (other, small * TIMES))]  # fmt: skip
        for turn in range(turns + 1):
            for deed in dict.fromkeys(deeds):
                for desk, cost in zip(desks, costs[deed], strict=True):
                    await (_timed if turn else _counted)(desk, deed, cost)
    return costs


@asynccontextmanager
async def _begun(store: Store, grow: Callable[[Database, int], None], count: int) -> AsyncIterator[Desk]:
    empty = database(Settings(database_url=store.url))
    schema.upgrade(empty)
    empty.close()
    BEGUN.clear()  # each world from the beginning: what another one began with has no tables of benchmarks
    async with growing(store.url) as desk:
        for deed in STORY.splitlines():
            await does(desk, deed)
        grow(desk.world.app.db, count)
        await desk.world.settled()
        await does(desk, "pa /lock list")  # who is in the plans is read once by each process
        yield desk


async def _timed(desk: Desk, deed: str, cost: Cost) -> None:
    began = time.perf_counter()
    await does(desk, deed)
    cost.seconds.append(time.perf_counter() - began)


async def _counted(desk: Desk, deed: str, cost: Cost) -> None:
    db = desk.world.app.db
    with asked(db) as found:
        await does(desk, deed)
    cost.statements, cost.work = len(found), found.steps
    if not db.on_sqlite:
        rows = {one.sql: rows_read(db, one)[0] for one in found.distinct if not one.sql.startswith("INSERT")}
        cost.work = sum(rows.get(one.sql, 0) for one in found.every)
