"""What blockers do when the plan changes: whoever has left it has none of them any more."""

from __future__ import annotations

from callboard.blockers import service, store
from callboard.core.db import Tx
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.teams import service as teams


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """What they had waits for somebody again, and its climb goes on."""
    directory = teams.directory(tx, event.plan_id)
    for blocker in store.open_in(tx, event.plan_id):
        if blocker.owner and blocker.owner not in directory.people:
            service.take_from(tx, directory, blocker.number)
