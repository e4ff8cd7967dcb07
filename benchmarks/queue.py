"""What climbs are measured against on PostgreSQL: procrastinate, with as many jobs due at one instant.

Runs in a process of its own: `python -m benchmarks.queue URL COUNT WAITING AT_ONCE`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from benchmarks.databases import fresh
from benchmarks.harness import Stage
from benchmarks.report import Table, s, times
from benchmarks.servers import Wrong, python

GIVE_UP_AFTER = 120.0
TABLE = "CREATE TABLE reminders AS SELECT n AS id, NULL::timestamptz AS done_at FROM generate_series(0, {last}) AS n"
KEYED = "ALTER TABLE reminders ADD PRIMARY KEY (id)"
JOBS = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at) "
    "SELECT 'default', 'remind', json_build_object('number', n), now() + interval '{later}' "
    "FROM generate_series(0, {last}) AS n"
)


async def measure(url: str, count: int, waiting: int, at_once: int) -> dict[str, float]:
    """How many jobs ran, and the seconds from the start of the worker to the end of the last of them."""
    app = App(connector=PsycopgConnector(conninfo=url))
    pool = AsyncConnectionPool(url, open=False, min_size=1, max_size=at_once)

    @app.task(name="remind")
    async def remind(number: int) -> None:
        async with pool.connection() as connection:
            await connection.execute("UPDATE reminders SET done_at = now() WHERE id = %s", [number])

    async with app.open_async(), pool:
        await app.schema_manager.apply_schema_async()
        async with pool.connection() as connection:
            for statement in (TABLE.format(last=count - 1), KEYED):
                await connection.execute(statement)
            for jobs, later in ((waiting, "1 day"), (count, "0")):
                await connection.execute(JOBS.format(last=jobs - 1, later=later))
            await connection.commit()
            await connection.set_autocommit(True)
            await connection.execute("ANALYZE")
            await connection.set_autocommit(False)
        began = time.monotonic()
        working = app.run_worker_async(wait=False, concurrency=at_once, install_signal_handlers=False)
        with suppress(TimeoutError):
            await asyncio.wait_for(working, GIVE_UP_AFTER)
        seconds = time.monotonic() - began
        async with pool.connection() as connection:
            found = await connection.execute("SELECT count(*) FROM reminders WHERE done_at IS NOT NULL")
            (done,) = await found.fetchone() or (0,)
    return {"due": count, "done": done, "seconds": seconds}


def compare(stage: Stage, table: Table, waiting: int, took: Mapping[int, float]) -> None:
    """Add lines to the table of the climbs; `took` are the seconds of as many climbs on PostgreSQL."""
    for label, at_once in (("default settings", 1), ("16 at a time", 16)):
        for count, seconds in took.items():
            url = fresh(stage.folder, stage.postgres).url
            command = python("benchmarks.queue", url, str(count), str(waiting), str(at_once))
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            stopped = found["done"] < count
            if stopped and found["seconds"] < GIVE_UP_AFTER:
                raise Wrong(f"procrastinate: {found['done']} of {count} jobs ran")
            table.row(
                f"procrastinate on PostgreSQL, {label}: one row by SQL", str(count), str(found["done"]), "0",
                ("over " if stopped else "") + s(found["seconds"]), times(found["seconds"], seconds),
            )  # fmt: skip


if __name__ == "__main__":
    logging.disable()
    address, *numbers = sys.argv[1:]
    json.dump(asyncio.run(measure(address, *map(int, numbers))), sys.stdout)
