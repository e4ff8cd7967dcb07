"""A backup of a large database: written, restored, and its timeline walked, as `callboard backup --drill` does it."""

from __future__ import annotations

import os

from sqlalchemy import insert

from benchmarks.harness import Stage
from benchmarks.report import Table, s
from benchmarks.servers import Wrong
from callboard.app import database, sections
from callboard.backups import drill
from callboard.core import schema, seal, timeline
from callboard.core.db import Tx
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.settings import Settings
from tests.backups import programs
from tests.growth import history
from tests.world import PLAN

ENTRIES, AT_ONCE = 500_000, 10_000
RTO = 300.0
"""Seconds in which a large database is to be back."""
SAID = "mongo refuses TLS since the certificate was changed; the vendor looks into it"


def run(stage: Stage) -> None:
    """Print how long each part took; wrong where a timeline differs, or it takes too long."""
    os.environ["PATH"] = programs.path()
    count = int(ENTRIES * stage.share)
    table = Table(
        f"Back up and restore: {count:,} sealed entries, as many messages", "size", "backup", "restore", "check"
    )
    for label, store in stage.databases():
        settings = Settings(database_url=store.url)
        _fill(settings, count)
        done = drill.run(settings)
        seconds = [done.seconds[part] for part in ("backup", "restore", "check")]
        table.row(label, f"{done.bytes / 1e6:.0f} MB", *map(s, seconds))
        if done.wrong or done.seconds["restore"] > RTO:
            raise Wrong(f"{label}: {done.wrong[:3] or 'restoring took too long'}")


def _fill(settings: Settings, count: int) -> None:
    db = database(settings)
    schema.upgrade(db)
    checked = plans.check(PLAN, "plan.yml", sections())
    db.transact(lambda tx: plans.apply(tx, checked, author="bench", workspace="T1"))
    for _ in range(0, count, AT_ONCE):
        db.transact(_happened)
    db.transact(lambda tx: history._fill(tx, {"deliveries": history.OVER["deliveries"]}, count))  # noqa: SLF001
    db.close()


def _happened(tx: Tx) -> None:
    entry = timeline.row(tx, 1, Subject("plan", 1), "noted", actor="pa", said=SAID, number=12, state="open")
    tx.connection.execute(insert(seal.ENTRIES), [entry] * AT_ONCE)
    while ids := seal.unsealed(tx, AT_ONCE):
        seal.seal(tx, ids)
        tx.flush()
