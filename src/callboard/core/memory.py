"""What a transaction has read, kept until it writes to a table that this came from, or waits for another one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlmodel import SQLModel

from callboard.core import engine
from callboard.core.db import Tx

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[P, T]):
    """A question that is asked once."""

    def __init__(self, read: Callable[Concatenate[Tx, P], T], known: Callable[[Tx], dict[Any, T]]) -> None:
        update_wrapper(self, read)
        self._read = read
        self._known = known

    def __call__(self, tx: Tx, /, *about: P.args, **named: P.kwargs) -> T:
        known, key = self._known(tx), (about, tuple(named.items()))
        if key not in known:
            known[key] = self._read(tx, *about, **named)
        return known[key]

    def answers(self, tx: Tx) -> Collection[T]:
        """What was answered and still holds."""
        return self._known(tx).values()


def remembered(
    *kinds: type[SQLModel], updates: bool = True, shared: bool = False
) -> Callable[[Callable[Concatenate[Tx, P], T]], Remembered[P, T]]:
    """A question about rows of these kinds, asked once. Without `updates` the rows themselves show what changes.

    It may be `shared` by all parts of a transaction where it is answered without rows of a session.
    """
    tables = _tables(kinds)

    def wrapped(read: Callable[Concatenate[Tx, P], T]) -> Remembered[P, T]:
        return Remembered(read, lambda tx: _known(tx, read, tables, updates=updates, shared=shared))

    return wrapped


class Each(Generic[K, V]):
    """A question about one of many. Ask about all that you need with `of`: that is one statement."""

    def __init__(
        self, read: Callable[[Tx, list[K]], Mapping[K, V]], nothing: Callable[[], V], *kinds: type[SQLModel]
    ) -> None:
        """`nothing` makes the answer about what `read` does not find."""
        self._read = read
        self._nothing = nothing
        self._tables = _tables(kinds)

    def of(self, tx: Tx, keys: Iterable[K]) -> dict[K, V]:
        """The answer about each of these."""
        known, wanted = _known(tx, self._read, self._tables), list(dict.fromkeys(keys))
        if missing := [key for key in wanted if key not in known]:
            found = self._read(tx, missing)
            known.update((key, found[key] if key in found else self._nothing()) for key in missing)
        return {key: known[key] for key in wanted}

    def tell(self, tx: Tx, found: Mapping[K, V]) -> None:
        """The answers about these were found by another question."""
        _known(tx, self._read, self._tables).update(found)

    def __call__(self, tx: Tx, key: K) -> V:
        return self.of(tx, [key])[key]


def _tables(kinds: Iterable[type[SQLModel]]) -> tuple[str, ...]:
    return tuple(str(kind.__tablename__) for kind in kinds)


def _known(
    tx: Tx, read: Callable[..., Any], tables: tuple[str, ...], *, updates: bool = True, shared: bool = False
) -> dict[Any, Any]:
    """What was answered since these tables were last written to."""
    tx.flush_rows()
    tx.flush_of(tables)
    stamp = engine.stamp(tx.connection, tables if updates else map(engine.members, tables))
    local = tx.unit.local if shared else tx.local
    kept: tuple[tuple[int, ...], dict[Any, Any]] = local.get(read) or ((), {})
    if kept[0] != stamp:
        kept = local[read] = stamp, {}
    return kept[1]
