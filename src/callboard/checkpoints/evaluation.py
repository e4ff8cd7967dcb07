"""A checkpoint read from the plan as it stands now, next to the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.checkpoints import expectations, store
from callboard.checkpoints.expectations import Item
from callboard.checkpoints.models import Checkpoint
from callboard.checkpoints.plan import CheckpointPart
from callboard.gates import store as gate_rows
from callboard.gates.criteria import Facts, GateFact, Reported
from callboard.gates.plan.measures import Amount
from callboard.planfile.sections import Document
from callboard.planfile.values import by_key
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.plan import directory as teams_plan

if TYPE_CHECKING:
    from callboard.core.db import Tx


def written(tx: Tx, plan_id: int) -> dict[str, CheckpointPart]:
    """The checkpoints of a plan as it stands, by their keys."""
    return by_key(plans.live(tx, plan_id), "checkpoints")


def document_of(tx: Tx, plan_id: int) -> Document:
    """The plan as it stands, with the people of today."""
    return teams_plan.seen_by(plans.live(tx, plan_id), teams.directory(tx, plan_id))


def stands(tx: Tx, plan_id: int, part: CheckpointPart) -> list[Item]:
    """How everything that a checkpoint expects stands now."""
    document, people = document_of(tx, plan_id), teams.directory(tx, plan_id).people
    rows = {row.key: row for row in tasks.tasks(tx, plan_id, expectations.tasks_of(document, part))}
    facts = Facts(
        measures={
            name: Reported(
                Amount(row.value, row.unit), row.link, row.by, people[row.by].name if row.by in people else row.by
            )
            for name, row in gate_rows.measurements(tx, plan_id, expectations.measures_of(part)).items()
        },
        gates={gate.key: GateFact(gate.name, gate.state) for gate in gate_rows.gates(tx, plan_id)},
    )
    return expectations.items(document, part, rows, facts)


def before(tx: Tx, checkpoint: Checkpoint) -> Checkpoint | None:
    """The checkpoint before, of one of the same teams."""
    own = set(checkpoint.teams)
    earlier = [
        row
        for row in store.checkpoints(tx, checkpoint.plan_id)
        if row.at < checkpoint.at and not row.missed and (not own or not row.teams or own & set(row.teams))
    ]
    return earlier[-1] if earlier else None
