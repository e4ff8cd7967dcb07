"""Reports of what is measured, and the gates that look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from callboard import blocks
from callboard.core import timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.timeline import Subject
from callboard.gates import notices, rights, store
from callboard.gates.models import Gate, Measurement, Verb
from callboard.gates.plan import measures
from callboard.gates.plan.measures import Amount, MeasurePart
from callboard.gates.plan.types import MeasuredPart, gates_of, walk
from callboard.gates.service import transitions
from callboard.plans import service as plans
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def report(tx: Tx, asker: Asker, measure: str, amount: Amount, link: str = "", *, by_api: bool = False) -> Measurement:
    """Report a measure; every gate that looks at it is looked at again."""
    plan_id = asker.directory.plan_id
    known = measures_in(tx, plan_id)
    if measure not in known:
        raise Refused(f"There is no measure `{blocks.clip(measure, 60)}`; {did_you_mean(measure, known)}")
    rights.reports(asker, measure, known[measure], by_api=by_api)
    return measured(tx, plan_id, measure, amount, link, by=asker.person.key)


def measured(tx: Tx, plan_id: int, measure: str, amount: Amount, link: str = "", *, by: str) -> Measurement:
    """Keep what was measured, whoever says so: for what other capabilities compute. Raises Refused out of reach."""
    part = measures_in(tx, plan_id).get(measure) or MeasurePart()
    measures.refuse_impossible(part, amount)
    row = Measurement(
        plan_id=plan_id, measure=measure, value=amount.value, unit=amount.unit, link=link, by=by, at=tx.now
    )
    tx.session.add(row)
    tx.session.flush()
    shown = f"{amount}{f' of {part.of}' if part.of and not amount.unit else ''}"
    using = measured_by(tx, plan_id, measure)
    for gate in using:
        gate.changes += 1
        name = part.name or measure
        notices.record(tx, gate, Verb.REPORTED, actor=by, said=link or None, measure=name, amount=shown)
    if not using:
        about = Subject("plan", plan_id)
        timeline.record(tx, plan_id, about, Verb.REPORTED, actor=by, said=link or None, measure=measure, amount=shown)
    transitions.reconsider(tx, plan_id, lambda gate: measure in measures_of(tx, gate), actor=by)
    return row


def measures_in(tx: Tx, plan_id: int) -> Mapping[str, MeasurePart]:
    """What the plan measures."""
    return plans.live(tx, plan_id).values.get("measures") or {}


def measured_by(tx: Tx, plan_id: int, measure: str) -> list[Gate]:
    """The gates that look at a measure."""
    return [gate for gate in store.gates(tx, plan_id) if measure in measures_of(tx, gate)]


def measures_of(tx: Tx, gate: Gate) -> list[str]:
    """The measures that a gate looks at."""
    part = gates_of(plans.live(tx, gate.plan_id)).get(gate.key)
    return [one.measure for _, one in walk(part.criteria if part else ()) if isinstance(one, MeasuredPart)]
