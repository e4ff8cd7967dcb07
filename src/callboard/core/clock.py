"""The only place where the wall clock is read."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

log = structlog.get_logger()


def _elapsed() -> float:
    """Seconds on a clock that nobody sets; where there is one, it goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Clock(Protocol):
    def now(self) -> datetime: ...  # aware, in UTC


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SteadyClock:
    """The machine's, for whoever has no server to ask. Set ahead it follows; set back it never goes back.

    It then runs at half its speed until the machine's has caught up, so that what is due soon comes soon.
    """

    SLOWLY = 0.5

    def __init__(self, wall: Callable[[], datetime] | None = None, elapsed: Callable[[], float] = _elapsed) -> None:
        self._wall = wall or SystemClock().now
        self._elapsed = elapsed
        self._known = (self._wall(), elapsed())

    def now(self) -> datetime:
        (instant, at), elapsed = self._known, self._elapsed()
        now = max(self._wall(), instant + timedelta(seconds=(elapsed - at) * self.SLOWLY))
        self._known = (now, elapsed)
        return now


class SharedClock:
    """The time of a server that replicas share, as it was last asked for, carried on by a clock that nobody sets.

    `ahead` is how far the machine's own clock is from it, once it was asked.
    """

    ASKED_EVERY = 10.0
    STEP = 1.0
    """Seconds: where the server's time is so far from what is known of it, somebody has set it."""
    HELD_UP = 1.0
    """Seconds: an answer that takes longer is old when it comes, as where a process was stopped meanwhile."""
    SKEW = timedelta(seconds=5)

    def __init__(self, wall: Callable[[], datetime] | None = None, elapsed: Callable[[], float] = _elapsed) -> None:
        self._wall = wall or SystemClock().now
        self._elapsed = elapsed
        self._known = (self._wall(), elapsed())
        self._asked_at: float | None = None
        self._set_at: float | None = None
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        instant, at = self._known
        return instant + timedelta(seconds=self._elapsed() - at)

    def keep(self, ask: Callable[[], datetime]) -> None:
        """Ask the server for its time, unless that was done a moment ago."""
        begun_at = self._elapsed()
        if self._asked_at is not None and begun_at - self._asked_at < self.ASKED_EVERY:
            return
        instant, answered_at = ask().astimezone(UTC), self._elapsed()
        if self._asked_at is not None and answered_at - begun_at > self.HELD_UP:
            return
        if self._asked_at is not None and abs((instant - self.now()).total_seconds()) > self.STEP:
            self._set_at = answered_at
        self._asked_at = answered_at
        self._known = (instant, self._asked_at)
        before, self.ahead = self.ahead, self._wall() - instant
        if abs(self.ahead) > self.SKEW >= abs(before):
            log.warning("clock.differs", ahead=round(self.ahead.total_seconds(), 1), used="the database's")

    def doubt(self) -> None:
        """Take it that the server's time was set just now, and ask for it at the next occasion."""
        self._set_at = self._elapsed()
        if self._asked_at is not None:
            self._asked_at = self._set_at - self.ASKED_EVERY

    def is_shared_since(self, seconds: float) -> bool:
        """Whether all processes have had this time for so long: after somebody set it, some go by the former one."""
        return self._set_at is None or self._elapsed() - self._set_at >= self.ASKED_EVERY + seconds


class ManualClock:
    """A clock that moves when told, never backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Move forward to `instant`; an earlier one leaves the clock where it is."""
        self._now = max(self._now, instant.astimezone(UTC))

    def advance(self, delta: timedelta) -> None:
        self.move_to(self._now + delta)
