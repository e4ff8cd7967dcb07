"""Tick criteria, and report measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard import blocks
from callboard.core import timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.timeline import Subject
from callboard.gates import notices, rights, store
from callboard.gates.assessment.look import Look
from callboard.gates.assessment.readings import key_of
from callboard.gates.models import Gate, Measurement, Tick
from callboard.gates.plan import measures
from callboard.gates.plan.measures import Amount, MeasurePart
from callboard.gates.plan.types import MeasuredPart, TickPart, gates_of, walk
from callboard.gates.service import transitions
from callboard.gates.service.gates import changed, open_gate
from callboard.plans import service as plans
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def tick(tx: Tx, asker: Asker, key: str, which: str, evidence: str = "", expected: int | None = None) -> Look:
    """Somebody has looked at a criterion and says that it holds."""
    seen = open_gate(tx, asker, key, expected)
    part = criterion(seen, which)
    seat = rights.ticks(seen, asker, part)
    there = seen.facts.ticks.get(key_of(part))
    if there and there.evidence == evidence:
        raise Refused(f"{there.called} has ticked that already: {part.tick}. `/gate untick` takes it back.")
    _untick(tx, seen.gate, key_of(part))
    row = Tick(gate_id=seen.gate.id or 0, criterion=key_of(part), by=asker.person.key, at=tx.now, evidence=evidence)
    tx.session.add(row)
    return changed(tx, seen, asker, "ticked", on_behalf_of=seat, said=evidence or None, criterion=part.tick)


def untick(tx: Tx, asker: Asker, key: str, which: str, expected: int | None = None) -> Look:
    """It does not hold after all."""
    seen = open_gate(tx, asker, key, expected)
    part = criterion(seen, which)
    there = seen.facts.ticks.get(key_of(part))
    if there is None:
        raise Refused(f"Nobody has ticked that: {part.tick}.")
    seat = None if there.by == asker.person.key else rights.ticks(seen, asker, part)
    _untick(tx, seen.gate, key_of(part))
    return changed(tx, seen, asker, "unticked", on_behalf_of=seat, criterion=part.tick)


def criterion(seen: Look, which: str) -> TickPart:
    """The criterion meant by its number on the card, its key, or its first words. Raises Refused."""
    every = [one for _, one in walk(seen.part.criteria) if isinstance(one, TickPart)]
    if not every:
        raise Refused(
            f"Nothing of {seen.gate.name} is ticked by hand: `/gate show {seen.gate.key}` says how it stands."
        )
    wanted = blocks.unescape(which).strip().lower()
    if wanted.isdigit() and 0 < int(wanted) <= len(every):
        return every[int(wanted) - 1]
    exact = [one for one in every if wanted in (key_of(one), one.tick.lower())]
    near = exact or [one for one in every if wanted and wanted in one.tick.lower()]
    if len(near) == 1:
        return near[0]
    listed = "; ".join(f"{number} {one.tick}" for number, one in enumerate(every, 1))
    what = f"`{blocks.clip(which, 60)}` could be several" if near else f"Nothing there is `{blocks.clip(which, 60)}`"
    raise Refused(f"{what}. Name it by its number: {listed}.")


def report(tx: Tx, asker: Asker, measure: str, amount: Amount, link: str = "", *, by_api: bool = False) -> Measurement:
    """Somebody reports what was measured; every gate that looks at it is looked at again."""
    plan_id = asker.directory.plan_id
    there: dict[str, MeasurePart] = dict(plans.live(tx, plan_id).values.get("measures") or {})
    if measure not in there:
        raise Refused(f"There is no measure `{blocks.clip(measure, 60)}`; {did_you_mean(measure, there)}")
    rights.reports(asker, measure, there[measure], by_api=by_api)
    return measured(tx, plan_id, measure, amount, link, by=asker.person.key)


def measured(tx: Tx, plan_id: int, measure: str, amount: Amount, link: str = "", *, by: str) -> Measurement:
    """Keep what was measured, whoever says so: for what other capabilities compute. Raises Refused out of reach."""
    part = (plans.live(tx, plan_id).values.get("measures") or {}).get(measure) or MeasurePart()
    measures.refuse_impossible(measure, part, amount)
    row = Measurement(
        plan_id=plan_id, measure=measure, value=amount.value, unit=amount.unit, link=link, by=by, at=tx.now
    )
    tx.session.add(row)
    tx.session.flush()
    about = f"{amount}{f' of {part.of}' if part.of and not amount.unit else ''}"
    using = [one for one in store.gates(tx, plan_id) if measure in measures_of(tx, one)]
    for each in using:
        each.changes += 1
        notices.record(tx, each, "reported", actor=by, said=link or None, measure=part.name or measure, amount=about)
    if not using:
        subject = Subject("plan", plan_id)
        timeline.record(tx, plan_id, subject, "reported", actor=by, said=link or None, measure=measure, amount=about)
    keys = {each.id for each in using}
    transitions.reconsider(tx, plan_id, lambda one: one.id in keys, actor=by)
    return row


def measures_of(tx: Tx, gate: Gate) -> list[str]:
    """The measures that a gate looks at."""
    part = gates_of(plans.live(tx, gate.plan_id)).get(gate.key)
    return [one.measure for _, one in walk(part.criteria if part else ()) if isinstance(one, MeasuredPart)]


def _untick(tx: Tx, gate: Gate, criterion: str) -> None:
    for row in store.ticks(tx, gate.id or 0):
        if row.criterion == criterion:
            tx.session.delete(row)
    tx.session.flush()
