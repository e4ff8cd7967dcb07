"""Whose turn it is to write: whoever waits for an answer goes first, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from contextlib import asynccontextmanager
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Patience(float, Enum):
    """By how many seconds others may go first: for an answer that somebody waits for, what is due, what was sent."""

    ANSWER = 0.0
    DUE = 0.1
    SENT = 0.5


class Turns:
    """Who writes next: whoever came first, those with patience taken for later than they are. For one event loop."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    @asynccontextmanager
    async def taken(self, patience: Patience) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the time of the block."""
        if self._free:
            self._free -= 1
        else:
            await self._come(patience)
        try:
            yield
        finally:
            self._pass_on()

    async def _come(self, patience: Patience) -> None:
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        heapq.heappush(self._waiting, (loop.time() + patience, next(self._count), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
