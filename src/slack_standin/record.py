"""The record: everything that was asked, delivered, acknowledged or made to fail, newest last."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any, Literal, TypeVar

from slack_standin.state import Json

Kind = Literal["request", "delivery", "ack", "fault", "warning"]
HIDDEN = {"token"}


class Record:
    """A bounded list of dicts: `at` (plan time), `kind`, `method`, `arguments`, `answer`."""

    def __init__(self, now: Callable[[], datetime], stir: Callable[[], None], keep: int = 100_000) -> None:
        """`now` stamps the entries, `stir` wakes whoever waits for one; the oldest beyond `keep` are forgotten."""
        self._now = now
        self.stir = stir
        self._entries: deque[Json] = deque(maxlen=keep)

    def add(self, kind: Kind, method: str, arguments: Json | None = None, answer: Any = None) -> Json:
        """Put something on the record; the entry may get its answer later."""
        shown = {name: value for name, value in (arguments or {}).items() if name not in HIDDEN}
        entry = {"at": self._now().isoformat(), "kind": kind, "method": method, "arguments": shown, "answer": answer}
        self._entries.append(entry)
        self.stir()
        return entry

    def calls(self, method: str) -> list[Json]:
        """The Web API requests of one method."""
        return [entry for entry in self.of("request") if entry["method"] == method]

    def of(self, kind: Kind) -> list[Json]:
        return [entry for entry in self._entries if entry["kind"] == kind]

    def clear(self) -> None:
        self._entries.clear()

    def __iter__(self) -> Iterator[Json]:
        return iter(self._entries)


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
        for stream in self._streams:
            stream.put_nowait(None)
