"""Whether this process does its work: its database answers and its clock work is really done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from callboard.core import outbox, ticks
from callboard.core.db import Database, Tx

log = structlog.get_logger()

TICK_WITHIN = 10.0
DATABASE_WITHIN = 2.0


@dataclass(frozen=True)
class Counts:
    """How many messages the outbox holds, by state, and how many due rows were given up."""

    outbox: Mapping[str, int] = field(default_factory=dict)
    given_up: int = 0


@dataclass(frozen=True)
class Health:
    """Asks the database and looks at the last tick. `tick_age` in real seconds; None before the first one."""

    db: Database
    tick_age: Callable[[], float | None]

    async def trouble(self) -> str:
        """Why this process is not ready, in a sentence; empty when it is."""
        age = self.tick_age()
        if age is None:
            return "nothing has ticked yet"
        if age > TICK_WITHIN:
            return f"the last tick was {age:.0f} s ago"
        return "" if await self.counts() is not None else "the database does not answer"

    async def counts(self) -> Counts | None:
        """What waits and what was given up; None when the database does not answer in time."""
        try:
            async with asyncio.timeout(DATABASE_WITHIN):
                return await self.db.read(_counts)
        except Exception as error:  # noqa: BLE001 - any failure means the same here, and is logged
            log.warning("health.database", error=f"{type(error).__name__}: {error}")
            return None


def _counts(tx: Tx) -> Counts:
    return Counts(outbox.counts(tx), len(ticks.parked(tx)))
