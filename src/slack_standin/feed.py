"""Who is told when something changes: pages by a stream of changes, tests that wait for a condition."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from slack_standin.state import Json

T = TypeVar("T")


class Feed:
    """Changes, as they happen."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self._streams: set[asyncio.Queue[Json | None]] = set()

    def stir(self) -> None:
        """Something is different: conditions are looked at again."""
        self._next.set()
        self._next = asyncio.Event()

    def tell(self, change: Json) -> None:
        """Pass a change on."""
        for stream in self._streams:
            stream.put_nowait(change)
        self.stir()

    async def until(self, condition: Callable[[], T], within: float) -> T:
        """The condition's value as soon as it is true; TimeoutError after `within` real seconds."""
        try:
            async with asyncio.timeout(within):
                while not (value := condition()):
                    await self._next.wait()
                return value
        except TimeoutError:
            raise TimeoutError(f"not within {within:g} s; at the end it was {condition()!r}") from None

    async def stream(self) -> AsyncIterator[str]:
        """Changes as server-sent events."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._streams.add(queue)
        try:
            yield ": hello\n\n"
            while (change := await queue.get()) is not None:
                yield f"data: {json.dumps(change)}\n\n"
        finally:
            self._streams.discard(queue)

    def close(self) -> None:
        """End every stream."""
        for stream in self._streams:
            stream.put_nowait(None)
