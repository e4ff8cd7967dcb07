"""What a new version of the plan does to gates that people have worked on."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.core.words import counted, joined
from callboard.gates import store
from callboard.gates.models import YES, Gate
from callboard.gates.plan.items import asked, gates_of
from callboard.planfile.sections import Document
from callboard.planfile.timetable import instant_of, timetable


def consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Say which signatures and ticks go, and which gates are overdue at once."""
    left, later = before.gone(after, "people"), gates_of(after)
    for gate in store.gates(tx, plan_id):
        signed = [each.person for each in store.standing(tx, gate.number) if each.verdict == YES]
        if gate.key not in later:
            yield from _gone(tx, gate, signed)
        elif not gate.settled:
            if signed and asked(before, gate.key) != asked(after, gate.key):
                yield f"gate {gate.key} asks for something else, so {joined(signed)} must sign it again"
            else:
                for person in (person for person in signed if person in left):
                    yield f"{person} leaves the plan and has signed gate {gate.key}: that no longer counts"
            due = instant_of(timetable(after), later[gate.key].due)
            if due and due <= tx.now and (gate.due_at is None or gate.due_at > tx.now):
                yield f"gate {gate.key} is overdue at once: {later[gate.key].due} has passed"


def _gone(tx: Tx, gate: Gate, signed: list[str]) -> Iterator[str]:
    ticks = len(store.ticks(tx, gate.number))
    has = [counted(ticks, "tick")] if ticks else []
    has += [f"the signature of {joined(signed)}"] if signed else []
    if has or gate.settled:
        yield f"gate {gate.key} leaves the plan{f', with {joined(has)}' if has else f': it was {gate.state}'}"
