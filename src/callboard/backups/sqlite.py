"""Backups of a SQLite file: copied by SQLite's own backup while others write, checked, and put in its place."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from callboard.backups import contents, refuse_foreign
from callboard.backups.contents import Contents
from callboard.core.errors import Refused

MARK = b"SQLite format 3\0"
BESIDE = ("-wal", "-shm", "-journal")
LIVE = "mode=ro"
"""How to read a file that others may write to."""


@dataclass(frozen=True)
class Sqlite:
    """Keeps the database in a file."""

    path: Path

    def held(self) -> Contents | None:
        """What the database holds; None where there is no file yet."""
        if not self.path.exists() or not self.path.stat().st_size:
            return None
        return _contents(self.path, LIVE)

    def save(self, file: Path) -> Contents:
        """Copy it in one go: whoever writes meanwhile is not held up, and none of that is in the copy."""
        if not self.path.exists():
            raise Refused(f"There is no database {self.path}: set DATABASE_URL to the one that you want to back up.")
        if file.exists() and file.samefile(self.path):
            raise Refused(f"{file} is the database itself. Name another file.")
        refuse_foreign(file, MARK, "SQLite")
        with replaced(file) as copy:
            _copy(self.path, copy, LIVE)
            return _checked(copy)

    def read(self, file: Path) -> Contents:
        """What a backup holds; every page of it is read."""
        refuse_foreign(file, MARK, "SQLite, and DATABASE_URL is")
        return _checked(file)

    def restore(self, file: Path) -> None:
        """Copy the backup beside the database, check the copy, then exchange the two."""
        with replaced(self.path) as copy:
            _copy(file, copy, _resting(file))
            _checked(copy)
            self._let_go()

    def _let_go(self) -> None:
        """Fold the log into the file that is to go. Refused while anybody has it open."""
        with suppress(sqlite3.DatabaseError), closing(_opened(self.path, "mode=rw")) as connection:
            connection.execute("PRAGMA busy_timeout=1000")
            try:
                connection.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise Refused(f"Something uses {self.path}: stop Callboard first.") from error
        for ending in BESIDE:  # of a file that is damaged they are left
            Path(f"{self.path}{ending}").unlink(missing_ok=True)


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """A new file, for nobody else to read, that takes the place of `file` unless something is raised."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.absolute().parent)
    except OSError as error:
        raise Refused(f"{file} can't be written: {error.strerror}.") from error
    os.close(handle)
    try:
        yield Path(name)
        for path in (name, file.absolute().parent):
            _keep(path)
        Path(name).replace(file)
    except (OSError, sqlite3.OperationalError) as error:
        raise Refused(f"{file} can't be written: {error}.") from error
    finally:
        Path(name).unlink(missing_ok=True)
    _keep(file.absolute().parent)


def _keep(path: str | Path) -> None:
    """Have the disk keep what was written, or renamed."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(file: Path, to: Path, how: str) -> None:
    """Copy a database with what is still in its log; the copy has none, so that it is one file."""
    with closing(_opened(file, how)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _resting(file: Path) -> str:
    """How to read a file: one without a log is written to by nobody, and gets none by our looking at it."""
    return "mode=ro" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"


def _opened(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?{how}", uri=True, check_same_thread=False)


def _checked(file: Path) -> Contents:
    """What a copy holds that nobody writes to, after SQLite has looked at all of it."""
    try:
        with closing(_opened(file, _resting(file))) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
    except sqlite3.DatabaseError as error:
        raise Refused(f"{file} can't be read: {error}.") from error
    if found != ["ok"]:
        raise Refused(f"{file} is damaged: {' '.join(found)}")
    held = _contents(file, _resting(file))
    if held is None:
        raise Refused(f"{file} holds no database of Callboard.")
    return held


def _contents(path: Path, how: str) -> Contents | None:
    engine = create_engine("sqlite://", creator=lambda: _opened(path, how), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return contents.of(connection)
    except DatabaseError as error:
        raise Refused(f"{path} can't be read: {error.orig}.") from error
