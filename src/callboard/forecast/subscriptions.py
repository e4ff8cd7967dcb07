"""What forecasts do when others publish: a plan that is applied is forecast, a gate that is over is judged."""

from __future__ import annotations

from callboard.core.db import Tx
from callboard.forecast import service
from callboard.gates.models import GateSettled, GateTurned, Verb
from callboard.plans.models import PlanApplied


def on_applied(tx: Tx, event: PlanApplied) -> None:
    service.begin(tx, event.plan_id)


def on_gate_settled(tx: Tx, event: GateSettled) -> None:
    service.judge(tx, event.plan_id, event.key, over=True)


def on_gate_turned(tx: Tx, event: GateTurned) -> None:
    if event.verb in (Verb.MISSED, Verb.NO_GO):
        service.judge(tx, event.gate.plan_id, event.gate.key, over=False)
