"""Climbs that come due at one instant while tens of thousands wait, and the commands that are sent meanwhile."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import Text, cast, distinct, func, literal, select, update

from benchmarks import queue, scheduler
from benchmarks.databases import Store, copied, numbers
from benchmarks.harness import Stage
from benchmarks.plan import STEP_AFTER, TEAMS
from benchmarks.report import Table, ms, quantile, s, times
from benchmarks.servers import Server, Wrong
from callboard.blockers.models import Blocker
from callboard.blockers.notices import CARD, PAGE, STEP_OF_CLIMB
from callboard.core.outbox import DELIVERIES
from callboard.core.timeline import Entry
from callboard.escalation.models import Climb

FIRST, WAITING = 1_000_000, 100_000
STEP, SOON, COMMANDS_EVERY = timedelta(minutes=int(STEP_AFTER[:-1])), timedelta(seconds=2), 0.05
PATIENCE = timedelta(minutes=2)
BLOCKERS: SqlTable = Blocker.__table__  # type: ignore[attr-defined]
CLIMBS: SqlTable = Climb.__table__  # type: ignore[attr-defined]
TIMELINE: SqlTable = Entry.__table__  # type: ignore[attr-defined]
HEADS = ("due at once", "done", "missed", "seconds", "to Callboard", "commands", "p50", "p95", "max")


def run(stage: Stage) -> None:
    """Print the table: each database with a thousand and with ten thousand, then what they are compared with."""
    table = Table(f"Climbs due at one instant while {stage.some(WAITING)} wait; 20 commands a second", *HEADS)
    few, many = stage.some(1_000), stage.some(10_000)
    took: dict[str, dict[int, float]] = {}
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store) as server:
            grow(stage, store, server, FIRST, few + many + stage.some(WAITING))
            for first, count in ((FIRST, few), (FIRST + few, many)):
                seconds, shots = fall_due(stage, store, server, first, count)
                took.setdefault(label, {})[count] = seconds
                table.row(
                    f"Callboard on {label}: row, entry, next instant, deliveries", str(count), str(count), "0",
                    s(seconds), times(1, 1), str(len(shots)),
                    *(ms(quantile(shots, share)) for share in (0.5, 0.95, 1)),
                )  # fmt: skip
    scheduler.compare(stage, table, stage.some(WAITING), took.get("SQLite", {}))
    queue.compare(stage, table, stage.some(WAITING), took.get("PostgreSQL", {}))


def grow(stage: Stage, store: Store, server: Server, first: int, count: int) -> None:
    """Copy the blockers of a few real commands, with climbs that wait and cards that are posted."""
    stage.fire(server, TEAMS)
    while store.one("SELECT count(*) FROM deliveries WHERE posted_as IS NULL OR state <> 'sent'"):
        time.sleep(0.1)
    counted = numbers(first, count)
    number, origin = counted.c.n, 1 + counted.c.n % TEAMS
    tomorrow = literal(datetime.now(UTC) + timedelta(days=1), CLIMBS.c.due_at.type)
    card = (DELIVERIES.c.subject_id == origin) & (DELIVERIES.c.kind == CARD.kind)
    store.change(
        copied(BLOCKERS, counted, BLOCKERS.c.id == origin, id=number),
        copied(CLIMBS, counted, CLIMBS.c.subject_id == origin, id=number, subject_id=number, due_at=tomorrow),
        copied(DELIVERIES, counted, card, id=number, subject_id=number, key="blocker:" + cast(number, Text) + ":card"),
    )
    store.analyze()


def fall_due(stage: Stage, store: Store, server: Server, first: int, count: int) -> tuple[float, list[float]]:
    """Let climbs come due; return the seconds from the first batch to the last commit, and the commands in between."""
    store.change(update(DELIVERIES).where(DELIVERIES.c.state == "waiting").values(state="dropped"))
    these = CLIMBS.c.id.between(first, first + count - 1)
    with stage.firing(server, 60 + count // 50, at_once=16, every=COMMANDS_EVERY) as found:
        instant = datetime.now(UTC) + SOON
        opened = dict.fromkeys(("opened_at", "response_from", "stepped_at"), instant - STEP)
        store.change(update(CLIMBS).where(these).values(due_at=instant, **opened))
        late = select(func.count()).select_from(CLIMBS).where(these, CLIMBS.c.due_at <= instant)
        while store.rows(late)[0][0]:
            if datetime.now(UTC) > instant + PATIENCE:
                raise Wrong(f"{store.rows(late)[0][0]} of {count} climbs have not moved after {PATIENCE}")
            time.sleep(0.02)
        ended = time.time()
    began = _verified(store, first, count, instant).timestamp()
    return ended - began, found[0].between(began, ended)


def _verified(store: Store, first: int, count: int, instant: datetime) -> Any:
    """The instant of the first batch. Wrong where a climb was missed, or paged twice."""

    def counted(table: SqlTable, *which: Any) -> Any:
        about = table.c.subject_id.between(first, first + count - 1)
        return store.rows(select(func.count(), func.count(distinct(table.c.subject_id))).where(about, *which))[0]

    found = {
        "climbs with a next instant": counted(CLIMBS, CLIMBS.c.reached == 1, CLIMBS.c.due_at > instant),
        "timeline entries": counted(TIMELINE, TIMELINE.c.verb == "paged"),
        "pages": counted(DELIVERIES, DELIVERIES.c.kind == PAGE.kind),
        "lines in threads": counted(DELIVERIES, DELIVERIES.c.kind == STEP_OF_CLIMB.kind),
        "cards to be shown anew": counted(DELIVERIES, DELIVERIES.c.kind == CARD.kind, DELIVERIES.c.revision > 1),
    }
    for what, (rows, subjects) in found.items():
        if (rows, subjects) != (count, count):
            raise Wrong(f"{count} climbs were due, but there are {rows} {what} for {subjects} of them")
    about = TIMELINE.c.subject_id.between(first, first + count - 1)
    return store.rows(select(func.min(TIMELINE.c.at)).where(about))[0][0]
