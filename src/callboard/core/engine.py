"""Opens databases: addresses, connections, JSON columns, what each connection wrote, and which errors pass."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from callboard.core.errors import Refused

WRITERS_ON_POSTGRES = 6
READERS = 3
PREPARED = 1000
"""How many statements a connection to SQLite keeps prepared: to read the longest takes longer than to run it."""
IDLE_WITHIN = "30s"
WAIT = " FOR UPDATE"
WRITES = ("INSERT INTO", "UPDATE", "DELETE FROM")
# Whoever commits together with others does not wait for long where somebody holds a row: each is then tried by itself.
SHORT_OF_PATIENCE = "SET LOCAL lock_timeout = '250ms'"
# serialization_failure, deadlock_detected, lock_not_available, admin_shutdown, crash_shutdown, cannot_connect_now
DISK_FULL = "53100"
RETRIED_SQLSTATES = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03"}


def normalised(url: str) -> URL:
    """Accept PostgreSQL addresses as providers write them, and plain SQLite ones; refuse the rest with a sentence."""
    scheme, colon, _ = url.partition(":")
    starts = f"DATABASE_URL starts with `{scheme}:`" if colon else "DATABASE_URL has no scheme"
    if not url.startswith(("postgres://", "postgresql://", "sqlite:///")):
        raise Refused(f"{starts}; write sqlite:///path/to/file.db or postgresql://...")
    try:
        made = make_url(url.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):  # what it says may hold the password
        raise Refused(
            "DATABASE_URL can't be read. Write postgresql://user:password@host:5432/name, and %40 for an @ in the "
            "password, %2F for a /, %3A for a colon."
        ) from None
    return made if scheme == "sqlite" else made.set(drivername="postgresql+psycopg")


def opened(url: URL, *, writing: bool) -> Engine:
    """The pool of connections to a database; on PostgreSQL one pool serves writers and readers."""
    usual: dict[str, Any] = {"json_serializer": _dumped, "json_deserializer": _loaded, "max_overflow": 2}
    if url.get_backend_name() != "sqlite":
        usual |= {"isolation_level": "READ COMMITTED", "connect_args": {"connect_timeout": 10}}
        engine = create_engine(url, pool_size=WRITERS_ON_POSTGRES + READERS, **usual)
        event.listen(engine, "before_cursor_execute", _note)
        event.listen(engine, "connect", _let_go)
        return engine
    usual["connect_args"] = {"cached_statements": PREPARED}
    engine = create_engine(url, pool_size=1 if writing else READERS, **usual)
    event.listen(engine, "before_cursor_execute", _note)

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if not writing:
            connection.execute("PRAGMA query_only=ON")
        else:
            _forget_statistics(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _let_go(connection: Any, _: object) -> None:
    """Have the server end the transaction of a process that was stopped within, which keeps rows from all others."""
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_WITHIN}'")
    connection.commit()


def _forget_statistics(connection: sqlite3.Connection) -> None:
    """Collected while there was little, they make SQLite read all of what has grown; without them it is found."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
        connection.execute("DROP TABLE sqlite_stat1")
        connection.execute("ANALYZE sqlite_master")  # what was loaded is forgotten as well


def _note(connection: Connection, _cursor: object, sql: str, *_: object) -> None:
    """Count what is written to each table, and how often somebody else's row was waited for, or a part undone."""
    if sql.startswith(("SELECT", "ROLLBACK TO")):
        table = WAIT if WAIT in sql or sql.startswith("R") else ""
    else:
        table = sql.split(maxsplit=3)[1 if sql.startswith("UPDATE") else 2] if sql.startswith(WRITES) else ""
    if table:
        noted = connection.info.setdefault("noted", {})
        for name in (table,) if sql.startswith("UPDATE") else (table, members(table)):
            noted[name] = noted.get(name, 0) + 1


def members(table: str) -> str:
    """What is noted when rows come into a table or go."""
    return f"+{table}"


def stamp(connection: Connection, tables: Iterable[str]) -> tuple[int, ...]:
    """What is different once one of these tables was written to, or somebody waited, on this connection."""
    noted = connection.info.get("noted", {})
    return tuple(noted.get(table, 0) for table in (*tables, WAIT))


def passes(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is run again: it lost against another, or its connection."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in RETRIED_SQLSTATES or is_lost(error)


FULL = "The disk of my database is full; nothing was changed. Whoever runs Callboard has to free some space."


def is_full(error: BaseException) -> bool:
    """Whether the disk of the database takes no more."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) == DISK_FULL or "disk is full" in str(cause)


def is_lost(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    is_operational = any(kind.__name__ == "OperationalError" for kind in type(error.orig).__mro__)
    return is_operational and getattr(error.orig, "sqlstate", "") in (None, "57P03")


def _dumped(value: Any) -> str:
    """JSON in a third of the time of the standard library, which alone can write half a surrogate pair."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return json.dumps(value)


EMPTY: Mapping[str | bytes, Callable[[], Any]] = {"[]": list, "{}": dict}


def _loaded(text: str | bytes) -> Any:
    if text in EMPTY:  # as most are
        return EMPTY[text]()
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text)
