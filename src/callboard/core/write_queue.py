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

import structlog

V = TypeVar("V")
log = structlog.get_logger()
LONG = 0.1
"""Seconds that a batch takes at most before the next one no longer waits for it."""


class Patience(float, Enum):
    """For how many seconds others may go first: an answer that somebody waits for, what is due, what was sent."""

    ANSWER = 0.0
    DUE = 0.1
    SENT = 0.5


class Turns:
    """First come, first served, where the patient count as later than they came. For one event loop."""

    def __init__(self, free: int) -> None:
        self._free = free
        self.in_one_order = False
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def make_one(self) -> None:
        """Have one turn from now on, while nobody has any, and one order, however long somebody takes."""
        self._free, self.in_one_order = 1, True

    @asynccontextmanager
    async def taken(self, patience: Patience) -> AsyncIterator[None]:
        await self.take(patience)
        try:
            yield
        finally:
            self.give_back()

    async def take(self, patience: Patience) -> None:
        """Wait for a turn; whoever has it gives it back."""
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        came = 0.0 if self.in_one_order else loop.time()
        heapq.heappush(self._waiting, (came + patience, next(self._count), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


@dataclass(frozen=True)
class Outcome:
    """What a wish has come to: the result of its verb, or what that raised."""

    result: Any = None
    error: Exception | None = None


@dataclass(frozen=True)
class Wish(Generic[V]):
    """A verb that may be committed together with others, and the future of whoever waits for its result."""

    verb: Callable[[V], Any]
    trace: str
    context: contextvars.Context
    granted: asyncio.Future[Any]

    def settle(self, outcome: Outcome) -> None:
        """Tell whoever waits, if anybody still does."""
        if self.granted.done():
            return
        if outcome.error is not None:
            self.granted.set_exception(outcome.error)
        else:
            self.granted.set_result(outcome.result)


Grant = Callable[[Sequence[Wish[V]]], Awaitable[Sequence[Outcome]]]


class Batches(Generic[V]):
    """Wishes that wait for one turn, granted together, `most` at a time. Where that fails, each is tried by itself.

    The next batch waits for the one before it, but not for long where another turn is free.
    """

    def __init__(self, turns: Turns, patience: Patience, most: int, grant: Grant[V]) -> None:
        """`grant` runs wishes in one transaction and says what came of each."""
        self._turns = turns
        self._patience = patience
        self._most = most
        self._grant = grant
        self._waiting: list[Wish[V]] = []
        self._task: asyncio.Task[None] | None = None
        self._batches: set[asyncio.Task[None]] = set()

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
                await self._turns.take(self._patience)
                wishes = self._waiting[: self._most]
                del self._waiting[: len(wishes)]
                batch = asyncio.create_task(self._granted(wishes))
                self._batches.add(batch)
                batch.add_done_callback(self._batches.discard)
                await asyncio.wait({batch}, timeout=None if self._turns.in_one_order else LONG)
        finally:
            self._task = None

    async def _granted(self, wishes: Sequence[Wish[V]]) -> None:
        """Grant them, and give the turn back."""
        try:
            outcomes = await self._grant(wishes)
        except Exception as error:  # noqa: BLE001 - it is raised where it was wished for
            outcomes = [Outcome(error=error)] if len(wishes) == 1 else []
            if len(wishes) > 1:
                log.info("transaction.apart", verbs=len(wishes), why=f"{type(error).__name__}: {error}"[:200])
        finally:
            self._turns.give_back()
        if not outcomes:
            await asyncio.gather(*map(self._granted_alone, wishes))
        for wish, outcome in zip(wishes, outcomes, strict=False):
            wish.settle(outcome)

    async def _granted_alone(self, wish: Wish[V]) -> None:
        await self._turns.take(self._patience)
        await self._granted([wish])
