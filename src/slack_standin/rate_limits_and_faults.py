"""What keeps a Web API request from its answer: Slack's rate limits, and faults made by method and by channel."""

import math
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

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
        return cls(enforced=False)


@dataclass
class _Bucket:
    full: float
    per_second: float
    left: float
    at: datetime

    def take(self, now: datetime) -> int:
        """0 when there was one to take, else the seconds until there will be."""
        self.left = min(self.full, self.left + max(0.0, (now - self.at).total_seconds()) * self.per_second)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0
        return math.ceil((1 - self.left) / self.per_second)


class Meter:
    """Counts requests against the limits, in plan time."""

    def __init__(self, limits: RateLimits) -> None:
        self.use(limits)

    def use(self, limits: RateLimits) -> None:
        """Go on with other figures, buckets full."""
        self.limits = limits
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def wait(self, method: str, tier: int | None, channel: str, now: datetime) -> int:
        """Seconds the app must wait (for `Retry-After`), 0 when the request is within the limits."""
        limits = self.limits
        if not limits.enforced:
            return 0
        if method == "chat.postMessage":
            wait = self._take(method, channel, limits.message_burst, limits.message_rate, now)
            return wait or self._by_the_minute(method, limits.workspace_per_minute, now)
        return self._by_the_minute(method, limits.tiers[tier], now) if tier in limits.tiers else 0

    def _by_the_minute(self, method: str, most: int, now: datetime) -> int:
        return self._take(method, "*", most, most / 60, now)

    def _take(self, method: str, channel: str, full: float, per_second: float, now: datetime) -> int:
        return self._buckets.setdefault((method, channel), _Bucket(full, per_second, full, now)).take(now)


FaultKind = Literal["ratelimited", "broken", "slow", "lost", "dropped", "error", "foreign"]
PAGE = "<!doctype html><title>Sign in to the network</title><p>Access is blocked."


@dataclass
class Fault:
    """One rule. Without `times` and `until` it holds for one request; with a `share` for that part of the requests.

    ratelimited: 429 with Retry-After; broken: an HTTP `status`; slow: answered after `delay` real seconds;
    lost: accepted, then the connection is cut after `delay`; dropped: cut before being accepted; error: `code`;
    foreign: answered by somebody else, with `status`, `body`, `content_type` and `headers`, after Slack has `carried`
    it out or without.
    """

    id: int
    kind: FaultKind
    method: str = "*"
    channel: str | None = None
    times: int | None = None
    until: datetime | None = None
    retry_after: int | str = 1
    status: int = 0
    delay: float = 0.0
    code: str = "internal_error"
    share: float = 1.0
    body: str = PAGE
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    carried: bool = False

    def wait(self, now: datetime) -> int | str:
        """What Retry-After says."""
        return self.retry_after if self.until is None else max(1, math.ceil((self.until - now).total_seconds()))


class Faults:
    """The rules in force; the first that fits is used."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._made = 0
        self._chance = random.Random(0)  # noqa: S311 - the same at every run

    def add(self, kind: FaultKind, now: datetime, *, seconds: float | None = None, **fields: object) -> Fault:
        """Put a rule in force: for `seconds` of plan time, or `times` requests (default one)."""
        self._made += 1
        if seconds is not None:
            fields["until"] = now + timedelta(seconds=seconds)
        elif fields.get("times") is None:
            fields["times"] = 1
        fault = Fault(self._made, kind, **{"status": 200 if kind == "foreign" else 500, **fields})  # type: ignore[arg-type]
        self.rules.append(fault)
        return fault

    def clear(self, fault: int | None = None) -> None:
        """Lift one rule, or all."""
        self.rules = [] if fault is None else [rule for rule in self.rules if rule.id != fault]

    def take(self, method: str, channel: str, now: datetime) -> Fault | None:
        """The rule for this request, used up by one; None when nothing is wrong."""
        self.rules = [rule for rule in self.rules if (rule.until is None or rule.until > now) and rule.times != 0]
        for rule in self.rules:
            fits = rule.method in {"*", method} and rule.channel in {None, channel}
            if fits and (rule.share >= 1 or self._chance.random() < rule.share):
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None
