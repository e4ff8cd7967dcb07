"""A process that writes to a database again and again: `python -m tests.resilience.hammer FILE COUNT`.

It ends by a fault when another process writes, or copies the WAL back, while its own transaction does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy import event

from callboard.core.db import Database, Tx
from callboard.core.registry import Bus


def add(tx: Tx) -> None:
    tx.connection.exec_driver_sql("INSERT INTO strokes (pid) VALUES (?)", (os.getpid(),))


def hammer(path: Path, count: int) -> None:
    db = Database(f"sqlite:///{path}", None, Bus())
    mark = path.with_suffix(".mark")
    event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA wal_autocheckpoint = 1"))
    event.listen(db.engine, "begin", lambda _: mark.touch(exist_ok=False))
    event.listen(db.engine, "checkin", lambda *_: mark.unlink(missing_ok=True), insert=True)
    for _ in range(count):
        db.transact(add)
    db.close()


if __name__ == "__main__":
    hammer(Path(sys.argv[1]), int(sys.argv[2]))
