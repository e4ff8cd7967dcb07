"""What risks do when they or the plan change: one that has become likely and grave is told to the plan's triggers."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.emergencies import triggers
from callboard.emergencies.triggers import Cause
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.risks import register
from callboard.risks.models import RiskChanged

ON = "risk"


def on_changed(tx: Tx, event: PlanApplied | PlanEdited | RiskChanged) -> None:
    """The likely and grave ones that are open, as the plan has them now."""
    plan_id, risks = event.plan_id, register.open_parts(tx, event.plan_id)
    if triggers.watches(tx, plan_id, ON):
        tx.flush()
        triggers.stand(tx, plan_id, ON, [
            Cause(
                plan_id=plan_id, on=ON, key=f"risk:{risk.key or risk.risk}", subject=m.escape(risk.risk), stands=True,
                said=f"{m.escape(risk.risk)} is likely and grave now.{_mitigation(risk.mitigation)}",
            ) for risk in risks if risk.probability == risk.impact == "high"
        ])  # fmt: skip


def _mitigation(mitigation: tuple[str, ...]) -> str:
    return f" Against it: {m.escape('; '.join(mitigation))}." if mitigation else ""
