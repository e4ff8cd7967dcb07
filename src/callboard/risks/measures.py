"""What is measured of risks: how many are not among the worst."""

from __future__ import annotations

from callboard.core.db import Tx
from callboard.core.measures import Figure, share
from callboard.risks import register


def calm(tx: Tx, plan_id: int) -> Figure:
    """How many open risks are not likely and grave at once, in percent, as the plan has them."""
    risks = register.open_parts(tx, plan_id)
    worst = sum(risk.probability == risk.impact == "high" for risk in risks)
    return Figure((share(len(risks) - worst, len(risks)),), f"{worst} likely and grave")
