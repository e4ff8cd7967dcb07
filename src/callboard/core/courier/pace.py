"""How many messages each medium of a workspace is given at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from callboard.core.courier import claims
from callboard.core.deliveries import Delivery, Medium

AT_ONCE, HOMES_AT_ONCE = 40, 100


def usual(medium: str) -> int:
    """How many a medium takes that nobody has heard from: more Homes, which are cheap together."""
    return HOMES_AT_ONCE if medium == Medium.HOME else AT_ONCE


class Pace:
    """Half as many when a medium asks for patience or this process is too slow; one more with each that it accepts."""

    def __init__(self, media: Collection[str]) -> None:
        self._media = media
        self._most: dict[str, int] = {}
        """Of the medium of a workspace, where that is less than usual."""

    def room(self, under_way: Collection[Delivery]) -> claims.Room:
        """How many more messages each medium takes now."""
        taken = Counter(map(claims.road, under_way))
        left = {road: self._most_on(road) - taken[road] for road in {*self._most, *taken}}
        return claims.Room({medium: usual(medium) for medium in self._media}, left)

    def less(self, delivery: Delivery) -> None:
        road = claims.road(delivery)
        self._most[road] = max(self._most_on(road) // 2, 1)

    def more(self, delivery: Delivery) -> None:
        road = claims.road(delivery)
        if road in self._most:
            self._most[road] += 1
            if self._most[road] >= usual(delivery.medium):
                del self._most[road]

    def _most_on(self, road: str) -> int:
        return self._most.get(road, usual(road.rpartition("/")[2]))
