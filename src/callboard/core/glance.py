"""One question for the next instant of everything that comes due."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, cast

from sqlalchemy import BindParameter, ScalarSelect, Select, bindparam, func, literal_column, select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import visitors

from callboard.core.db import Instant, Tx

INSTANT = Instant()
NOW = bindparam("now", type_=INSTANT)


class Glance:
    """Asks for one instant with each of some statements. They may ask for `NOW`."""

    def __init__(self, waiting: Iterable[Select[Any]]) -> None:
        self._each = [_spelled_out(each) for each in waiting]
        self._prepared: tuple[str, Mapping[str, Any]] | None = None

    @cached_property
    def _at_once(self) -> Select[Any]:
        return select(*self._each)

    def instants(self, tx: Tx) -> list[datetime | None]:
        """What each statement selects; None where that is nothing.

        SQLite is asked for one JSON text, past everything else: that takes a third of the time, and is done all day.
        """
        if tx.on_postgres:
            return list(tx.connection.execute(self._at_once, {NOW.key: tx.now}).one())
        dialect = tx.connection.dialect
        now, read = INSTANT.bind_processor(dialect)(tx.now), INSTANT.result_processor(dialect, None)
        self._prepared = self._prepared or self._prepare(dialect)
        sql, values = self._prepared
        found = tx.connection.exec_driver_sql(sql, {**values, NOW.key: now}).scalar_one()
        return list(map(read, json.loads(found)))

    def _prepare(self, dialect: Dialect) -> tuple[str, Mapping[str, Any]]:
        """The question for SQLite, and the value of each parameter by its name, to be bound once wherever it is."""
        named: Any = type(dialect)
        compiled = select(func.json_array(*self._each)).compile(dialect=named(paramstyle="named"))
        return str(compiled), compiled.params


@lru_cache(16)
def glance(*waiting: Select[Any]) -> Glance:
    """The one that asks with these, made once: to write so many statements out takes longer than to begin an app."""
    return Glance(waiting)


@lru_cache(256)
def _spelled_out(waiting: Select[Any]) -> ScalarSelect[Any]:
    """The same with all values but `NOW` in its text: SQLite plans anew whenever one is bound that chose an index."""

    def text(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key != NOW.key:
            return literal_column(str(element.compile(compile_kwargs={"literal_binds": True})), element.type)
        return None

    return cast("Select[Any]", visitors.replacement_traverse(waiting, {}, text)).scalar_subquery()
