"""What is measured of risks: how many are not among the worst."""

from __future__ import annotations

from callboard.core.db import Tx
from callboard.core.measures import Figure, share
from callboard.plans import service as plans
from callboard.risks.plan import RISKS


def calm(tx: Tx, plan_id: int) -> Figure:
    """How many risks are not likely and grave at once, in percent, as the plan has them."""
    risks = plans.live(tx, plan_id).of(RISKS) or ()
    worst = sum(risk.probability == risk.impact == "high" for risk in risks)
    return Figure((share(len(risks) - worst, len(risks)),), f"{worst} likely and grave")
