"""What the parts of one transaction share: rows that wait for its end, what was read once, and whether it wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import ExecutionContext

from callboard.core import engine
from callboard.core.rows import Bulk, Rows

AS_WRITTEN = "as_written"
"""The option of a statement that asks for what is written, whoever runs it sees to what is deferred."""
UNIT = "unit"
"""Where a connection keeps the unit of the transaction that it is in."""


class Unit:
    """`written` is set by each statement that may change something, whoever wants to know resets it before.

    `answers` are what its parts have read, forgotten with the transaction where others may write before the next one.
    """

    def __init__(self, connection: Connection) -> None:
        self.written = False
        self._connection = connection
        self._deferred: dict[Bulk, Rows] = {}
        self.answers = engine.lasting(connection)
        self.later: dict[Callable[..., None], list[Any]] = {}
        self._info = connection.info
        self._info[UNIT] = self

    def leave(self) -> None:
        """The transaction is over: what was not written is not."""
        self._info.pop(UNIT, None)

    def defer(self, bulk: Bulk, rows: Rows) -> None:
        """Write these rows at the end, or before the first statement about their table: many inserts become one."""
        self._deferred.setdefault(bulk, []).extend(rows)

    def defers(self, tables: Collection[str]) -> bool:
        """Whether something for one of these tables is not written yet."""
        return bool(self._deferred) and any(bulk.table in tables for bulk in self._deferred)

    def deferred(self, bulk: Bulk) -> Rows:
        """What is not written yet."""
        return self._deferred.get(bulk, [])

    def forget(self) -> None:
        """What was deferred is undone."""
        self._deferred = {}

    def flush(self) -> None:
        """Write what was deferred."""
        deferred, self._deferred = self._deferred, {}
        for bulk, rows in deferred.items():
            bulk.run(self._connection, rows)

    def ahead(self, statement: str, *, as_written: bool) -> None:
        """What comes before a statement."""
        if self._deferred and not as_written and any(bulk.table in statement for bulk in self._deferred):
            written = self.written
            self.flush()
            self.written = written
        if not statement.startswith("SELECT"):
            self.written = True


def watch(pool: Engine) -> None:
    """Let the unit of each transaction, and what is noted of a connection, know of its statements."""

    @event.listens_for(pool, "before_cursor_execute")
    def heard(
        connection: Connection, _cursor: object, statement: str, _given: object, context: ExecutionContext, _: object
    ) -> None:
        ahead(connection.info, statement, as_written=AS_WRITTEN in context.execution_options)


def ahead(info: dict[Any, Any], statement: str, *, as_written: bool) -> None:
    """What comes before each statement."""
    engine.note(info, statement)
    unit: Unit | None = info.get(UNIT)
    if unit is not None:
        unit.ahead(statement, as_written=as_written)
