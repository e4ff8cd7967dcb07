"""Looks at a checkpoint: how its expectations stand, how that was the last time, and who is asked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.checkpoints import expectations, store
from callboard.checkpoints.expectations import Item
from callboard.checkpoints.models import Checkpoint
from callboard.checkpoints.plan.types import CheckpointPart
from callboard.gates import store as gate_rows
from callboard.gates.criteria import Facts, GateFact, Reported
from callboard.gates.plan.measures import Amount
from callboard.planfile.sections import Document
from callboard.planfile.values import keyed
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams_plan

if TYPE_CHECKING:
    from callboard.core.db import Tx


def written(tx: Tx, plan_id: int) -> dict[str, CheckpointPart]:
    """The checkpoints of a plan as it stands, by their keys."""
    live = plans.live(tx, plan_id)
    return dict(zip(keyed(live.body.get("checkpoints") or ()), live.values.get("checkpoints") or (), strict=False))


def document_of(tx: Tx, plan_id: int) -> Document:
    """The plan as it stands, with the people of today."""
    return teams_plan.seen_by(plans.live(tx, plan_id), teams.directory(tx, plan_id))


def stands(tx: Tx, plan_id: int, part: CheckpointPart) -> list[Item]:
    """How everything that a checkpoint expects stands now."""
    document = document_of(tx, plan_id)
    rows = {row.key: row for row in tasks.tasks(tx, plan_id, expectations.tasks_of(document, part))}
    measured = gate_rows.measurements(tx, plan_id, expectations.measures_of(part))
    directory = teams.directory(tx, plan_id)
    facts = Facts(
        measures={
            name: Reported(Amount(one.value, one.unit), one.link, one.by, _name(directory, one.by))
            for name, one in measured.items()
        },
        gates={one.key: GateFact(one.name, one.state) for one in gate_rows.gates(tx, plan_id)},
    )
    return expectations.items(document, part, rows, facts)


def before(tx: Tx, one: Checkpoint) -> Checkpoint | None:
    """The checkpoint before, of one of the same teams."""
    every = [other for other in store.checkpoints(tx, one.plan_id) if other.at < one.at and not other.missed]
    own = set(one.teams)
    alike = [other for other in every if not own or not other.teams or own & set(other.teams)]
    return alike[-1] if alike else None


def _name(directory: Directory, key: str) -> str:
    person = directory.people.get(key)
    return person.name if person else key
