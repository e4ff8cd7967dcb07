"""What was planned and what it took, step by step, and the edit of the plan that this proposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.planfile.sections import Path
from callboard.planfile.times import show_span
from callboard.plans import service as plans
from callboard.runbooks import outline, store
from callboard.runbooks.models import Kind, Run, RunStep, StepState
from callboard.runbooks.plan.schedule import step_key
from callboard.teams.directory import COORDINATOR, Asker

MINUTE = timedelta(minutes=1)
WORTH = 0.2
"""By which part of the plan a step must differ to be worth an edit."""


@dataclass(frozen=True)
class Taken:
    """What a step was planned to take and what it took; `proposed` is what the plan might say, or empty."""

    step: RunStep
    planned: timedelta
    took: timedelta
    proposed: str


def last(tx: Tx, plan_id: int, key: str) -> Run:
    """The last run of a run-book that is over, or else the last drill. Raises Refused."""
    every = (run for drill in (False, True) for run in store.closed(tx, plan_id, key, drill=drill))
    found = next((run for run in every if run.kind == Kind.RUNBOOK and run.begun_at), None)
    if found is None:
        raise Refused(f"`{m.escape(key)}` has not run to an end yet. A drill counts too: `/run drill {key}`")
    return found


def taken(tx: Tx, run: Run) -> list[Taken]:
    """Every step of a run that was done, and what it took."""
    return [_taken(step) for step in store.steps(tx, run.number) if step.state == StepState.DONE and not step.reserve]


def _taken(step: RunStep) -> Taken:
    planned = step.planned_until - step.planned_at
    took = (step.ended_at or step.planned_until) - (step.started_at or step.planned_at)
    whole = max(round(took / MINUTE), 1) * MINUTE
    least = timedelta(seconds=step.plan.get("least", 0)) or planned
    within = least * (1 - WORTH) <= took <= planned * (1 + WORTH)
    return Taken(step, planned, took, "" if within or abs(took - planned) < 2 * MINUTE else show_span(whole))


def propose(tx: Tx, run: Run) -> dict[Path, Any]:
    """What the plan would say of the lengths of its steps; only of those that it still has."""
    part = outline.runbooks(plans.live(tx, run.plan_id)).get(run.key)
    known = {step_key(step) for step in part.steps} if part else set()
    return {
        ("runbooks", run.key, "steps", each.step.key, "takes"): each.proposed
        for each in taken(tx, run) if each.proposed and each.step.key in known
    }  # fmt: skip


def save(tx: Tx, asker: Asker, run: Run) -> list[str]:
    """Write the proposed lengths into the plan; say in words what changed. Raises Refused."""
    if not asker.directory.has_role(asker.person, COORDINATOR):
        raise Refused(f"Only {asker.directory.one_of(asker.directory.coordinators)} can change the plan.")
    values = propose(tx, run)
    if not values:
        raise Refused("The plan says so already: nothing to change.")
    reason = f"{run.name} took so long{' in a drill' if run.drill else ''}"
    return plans.edit_all(tx, run.plan_id, values, author=asker.person.key, reason=reason)
