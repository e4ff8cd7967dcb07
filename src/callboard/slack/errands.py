"""What is done after an answer was given: tasks that nobody waits for, and that log what they raise."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Errands:
    """Runs coroutines to their end."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def run(self, errand: Coroutine[Any, Any, Any]) -> None:
        """Begin now, and go on whatever becomes of the caller."""
        task = asyncio.create_task(errand)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def finish(self, within: float) -> None:
        """Wait for what is running, up to `within` seconds, then cancel the rest."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=within)
            for task in late:
                task.cancel()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("errand.failed", exc_info=task.exception())
