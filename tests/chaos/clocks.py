"""Clocks that are set while replicas go by them, and what they said, so that it can be told which moment was meant.

A replica reads its machine's clock, or on PostgreSQL that of the database's machine, which all replicas ask. Somebody
sets it: that is an offset here. Whatever instant it gives names in its last three digits from which run of its clock
it is: in one run a clock never goes back.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from callboard.core.clock import SharedClock, SteadyClock, SystemClock
from tests.serving.house import NURSERY

RUNS = 1000
OF_EACH = 300
"""Runs of the clocks of one replica, before their numbers begin again."""
EXACT = timedelta(milliseconds=20)
OFFSETS = (2.0, -2.0, 45.0, -45.0, 3600.0, -3600.0)
"""Seconds by which somebody sets a clock ahead or back."""


@dataclass
class Steps:
    """How far a machine's clock is set, in seconds; `runs` counts the runs of the clock that goes by it."""

    machine: Any
    server: Any
    runs: Any

    @classmethod
    def new(cls, server: Any) -> Steps:
        return cls(NURSERY.RawValue("d", 0.0), server, NURSERY.RawValue("i", 0))

    def wall(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.machine.value)


class Tale:
    """Writes down what a clock said, wherever it does not just go on."""

    def __init__(self, folder: Path, replica: int, steps: Steps) -> None:
        self._replica, self._steps, self._lock = replica, steps, threading.Lock()
        self._path = folder / f"clock-{replica}.jsonl"
        self._last = datetime.max.replace(tzinfo=UTC)
        self._ahead: timedelta | None = None
        self._run = 0

    def told(self, at: datetime) -> datetime:
        """Mark an instant with the run that it is from."""
        with self._lock:
            if at < self._last - EXACT:
                self._steps.runs.value += 1
                self._run = self._replica * OF_EACH + self._steps.runs.value % OF_EACH
                self._ahead = None
            self._last = at
            ahead = at - SystemClock().now()
            if self._ahead is None or abs(ahead - self._ahead) > EXACT:
                self._ahead = ahead
                line = {"run": self._run, "at": at.isoformat(), "ahead": ahead.total_seconds()}
                with self._path.open("a") as file:
                    file.write(json.dumps(line) + "\n")
            return at.replace(microsecond=at.microsecond // RUNS * RUNS + self._run)


class Machines(SteadyClock):
    """That of a process on SQLite."""

    def __init__(self, steps: Steps, tale: Tale) -> None:
        super().__init__(steps.wall)
        self._tale = tale

    def now(self) -> datetime:
        return self._tale.told(super().now())


class Servers(SharedClock):
    """That of a replica on PostgreSQL."""

    def __init__(self, steps: Steps, tale: Tale) -> None:
        super().__init__(steps.wall)
        self._steps, self._tale = steps, tale

    def now(self) -> datetime:
        return self._tale.told(super().now())

    def keep(self, ask: Callable[[], datetime]) -> None:
        super().keep(lambda: ask() + timedelta(seconds=self._steps.server.value))


class Tales:
    """Which moment it was when a clock said something."""

    def __init__(self, folder: Path) -> None:
        self._runs: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
        for file in folder.glob("clock-*.jsonl"):
            for line in file.read_text().splitlines():
                said = json.loads(line)
                self._runs[said["run"]].append((datetime.fromisoformat(said["at"]), said["ahead"]))

    def moment(self, at: datetime) -> datetime:
        said = self._runs.get(at.microsecond % RUNS, [])
        place = bisect_right(said, (at + EXACT, 0.0)) - 1
        return at - timedelta(seconds=said[max(place, 0)][1]) if said else at
