"""What emergencies do when branches collide, a gate is missed, and somebody lifts what they hold."""

from __future__ import annotations

from contextlib import suppress

from callboard.blocks import markup as m
from callboard.conflicts.models import CollisionFound, emergency_key
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.emergencies import halts, store
from callboard.emergencies.models import KIND
from callboard.emergencies.service import declare
from callboard.gates.models import EmergencyCalled
from callboard.plans.models import HoldLifted


def on_collision(tx: Tx, event: CollisionFound) -> None:
    """A collision for which the plan names a level declares it, once for each conflict."""
    if not event.emergency:
        return
    conflict = event.conflict
    files = ", ".join(conflict.files[:3])
    names = " and ".join(filter(None, (conflict.one, conflict.other)))
    verb = "collide" if conflict.other else "is in another team's zone"
    what = m.escape(f"{names} {verb}{f' in {files}' if files else ''}")
    with suppress(Refused):  # the level has left the plan
        declare(
            tx, conflict.plan_id, event.emergency, what, by=None, cause=f"conflict {conflict.number}",
            key=emergency_key(conflict.number), team=next(iter(conflict.teams), None), others=conflict.teams[1:],
        )  # fmt: skip


def on_called(tx: Tx, event: EmergencyCalled) -> None:
    """A gate was missed for which the plan names a level, once for each attempt."""
    gate = event.gate
    with suppress(Refused):  # the level has left the plan
        declare(
            tx, gate.plan_id, event.level, f"{m.escape(gate.name)} was not passed in time", by=None,
            cause=f"gate {gate.key} missed", key=f"gate:{gate.key}", team=event.team,
        )  # fmt: skip


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """Somebody lifted what an emergency held: its card shows it."""
    for emergency in store.open_in(tx, event.plan_id) if event.by.startswith(f"{KIND} ") else ():
        if event.by == halts.name_of(emergency):
            outbox.touch(tx, KIND, [emergency.number], urgent=False)
