"""What is measured of conflicts: how many are open, and how long it takes to decide about the grave ones."""

from __future__ import annotations

from datetime import timedelta

from callboard.branches import store as branches
from callboard.conflicts import service, store
from callboard.conflicts.models import Degree
from callboard.core.db import Tx
from callboard.core.measures import Figure
from callboard.core.words import counted, few, joined

FEW = 5
SOON = timedelta(minutes=5)
GRAVE = (Degree.COMPLEX, Degree.CRITICAL)


def file_conflicts(tx: Tx, plan_id: int) -> Figure:
    """How many conflicts of branches are open: `/lock conflicts` lists them. Unknown until each repository was read."""
    mirrors = branches.mirrors(tx, plan_id)
    unread = [mirror.repository for mirror in mirrors if mirror.fetched_at is None]
    if unread or not mirrors:
        return Figure((), f"{joined(unread)} was not read yet" if unread else "the plan has no repository")
    numbers = [str(conflict.number) for conflict in service.going(tx, plan_id)]
    return Figure((float(len(numbers)),), f"open: {few(numbers, FEW)}" if numbers else "none open")


def decision_time(tx: Tx, plan_id: int) -> Figure:
    """From when a complex or critical conflict was found until somebody answered it; one that waits with its wait."""
    grave = [conflict for conflict in store.every(tx, plan_id) if conflict.degree in GRAVE]
    waiting = [conflict for conflict in grave if not (conflict.answered_at or conflict.ended_at)]
    ends = ((conflict, conflict.answered_at or conflict.ended_at or tx.now) for conflict in grave)
    seconds = tuple((end - conflict.found_at).total_seconds() for conflict, end in ends)
    says = f"{counted(len(grave), 'conflict')}{f', {len(waiting)} not decided' if waiting else ''}"
    return Figure(seconds or (0.0,), says if grave else "no grave conflict yet", tx.now + SOON if waiting else None)
