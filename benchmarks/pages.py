"""How late a page is while ten thousand other messages wait: from its transaction to its acceptance by the Web API."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import Text, cast, func, literal, select, update

from benchmarks.climbs import FIRST, grow
from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.report import Table, ms, quantile
from benchmarks.servers import Server, Wrong
from callboard.blockers.notices import PAGE
from callboard.core.outbox import DELIVERIES, Priority

WAITING = 10_000
BACKLOGS = (("cards", Priority.UPDATE, 200), ("pages", Priority.PAGE, 20))
PAGES, EVERY = 50, 0.2
GIVE_UP_AFTER = 60.0
HEADS = ("pages", "p50", "p95", "max", "others sent")


def run(stage: Stage) -> None:
    """Print the table."""
    waiting = stage.some(WAITING)
    table = Table("A page's lateness: from the beginning of its transaction until the Web API has it", *HEADS)
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store) as server:
            grow(stage, store, server, FIRST, waiting)
            _measure(stage, store, server, table, f"{label}, nothing else waits")
            for kind, priority, channels in BACKLOGS:
                _pile_up(store, waiting, priority, channels)
                _measure(stage, store, server, table, f"{label}, {waiting} {kind} wait in {channels} other channels")


def _pile_up(store: Store, waiting: int, priority: Priority, channels: int) -> None:
    """Have the copied cards wait again, in channels of their own."""
    ids = DELIVERIES.c.id
    channel, now = literal("C0OTHER") + cast(ids % channels, Text), datetime.now(UTC)
    these = update(DELIVERIES).where(ids.between(FIRST, FIRST + waiting - 1), DELIVERIES.c.state != "sending")
    again = {"state": "waiting", "priority": int(priority), "created_at": now, "due_at": now}
    nowhere = dict.fromkeys(("posted_in", "posted_as", "posted_at", "shown"))
    store.change(these.values(address=channel, lane="T0BENCH/slack/" + channel, **again, **nowhere))
    store.analyze()


def _measure(stage: Stage, store: Store, server: Server, table: Table, label: str) -> None:
    began, wanted = datetime.now(UTC), stage.some(PAGES)
    with stage.firing(server, wanted, at_once=8, every=EVERY):
        pass
    mine = (DELIVERIES.c.kind == PAGE.kind, DELIVERIES.c.created_at >= began)
    accepted = select(DELIVERIES.c.created_at, DELIVERIES.c.posted_as).where(*mine, DELIVERIES.c.posted_as.is_not(None))
    deadline = time.monotonic() + GIVE_UP_AFTER
    while len(pages := store.rows(accepted)) < wanted:
        if time.monotonic() > deadline:
            raise Wrong(f"{wanted - len(pages)} of {wanted} pages were not accepted within {GIVE_UP_AFTER:.0f} s")
        time.sleep(0.1)
    late = [float(stamp) - created.timestamp() for created, stamp in pages]
    copied = DELIVERIES.c.id.between(FIRST, FIRST + stage.some(WAITING) - 1)
    others = select(func.count()).where(copied, DELIVERIES.c.posted_at >= began)
    sent = store.rows(others)[0][0]
    table.row(label, str(len(late)), *(ms(quantile(late, share)) for share in (0.5, 0.95, 1)), str(sent))
