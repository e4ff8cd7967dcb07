"""The file of a SQLite database: one transaction at a time writes to it, and only while it is the one that was opened.

Before 3.51.3 SQLite may corrupt a database in WAL mode when one connection commits while another one copies the WAL
back. Both happen between the begin of a writing transaction and the end of its commit. So whoever writes holds a lock
beside the file, in whatever process. The last connection to close copies too: SQLite sees that nobody else is there.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

PATIENCE = 30.0
"""Seconds that a writer waits for another one."""
PAUSE, LONGEST_PAUSE = 0.001, 0.02
FILES = ("", "-wal", "-shm")
LOCK = "lock of the file"
Inode = tuple[int, int] | None
Inodes = list[Inode]


def is_sound(version: tuple[int, ...]) -> bool:
    """Whether this version of SQLite lets several connections write by itself; two older lines were mended too."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


class File:
    """What all connections to one file have in common."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = path.with_name(f"{path.name}-lock")
        self._engines: list[Engine] = []
        self._own: Inode = None

    def guard(self, engine: Engine, *, writing: bool) -> None:
        """Have every connection of an engine, and every transaction, begin here: listens before all others."""
        self._engines.append(engine)
        event.listen(engine, "do_connect", lambda *_: self._look())
        event.listen(engine, "begin", self._enter if writing else self._check)
        event.listen(engine, "checkin", _leave)

    def note(self, record: ConnectionPoolEntry) -> None:
        """Remember which files a new connection has opened."""
        record.info["inodes"] = inodes = self._inodes()
        self._own = self._own or inodes[0]

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the right to write."""
        held = self._taken()
        try:
            yield
        finally:
            os.close(held)

    def _taken(self) -> int:
        """Wait for the right to write, and return what has to be closed in the end."""
        until = time.monotonic() + PATIENCE
        for pauses in itertools.count():
            try:
                held = os.open(self._lock, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                raise _failure(f"no lock file {self._lock}: {error.strerror}") from error
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(held)
            else:
                return held
            if time.monotonic() > until:
                break
            time.sleep(min(PAUSE * 2 ** min(pauses, 5), LONGEST_PAUSE))
        raise _failure(f"database is locked: another process holds {self._lock}")

    def _enter(self, connection: Connection) -> None:
        info: dict[Any, Any] = connection.connection.record_info  # type: ignore[assignment]
        if LOCK not in info:  # as it is after a first transaction, until the pool has the connection back
            info[LOCK] = self._taken()
        self._check(connection)

    def _look(self) -> None:
        """Refuse whatever stands where the file stood, also an empty one that SQLite would make."""
        present = _inode(str(self._path))
        if self._own and present != self._own:
            gone = "is gone" if present is None else "was replaced while Callboard ran"
            raise _failure(f"the database file {self._path} {gone}")

    def _check(self, connection: Connection) -> None:
        """Refuse to begin in a file that is not the one which was opened; mend a WAL that somebody removed."""
        opened, present = connection.info["inodes"], self._inodes()
        if opened == present:
            return
        if present[0] not in (None, self._own):
            self._close(connection, opened)
        self._look()
        if any(now not in (None, before) for now, before in zip(present, opened, strict=True)):
            raise _failure(f"the WAL of the database file {self._path} was replaced")
        self._close(connection, opened)
        raise _failure("database was locked while its lost WAL was copied back")

    def _close(self, connection: Connection, opened: Inodes) -> None:
        """Copy back the WAL that this connection has open, close all, and leave no WAL to a file that is another."""
        taken = LOCK in (connection.connection.record_info or {})
        with nullcontext() if taken else self.turn():
            try:
                busy, *_ = connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as error:
                raise _failure(str(error)) from error
            if busy:
                raise _failure("database is busy: its WAL is lost, and somebody still reads from it")
            for engine in self._engines:
                engine.dispose()
            connection.invalidate()
            for name, inode in zip(FILES[1:], opened[1:], strict=True):
                if (path := f"{self._path}{name}") and _inode(path) == inode:
                    Path(path).unlink()

    def _inodes(self) -> Inodes:
        return [_inode(f"{self._path}{name}") for name in FILES]


def _inode(path: str) -> Inode:
    try:
        found = os.stat(path)  # noqa: PTH116 - done for every transaction
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _leave(_: object, record: ConnectionPoolEntry) -> None:
    if (held := (record.record_info or {}).pop(LOCK, None)) is not None:
        os.close(held)


def _failure(said: str) -> OperationalError:
    """An error as SQLAlchemy raises those of SQLite: what is `locked` or `busy` is tried again."""
    return OperationalError("BEGIN", {}, sqlite3.OperationalError(said))
