"""Transactions on SQLite and PostgreSQL: a verb runs whole, in a worker thread, or not at all."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import DateTime, String, func, select
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator
from sqlmodel import AutoString, SQLModel

from callboard.core import engine, traces
from callboard.core.clock import Clock, SharedClock, SteadyClock
from callboard.core.file import File
from callboard.core.registry import Bus, Registry
from callboard.core.routine import Asker
from callboard.core.transaction import Tx
from callboard.core.unit import watch
from callboard.core.write_queue import Batches, Outcome, Patience, Turns, Wish

# A thousand columns: what few are ever asked for is not made for each at start. Rows are not validated.
SQLModel.model_config["defer_build"] = True
AutoString.comparator_factory = AutoString.TDComparatorContainer(String())  # type: ignore[method-assign, assignment]
InstrumentedAttribute._memoized_attr__slots_dispatch = lambda each: type(each).dispatch._for_instance(each)  # type: ignore[attr-defined] # noqa: SLF001
P = ParamSpec("P")
T = TypeVar("T")

__all__ = ["Database", "Instant", "Tx"]

log = structlog.get_logger()

TOGETHER = {Patience.ANSWER: 16, Patience.SENT: 20}
# Between tries while the server is away, so that a restart is waited for.
PAUSE, LONGEST_PAUSE = 0.05, 1.0
TRIES = 8
TIME = select(func.clock_timestamp())


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; a naive one is a mistake of the program."""

    impl = DateTime(timezone=True)
    cache_ok = True
    comparator_factory = TypeDecorator.TDComparatorContainer(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Store UTC; SQLite keeps no zone, and text of one length that sorts."""
        return _as_text if dialect.name == "sqlite" else _as_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """Return UTC, whatever the zone of the server's session."""
        return _from_text if dialect.name == "sqlite" else _as_utc


def _as_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"a naive instant: {value!r}")
    return value.astimezone(UTC)


@lru_cache(4096)
def _as_text(value: datetime | None) -> str | None:
    utc = _as_utc(value)
    return None if utc is None else utc.isoformat(" ", "microseconds")[:26]


@lru_cache(4096)
def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Database:
    """Opens transactions. One thread writes on SQLite, a few on PostgreSQL; reading never takes the write lock."""

    def __init__(self, url: str, clock: Clock | None, bus: Bus) -> None:
        """Without a `clock` it goes by the time of the database server; on SQLite by the machine's."""
        self.url = engine.normalised(url)
        self.bus = bus
        self.registry = Registry()
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self.clock = clock or (SteadyClock() if self.on_sqlite else SharedClock())
        path = self.url.database if self.on_sqlite else None
        file = File(Path(path)) if path and path != ":memory:" else None
        self.engine = engine.opened(self.url, file)
        watch(self.engine)
        self._reader = self.engine
        if self.on_sqlite:
            self._reader = engine.opened(self.url, file, writing=False)
            watch(self._reader)
        writers = 1 if self.on_sqlite else engine.WRITERS_ON_POSTGRES
        self._write_threads: Executor | None = ThreadPoolExecutor(writers, thread_name_prefix="write")
        self._read_threads: Executor | None = ThreadPoolExecutor(engine.READERS, thread_name_prefix="read")
        self._turns = Turns(writers)
        self._batches: dict[Patience, Batches[Tx]] = {
            patience: Batches(self._turns, patience, most, self._together) for patience, most in TOGETHER.items()
        }
        self._memo: dict[Any, Any] = {}
        self._only: Asker | None = None
        self.turns = 0
        """How many transactions had the right to write so far."""
        # The disk took no more; whoever finds out that it does again, sets it back.
        self.is_full = False
        self.spans = traces.Spans()
        self._listeners: list[Callable[[set[str]], None]] = []

    def stay_in_one_thread(self) -> None:
        """Run every transaction where it is asked for, one at a time: for whoever wants one order, and waits anyway.

        On SQLite the file is nobody else's, and a power cut may take it.
        """
        self._write_threads = self._read_threads = None
        self._turns.make_one()
        if self.on_sqlite:
            self._reader.dispose()
            self.engine.dispose()
            self.engine = engine.opened(self.url)
            self._reader = self.engine.execution_options()
            watch(self.engine)

    @property
    def kept(self) -> int:
        """How many things transactions keep for later ones; it grows with plans, and with nothing else."""
        return len(self._memo)

    @property
    def in_one_order(self) -> bool:
        """Whether whatever happens has to have one order, however fast the machine is."""
        return self._turns.in_one_order

    def agrees_for(self, seconds: float) -> bool:
        """Whether all processes on the database have gone by the same time for so long."""
        return not isinstance(self.clock, SharedClock) or self.clock.is_shared_since(seconds)

    def doubts_time(self) -> bool:
        """Take it that somebody goes by another time; False where there is but one."""
        if not isinstance(self.clock, SharedClock):
            return False
        self.clock.doubt()
        return True

    def on_commit(self, listener: Callable[[set[str]], None]) -> None:
        """Call `listener(nudges)` on the event loop after each commit that nudged anybody."""
        self._listeners.append(listener)

    async def write(self, verb: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `verb(tx, ...)` and commit. What it raises undoes everything; what clashes is run again.

        One writer commits everything that came meanwhile at once: all wait for the disk only once.
        """
        return await self._in_batch(Patience.ANSWER, verb, *args, **kwargs)

    async def write_behind(self, patience: Patience, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The same, after whoever waits for an answer."""
        with self.spans.span("transaction", verb=_name(verb)):
            async with self._turns.taken(patience):
                return await self._in_thread(verb, *args, **kwargs)

    async def write_together(self, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The same for what is small and many: all that wait for their turn make one transaction."""
        return await self._in_batch(Patience.SENT, verb, *args, **kwargs)

    async def _in_batch(self, patience: Patience, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        with self.spans.span("transaction", verb=_name(verb)):
            result: T = await self._batches[patience].result(lambda tx: verb(tx, *args, **kwargs), traces.current())
        return result

    async def _together(self, wishes: Sequence[Wish[Tx]]) -> Sequence[Outcome]:
        """Run the wishes in one transaction. Raises where they have to be tried one by one."""
        if len(wishes) == 1:
            result = await self._in_thread(lambda tx: _granted(tx, wishes[0]))
            return [Outcome(result)]
        return await self._in_thread(self._outcomes, wishes, tries=1)

    def _outcomes(self, tx: Tx, wishes: Sequence[Wish[Tx]]) -> Sequence[Outcome]:
        """What comes of each. What is refused before it has written anything undoes no other."""
        if tx.on_postgres:
            tx.connection.exec_driver_sql(engine.SHORT_OF_PATIENCE)
        outcomes = []
        for wish in wishes:
            tx.unit.written = False
            try:
                outcomes.append(Outcome(_granted(tx, wish)))
            except Exception as error:
                if tx.unit.written or isinstance(error, DBAPIError):
                    raise
                outcomes.append(Outcome(error=error))
        return outcomes

    async def _in_thread(self, verb: Callable[..., T], *args: Any, tries: int = TRIES, **kwargs: Any) -> T:
        trace = traces.current()

        def whole() -> tuple[T, set[str]]:
            self.turns += 1
            return self._transact(self.engine, trace, tries, verb, *args, **kwargs)

        result, nudges = await _done(self._write_threads, partial(contextvars.copy_context().run, whole))
        for listener in self._listeners if nudges else ():
            listener(nudges)
        return result

    async def read(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(tx, ...)` without the right to write."""
        result, _ = await _done(
            self._read_threads, lambda: self._transact(self._reader, "", TRIES, query, *args, **kwargs)
        )
        return result

    def transact(self, verb: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `verb(tx, ...)` and commit, in this thread: for the command line."""
        self.turns += 1
        return self._transact(self.engine, traces.current(), TRIES, verb, *args, **kwargs)[0]

    def snapshot(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(tx, ...)` in this thread on the database as it is at one moment; others write meanwhile."""
        pool = self._reader if self.on_sqlite else self._reader.execution_options(isolation_level="REPEATABLE READ")
        return self._transact(pool, "", TRIES, query, *args, **kwargs)[0]

    def close(self) -> None:
        """Let what runs finish, then close every connection."""
        for threads in filter(None, (self._write_threads, self._read_threads)):
            threads.shutdown(wait=True)
        if self._only is not None:
            self._only.close()
        self.engine.dispose()
        self._reader.dispose()

    def _transact(
        self, pool: Engine, trace: str, tries: int, verb: Callable[..., T], *args: Any, **kwargs: Any
    ) -> tuple[T, set[str]]:
        for attempt in range(tries):
            try:
                with self._begin(pool, trace) as tx:
                    result = verb(tx, *args, **kwargs)
            except DBAPIError as error:
                self.is_full = self.is_full or engine.is_full(error)
                if attempt + 1 == tries or not engine.passes(error):
                    raise
                if not self.on_sqlite and engine.is_lost(error):
                    time.sleep(min(PAUSE * 2**attempt, LONGEST_PAUSE))
                log.info("transaction.again", verb=_name(verb), attempt=attempt, why=str(error.orig))
            else:
                return result, tx.nudges
        raise AssertionError

    @contextmanager
    def _begin(self, pool: Engine, trace: str) -> Iterator[Tx]:
        with self._connected(pool) as connection:
            if isinstance(self.clock, SharedClock):
                self.clock.keep(lambda: connection.execute(TIME).scalar_one())
            tx = Tx(connection, self.clock.now(), self.bus, self.registry, trace, self._memo)
            try:
                yield tx
                tx.finish()
            finally:
                tx.unit.leave()
                tx.close()

    @contextmanager
    def _connected(self, pool: Engine) -> Iterator[Connection]:
        """A connection in a transaction; one thread on SQLite has one, and begins with the first statement.

        What it only read is left open: whoever writes next commits it with the rest.
        """
        if not (self.in_one_order and self.on_sqlite):
            with Asker(pool) as connection, connection.begin():
                yield connection
            return
        self._only = self._only or Asker(self.engine)
        try:
            yield self._only
        except BaseException:
            self._only.rollback()
            raise
        if pool is self.engine:
            self._only.commit()


async def _done(threads: Executor | None, work: Callable[[], T]) -> T:
    """Have one of these threads do it; without any it is done at once, in this one, and then others have their turn."""
    if threads is not None:
        return await asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        return work()
    finally:
        await asyncio.sleep(0)


def _granted(tx: Tx, wish: Wish[Tx]) -> Any:
    with tx.part(wish.trace) as part:
        return wish.context.run(wish.verb, part)


def _name(verb: Callable[..., Any]) -> str:
    return str(getattr(verb, "__name__", "?"))
