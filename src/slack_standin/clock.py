"""The sandbox's own time: a clock that can be paused, run faster and jumped; and the only reads of the machine's."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def wall() -> datetime:
    """The machine's time, for signatures and as the default start."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Real seconds since some fixed moment: what three seconds to acknowledge are measured with."""
    return time.monotonic()


class SandboxClock:
    """Plan time: starts at `start`, runs at `rate` plan seconds per real second, never goes back."""

    def __init__(self, start: datetime | None = None, rate: float = 1.0) -> None:
        """`start` is an aware instant; without one the clock starts at the machine's time."""
        if start is not None and start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self._at = (start or wall()).astimezone(UTC)
        self._anchor = elapsed()
        self._rate = rate
        self.watchers: list[Callable[[], None]] = []

    @property
    def rate(self) -> float:
        """Plan seconds per real second; 0 while paused."""
        return self._rate

    def now(self) -> datetime:
        return self._at + timedelta(seconds=(elapsed() - self._anchor) * self._rate)

    def run(self, rate: float = 1.0) -> None:
        """Go on from here at `rate`."""
        if rate < 0:
            raise ValueError("time does not run backwards")
        self._settle(self.now(), rate)

    def pause(self) -> None:
        self.run(0)

    def jump(self, seconds: float) -> None:
        self.jump_to(self.now() + timedelta(seconds=seconds))

    def jump_to(self, at: datetime) -> None:
        """Skip ahead to an aware instant; ValueError when it has passed."""
        if at < self.now():
            raise ValueError("time does not run backwards")
        self._settle(at.astimezone(UTC), self._rate)

    def set(self, at: datetime, rate: float) -> None:
        """Take up where an earlier run stopped; the only way back."""
        self._settle(at.astimezone(UTC), rate)

    def _settle(self, at: datetime, rate: float) -> None:
        self._at, self._anchor, self._rate = at, elapsed(), rate
        for watcher in self.watchers:
            watcher()


@dataclass(frozen=True)
class GivenClock:
    """Somebody else's time, not to be moved from here; `now` returns an aware instant."""

    now: Callable[[], datetime]


AnyClock = SandboxClock | GivenClock
