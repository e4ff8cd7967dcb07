"""Who writes next, and what is committed together in one turn."""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Patience(float, Enum):
    """For how many seconds others may go first: an answer that somebody waits for, what is due, what was sent."""

    ANSWER = 0.0
    DUE = 0.1
    SENT = 0.5


class Turns:
    """First come, first served, where the patient count as later than they came. For one event loop."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    @asynccontextmanager
    async def taken(self, patience: Patience) -> AsyncIterator[None]:
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


@dataclass(frozen=True)
class Wish(Generic[V]):
    """A verb that may be committed together with others, and the future of whoever waits for its result."""

    verb: Callable[[V], Any]
    trace: str
    context: contextvars.Context
    granted: asyncio.Future[Any]


class Batches(Generic[V]):
    """Wishes that wait for one turn, granted together, `most` at a time. Where one fails, each is tried by itself."""

    def __init__(
        self, turns: Turns, patience: Patience, most: int, grant: Callable[[Sequence[Wish[V]]], Awaitable[list[Any]]]
    ) -> None:
        """`grant` runs the wishes in one transaction and returns their results."""
        self._turns = turns
        self._patience = patience
        self._most = most
        self._grant = grant
        self._waiting: list[Wish[V]] = []
        self._task: asyncio.Task[None] | None = None

    async def result(self, verb: Callable[[V], Any], trace: str) -> Any:
        """What `verb` returns once it is committed. Raises what it raised."""
        wish = Wish(verb, trace, contextvars.copy_context(), asyncio.get_running_loop().create_future())
        self._waiting.append(wish)
        if self._task is None:
            self._task = asyncio.create_task(self._grant_all())
        return await wish.granted

    async def _grant_all(self) -> None:
        try:
            while self._waiting:
                async with self._turns.taken(self._patience):
                    wishes = self._waiting[: self._most]
                    del self._waiting[: len(wishes)]
                    await self._granted(wishes)
        finally:
            self._task = None

    async def _granted(self, wishes: Sequence[Wish[V]]) -> None:
        try:
            results = await self._grant(wishes)
        except Exception as error:  # noqa: BLE001 - it is raised where it was wished for
            if len(wishes) > 1:
                for wish in wishes:
                    await self._granted([wish])
            elif not wishes[0].granted.done():
                wishes[0].granted.set_exception(error)
            return
        for wish, result in zip(wishes, results, strict=True):
            if not wish.granted.done():
                wish.granted.set_result(result)
