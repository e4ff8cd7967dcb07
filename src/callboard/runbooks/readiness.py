"""What a run or a step still waits for: tasks, gates and phases by the plan, and measures within their bounds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.gates import criteria
from callboard.gates import store as gates
from callboard.gates.criteria import computation
from callboard.gates.criteria.facts import Facts, Reading
from callboard.gates.plan.types import GatePart, MeasuredPart
from callboard.gates.service import gate_states
from callboard.planfile.names import named
from callboard.planfile.sections import whole_of
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.holds import begins
from callboard.runbooks import outline
from callboard.runbooks.models import Run, RunStep, StepState
from callboard.tasks.store import tasks


def missing(tx: Tx, plan_id: int, ids: Sequence[str]) -> list[str]:
    """What of this is not there yet, each in a sentence: how it stands, and who can change it."""
    return list(_missing(tx, plan_id, ids).values())


def _missing(tx: Tx, plan_id: int, ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    document, rows = plans.live(tx, plan_id), {row.key: row for row in tasks(tx, plan_id, list(ids))}
    states = gate_states(tx, plan_id, [key for key in ids if whole_of(key) in document.keys("gates")])
    found = {}
    for key in ids:
        if key in states:
            stands = "" if states[key].passed else states[key].words
        elif key in rows:
            stands = "" if rows[key].completed_at else f"is {rows[key].status}"
        else:
            at = begins(document, key)
            begun = at is not None and at <= tx.now and not holds.on(tx, (plan_id, key))
            stands = "" if begun else "has not begun"
        if stands:
            found[key] = f"{named(document, key)} {stands}"
    return found


def lacking(tx: Tx, run: Run, steps: Iterable[RunStep]) -> dict[int, str]:
    """How the gate stands that a step waits for and that has not passed, by place."""
    awaited = _awaited(run, steps)
    found = _missing(tx, run.plan_id, list(dict.fromkeys(awaited.values())))
    return {place: found[gate] for place, gate in awaited.items() if gate in found}


def gated(tx: Tx, run: Run, steps: Iterable[RunStep]) -> dict[int, datetime]:
    """When the gate is due that a step waits for and that has not passed, by place."""
    awaited = _awaited(run, steps)
    due = {row.key: row.due_at for row in gates.listed(tx, run.plan_id) if not row.settled} if awaited else {}
    return {place: at for place, gate in awaited.items() if (at := due.get(gate))}


def _awaited(run: Run, steps: Iterable[RunStep]) -> dict[int, str]:
    """The gates that steps wait for, by place. A drill touches no gate."""
    waiting = [] if run.drill else [step for step in steps if step.state == StepState.WAITING]
    return {step.place: step.plan["gate"] for step in waiting if step.plan.get("gate")}


def doubts(tx: Tx, run: Run, steps: Iterable[RunStep]) -> list[str]:
    """Which gates are in doubt that a run began with, or that it or its steps need. A drill touches no gate."""
    if run.over or run.drill:
        return []
    part = outline.runbooks(plans.live(tx, run.plan_id)).get(run.key)
    began = part.starts.on.written if part and part.starts and part.starts.on else ()
    keys = {whole_of(key) for key in run.plan.get("needs", ())} | {key for word, key in began if word == "gate"}
    keys |= {step.plan["gate"] for step in steps if step.plan.get("gate")}
    found = gates.gates(tx, run.plan_id) if keys else ()
    return [
        f"{m.escape(gate.name)} is in doubt: `/gate show {gate.key}`"
        for gate in found if gate.key in keys and gate.settled and gate.doubt
    ]  # fmt: skip


def measured(tx: Tx, plan_id: int, names: Collection[str]) -> list[Reading]:
    """How measures of the plan stand against their own bounds."""
    document = plans.live(tx, plan_id)
    known = [name for name in names if name in document.keys("measures")]
    facts = Facts(measures=gates.measurements(tx, plan_id, set(known)), figures=computation.figures(tx, plan_id, known))
    part = GatePart(name="measures", criteria=tuple(MeasuredPart(measure=name) for name in known))
    return criteria.readings(document, part, facts) if known else []
