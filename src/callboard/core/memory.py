"""What a transaction has read, kept until it writes to a table that this came from, or waits for another one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import update_wrapper
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, TypeVar

from sqlmodel import SQLModel

from callboard.core import engine
from callboard.core.db import Tx

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Known(NamedTuple):
    """What one question was answered with: to this part of a transaction, and to all of them."""

    own: dict[Any, Any]
    shared: dict[Any, Any]


class Remembered(Generic[P, T]):
    """A question that is asked once. That there is nothing is known to all parts of a transaction."""

    def __init__(self, read: Callable[Concatenate[Tx, P], T], known: Callable[[Tx], Known]) -> None:
        update_wrapper(self, read)
        self._read = read
        self._known = known

    def __call__(self, tx: Tx, /, *about: P.args, **named: P.kwargs) -> T:
        known, key = self._known(tx), (about, tuple(named.items()))
        for kept in (known.own, known.shared):
            if key in kept:
                answer: T = kept[key]
                return answer
        found = self._read(tx, *about, **named)
        (known.own if found else known.shared)[key] = found
        return found

    def answers(self, tx: Tx) -> Collection[T]:
        """What was answered and still holds."""
        return self._known(tx).own.values()


def remembered(
    *kinds: type[SQLModel], updates: bool = True, shared: bool = False
) -> Callable[[Callable[Concatenate[Tx, P], T]], Remembered[P, T]]:
    """A question about rows of these kinds, asked once. Without `updates` the rows themselves show what changes.

    It may be `shared` by all parts of a transaction where it is answered without rows of a session.
    """
    tables = _tables(kinds)
    stamped = tables if updates else tuple(map(engine.members, tables))

    def wrapped(read: Callable[Concatenate[Tx, P], T]) -> Remembered[P, T]:
        return Remembered(read, lambda tx: _known(tx, read, tables, stamped, shared=shared))

    return wrapped


class Each(Generic[K, V]):
    """A question about one of many. Ask about all that you need with `of`: that is one statement."""

    def __init__(
        self, read: Callable[[Tx, list[K]], Mapping[K, V]], nothing: Callable[[], V], *kinds: type[SQLModel],
        shared: bool = False,
    ) -> None:  # fmt: skip
        """`nothing` makes the answer about what `read` does not find. It may be `shared` as what is remembered."""
        self._read = read
        self._nothing = nothing
        self._tables = _tables(kinds)
        self._shared = shared

    def of(self, tx: Tx, keys: Iterable[K]) -> dict[K, V]:
        """The answer about each of these."""
        both, wanted = self._known(tx), list(dict.fromkeys(keys))
        known, absent = both.own, both.shared
        if missing := [key for key in wanted if key not in known and key not in absent]:
            found = self._read(tx, missing)
            absent.update((key, self._nothing()) for key in missing if key not in found)
            known.update((key, found[key]) for key in missing if key in found)
        return {key: known[key] if key in known else self._none(known, key) for key in wanted}

    def _none(self, known: dict[K, V], key: K) -> V:
        return known.setdefault(key, self._nothing())

    def tell(self, tx: Tx, found: Mapping[K, V]) -> None:
        """The answers about these were found by another question."""
        self._known(tx).own.update(found)

    def _known(self, tx: Tx) -> Known:
        return _known(tx, self._read, self._tables, self._tables, shared=self._shared)

    def __call__(self, tx: Tx, key: K) -> V:
        return self.of(tx, [key])[key]


def _tables(kinds: Iterable[type[SQLModel]]) -> tuple[str, ...]:
    return tuple(str(kind.__tablename__) for kind in kinds)


def _known(
    tx: Tx, read: Callable[..., Any], tables: tuple[str, ...], stamped: tuple[str, ...], *, shared: bool = False
) -> Known:
    """What was answered since these tables were last written to."""
    tx.flush_rows()
    tx.flush_of(tables)
    stamp = engine.stamp(tx.connection, stamped)
    for_all = _since(tx.unit.answers, read, stamp)
    return Known(for_all if shared else _since(tx.local, read, stamp), for_all)


def _since(answers: dict[Any, Any], read: Callable[..., Any], stamp: engine.Stamp) -> dict[Any, Any]:
    kept: tuple[engine.Stamp, dict[Any, Any]] | None = answers.get(read)
    if kept is None or kept[0] != stamp:
        kept = answers[read] = stamp, {}
    return kept[1]
