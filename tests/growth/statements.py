"""What a deed asks of the database: its statements, and how many steps SQLite or rows PostgreSQL needs for each."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from callboard.core.db import Database

EACH = 10
"""SQLite is asked for its steps once in so many."""
SENDING = "deliveries.state = 'sending'"
"""What the courier asks first, each time."""
BOUNDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ")


@dataclass(eq=False)
class Asked:
    """One statement as it was sent. `steps` are those of SQLite's machine."""

    sql: str
    values: Any
    many: bool
    steps: int = 0

    @property
    def first(self) -> Any:
        """Its values; of many, the first."""
        return self.values[0] if self.many else self.values

    @property
    def short(self) -> str:
        """Without what it selects."""
        return re.sub(r"(?s)^SELECT .*?\bFROM", "SELECT .. FROM", " ".join(self.sql.split()))[:600]


@dataclass
class Statements:
    """Every statement of a stretch of time, in order."""

    every: list[Asked] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.every)

    @property
    def before_sending(self) -> int:
        """How many come before the courier looks for the first time; how often it looks is up to the moment."""
        return next((place for place, one in enumerate(self.every) if SENDING in one.sql), len(self))

    @property
    def steps(self) -> int:
        return sum(asked.steps for asked in self.every)

    @property
    def distinct(self) -> list[Asked]:
        """Each statement once, as it was when it cost most."""
        return list({one.sql: one for one in sorted(self.every, key=lambda one: one.steps)}.values())

    @property
    def often(self) -> list[tuple[int, str]]:
        """What was asked again and again, the most often first."""
        return [(times, short) for short, times in Counter(one.short for one in self.every).most_common(12)]


@contextmanager
def asked(db: Database) -> Iterator[Statements]:
    """Keep what is sent to a database while the block runs."""
    found, last, handled = Statements(), dict[int, Asked](), dict[int, Any]()

    def before(connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        if connection.engine.url != db.url or sql.startswith(BOUNDS):
            return
        one = Asked(sql, values, many)
        found.every.append(one)
        if db.on_sqlite:
            raw = connection.connection.dbapi_connection
            last[id(raw)] = one
            raw.set_progress_handler(partial(count, id(raw)), EACH)
            handled[id(raw)] = raw

    def count(connection: int) -> int:
        last[connection].steps += EACH
        return 0

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        for raw in handled.values():
            raw.set_progress_handler(None, 0)


def steps_again(db: Database, statement: Asked) -> int:
    """How many steps SQLite needs for a statement now; what it changes is undone."""
    with asked(db) as found, db.engine.connect() as connection:
        result = connection.exec_driver_sql(statement.sql, statement.first)
        if result.returns_rows:
            result.all()
        connection.rollback()
    return found.steps


def plan_of(db: Database, statement: Asked) -> str:
    """How SQLite finds what a statement asks for."""
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.sql}", statement.first).all()
        connection.rollback()
    return "; ".join(row[3] for row in rows)


def rows_read(db: Database, statement: Asked) -> tuple[int, str]:
    """How many rows PostgreSQL looks at for a statement, and its plan; what it changes is undone."""
    with db.engine.connect() as connection:
        sql = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement.sql}"
        found = connection.exec_driver_sql(sql, statement.first).scalar_one()
        connection.rollback()
    plan = (found if isinstance(found, list) else json.loads(found))[0]["Plan"]
    return sum(_rows(plan)), "; ".join(_scans(plan))


def _rows(node: dict[str, Any]) -> Iterator[int]:
    if "Scan" in node["Node Type"] and not node["Node Type"].startswith(("Subquery", "CTE", "Function", "Bitmap Heap")):
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        yield int((node["Actual Rows"] + removed) * node["Actual Loops"])
    for inner in node.get("Plans", ()):
        yield from _rows(inner)


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if "Scan" in node["Node Type"]:
        where = node.get("Index Cond") or node.get("Filter") or ""
        yield f"{node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Name', '')} {where}"
    for inner in node.get("Plans", ()):
        yield from _scans(inner)
