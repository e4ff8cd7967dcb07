"""What a lower layer must know from above: the composition root fills it in once, by typed keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Key(Generic[T]):
    """One thing to be known, and what it is while nobody has filled it in."""

    about: str
    default: T


class Registry:
    """The value of each key. Filled by `app.py`; a transaction reads it with `tx.of(KEY)`."""

    def __init__(self) -> None:
        self._values: dict[Key[Any], Any] = {}

    def put(self, key: Key[T], value: T) -> None:
        """Fill in a value; a later one replaces it."""
        self._values[key] = value

    def of(self, key: Key[T]) -> T:
        """The value, or the key's default."""
        value: T = self._values.get(key, key.default)
        return value
