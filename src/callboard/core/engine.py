"""Opens databases: addresses, connections, JSON columns, what each connection wrote, and which errors pass."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import JSON, create_engine, event
from sqlalchemy.engine import URL, Connection, Dialect, Engine, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from callboard.core.errors import Refused
from callboard.core.file import File

WRITERS_ON_POSTGRES = 6
READERS = 3
PREPARED = 1000
"""How many statements a connection to SQLite keeps prepared: to read the longest takes longer than to run it."""
SPOKEN = {"connect_timeout": 10, "client_encoding": "utf8"}
IDLE_WITHIN, SESSION = "30s", "SELECT pg_backend_pid()"
KEPT, PASSING = ("journal_mode=WAL", "synchronous=FULL"), ("journal_mode=MEMORY", "synchronous=OFF")
"""For a file that outlasts a power cut, and for one that need not."""
WAIT = " FOR UPDATE"
LASTING = "lasting"
MOST = 1000
"""Answers to one question that outlast a transaction."""
Stamp = tuple[int | None, ...]
Answers = dict[Any, tuple[Stamp, dict[Any, Any]]]
"""The stamp at which each question was asked, and what was found."""
WRITES = ("INSERT INTO", "UPDATE", "DELETE FROM")
# Whoever commits together with others does not wait for long where somebody holds a row: each is then tried by itself.
SHORT_OF_PATIENCE = "SET LOCAL lock_timeout = '250ms'"
# serialization_failure, deadlock_detected, lock_not_available, admin_shutdown, crash_shutdown, cannot_connect_now
DISK_FULL, READ_ONLY = "53100", "25006"
RETRIED_SQLSTATES = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03"}


def normalised(url: str) -> URL:
    """Accept PostgreSQL addresses as providers write them, and plain SQLite ones; refuse the rest with a sentence."""
    scheme, colon, _ = url.partition(":")
    starts = f"DATABASE_URL starts with `{scheme}:`" if colon else "DATABASE_URL has no scheme"
    if not url.startswith(("postgres://", "postgresql://", "sqlite:///")):
        raise Refused(f"{starts}; write sqlite:///path/to/file.db or postgresql://...")
    try:
        made = make_url(_each_host(url.replace("postgres://", "postgresql://", 1)))
    except (ArgumentError, ValueError):  # what it says may hold the password
        raise Refused(
            "DATABASE_URL can't be read. Write postgresql://user:password@host:5432/name, and %40 for an @ in the "
            "password, %2F for a /, %3A for a colon."
        ) from None
    return made if scheme == "sqlite" else made.set(drivername="postgresql+psycopg")


def _each_host(url: str) -> str:
    """An address as SQLAlchemy has it where it names several servers as libpq does: `postgresql://a:5432,b:5432/name`."""
    place, _, settings = url.partition("?")
    start, slashes, rest = place.partition("://")
    authority, _, name = rest.partition("/")
    user, at, hosts = authority.rpartition("@")
    if "," not in hosts:
        return url
    named = "&".join([*(f"host={host}" for host in hosts.split(",")), *filter(None, [settings])])
    return f"{start}{slashes}{user}{at}/{name}?{named}"


def opened(url: URL, file: File | None = None, *, writing: bool = True) -> Engine:
    """The pool of connections to a database, on SQLite to a `file` unless it is in memory or for a moment.

    On PostgreSQL one pool serves writers and readers.
    """
    usual: dict[str, Any] = {"json_serializer": _dumped, "json_deserializer": _loaded, "max_overflow": 2}
    if url.get_backend_name() != "sqlite":
        usual["connect_args"] = SPOKEN
        usual["isolation_level"] = "READ COMMITTED"
        engine = create_engine(url, pool_size=WRITERS_ON_POSTGRES + READERS, **usual)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "handle_error", _leave)
        return engine
    usual["connect_args"] = {"cached_statements": PREPARED}
    engine = create_engine(url, pool_size=1 if writing else READERS, **usual)
    engine.dialect.colspecs = {**engine.dialect.colspecs, JSON: _Json}

    if file:
        file.guard(engine, writing=writing)

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        with file.turn() if file and writing else nullcontext():
            for pragma in (*(KEPT if file else PASSING), "busy_timeout=30000", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # opens the WAL
            if file:
                file.note(record)
            if not writing:
                connection.execute("PRAGMA query_only=ON")
            else:
                _forget_statistics(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        start = "BEGIN IMMEDIATE" if writing else "BEGIN"
        try:
            raw.execute(start)
        except sqlite3.Error as error:
            raise DBAPIError.instance(start, None, error, sqlite3.Error) from error
        if writing:
            _look_for_others(connection, raw)

    event.listen(engine, "rollback", _forget)
    return engine


def is_pooled(raw: Any) -> bool:
    """Whether psycopg speaks with a pooler such as PgBouncer: each transaction may then be another session's."""
    return bool(raw.execute(SESSION).fetchone() != (raw.info.backend_pid,))


def agree_on_forms(raw: Any) -> None:
    """Have texts and times come as they are read here, by a connection of psycopg; poolers know these settings.

    Raises Refused where the database does not take every text.
    """
    told = raw.info.parameter_status
    if (encoding := told("server_encoding")) not in (None, "UTF8"):
        raise Refused(
            f"The database is encoded in {encoding} and Callboard needs UTF8: make a new one with "
            "`createdb --encoding=UTF8 --template=template0 NAME`."
        )
    if not (told("DateStyle") or "ISO").startswith("ISO"):
        raw.execute("SET datestyle = ISO")


def _set_up(connection: Any, _: object) -> None:
    """Have the server end the transaction of a process that was stopped within, which keeps rows from all others.

    A session that others use as well keeps no statement and no such setting of ours.
    """
    agree_on_forms(connection)
    if is_pooled(connection):
        connection.prepare_threshold = None
    else:
        connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_WITHIN}'")
    connection.commit()


def _leave(failed: ExceptionContext) -> None:
    """After a failover a server may go on that only reads: whoever connects anew finds the one that writes."""
    if getattr(failed.original_exception, "sqlstate", None) == READ_ONLY:
        failed.is_disconnect = True


def _forget_statistics(connection: sqlite3.Connection) -> None:
    """Collected while there was little, they make SQLite read all of what has grown; without them it is found."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
        connection.execute("DROP TABLE sqlite_stat1")
        connection.execute("ANALYZE sqlite_master")  # what was loaded is forgotten as well


def note(info: dict[Any, Any], sql: str) -> None:
    """Count what is written to each table, and how often somebody else's row was waited for, or a part undone."""
    for name in _noted(sql):
        noted = info.setdefault("noted", {})
        noted[name] = noted.get(name, 0) + 1


@lru_cache(500)
def _noted(sql: str) -> tuple[str, ...]:
    if sql.startswith(("SELECT", "ROLLBACK TO")):
        return (WAIT,) if WAIT in sql or sql.startswith("R") else ()
    if not sql.startswith(WRITES):
        return ()
    updates = sql.startswith("UPDATE")
    table = sql.split(maxsplit=3)[1 if updates else 2]
    return (table,) if updates else (table, members(table))


def _look_for_others(connection: Connection, raw: sqlite3.Connection) -> None:
    """Forget what was read before where another connection has written since; once it can write, nobody else can."""
    version = raw.execute("PRAGMA data_version").fetchone()
    if connection.info.get("version") != version:
        _forget(connection)
        connection.info["version"] = version
        connection.info.setdefault(LASTING, {})


def _forget(connection: Connection) -> None:
    noted = connection.info.setdefault("noted", {})
    noted[WAIT] = noted.get(WAIT, 0) + 1


def lasting(connection: Connection) -> Answers:
    """What was read on this connection, while it has the same `stamp`: where it knows of all that is written."""
    answers: Answers | None = connection.info.get(LASTING)
    if answers is None:
        return {}
    for question in [question for question, (_, found) in answers.items() if len(found) > MOST]:
        del answers[question]
    return answers


def members(table: str) -> str:
    """What is noted when rows come into a table or go."""
    return f"+{table}"


def stamp(connection: Connection, tables: Iterable[str]) -> Stamp:
    """What is different once one of these tables was written to, or somebody waited, on this connection."""
    noted = connection.info.get("noted", {})
    return (*map(noted.get, tables), noted.get(WAIT))


def passes(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is run again: it lost against another, or its connection."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in RETRIED_SQLSTATES or is_lost(error)


FULL = "The disk of my database is full; nothing was changed. Whoever runs Callboard has to free some space."
UNWRITABLE = "My database may not be written to; nothing was changed. Whoever runs Callboard has to allow it."
TROUBLES = {
    "readonly": UNWRITABLE,
    "read-only transaction": UNWRITABLE,
    "no lock file": UNWRITABLE,
    "is gone": "The file of my database is gone; nothing was changed. Whoever runs Callboard has to put it back.",
    "was replaced": "Somebody replaced the file of my database; nothing was changed. Callboard has to be restarted.",
    "malformed": "My database is damaged; nothing was changed. Whoever runs Callboard has to restore a backup.",
    "disk i/o error": "The disk of my database fails; nothing was changed. Whoever runs Callboard has to look at it.",
}
"""What people read, by words of SQLite and of `File`."""


def is_full(error: BaseException) -> bool:
    """Whether the disk of the database takes no more."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) == DISK_FULL or "disk is full" in str(cause)


def trouble(error: BaseException) -> str:
    """What people read where the database itself is what fails; empty for any other fault."""
    if not isinstance(error, DBAPIError):
        return ""
    if is_full(error):
        return FULL
    said = str(error.orig).lower()
    return next((sentence for words, sentence in TROUBLES.items() if words in said), "")


def is_lost(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    is_operational = any(kind.__name__ == "OperationalError" for kind in type(error.orig).__mro__)
    return is_operational and getattr(error.orig, "sqlstate", "") in (None, "57P03")


def is_out_of_order(error: BaseException) -> bool:
    """Whether the database is to blame, and not what it was asked: it is away, or takes no more."""
    return is_full(error) or (isinstance(error, DBAPIError) and is_lost(error))


def _dumped(value: Any) -> str:
    """JSON in a third of the time of the standard library, which alone can write half a surrogate pair."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return json.dumps(value)


EMPTY: Mapping[Any, Callable[[], Any]] = {"[]": list, "{}": dict, None: lambda: None}


class _Json(JSON[Any]):
    """A column of JSON on SQLite, read with one call for each value instead of three."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        return _loaded


def _loaded(text: Any) -> Any:
    if made := EMPTY.get(text):  # as most are
        return made()
    try:
        return from_json(text)
    except TypeError:  # a number, as which SQLite keeps what looks like one
        return text
    except ValueError:
        return json.loads(text)
