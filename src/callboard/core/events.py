"""Events: how a lower capability tells a higher one, inside the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")


class Bus:
    """Who hears which kind of event. Filled once, by the composition root."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Callable[[Any, Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[E], handler: Callable[[Any, E], None]) -> None:
        """Call `handler(tx, event)` for every event of exactly this kind, in the order of subscription."""
        self._handlers[kind].append(handler)

    def publish(self, tx: Any, event: object) -> None:
        """Run the handlers now, in the publisher's transaction; what one of them raises undoes it all."""
        for handler in self._handlers[type(event)]:
            handler(tx, event)
