"""A process that writes to a database again and again: `python -m tests.resilience.hammer FILE COUNT`.

It begins when it is told a line, and ends by a fault when somebody else writes or copies the WAL back at the same time.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from sqlalchemy import event

from callboard.core.db import Database, Tx
from callboard.core.registry import Bus

COPIES = 0.001
"""Seconds that copying the WAL back takes at least."""


def add(tx: Tx) -> None:
    tx.connection.exec_driver_sql("INSERT INTO strokes (pid) VALUES (?)", (os.getpid(),))


def hammer(path: Path, count: int) -> None:
    """Leave a mark from the begin of each transaction until after its commit, and the copying back that follows it."""
    db = Database(f"sqlite:///{path}", None, Bus())
    mark = path.with_suffix(".mark")

    def begin(_: object) -> None:
        mark.touch(exist_ok=False)

    def end(*_: object) -> None:
        time.sleep(COPIES)
        mark.unlink()

    event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA wal_autocheckpoint = 1"))
    event.listen(db.engine, "begin", begin)
    event.listen(db.engine, "checkin", end, insert=True)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(count):
        db.transact(add)
    db.close()


if __name__ == "__main__":
    hammer(Path(sys.argv[1]), int(sys.argv[2]))
