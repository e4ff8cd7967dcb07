"""What can be made to go wrong on the way to the app: deliveries doubled, dropped, or out of order."""

import asyncio
from dataclasses import dataclass
from typing import Literal

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
                self.rules = [one for one in self.rules if one.times > 0]
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
        for one in held:
            one.set()

    def clear(self) -> None:
        """Lift everything; what is held back goes out."""
        self.rules.clear()
        self.let_go()
