"""Makes the rows of gates what the plan says, and the holds that they place on what needs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.gates import store
from callboard.gates.models import Gate
from callboard.gates.plan.types import gates_of
from callboard.planfile import needs
from callboard.planfile.frame import placed, timetable
from callboard.planfile.sections import Document
from callboard.plans import holds

if TYPE_CHECKING:
    from callboard.core.db import Tx

HELD = {"tasks": "task", "gates": "gate", "runbooks": "runbook"}
"""The sections whose `needs` of gates are holds placed here; those of phases and teams are placed with the plan."""


def gates(tx: Tx, plan_id: int, document: Document) -> None:
    """A row for each gate; what people made of it stays. One that left the plan holds nothing any more."""
    there = {row.key: row for row in store.every_gate(tx, plan_id)}
    written = gates_of(document)
    for key, part in written.items():
        row = there.get(key) or Gate(plan_id=plan_id, key=key, name=part.name, seen_until=tx.now)
        row.name, row.decision, row.gone = part.name, part.decision, False
        row.due_at = due_of(document, key)
        row.wake_at = tx.now
        tx.session.add(row)
        there[key] = row
    for key, row in there.items():
        if key not in written and not row.gone:
            row.gone, row.wake_at = True, None
            tx.session.add(row)
            holds.lift(tx, plan_id, by=key, actor=holds.PLAN, reason="the gate is no more in the plan")
    tx.session.flush()
    tx.local.pop(("gates", plan_id), None)
    _hold(tx, plan_id, document, {key: row for key, row in there.items() if key in written})


def due_of(document: Document, key: str) -> datetime | None:
    """When a gate is due."""
    found = placed(timetable(document), gates_of(document)[key].due)
    return found[0] if found else None


def place_again(tx: Tx, plan_id: int, document: Document, key: str) -> None:
    """Hold anew all that needs a gate: a waiver has ended."""
    for section, kind in {**HELD, "phases": "phase", "teams": "team"}.items():
        for need in needs.written(document):
            if need.path[0] == section and key in need.ids:
                holds.place(tx, plan_id, kind, need.of, key, reason="its waiver has ended")


def _hold(tx: Tx, plan_id: int, document: Document, rows: dict[str, Gate]) -> None:
    wanted = list(_wanted(document, rows))
    for key, row in rows.items():
        before = store.held_before(tx, plan_id, key)
        if row.settled:
            if any(hold.lifted_at is None for hold in before.values()):
                holds.lift(tx, plan_id, by=key, reason="it has passed already")
            continue
        own = {target: kind for kind, target, by in wanted if by == key}
        for target, hold in before.items():
            if hold.lifted_at is None and hold.kind in HELD.values() and target not in own:
                holds.lift(tx, plan_id, target=target, by=key, actor=holds.PLAN, reason="the plan no longer says so")
        for target, kind in own.items():
            last = before.get(target)
            if last is None or last.lifted_by == holds.PLAN:
                holds.place(tx, plan_id, kind, target, key)


def _wanted(document: Document, rows: dict[str, Gate]) -> Iterator[tuple[str, str, str]]:
    """Kind and id of each task, gate and run-book, and the gate that it needs."""
    for need in needs.written(document):
        for by in need.ids if need.path[0] in HELD else ():
            if by in rows and by != need.of:
                yield HELD[str(need.path[0])], need.of, by
