"""What emergencies do when branches collide, a gate is missed, and somebody lifts what they hold."""

from __future__ import annotations

from contextlib import suppress

from callboard.blocks import markup as m
from callboard.conflicts.models import ConflictFound, ConflictTurned, Degree, emergency_key
from callboard.conflicts.models import Verb as Collided
from callboard.conflicts.plan import clocks
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.emergencies import halts, service, store
from callboard.emergencies.models import KIND
from callboard.emergencies.plan import COMMANDER
from callboard.emergencies.service import declare
from callboard.emergencies.triggers import causes
from callboard.gates import store as gates
from callboard.gates.models import EmergencyCalled, GateSettled, State
from callboard.plans.models import HoldLifted, PlanApplied, PlanEdited
from callboard.teams import service as teams
from callboard.teams.models import PersonAway

SETTLED = {State.PASSED: "has passed", State.WAIVED: "was waived"}


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """A role of somebody who has left the plan is free; who else can end it is whoever runs the plan now."""
    directory = teams.directory(tx, event.plan_id)
    for emergency in store.open_in(tx, event.plan_id):
        halts.reword(tx, directory, emergency)
        for role, key in emergency.roles.items():
            if key not in directory.people:
                service.vacate(tx, emergency, role)


def on_person_away(tx: Tx, event: PersonAway) -> None:
    """Whoever is stopped reads who can end it now, if somebody who may act for a coordinator is away, or is back."""
    directory = teams.directory(tx, event.plan_id)
    able = {each.key for coordinator in directory.coordinators for each in directory.may_act_for(coordinator)}
    for emergency in store.open_in(tx, event.plan_id) if event.person in able else ():
        halts.reword(tx, directory, emergency)


def on_conflict(tx: Tx, event: ConflictFound) -> None:
    """A conflict for which the plan names a level declares it, once for each; it climbs as the conflict would."""
    conflict, key = event.conflict, emergency_key(event.conflict.number)
    again = f"Conflict {conflict.number} is {conflict.degree} now."
    if not event.emergency or causes.come_back(tx, conflict.plan_id, key, again):
        return
    files = ", ".join(conflict.files[:3])
    names = " and ".join(filter(None, (conflict.one, conflict.other)))
    verb = "collide" if conflict.other else "is in another team's zone"
    what = m.escape(f"{names} {verb}{f' in {files}' if files else ''}")
    with suppress(Refused):  # the level has left the plan
        declare(
            tx, conflict.plan_id, event.emergency, what, by=None, cause=f"conflict {conflict.number}",
            key=key, team=next(iter(conflict.teams), None), others=conflict.teams[1:],
            policy=event.policy, respond=clocks(tx, conflict.plan_id)["respond"],
        )  # fmt: skip


def on_turned(tx: Tx, event: ConflictTurned) -> None:
    """Whoever answers a conflict has command of its emergency, unless main is hit; once it is gone nobody is paged."""
    conflict, plan_id, key = event.conflict, event.conflict.plan_id, emergency_key(event.conflict.number)
    called = f"Conflict {conflict.number}"
    match event.verb:
        case Collided.GONE:
            causes.settle(tx, plan_id, key, f"{called} is gone.")
        case Collided.ACCEPTED:
            causes.settle(tx, plan_id, key, f"{called} is fine, says {teams.directory(tx, plan_id).called(event.by)}.")
        case Collided.REOPENED:
            causes.come_back(tx, plan_id, key, f"{called} is open again.")
        case _ if conflict.degree != Degree.CRITICAL:
            emergency = store.keyed(tx, plan_id, key)
            if emergency and COMMANDER not in emergency.roles:
                service.give(tx, emergency, COMMANDER, event.by)


def on_called(tx: Tx, event: EmergencyCalled) -> None:
    """A gate was missed for which the plan names a level, once for each attempt."""
    gate = event.gate
    with suppress(Refused):  # the level has left the plan
        declare(
            tx, gate.plan_id, event.level, f"{m.escape(gate.name)} was not passed in time", by=None,
            cause=f"gate {gate.key} missed", key=f"gate:{gate.key}", team=event.team,
        )  # fmt: skip


def on_gate_settled(tx: Tx, event: GateSettled) -> None:
    """The gate passed after all, or was waived."""
    if store.keyed(tx, event.plan_id, key := f"gate:{event.key}"):
        gate = next(gate for gate in gates.listed(tx, event.plan_id) if gate.key == event.key)
        causes.settle(tx, event.plan_id, key, f"{m.escape(gate.name)} {SETTLED[State(gate.state)]}.")


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """Somebody lifted what an emergency held: its card shows it."""
    for emergency in store.open_in(tx, event.plan_id) if event.by.startswith(f"{KIND} ") else ():
        if event.by == halts.name_of(emergency):
            outbox.touch(tx, KIND, [emergency.number], urgent=False)
