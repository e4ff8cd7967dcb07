"""What a tick costs that finds nothing, four times a second: one statement, planned once."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from sqlalchemy import event

from callboard.app.bot import App
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.settings import Settings

DATABASES = ("sqlite",)  # PostgreSQL plans as it likes


async def test_a_tick_that_finds_nothing_is_one_statement_that_is_planned_once(database_url):
    app = App(Settings(database_url=database_url), ManualClock(datetime(2025, 11, 13, 9, tzinfo=UTC)))
    schema.upgrade(app.db)
    planned: list[object] = []
    run: list[str] = []
    reader = app.db._reader
    event.listen(reader, "connect", lambda connection, _: connection.set_authorizer(lambda *what: _note(planned, what)))
    event.listen(reader, "before_cursor_execute", lambda _c, _cursor, text, *_: run.append(text))
    assert await app.ticker.tick() == 0
    assert planned
    planned.clear()
    run.clear()
    for _ in range(3):
        assert await app.ticker.tick() == 0
    assert planned == []
    assert [text for text in run if text != "BEGIN"] == [run[1]] * 3
    app.db.close()


def _note(planned, what):
    if what[0] == sqlite3.SQLITE_READ:
        planned.append(what)
    return sqlite3.SQLITE_OK
