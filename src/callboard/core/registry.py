"""What the composition root fills in once for lower layers: who hears which event, and values by typed keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Key(Generic[T]):
    """One thing to be known, and what it is while nobody has filled it in."""

    about: str
    default: T


class Registry:
    """The value of each key. Filled by `app`; a transaction reads it with `tx.of(KEY)`."""

    def __init__(self) -> None:
        self._values: dict[Key[Any], Any] = {}

    def put(self, key: Key[T], value: T) -> None:
        self._values[key] = value

    def of(self, key: Key[T]) -> T:
        value: T = self._values.get(key, key.default)
        return value


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
