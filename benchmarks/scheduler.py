"""What climbs are measured against: APScheduler's job store, with as many jobs due at one instant.

Runs in a process of its own: `python -m benchmarks.scheduler FOLDER COUNT WAITING [patient]`.
"""

from __future__ import annotations

import json
import logging
import pickle
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session, SQLModel

from benchmarks.harness import Stage
from benchmarks.reminders import Reminder, engine
from benchmarks.report import Table, s, times
from benchmarks.servers import Wrong, python

NAMES = {EVENT_JOB_EXECUTED: "done", EVENT_JOB_MISSED: "missed", EVENT_JOB_ERROR: "failed"}
SOON, LATER, GIVE_UP_AFTER = timedelta(seconds=15), timedelta(days=1), timedelta(seconds=60)


def measure(folder: str, count: int, waiting: int, settings: Mapping[str, Any]) -> dict[str, float]:
    """How many jobs ran, were missed and failed, and the seconds from their instant to the last of them."""
    SQLModel.metadata.create_all(engine(folder), [Reminder.__table__])  # type: ignore[attr-defined]
    with Session(engine(folder)) as session, session.begin():
        session.add_all(Reminder(id=number) for number in range(count))
    scheduler, store = BackgroundScheduler(timezone="UTC"), SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")
    scheduler.add_jobstore(store)
    outcomes: Counter[str] = Counter(done=0, missed=0, failed=0)
    scheduler.add_listener(lambda event: outcomes.update([NAMES[event.code]]), sum(NAMES))
    scheduler.start(paused=True)
    add = partial(scheduler.add_job, "benchmarks.reminders:remind", "date", **settings)
    late = add(run_date=datetime.now(UTC) + LATER, args=[folder, count])
    _fill(store, late, range(count + 1, count + waiting), folder)
    instant = datetime.now(UTC) + SOON
    first = add(run_date=instant, args=[folder, 0])
    _fill(store, first, range(1, count), folder)
    assert datetime.now(UTC) < instant
    scheduler.resume()
    while outcomes.total() < count and datetime.now(UTC) < instant + GIVE_UP_AFTER:
        time.sleep(0.01)
    return {"due": count, "seconds": (datetime.now(UTC) - instant).total_seconds(), **outcomes}


def _fill(store: SQLAlchemyJobStore, job: Job, numbers: range, folder: str) -> None:
    with store.engine.begin() as connection:
        for begin in range(numbers.start, numbers.stop, 10_000):
            some = range(begin, min(begin + 10_000, numbers.stop))
            connection.execute(store.jobs_t.insert(), [_like(job, number, folder) for number in some])


def _like(job: Job, number: int, folder: str) -> dict[str, Any]:
    """A row as the store writes it; to add ten thousand jobs one by one takes longer than to run them."""
    state = {**job.__getstate__(), "id": str(number), "args": (folder, number)}
    return {
        "id": state["id"], "next_run_time": job.next_run_time.timestamp(),
        "job_state": pickle.dumps(state, pickle.HIGHEST_PROTOCOL),
    }  # fmt: skip


def compare(stage: Stage, table: Table, waiting: int, took: Mapping[int, float]) -> None:
    """Add lines to the table of the climbs; `took` are the seconds of as many climbs."""
    for label, how in (("default settings", ()), ("no grace limit", ("patient",))):
        for count, seconds in took.items():
            folder = tempfile.mkdtemp(dir=stage.folder)
            command = python("benchmarks.scheduler", folder, str(count), str(waiting), *how)
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            stopped = found["done"] + found["missed"] < count
            if found["failed"]:
                raise Wrong(f"APScheduler: {found['failed']} jobs failed")
            table.row(
                f"APScheduler on SQLite, {label}: one row by the ORM",
                *(str(found[name]) for name in ("due", "done", "missed")),
                ("over " if stopped else "") + s(found["seconds"]), times(found["seconds"], seconds),
            )  # fmt: skip


if __name__ == "__main__":
    logging.disable()
    path, jobs, others, *patient = sys.argv[1:]
    json.dump(measure(path, int(jobs), int(others), {"misfire_grace_time": None} if patient else {}), sys.stdout)
