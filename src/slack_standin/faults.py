"""What can be made to go wrong with Web API requests, by method and by channel."""

import asyncio
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

FaultKind = Literal["ratelimited", "broken", "slow", "lost", "dropped", "error"]


@dataclass
class Fault:
    """One rule. Without `times` and `until` it holds for one request.

    ratelimited: 429 with Retry-After; broken: an HTTP `status`; slow: answered after `delay` real seconds;
    lost: accepted, then the connection is cut after `delay`; dropped: cut before being accepted; error: `code`.
    """

    id: int
    kind: FaultKind
    method: str = "*"
    channel: str | None = None
    times: int | None = None
    until: datetime | None = None
    retry_after: int = 1
    status: int = 500
    delay: float = 0.0
    code: str = "internal_error"

    def wait(self, now: datetime) -> int:
        """What Retry-After says."""
        return self.retry_after if self.until is None else max(1, math.ceil((self.until - now).total_seconds()))


class Faults:
    """The rules in force; the first that fits is used."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._made = 0

    def add(self, kind: FaultKind, now: datetime, *, seconds: float | None = None, **fields: object) -> Fault:
        """Put a rule in force: for `seconds` of plan time, or `times` requests (default one)."""
        self._made += 1
        if seconds is not None:
            fields["until"] = now + timedelta(seconds=seconds)
        elif fields.get("times") is None:
            fields["times"] = 1
        fault = Fault(self._made, kind, **fields)  # type: ignore[arg-type]
        self.rules.append(fault)
        return fault

    def clear(self, fault: int | None = None) -> None:
        """Lift one rule, or all."""
        self.rules = [] if fault is None else [rule for rule in self.rules if rule.id != fault]

    def take(self, method: str, channel: str, now: datetime) -> Fault | None:
        """The rule for this request, used up by one; None when nothing is wrong."""
        self.rules = [rule for rule in self.rules if (rule.until is None or rule.until > now) and rule.times != 0]
        for rule in self.rules:
            if rule.method in {"*", method} and rule.channel in {None, channel}:
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None


DisturbanceKind = Literal["duplicated", "dropped", "reordered"]


@dataclass
class Disturbance:
    """duplicated: sent twice at once; dropped: not sent; reordered: an event sent only after the next one.

    Holds for `times` deliveries, only for those of one kind (`events_api`, `slash_commands`, `interactive`) if given.
    """

    kind: DisturbanceKind
    times: int = 1
    only: str | None = None


class Disturbances:
    """The disturbances in force, and the events that are held back by them."""

    def __init__(self) -> None:
        self.rules: list[Disturbance] = []
        self._held: list[asyncio.Event] = []

    def add(self, kind: DisturbanceKind, times: int = 1, only: str | None = None) -> Disturbance:
        """Put one in force."""
        if kind not in {"duplicated", "dropped", "reordered"}:
            raise TypeError(f"a delivery is duplicated, dropped or reordered, not {kind!r}")
        made = Disturbance(kind, times, "events_api" if kind == "reordered" else only)
        self.rules.append(made)
        return made

    def take(self, kind: DisturbanceKind, delivery: str) -> bool:
        """Whether this delivery is disturbed so; uses the disturbance up by one."""
        for rule in self.rules:
            if rule.kind == kind and rule.only in {None, delivery}:
                rule.times -= 1
                self.rules = [rule for rule in self.rules if rule.times > 0]
                return True
        return False

    async def wait_for_the_next(self) -> None:
        """Stand back until another event has been delivered."""
        overtaken = asyncio.Event()
        self._held.append(overtaken)
        await overtaken.wait()

    def let_go(self) -> None:
        """An event has been delivered: those that were held back may follow."""
        held, self._held = self._held, []
        for event in held:
            event.set()

    def clear(self) -> None:
        """Lift everything; what is held back goes out."""
        self.rules.clear()
        self.let_go()
