"""Whether this process works, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from callboard.core import outbox, ticks
from callboard.core.db import Database

log = structlog.get_logger()

TICK_WITHIN = 10.0
DATABASE_WITHIN = 2.0
ANSWERED = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 10)
LATE = (0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600)


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
            return "the clock has not ticked yet"
        if age > TICK_WITHIN:
            return f"the last tick was {age:.0f} s ago"
        return "" if await self.counts() is not None else "the database does not answer"

    async def counts(self) -> Counts | None:
        """What waits and what is parked; None when the database does not answer in time."""
        try:
            async with asyncio.timeout(DATABASE_WITHIN):
                return await self.db.read(lambda tx: Counts(outbox.counts(tx), len(ticks.parked(tx))))
        except Exception as error:  # noqa: BLE001 - any failure means the same here, and is logged
            log.warning("health.database", error=f"{type(error).__name__}: {error}")
            return None


class Metrics:
    """One registry for one application, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "callboard_answers", "Commands, clicks and forms answered.", ["name", "outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "callboard_answer_seconds", "From arrival to answer.", ["name"], buckets=ANSWERED, registry=self.registry
        )
        self._pages = Histogram(
            "callboard_page_lateness_seconds", "How late pages went out.", buckets=LATE, registry=self.registry
        )
        self._outbox = Gauge("callboard_outbox", "Messages by state.", ["state"], registry=self.registry)
        self._given_up = Gauge("callboard_due_given_up", "Due rows that kept failing.", registry=self.registry)
        self._tick = Gauge("callboard_tick_age_seconds", "Since the last tick; -1 before it.", registry=self.registry)

    def answered(self, name: str, outcome: str, seconds: float) -> None:
        """Count an answer: `done`, `refused`, `failed` or `late`, after so many seconds."""
        self._answers.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)

    def paged(self, lateness: float) -> None:
        """Count a page that a medium has accepted, `lateness` seconds after it was due."""
        self._pages.observe(max(lateness, 0))

    def measured(self, counts: Counts, tick_age: float | None) -> None:
        for state, count in counts.outbox.items():
            self._outbox.labels(state).set(count)
        self._given_up.set(counts.given_up)
        self._tick.set(-1 if tick_age is None else tick_age)

    def text(self) -> bytes:
        return generate_latest(self.registry)
