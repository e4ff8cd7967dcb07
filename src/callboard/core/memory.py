"""What a transaction has read, kept until it writes to a table that this came from, or waits for another one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlmodel import SQLModel

from callboard.core import engine
from callboard.core.db import Tx

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def remembered(
    *kinds: type[SQLModel],
    updates: bool = True,
) -> Callable[[Callable[Concatenate[Tx, P], T]], Callable[Concatenate[Tx, P], T]]:
    """A question about rows of these kinds, asked once. Without `updates` the rows themselves show what changes."""
    names = _names(kinds) if updates else tuple(engine.members(name) for name in _names(kinds))

    def wrapped(read: Callable[Concatenate[Tx, P], T]) -> Callable[Concatenate[Tx, P], T]:
        @wraps(read)
        def asked(tx: Tx, /, *about: P.args, **named: P.kwargs) -> T:
            known = _known(tx, read, names)
            key = (about, tuple(named.items()))
            if key not in known:
                known[key] = read(tx, *about, **named)
            answer: T = known[key]
            return answer

        return asked

    return wrapped


class Each(Generic[K, V]):
    """A question about one of many. Ask about all that you need with `of`: that is one statement."""

    def __init__(
        self, read: Callable[[Tx, list[K]], Mapping[K, V]], nothing: Callable[[], V], *kinds: type[SQLModel]
    ) -> None:
        """`nothing` makes the answer about what `read` does not find."""
        self._read = read
        self._nothing = nothing
        self._names = _names(kinds)

    def of(self, tx: Tx, keys: Iterable[K]) -> dict[K, V]:
        """The answer about each of these."""
        known, wanted = _known(tx, self._read, self._names), list(dict.fromkeys(keys))
        if missing := [key for key in wanted if key not in known]:
            found = self._read(tx, missing)
            known.update((key, found[key] if key in found else self._nothing()) for key in missing)
        return {key: known[key] for key in wanted}

    def __call__(self, tx: Tx, key: K) -> V:
        return self.of(tx, [key])[key]


def _names(kinds: Iterable[type[SQLModel]]) -> tuple[str, ...]:
    return tuple(str(kind.__tablename__) for kind in kinds)


def _known(tx: Tx, read: Callable[..., Any], names: tuple[str, ...]) -> dict[Any, Any]:
    """What was answered since these tables were last written to."""
    tx.flush_rows()
    stamp = engine.stamp(tx.connection, names)
    kept: tuple[tuple[int, ...], dict[Any, Any]] = tx.local.get(read) or ((), {})
    if kept[0] != stamp:
        kept = tx.local[read] = stamp, {}
    return kept[1]
