"""What reports hear from below: the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.board.due import REPORTS
from callboard.core import watches
from callboard.plans.events import PlanApplied, PlanEdited

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_plan(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """The plan is different: its reports may be at another time."""
    watches.keep(tx, event.plan_id, REPORTS)
