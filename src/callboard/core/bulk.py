"""Plain rows by the hundred: one statement for all, and as little as possible for each."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Text, bindparam, cast, column, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection, Dialect

Rows = list[dict[str, Any]]


class Bulk:
    """Writes rows that all have the same columns: new ones, those there already left as they are, or what `changes`.

    What changes is found by its `id`; rows may hold more than is to be changed.
    SQLite takes one row after the other; PostgreSQL is asked once, with all of them as one JSON text.
    """

    def __init__(self, table: Table, *, changes: Sequence[str] = ()) -> None:
        self._table = table
        self._changes = changes
        self._prepared: dict[tuple[str, Sequence[str]], tuple[str, Callable[[Rows], Any]]] = {}

    def run(self, connection: Connection, rows: Rows) -> None:
        """Write the rows, in one statement."""
        kind = (connection.dialect.name, self._changes or tuple(rows[0]))
        if kind not in self._prepared:
            make = self._for_postgres if connection.dialect.name == "postgresql" else self._for_sqlite
            self._prepared[kind] = make(connection.dialect, kind[1])
        sql, packed = self._prepared[kind]
        connection.exec_driver_sql(sql, packed(rows))

    def _for_postgres(self, dialect: Dialect, names: Sequence[str]) -> tuple[str, Callable[[Rows], Any]]:
        columns = [column(name, self._table.c[name].type) for name in names]
        given = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON)).table_valued(*columns)
        rows = given.render_derived(name="given", with_types=True)
        statement: Any
        if self._changes:
            changed = {name: rows.c[name] for name in names if name != "id"}
            statement = update(self._table).values(changed).where(self._table.c.id == rows.c.id)
        else:
            statement = postgresql.insert(self._table).from_select(names, select(*rows.c)).on_conflict_do_nothing()
        return str(statement.compile(dialect=dialect)), lambda rows: {"rows": json.dumps(rows, default=str)}

    def _for_sqlite(self, dialect: Dialect, names: Sequence[str]) -> tuple[str, Callable[[Rows], Any]]:
        statement: Any
        if self._changes:
            changed = {name: bindparam(f"new_{name}", type_=self._table.c[name].type) for name in names if name != "id"}
            statement = update(self._table).values(changed).where(self._table.c.id == bindparam("new_id"))
        else:
            statement = sqlite.insert(self._table).values({name: bindparam(f"new_{name}") for name in names})
            statement = statement.on_conflict_do_nothing()
        compiled = statement.compile(dialect=dialect)
        order = [name.removeprefix("new_") for name in compiled.positiontup]
        picked = itemgetter(*order)
        types = (self._table.c[name].type.dialect_impl(dialect) for name in order)
        stored = [(place, to) for place, kind in enumerate(types) if (to := kind.bind_processor(dialect))]

        def packed(rows: Rows) -> list[tuple[Any, ...]]:
            columns = list(zip(*map(picked, rows), strict=True))
            for place, to in stored:
                columns[place] = tuple(map(to, columns[place]))
            return list(zip(*columns, strict=True))

        return str(compiled), packed
