"""Transactions on SQLite and PostgreSQL: a verb runs whole, in a worker thread, or not at all."""

from __future__ import annotations

import asyncio
import contextvars
import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import psycopg
import structlog
from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import DateTime, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from callboard.core.errors import Refused
from callboard.core.registry import Registry
from callboard.core.rows import inserting
from callboard.core.turns import Patience, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from callboard.core.clock import Clock
    from callboard.core.events import Bus
    from callboard.core.registry import Key
    from callboard.core.rows import Bulk

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

WRITERS_ON_POSTGRES = 6
READERS = 3
TOGETHER = {Patience.ANSWER: 8, Patience.SENT: 20}
# Between tries while the server is away, so that one that is started anew is waited for.
PAUSE, LONGEST_PAUSE = 0.05, 1.0
TRIES = 8
# serialization_failure, deadlock_detected, lock_not_available, admin_shutdown, crash_shutdown, cannot_connect_now
RETRIED_SQLSTATES = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03"}


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; a naive one is a mistake of the program."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Store UTC; SQLite keeps no zone, and text of one length that sorts."""
        return _as_text if dialect.name == "sqlite" else _as_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """Give back UTC, whatever zone the session of the server is in."""
        return _from_text if dialect.name == "sqlite" else _as_utc


def _as_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        message = f"a naive instant: {value!r}"
        raise ValueError(message)
    return value.astimezone(UTC)


@lru_cache(4096)
def _as_text(value: datetime | None) -> str | None:
    utc = _as_utc(value)
    return None if utc is None else utc.isoformat(" ", "microseconds")[:26]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Tx:
    """One transaction: its connection, its instant, its events. `now` is fixed from the first statement to the last.

    `local` is forgotten with the transaction. `memo` lives as long as the database object: what is kept there must
    carry the revision it was read at.
    """

    def __init__(
        self, connection: Connection, now: datetime, bus: Bus, registry: Registry, trace: str, memo: dict[Any, Any]
    ) -> None:
        self.connection = connection
        self.now = now
        self.trace = trace
        self.memo = memo
        self.local: dict[Any, Any] = {}
        self.nudges: set[str] = set()
        self.on_postgres = connection.dialect.name == "postgresql"
        self._bus = bus
        self._registry = registry
        self._session: Session | None = None
        self._deferred: dict[Bulk, list[dict[str, Any]]] = {}

    @property
    def session(self) -> Session:
        """The ORM on this transaction's connection, made when it is first asked for: hot paths do without."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False)
        return self._session

    def insert(self, table: Any) -> Any:
        """Return the dialect's INSERT, which knows ON CONFLICT."""
        return (postgresql.insert if self.on_postgres else sqlite.insert)(table)

    def insert_row(self, row: SQLModel) -> int:
        """Insert a row in one plain statement, past the session, and return the id it was given."""
        statement, names = inserting(type(row))
        return int(self.connection.execute(statement, {name: getattr(row, name) for name in names}).scalar_one())

    def defer(self, bulk: Bulk, rows: list[dict[str, Any]]) -> None:
        """Write these rows at the end, or before anything reads: many small inserts make one."""
        if rows:
            self._deferred.setdefault(bulk, []).extend(rows)

    def flush(self) -> None:
        """Run what was deferred. Whoever reads a table that others defer to calls this first."""
        if self._session is not None:
            self._session.flush()
        deferred, self._deferred = self._deferred, {}
        for bulk, rows in deferred.items():
            bulk.run(self.connection, rows)

    @contextmanager
    def part(self, trace: str) -> Iterator[Tx]:
        """Open a transaction of its own in all but its commit: it sees what was written before, and shares no cache."""
        part = Tx(self.connection, self.now, self._bus, self._registry, trace, self.memo)
        try:
            yield part
            part.flush()
        finally:
            part.close()
        self.nudges |= part.nudges

    def of(self, key: Key[T]) -> T:
        """What the composition root filled in for a key."""
        return self._registry.of(key)

    def publish(self, happened: object) -> None:
        """Tell whoever subscribed, now and in this transaction."""
        self._bus.publish(self, happened)

    def nudge(self, whom: str) -> None:
        """Wake a loop of this process once the transaction is committed."""
        self.nudges.add(whom)

    def close(self) -> None:
        """Let go of the session; the connection belongs to whoever opened the transaction."""
        if self._session is not None:
            self._session.close()


@dataclass(frozen=True)
class _Wish:
    """A verb that may be committed together with others, and whoever waits for what it returns."""

    verb: Callable[[Tx], Any]
    trace: str
    context: contextvars.Context
    granted: asyncio.Future[Any]


class Database:
    """Opens transactions. One thread writes on SQLite, a few on PostgreSQL; reading never takes the write lock."""

    def __init__(self, url: str, clock: Clock, bus: Bus) -> None:
        self.url = normalised(url)
        self.clock = clock
        self.bus = bus
        self.registry = Registry()
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = self._engine(writing=True)
        self._reader = self._engine(writing=False) if self.on_sqlite else self._writer
        writers = 1 if self.on_sqlite else WRITERS_ON_POSTGRES
        self._write_threads = ThreadPoolExecutor(writers, thread_name_prefix="write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._turns = Turns(writers)
        self._wishes: dict[Patience, list[_Wish]] = {patience: [] for patience in TOGETHER}
        self._granting: dict[Patience, asyncio.Task[None]] = {}
        self._memo: dict[Any, Any] = {}
        self._listeners: list[Callable[[set[str]], None]] = []

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writer

    def on_commit(self, listener: Callable[[set[str]], None]) -> None:
        """Call `listener(nudges)` on the event loop after each commit that nudged anybody."""
        self._listeners.append(listener)

    async def write(self, verb: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `verb(tx, ...)` and commit. What it raises undoes everything; what clashes is run again.

        The one writer of SQLite commits several that came while it was busy at once: each waits for the disk only once.
        """
        if self.on_sqlite:
            return await self._wished(Patience.ANSWER, verb, *args, **kwargs)
        return await self.write_behind(Patience.ANSWER, verb, *args, **kwargs)

    async def write_behind(self, patience: Patience, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The same for what nobody waits for: whoever waits for an answer goes first."""
        async with self._turns.taken(patience):
            return await self._in_thread(verb, *args, **kwargs)

    async def write_together(self, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The same for what is small and many: all that wait for their turn make one transaction."""
        return await self._wished(Patience.SENT, verb, *args, **kwargs)

    async def _wished(self, patience: Patience, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        wish = _Wish(
            lambda tx: verb(tx, *args, **kwargs),
            current_trace(),
            contextvars.copy_context(),
            asyncio.get_running_loop().create_future(),
        )
        self._wishes[patience].append(wish)
        if patience not in self._granting:
            self._granting[patience] = asyncio.create_task(self._grant_all(patience))
        granted: T = await wish.granted
        return granted

    async def _in_thread(self, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        trace = current_trace()

        def whole() -> tuple[T, set[str]]:
            return self._transact(self._writer, trace, verb, *args, **kwargs)

        loop = asyncio.get_running_loop()
        done, nudges = await loop.run_in_executor(self._write_threads, contextvars.copy_context().run, whole)
        for listener in self._listeners if nudges else ():
            listener(nudges)
        return done

    async def _grant_all(self, patience: Patience) -> None:
        waiting = self._wishes[patience]
        try:
            while waiting:
                async with self._turns.taken(patience):
                    wishes = waiting[: TOGETHER[patience]]
                    del waiting[: len(wishes)]
                    await self._grant(wishes)
        finally:
            del self._granting[patience]

    async def _grant(self, wishes: Sequence[_Wish]) -> None:
        """Commit them together; where one of them fails, each by itself."""
        try:
            answers = await self._in_thread(_all, wishes)
        except Exception as error:  # noqa: BLE001 - it is raised where it was wished for
            if len(wishes) > 1:
                for wish in wishes:
                    await self._grant([wish])
            elif not wishes[0].granted.done():
                wishes[0].granted.set_exception(error)
            return
        for wish, answer in zip(wishes, answers, strict=True):
            if not wish.granted.done():
                wish.granted.set_result(answer)

    async def read(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(tx, ...)` without the right to write."""
        loop = asyncio.get_running_loop()
        done, _ = await loop.run_in_executor(
            self._read_threads, lambda: self._transact(self._reader, "", query, *args, **kwargs)
        )
        return done

    def transact(self, verb: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `verb(tx, ...)` and commit, in this thread: for the command line."""
        return self._transact(self._writer, current_trace(), verb, *args, **kwargs)[0]

    def close(self) -> None:
        """Let what runs finish, then close every connection."""
        self._write_threads.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        self._writer.dispose()
        self._reader.dispose()

    def _transact(
        self, engine: Engine, trace: str, verb: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[T, set[str]]:
        for attempt in range(TRIES):
            try:
                with self._begin(engine, trace) as tx:
                    done = verb(tx, *args, **kwargs)
            except DBAPIError as error:
                if attempt + 1 == TRIES or not _passes(error):
                    raise
                if not self.on_sqlite and _lost(error):
                    time.sleep(min(PAUSE * 2**attempt, LONGEST_PAUSE))
                log.info("transaction.again", verb=getattr(verb, "__name__", "?"), attempt=attempt, why=str(error.orig))
            else:
                return done, tx.nudges
        raise AssertionError

    @contextmanager
    def _begin(self, engine: Engine, trace: str) -> Iterator[Tx]:
        with engine.begin() as connection:
            tx = Tx(connection, self.clock.now(), self.bus, self.registry, trace, self._memo)
            try:
                yield tx
                tx.flush()
            finally:
                tx.close()

    def _engine(self, *, writing: bool) -> Engine:
        if not self.on_sqlite:
            return create_engine(
                self.url,
                json_serializer=_written,
                json_deserializer=_read,
                pool_size=WRITERS_ON_POSTGRES + READERS,
                max_overflow=2,
                isolation_level="READ COMMITTED",
                connect_args={"connect_timeout": 10},
            )
        engine = create_engine(
            self.url, json_serializer=_written, json_deserializer=_read, pool_size=1 if writing else READERS,
            max_overflow=2,
        )  # fmt: skip

        @event.listens_for(engine, "connect")
        def set_up(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
            if not writing:
                connection.execute("PRAGMA query_only=ON")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

        return engine


def _written(value: Any) -> str:
    """JSON in a third of the time that the standard library takes, which alone knows half a surrogate pair."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return json.dumps(value)


def _read(text: str | bytes) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text)


def _all(tx: Tx, wishes: Sequence[_Wish]) -> list[Any]:
    answers = []
    for wish in wishes:
        with tx.part(wish.trace) as part:
            answers.append(wish.context.run(wish.verb, part))
    return answers


def normalised(url: str) -> URL:
    """Accept PostgreSQL addresses as providers write them, and plain SQLite ones; refuse the rest with a sentence."""
    if url.startswith(("postgres://", "postgresql://")):
        return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
    if url.startswith("sqlite:///"):
        return make_url(url)
    scheme = url.split(":", 1)[0]
    sentence = f"DATABASE_URL starts with `{scheme}:`; write sqlite:///path/to/file.db or postgresql://..."
    raise Refused(sentence)


def current_trace() -> str:
    """The id that follows a request from its arrival to its deliveries; empty outside one."""
    return str(structlog.contextvars.get_contextvars().get("trace", ""))


def _passes(error: DBAPIError) -> bool:
    """Whether the same transaction, begun again, may well succeed: it lost against another, or its connection died."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in RETRIED_SQLSTATES or _lost(error)


def _lost(error: DBAPIError) -> bool:
    """Whether there is no connection (any more), or there was none to be had."""
    if error.connection_invalidated:
        return True
    return isinstance(error.orig, psycopg.OperationalError) and error.orig.sqlstate in (None, "57P03")
