"""Three replicas against one on PostgreSQL, and how soon the others page when one is killed."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, select, update

from benchmarks.climbs import CLIMBS, FIRST, SOON, STEP, fall_due, grow
from benchmarks.commands import AT_ONCE, TOGETHER, WARM_UP, verify
from benchmarks.databases import Store, fresh
from benchmarks.harness import FIRE_WITHIN, Stage
from benchmarks.load import Shots
from benchmarks.plan import plan
from benchmarks.report import Table, ms, quantile, s, times
from benchmarks.servers import Server, Wrong
from callboard.blockers.notices import PAGE
from callboard.core.outbox import DELIVERIES

REPLICAS, DUE = 3, 10_000
KILLS, EVERY, SPELL = 40, timedelta(seconds=0.25), 2.0
"""A page is due so often; a replica lives so many seconds at most before one is killed."""
WAITS = 60.0
HEADS = ("commands", "p50", "p95", "a second", "rate to one", "due at once", "seconds", "to one")


def run(stage: Stage) -> None:
    """Print both tables."""
    table = Table(f"Three replicas against one on PostgreSQL: /blocker, {AT_ONCE} at a time, and climbs", *HEADS)
    base: tuple[float, float] | None = None
    for replicas in (1, REPLICAS):
        store = fresh(stage.folder, stage.postgres)
        with stage.tried(), _replicas(stage, store, replicas) as servers:
            warm = len(stage.fire(servers[0], WARM_UP).seconds)
            shots = _fired(stage, servers, stage.some(TOGETHER))
            answered, rate = len(shots.seconds), shots.rate
            verify(store, warm + answered)
            due = stage.some(DUE)
            grow(stage, store, servers[0], FIRST, due)
            seconds, _ = fall_due(stage, store, servers[0], FIRST, due)
            base = base or (rate, seconds)
            table.row(
                f"{replicas} at work", str(answered), *(ms(quantile(shots.seconds, share)) for share in (0.5, 0.95)),
                f"{rate:.0f}", times(rate, base[0]), str(due), s(seconds), times(seconds, base[1]),
            )  # fmt: skip
    table.note("Afterwards each command had one blocker, card and page, and each climb had moved on by one step, once.")
    with stage.tried():
        _failover(stage)


@contextmanager
def _replicas(stage: Stage, store: Store, count: int, written: str = "") -> Iterator[list[Server]]:
    with ExitStack() as stack:
        first = stack.enter_context(stage.bot(store, written=written))
        yield [first, *(stack.enter_context(stage.beside(store)) for _ in range(count - 1))]


def _fired(stage: Stage, servers: Sequence[Server], count: int) -> Shots:
    """Send commands to all of them at the same time, as many as one would get."""
    each, at_once = count // len(servers), AT_ONCE // len(servers)
    with ExitStack() as stack:
        loads = [stack.enter_context(stage.firing(server, each, at_once, within=FIRE_WITHIN)) for server in servers]
    found = [shots for load in loads for shots in load]
    seconds = [one for shots in found for one in shots.seconds]
    return Shots(seconds=seconds, took=max(shots.took for shots in found))


def _failover(stage: Stage) -> None:
    """Kill one replica after the other while a page is due every moment, and see when the others page."""
    written = plan(members=2)  # whoever reports is not paged, the other one is
    written["escalation"]["default"]["steps"][1]["notify"] = ["members"]
    store, kills = fresh(stage.folder, stage.postgres), max(int(KILLS * stage.share), 4)
    with _replicas(stage, store, REPLICAS, json.dumps(written)) as servers:
        pages = int(kills * WAITS / 10 / EVERY.total_seconds())
        grow(stage, store, servers[0], FIRST, pages)
        due = _due_in_turn(store, pages)
        killed: list[float] = []
        time.sleep(SOON.total_seconds())
        while len(killed) < kills and datetime.now(UTC) < max(due.values()):
            time.sleep(random.uniform(0, SPELL))  # noqa: S311 - chance without secrets
            unlucky = random.choice(servers)  # noqa: S311
            killed.append(time.time())
            stage.kill(store, unlucky)
        accepted = _accepted(store, due)
    table = Table(f"kill -9 of one of {REPLICAS} replicas while a page is due every {EVERY.total_seconds():g} s", *SEEN)
    stamps = sorted(accepted.values())
    gaps = [next(at for at in stamps if at > instant) - instant for instant in killed if instant < stamps[-1]]
    late = [accepted[number] - due[number].timestamp() for number in due]
    for what, figures in (("from the kill to the next page by another", gaps), ("lateness of every page", late)):
        table.row(what, str(len(figures)), *(s(quantile(figures, share)) for share in (0.5, 0.99, 1)))
    table.note(f"{len(killed)} kills, {pages} pages, each once. What the dead one was sending waits for its lease.")


SEEN = ("counted", "p50", "p99", "max")


def _due_in_turn(store: Store, pages: int) -> dict[int, datetime]:
    """Have a climb come due every moment from now on; the instants by the climb's number."""
    first = datetime.now(UTC) + SOON
    due = {FIRST + number: first + number * EVERY for number in range(pages)}
    begun = ("opened_at", "response_from", "stepped_at")
    these = update(CLIMBS).where(CLIMBS.c.id == bindparam("number"))
    moved = these.values(due_at=bindparam("at"), **{name: bindparam(f"begun_{name}") for name in begun})
    store.change_each(moved, [
        {"number": number, "at": at, **{f"begun_{name}": at - STEP for name in begun}} for number, at in due.items()
    ])  # fmt: skip
    return due


def _accepted(store: Store, due: dict[int, datetime]) -> dict[int, float]:
    """When the Web API took the page of each climb. Wrong where one is missing or was sent twice."""
    mine = (DELIVERIES.c.kind == PAGE.kind, DELIVERIES.c.subject_id >= FIRST)
    asked = select(DELIVERIES.c.subject_id, DELIVERIES.c.posted_as).where(*mine, DELIVERIES.c.posted_as.is_not(None))
    until = max(due.values()) + timedelta(seconds=WAITS)
    while len(rows := store.rows(asked)) < len(due):
        if datetime.now(UTC) > until:
            raise Wrong(f"{len(due) - len(rows)} of {len(due)} pages were not sent")
        time.sleep(0.2)
    if len({number for number, _ in rows}) < len(rows):
        raise Wrong("a climb has two pages")
    return {number: float(stamp) for number, stamp in rows}
