"""Beats several times a second, whatever anybody sets the machine's clock to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

BEAT = 0.25
STILL = 1.0
"""Seconds without a beat, after which it is wound anew."""


class Soon(BaseTrigger):  # type: ignore[misc] # without types
    """At once, and then so long after now: what a clock that was set ahead leaves out is not counted beat by beat."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now + timedelta(seconds=BEAT if previous else 0)


class Metronome:
    """Calls `beat` once at a time. APScheduler goes by the machine's clock, and waits where that is set back."""

    def __init__(self, beat: Callable[[], Awaitable[object]]) -> None:
        # A beat that is still at work when the next is due is no cause for a warning.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._beat = beat
        self._beating = asyncio.Lock()
        self._beaten = time.monotonic()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._job: Job | None = None

    async def run(self) -> None:
        """Beat until cancelled."""
        self._job = self._scheduler.add_job(
            self._once, Soon(), coalesce=True, max_instances=1, misfire_grace_time=None
        )  # fmt: skip
        self._scheduler.start()
        while self._job:
            await asyncio.sleep(STILL)
            if self._job and not self._beating.locked() and time.monotonic() - self._beaten > STILL:
                self._job.reschedule(Soon())

    async def stop(self) -> None:
        """Begin no other beat, and let the last one end."""
        if self._job is None:
            return
        self._job = None
        self._scheduler.remove_all_jobs()
        await asyncio.sleep(0)  # a beat that was begun by now has the lock
        async with self._beating:
            self._scheduler.shutdown(wait=False)

    async def _once(self) -> None:
        async with self._beating:
            try:
                await self._beat()
            finally:
                self._beaten = time.monotonic()
