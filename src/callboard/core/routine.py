"""What is asked again and again, and plain text: on SQLite it goes past SQLAlchemy, in a third of the time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple
from weakref import ReferenceType, WeakKeyDictionary, ref

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.engine import Connection, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError

from callboard.core.unit import AS_WRITTEN, ahead

KINDS = (Select, Update, Insert, Delete)
OPTIONS = {AS_WRITTEN, "populate_existing"}
OF_SESSION = {"_result_disable_adapt_to_context", "_sa_orm_load_options", "populate_existing"}
"""What the session says of a statement that asks for rows. Any other option goes the usual way."""
SEVERAL = (list, tuple)
MOST = 50
"""Shapes of one statement that are known."""


class Answer(IteratorResult[Any]):
    """The rows that were found or returned, and how many were written."""

    rowcount = -1


class Asked:
    """What the session wants to know of how a statement was run."""

    _is_server_side = False

    def __init__(self, compiled: Any) -> None:
        self.compiled = compiled


class Place(NamedTuple):
    """What is bound in one place: that which has a name, or one of several that have, or always the same."""

    name: str | None
    nth: int | None
    fixed: Any
    store: Callable[[Any], Any] | None

    def value(self, given: Mapping[str, Any]) -> Any:
        if self.name is None:
            return self.fixed
        value = given[self.name] if self.nth is None else given[self.name][self.nth]
        return value if self.store is None else self.store(value)


class Routine(NamedTuple):
    """A statement as SQLite takes it, and how SQLAlchemy reads a row of it; for a session what it was made from."""

    sql: str
    places: tuple[Place, ...]
    columns: Any
    as_written: bool
    compiled: ReferenceType[Any] | None

    def run(self, connection: Connection, given: Mapping[str, Any]) -> Answer | None:
        """What came of it; None where it had no effect, and the usual way says why.

        Raises DBAPIError where SQLite has undone the whole transaction: run again, it would be committed alone.
        """
        asked = Asked(self.compiled()) if self.compiled else None
        try:
            bound = tuple([place.value(given) for place in self.places])
        except (LookupError, TypeError, ValueError):
            return None
        if asked and asked.compiled is None:
            return None
        cursor = _sent(connection, self.sql, bound, as_written=self.as_written)
        return None if cursor is None else _answer(cursor, self.columns, asked)


def _sent(connection: Connection, sql: str, bound: Any, *, as_written: bool = False) -> sqlite3.Cursor | None:
    """Run a text once, or for each of a list; None where it failed, and the usual way says why."""
    if not connection.in_transaction():
        connection.begin()
    ahead(connection.info, sql, as_written=as_written)
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        return raw.executemany(sql, bound) if isinstance(bound, list) else raw.execute(sql, bound)
    except sqlite3.Error as error:
        if raw.in_transaction:
            return None
        raise DBAPIError.instance(sql, None, error, sqlite3.Error) from error


def _answer(cursor: sqlite3.Cursor, columns: Any, asked: Asked | None = None) -> Answer:
    answer = Answer(columns, iter(cursor.fetchall()), context=asked)
    answer.rowcount = cursor.rowcount
    return answer


Shape = tuple[str | tuple[str, int], ...]
"""The names of what is given, and how many each is where it is several; first a mark where the session asks."""
KNOWN: WeakKeyDictionary[Any, dict[Shape, Routine | None]] = WeakKeyDictionary()
"""Nothing yet of a statement that was run once; None where it has to go the usual way."""


class Asker(Connection):
    """A connection that knows its routine. Where somebody else listens to statements, all go the usual way."""

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """Run a statement."""
        given, of_session = _one(parameters), bool(execution_options)
        usual = partial(super().execute, statement, parameters, execution_options=execution_options)
        if (
            given is None
            or not isinstance(statement, KINDS)
            or not self._is_alone
            or (of_session and not execution_options.keys() <= OF_SESSION)
        ):
            return usual()
        routines = KNOWN.get(statement)
        if routines is None:
            KNOWN[statement] = {}
            return usual()
        shape = _shape(given, of_session=of_session)
        if routine := routines.get(shape):
            answer = routine.run(self, given)
            if answer is not None:
                return answer
            routines.pop(shape, None)
        result = usual()
        if shape not in routines and len(routines) < MOST:
            routines[shape] = _learned(statement, given, result, of_session=of_session)
        return result

    def exec_driver_sql(self, statement: str, parameters: Any = None, execution_options: Any = None) -> Any:
        """Run a text, for each of a list of values where that is given."""
        cursor = _sent(self, statement, parameters or ()) if self._is_alone and not execution_options else None
        if cursor is None:
            return super().exec_driver_sql(statement, parameters, execution_options)
        return _answer(cursor, SimpleResultMetaData([name for name, *_ in cursor.description or ()]))

    @property
    def _is_alone(self) -> bool:
        """Whether this is SQLite, nobody else hears of statements, and no part failed that is to be undone."""
        part, heard = self.get_nested_transaction(), self.dispatch
        if self.dialect.name != "sqlite" or (part is not None and not part.is_active):
            return False
        return len(heard.before_cursor_execute) == 1 and not heard.after_cursor_execute


def _shape(given: Mapping[str, Any], *, of_session: bool) -> Shape:
    names = ((name, len(value)) if isinstance(value, SEVERAL) else name for name, value in given.items())
    return (("", 0), *names) if of_session else tuple(names)


def _one(parameters: Any) -> dict[str, Any] | None:
    """What is given, unless that is for several rows."""
    if isinstance(parameters, list) and len(parameters) == 1:
        parameters = parameters[0]
    if parameters is None:
        return {}
    return parameters if isinstance(parameters, dict) else None


def _learned(statement: Any, given: Mapping[str, Any], result: Any, *, of_session: bool) -> Routine | None:
    """How that went, where it can go the same way again."""
    context, compiled = result.context, result.context.compiled
    options = statement.get_execution_options()
    if not options.keys() <= OPTIONS or _makes_more(result, given):
        return None
    every = compiled.construct_params(given, extracted_parameters=context.extracted_parameters, escape_names=False)
    if not all(_is_plain(every[compiled.bind_names[bind]]) for bind in compiled.post_compile_params):
        return None
    state = compiled.construct_expanded_state(every) if _is_filled_in(compiled) else None
    if state and state.statement != context.statement:
        return None
    places = tuple(_places(context, given, every, state))
    kept = ref(compiled) if of_session else None
    return Routine(context.statement, places, result._metadata, AS_WRITTEN in options, kept)  # noqa: SLF001


def _makes_more(result: Any, given: Mapping[str, Any]) -> bool:
    """Whether more is made each time than its values: text, values of columns, or rows that nobody asked for."""
    compiled = result.context.compiled
    return bool(
        compiled.insert_prefetch or compiled.update_prefetch
        or any(bind.key in given for bind in compiled.literal_execute_params)
        or (not result.returns_rows and "RETURNING" in result.context.statement)
    )  # fmt: skip


def _is_filled_in(compiled: Any) -> bool:
    return bool(compiled.post_compile_params or compiled.literal_execute_params)


def _is_plain(values: Any) -> bool:
    return isinstance(values, SEVERAL) and not any(isinstance(value, SEVERAL) for value in values)


def _places(context: Any, given: Mapping[str, Any], every: Mapping[str, Any], state: Any) -> Iterator[Place]:
    compiled, dialect = context.compiled, context.dialect
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    expanded = state.parameter_expansion.items() if state else ()
    parts = {part: (name, index) for name, names in expanded for index, part in enumerate(names)}
    for part in state.positiontup if state else compiled.positiontup:
        name, index = parts.get(part, (part, None))
        bind = binds[name]
        store = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if ours := next((each for each in (bind.key, name) if each in given), None):
            yield Place(ours, index, None, store)
        else:
            fixed = every[name] if index is None else every[name][index]
            yield Place(None, None, store(fixed) if store else fixed, None)
