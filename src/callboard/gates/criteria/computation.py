"""The measures that Callboard computes itself, as they are for the gate that asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from callboard.core.db import Tx
from callboard.core.measures import COMPUTED, PREFLIGHT, PREFLIGHT_NAME, Figure, share
from callboard.gates import store
from callboard.gates.models import Gate
from callboard.gates.plan.items import group_of
from callboard.gates.plan.measures import MEASURES, READINESS, MeasurePart
from callboard.gates.plan.order import order_of
from callboard.gates.plan.types import GatePart, PreflightPart, of_kind
from callboard.plans import service as plans


def figures(tx: Tx, plan_id: int, names: Iterable[str], asking: str = "") -> dict[str, Figure]:
    """Those of these measures that the plan has computed. What waits for the gate that is `asking` does not count."""
    measures = plans.live(tx, plan_id).of(MEASURES) or {}
    computed = {name: measures[name] for name in names if name in measures and measures[name].computed}
    return {name: figure(tx, plan_id, name, part, asking) for name, part in computed.items()}


def preflight(tx: Tx, plan_id: int, part: GatePart) -> dict[str, Figure]:
    """When everybody was reached last, where a gate asks for it; time alone changes that later."""
    asked = [each.preflight for each in of_kind(PreflightPart, part.criteria)]
    if not asked:
        return {}
    figure = tx.of(PREFLIGHT)(tx, plan_id)
    ends = [datetime.fromtimestamp(value, UTC) + span for value in figure.values for span in asked]
    return {PREFLIGHT_NAME: replace(figure, changes_at=min((end for end in ends if end > tx.now), default=None))}


def figure(tx: Tx, plan_id: int, name: str, part: MeasurePart, asking: str = "") -> Figure:
    """What can be computed, by its key, whether the plan has it or not; the plan says how and with which weights."""
    if name == "gates_on_time":
        return _gates_on_time(tx, plan_id, asking)
    if name == "readiness":
        return _readiness(tx, plan_id, part, asking)
    compute = tx.of(COMPUTED).get(name)
    return compute(tx, plan_id) if compute else Figure(())


def _gates_on_time(tx: Tx, plan_id: int, asking: str) -> Figure:
    """How many of the gates that are due by now, or over, were never late, in percent."""
    rows = _gates(tx, plan_id, asking)
    due = [gate for gate in rows if gate.settled or (gate.due_at and gate.due_at <= tx.now)]
    late = sum(gate.missed_at is not None or not gate.settled for gate in due)
    coming = (gate.due_at for gate in rows if gate.due_at and gate.due_at > tx.now)
    says = f"{len(due) - late} of {len(due)}" if due else "no gate was due yet"
    return Figure((share(len(due) - late, len(due)),), says, min(coming, default=None))


def _readiness(tx: Tx, plan_id: int, part: MeasurePart, asking: str) -> Figure:
    """The average of its parts in percent, each with its weight."""
    weights = {word: weight for word, weight in (part.weights or dict.fromkeys(READINESS, 1)).items() if weight}
    values = {word: _part(tx, plan_id, word, asking) for word in weights}
    total = sum(values[word] * weight for word, weight in weights.items()) / sum(weights.values())
    return Figure((total,), ", ".join(f"{word} {value:.0f}%" for word, value in values.items()))


def _part(tx: Tx, plan_id: int, word: str, asking: str) -> float:
    if word == "gates":
        rows = _gates(tx, plan_id, asking)
        return share(sum(gate.settled for gate in rows), len(rows))
    return tx.of(COMPUTED)[READINESS[word]](tx, plan_id).values[0]


def _gates(tx: Tx, plan_id: int, asking: str) -> list[Gate]:
    """The gates that count for one that asks: neither itself nor what waits for it, which could never pass."""
    order = order_of(plans.live(tx, plan_id))
    left_out = {group_of(asking), *order.waiting(asking)} if asking else set[str]()
    return [gate for gate in store.listed(tx, plan_id) if gate.key not in left_out]
