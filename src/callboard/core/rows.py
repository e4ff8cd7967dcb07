"""Rows made past the ORM, for the paths where it would cost more than everything else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Protocol, TypeVar, cast

from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    MetaData,
    SelectBase,
    Table,
    Text,
    any_,
    bindparam,
    column,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import class_mapper
from sqlmodel import SQLModel
from sqlmodel import select as select_rows

R = TypeVar("R", bound=SQLModel)


class OfPlan(Protocol):
    """What belongs to a plan."""

    plan_id: int


def partial_index(name: str, condition: str, *columns: str, on_sqlite: str = "", unique: bool = False) -> Index:
    """An index of the few rows that still matter, however many there were; ask with this very condition, unbound."""
    return Index(name, *columns, unique=unique, info={"postgresql": condition, "sqlite": on_sqlite or condition})


@event.listens_for(SQLModel.metadata, "before_create")
def _narrow(metadata: MetaData, connection: Connection, **_: Any) -> None:
    """Give partial indexes their condition; to name that of both databases would load both, for good."""
    kind = connection.dialect.name
    for index in (index for table in metadata.tables.values() for index in table.indexes if index.info):
        index.dialect_options[kind]["where"] = text(index.info[kind])


def among(column: ColumnElement[Any], found: SelectBase, *, on_postgres: bool) -> ColumnElement[bool]:
    """That a column is one of what a query finds.

    Of an array PostgreSQL expects ten. Of a query it may expect so many that it reads the whole table instead.
    """
    return column == any_(func.array(found.scalar_subquery())) if on_postgres else column.in_(found)


def fresh(kind: type[R], /, **values: Any) -> R:
    """A new row with its defaults, made the way the ORM makes those it loads: unchecked, and fifty times as fast."""
    row: R = class_mapper(kind).class_manager.new_instance()
    plain, factories = _defaults(kind)
    row.__dict__.update(plain, **values)
    row.__dict__.update((name, factory()) for name, factory in factories if name not in values)
    return row


def bare(kind: type[R], values: Iterable[tuple[str, Any]]) -> R:
    """An object with the columns and properties of a row that the ORM does not watch: quick to change."""
    row: Any = object.__new__(_unwatched(kind))
    row.__dict__.update(values)
    return cast("R", row)


@cache
def _unwatched(kind: type[SQLModel]) -> type:
    every = {name: value for of in reversed(kind.__mro__) for name, value in vars(of).items()}
    kept = {name: value for name, value in every.items() if isinstance(value, property) or name == "subjects"}
    return type(kind.__name__, (), kept)


@cache
def _defaults(kind: type[SQLModel]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Those that all rows may share, and how each of the others is made."""
    plain, factories = dict[str, Any](), list[tuple[str, Callable[[], Any]]]()
    for name, field in kind.model_fields.items():
        if field.default_factory or isinstance(field.default, (list, dict)):
            factories.append((name, cast("Any", field.default_factory or field.default.copy)))
        elif not field.is_required():
            plain[name] = field.default
    return plain, factories


@cache
def finding(kind: type[SQLModel], *, anew: bool, lock: bool) -> tuple[Any, tuple[str, ...]]:
    """The statement that finds a row by its key, and the columns of that; `anew` where it may be known as it was."""
    key = tuple(column.name for column in class_mapper(kind).primary_key)
    statement = select_rows(kind).where(*(getattr(kind, name) == bindparam(name) for name in key))
    locked = statement.with_for_update() if lock else statement
    return locked.execution_options(populate_existing=True) if anew else locked, key


@cache
def inserting(kind: type[SQLModel]) -> tuple[Any, tuple[str, ...]]:
    """The statement that inserts one row of a kind and returns its id, and the columns that it takes."""
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return insert(table).returning(table.c.id), tuple(name for name in table.c.keys() if name != "id")  # noqa: SIM118


def upsert(table: Table, *, on_postgres: bool) -> Any:
    """An insert that may say what is done where a key is taken; what is only for the other database is not loaded."""
    if on_postgres:
        from sqlalchemy.dialects.postgresql import insert as of_postgres

        return of_postgres(table)
    from sqlalchemy.dialects.sqlite import insert as of_sqlite

    return of_sqlite(table)


@cache
def inserting_new(table: Table, on_postgres: bool) -> Any:  # noqa: FBT001
    """The statement that inserts a row unless its key is taken, and then returns nothing."""
    new = upsert(table, on_postgres=on_postgres)
    return new.on_conflict_do_nothing().returning(*table.primary_key)


def _as_json(rows: Rows) -> str:
    try:
        return to_json(rows).decode()
    except PydanticSerializationError:  # half a surrogate pair
        return json.dumps(rows, default=str)


Rows = list[dict[str, Any]]


class Bulk:
    """Writes rows that have the same columns: new rows, leaving existing ones as they are, or the columns in `changes`.

    Changed rows are found by `id`; they may hold more columns than change.
    SQLite takes one row after the other; PostgreSQL is asked once, with all of them as one JSON text.
    """

    def __init__(self, table: Table, *, changes: Sequence[str] = ()) -> None:
        self.table = table.name
        self._table = table
        self._changes = changes
        self._prepared: dict[tuple[str, Sequence[str]], tuple[str, Callable[[Rows], Any]]] = {}

    def run(self, connection: Connection, rows: Rows) -> int:
        """Write them; return how many that were."""
        kind = (connection.dialect.name, self._changes or tuple(rows[0]))
        if kind not in self._prepared:
            make = self._for_postgres if connection.dialect.name == "postgresql" else self._for_sqlite
            self._prepared[kind] = make(connection.dialect, kind[1])
        sql, packed = self._prepared[kind]
        return connection.exec_driver_sql(sql, packed(rows)).rowcount

    def _changing(self, given: Mapping[str, Any]) -> Any:
        changed = {name: value for name, value in given.items() if name != "id"}
        return update(self._table).values(changed).where(self._table.c.id == given["id"])

    def _for_postgres(self, dialect: Dialect, names: Sequence[str]) -> tuple[str, Callable[[Rows], Any]]:
        columns = [column(name, self._table.c[name].type) for name in names]
        given = func.json_to_recordset(sql_cast(bindparam("rows", type_=Text), JSON)).table_valued(*columns)
        rows = given.render_derived(name="given", with_types=True)
        new = upsert(self._table, on_postgres=True).from_select(names, select(*rows.c)).on_conflict_do_nothing()
        statement = self._changing(dict(rows.c.items())) if self._changes else new
        return str(statement.compile(dialect=dialect)), lambda rows: {"rows": _as_json(rows)}

    def _for_sqlite(self, dialect: Dialect, names: Sequence[str]) -> tuple[str, Callable[[Rows], Any]]:
        given = {name: bindparam(f"new_{name}", type_=self._table.c[name].type) for name in names}
        new = upsert(self._table, on_postgres=False).values(given).on_conflict_do_nothing()
        statement: Any = self._changing(given) if self._changes else new
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
