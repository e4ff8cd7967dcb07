"""One transaction: what a verb reads and writes in it, what it leaves for its end, and what it tells others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, SelectBase, Table
from sqlalchemy.engine import Connection
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel

from callboard.core.registry import Bus, Key, Registry
from callboard.core.rows import Bulk, R, Rows, among, finding, inserting, inserting_new, upsert
from callboard.core.unit import Unit

T = TypeVar("T")


class Tx:
    """One transaction: its connection, its instant, its events. `now` is fixed from the first statement to the last.

    `local` is forgotten with the transaction. `memo` lives as long as the database object: what is kept there must
    carry the revision it was read at.
    """

    def __init__(
        self, connection: Connection, now: datetime, bus: Bus, registry: Registry, trace: str, memo: dict[Any, Any],
        unit: Unit | None = None,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.unit = unit or Unit(connection)
        self.now = now
        self.trace = trace
        self.memo = memo
        self.local: dict[Any, Any] = {}
        self.nudges: set[str] = set()
        self.on_postgres = connection.dialect.name == "postgresql"
        self._bus = bus
        self._registry = registry
        self._session: Session | None = None
        self._deferred: dict[Bulk, Rows] = {}
        self._written: set[Bulk] = set()
        self._new: set[tuple[str, int]] = set()

    @property
    def session(self) -> Session:
        """The ORM on this transaction's connection, made when it is first asked for: hot paths do without."""
        if self._session is None:
            if not self.connection.in_transaction():
                self.connection.begin()  # else it would be the session's own
            # Not by its usual mode: within a savepoint that undoes what is not committed when a session is closed.
            self._session = Session(self.connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        return self._session

    def get(self, kind: type[R], key: Any, *, lock: bool = False, fresh: bool = False) -> R | None:
        """The row with this key. Where it is locked or `fresh`, it is as it is now, even if it was read before."""
        values = key if isinstance(key, tuple) else (key,)
        if not lock and not fresh:
            known = self.session.identity_map.get(identity_key(kind, values))
            if known is not None:
                return known
        statement, names = finding(kind, anew=lock or fresh, lock=lock)
        found = self.session.exec(statement, params=dict(zip(names, values, strict=True)))
        return cast("R | None", found.first())

    def get_one(self, kind: type[R], key: Any, *, lock: bool = False) -> R:
        """The same of a row that there must be. Raises LookupError where there is none."""
        if (found := self.get(kind, key, lock=lock)) is None:
            raise LookupError(f"no {kind.__name__} {key}")
        return found

    def insert(self, table: Any) -> Any:
        return upsert(table, on_postgres=self.on_postgres)

    def among(self, column: ColumnElement[Any], found: SelectBase) -> ColumnElement[bool]:
        """That a column is one of what a query finds, looked up by the column's index whatever statistics say."""
        return among(column, found, on_postgres=self.on_postgres)

    def insert_row(self, row: SQLModel) -> int:
        """Insert a row in one plain statement, past the session, and return the id it was given."""
        statement, names = inserting(type(row))
        row_id = int(self.connection.execute(statement, {name: getattr(row, name) for name in names}).scalar_one())
        self._new.add((getattr(row, "subjects", ""), row_id))
        return row_id

    def insert_new(self, table: Table, **values: Any) -> bool:
        """Insert a row unless its key is taken; whether it is new. Waits for whoever is inserting the same one."""
        return self.connection.execute(inserting_new(table, self.on_postgres), values).first() is not None

    def defer(self, bulk: Bulk, rows: Rows) -> None:
        """Write these rows at the end, or at the next `flush`: many small inserts become one."""
        if rows:
            self._deferred.setdefault(bulk, []).extend(rows)

    def is_all_deferred(self, subject: tuple[str, int], bulk: Bulk) -> bool:
        """Whether no row of this kind about a subject is written: nobody else knows of it yet."""
        return subject in self._new and bulk not in self._written

    def deferred_about(self, subject: tuple[str, int], bulk: Bulk) -> Rows:
        """The rows of this kind about a subject that are not written yet."""
        rows = (*self.unit.deferred(bulk), *self._deferred.get(bulk, ()))
        return [row for row in rows if (row["subject_kind"], row["subject_id"]) == subject]

    def last_deferred(self, subject: tuple[str, int], bulk: Bulk) -> dict[str, Any] | None:
        """The last row of this kind about a subject that this part is about to write, to be added to."""
        rows = reversed(self._deferred.get(bulk, ()))
        return next((row for row in rows if (row["subject_kind"], row["subject_id"]) == subject), None)

    def flush(self) -> None:
        """Write what was deferred. Call it before you read a table that others defer to."""
        self.flush_rows()
        self._hand_over()
        self.unit.flush()

    def flush_of(self, tables: Collection[str]) -> None:
        """The same where something was deferred that goes to one of these tables."""
        if self.unit.defers(tables) or (self._deferred and any(bulk.table in tables for bulk in self._deferred)):
            self.flush()

    def flush_rows(self) -> None:
        """Write what was changed on rows of the session; what was deferred stays so."""
        if self._session is not None:
            self._session.flush()

    @contextmanager
    def part(self, trace: str, *, apart: bool = False) -> Iterator[Tx]:
        """A transaction that is committed with this one: it sees what was written before and shares no cache.

        Where it is `apart`, what it raises undoes it and nothing else.
        """
        outer = self.unit.later
        self.flush_rows()
        self._hand_over()
        if apart:
            self.unit.flush()
            self.unit.later = {}
        part = Tx(self.connection, self.now, self._bus, self._registry, trace, self.memo, self.unit)
        try:
            with part.session.begin_nested() if apart else nullcontext():
                if apart:  # else the savepoint would begin with the first statement of the session
                    part.session.connection()
                yield part
                if apart:
                    part.finish()
                elif part._session is not None:
                    part._session.flush()
        except BaseException:
            if apart:
                self.unit.forget()
            raise
        finally:
            self.unit.later = outer
            part.close()
        part._hand_over()
        self.nudges |= part.nudges

    def later(self, work: Callable[[Tx, list[T]], None], wish: T) -> None:
        """Do this after all else: `work` is done once, with what was wished for in all parts of this transaction."""
        self.unit.later.setdefault(work, []).append(wish)

    def finish(self) -> None:
        """Do what was left for later, and write what was deferred."""
        while self.unit.later:
            work = next(iter(self.unit.later))
            with self.part(self.trace) as part:
                work(part, self.unit.later.pop(work))
        self.flush()

    def _hand_over(self) -> None:
        """What was deferred is the unit's from now on: it is written even if nothing more of this part is."""
        for bulk, rows in self._deferred.items():
            self.unit.defer(bulk, rows)
        self._written.update(self._deferred)
        self._deferred = {}

    def of(self, key: Key[T]) -> T:
        return self._registry.of(key)

    def publish(self, happened: object) -> None:
        self._bus.publish(self, happened)

    def nudge(self, whom: str) -> None:
        """Wake a loop of this process once the transaction is committed."""
        self.nudges.add(whom)

    def close(self) -> None:
        """Let go of the session; the connection belongs to whoever opened the transaction."""
        if self._session is not None:
            self._session.close()
        self.local.clear()  # what is kept there may know the transaction: in a circle, only the collector would end it
