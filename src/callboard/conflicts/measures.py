"""What is measured of conflicts: how many are open, and how long it takes to decide about the grave ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from callboard.branches import store as branches
from callboard.conflicts import service, store
from callboard.conflicts.models import GRAVE, Conflict, State
from callboard.core.db import Tx
from callboard.core.measures import Figure
from callboard.core.words import counted, few, joined

FEW = 5
SOON = timedelta(minutes=5)


def file_conflicts(tx: Tx, plan_id: int) -> Figure:
    """How many conflicts of branches are open: `/lock conflicts` lists them. Unknown until each repository was read."""
    mirrors = branches.mirrors(tx, plan_id)
    unread = [mirror.repository for mirror in mirrors if mirror.fetched_at is None]
    if unread or not mirrors:
        return Figure((), f"{joined(unread)} was not read yet" if unread else "the plan has no repository")
    numbers = [str(conflict.number) for conflict in service.going(tx, plan_id)]
    return Figure((float(len(numbers)),), f"open: {few(numbers, FEW)}" if numbers else "none open")


def decision_time(tx: Tx, plan_id: int) -> Figure:
    """From when a complex or critical conflict was found until it was decided; one that waits with its wait.

    One that is gone, or fine to somebody, needs no decision any more. Those that are told as one are decided as one.
    """
    grave = [conflict for conflict in store.every(tx, plan_id) if conflict.degree in GRAVE and not conflict.wave]
    settled = {conflict.number: _settled_at(conflict) for conflict in grave}
    waiting = [conflict for conflict in grave if settled[conflict.number] is None]
    ends = ((conflict, settled[conflict.number] or tx.now) for conflict in grave)
    seconds = tuple((end - conflict.found_at).total_seconds() for conflict, end in ends)
    says = f"{counted(len(grave), 'conflict')}{f', {len(waiting)} not decided' if waiting else ''}"
    return Figure(seconds or (0.0,), says if grave else "no grave conflict yet", tx.now + SOON if waiting else None)


def _settled_at(conflict: Conflict) -> datetime | None:
    accepted = conflict.answered_at if conflict.state == State.ACCEPTED else None
    return conflict.decided_at or conflict.ended_at or accepted
