"""How far everything is in percent: the whole plan, each phase, area and task."""

from __future__ import annotations

from collections.abc import Iterable

from callboard.core.db import Tx
from callboard.planfile.sections import Document
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.tasks.models import State, Task
from callboard.tasks.plan import AREAS

ALL = 100


def figures(tx: Tx, plan_id: int) -> dict[str, int]:
    """By `phase:KEY`, `area:KEY` and `task:KEY`; that of the whole plan has the empty key."""
    rows = tasks.seen(tx, plan_id)
    groups = {"": list(rows), **{f"task:{row.key}": [row] for row in rows}}
    for row in rows:
        if row.phase:
            groups.setdefault(f"phase:{row.phase}", []).append(row)
    live = plans.live(tx, plan_id)
    shares = {key: in_area(live, rows, key) for key in live.of(AREAS) or {}}
    areas = {f"area:{key}": ALL * done // total for key, (done, total) in shares.items() if total}
    return areas | {name: tasks.rolled("", group, tx.now).percent for name, group in groups.items()}


def in_area(live: Document, rows: Iterable[Task], key: str) -> tuple[int, int]:
    """How many tasks of an area are completed, and how many it has in all: planned ones count before they are there."""
    own = [row.status for row in rows if row.area == key and row.status != State.DROPPED]
    return own.count(State.COMPLETED), max((live.of(AREAS) or {})[key].planned or 0, len(own))
