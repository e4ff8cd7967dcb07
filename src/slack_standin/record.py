"""The record: everything that was asked, delivered, acknowledged or made to fail, newest last."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

from slack_standin.state import Json

Kind = Literal["request", "delivery", "ack", "fault", "warning"]
HIDDEN = {"token"}


class Record:
    """A bounded list of dicts: `at` (plan time), `kind`, `method`, `arguments`, `answer`."""

    def __init__(self, now: Callable[[], datetime], keep: int = 100_000) -> None:
        """`now` stamps the entries; the oldest beyond `keep` are forgotten."""
        self._now = now
        self._entries: deque[Json] = deque(maxlen=keep)
        self.watchers: list[Callable[[], None]] = []

    def add(self, kind: Kind, method: str, arguments: Json | None = None, answer: Any = None) -> Json:
        """Put something on the record; the entry may get its answer later."""
        shown = {name: value for name, value in (arguments or {}).items() if name not in HIDDEN}
        entry = {"at": self._now().isoformat(), "kind": kind, "method": method, "arguments": shown, "answer": answer}
        self._entries.append(entry)
        self.stir()
        return entry

    def stir(self) -> None:
        """Wake whoever waits for something to be on the record."""
        for watcher in self.watchers:
            watcher()

    def calls(self, method: str) -> list[Json]:
        """The Web API requests of one method."""
        return [entry for entry in self._entries if entry["kind"] == "request" and entry["method"] == method]

    def of(self, kind: Kind) -> list[Json]:
        """The entries of one kind."""
        return [entry for entry in self._entries if entry["kind"] == kind]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def __iter__(self) -> Iterator[Json]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
