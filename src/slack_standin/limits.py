"""How often an app may ask: Slack's tiers per method, and about one message a second per channel."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass(frozen=True)
class RateLimits:
    """The figures: `message_rate` per second and channel with `message_burst`, a workspace cap, tiers per minute."""

    enforced: bool = True
    message_rate: float = 1.0
    message_burst: int = 4
    workspace_per_minute: int = 600
    tiers: dict[int, int] = field(default_factory=lambda: dict(PER_MINUTE))

    @classmethod
    def off(cls) -> "RateLimits":
        """No limits at all."""
        return cls(enforced=False)

    def changed(self, **figures: object) -> "RateLimits":
        """The same with some figures changed; an unknown name is a TypeError."""
        return replace(self, **figures)  # type: ignore[arg-type]


@dataclass
class _Bucket:
    full: float
    per_second: float
    left: float
    at: datetime

    def take(self, now: datetime) -> float:
        """0 when there was one to take, else the seconds until there will be."""
        self.left = min(self.full, self.left + max(0.0, (now - self.at).total_seconds()) * self.per_second)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0
        return (1 - self.left) / self.per_second


class Meter:
    """Counts requests against the limits, in plan time."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def use(self, limits: RateLimits) -> None:
        """Go on with other figures, buckets full."""
        self.limits = limits
        self._buckets.clear()

    def wait(self, method: str, tier: int | None, channel: str, now: datetime) -> int:
        """Seconds the app must wait (for `Retry-After`), 0 when the request is within the limits."""
        if not self.limits.enforced:
            return 0
        if method == "chat.postMessage":
            per_minute = self.limits.workspace_per_minute
            return self._take(
                (method, channel), self.limits.message_burst, self.limits.message_rate, now
            ) or self._take((method, "*"), per_minute, per_minute / 60, now)
        if tier is None or tier not in self.limits.tiers:
            return 0
        per_minute = self.limits.tiers[tier]
        return self._take((method, ""), per_minute, per_minute / 60, now)

    def _take(self, key: tuple[str, str], full: float, per_second: float, now: datetime) -> int:
        bucket = self._buckets.setdefault(key, _Bucket(full, per_second, full, now))
        return math.ceil(bucket.take(now))
