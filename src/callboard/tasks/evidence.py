"""What the timeline and the plan have of tasks, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.plans import evidence
from callboard.plans import service as plans
from callboard.plans.evidence import Columns
from callboard.tasks import store
from callboard.tasks.models import KIND, State, Verb
from callboard.tasks.plan import TASKS


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Tasks that are neither as the timeline nor as the plan has them, in sentences."""
    known = evidence.told(tx, plan_id, KIND, _learn)
    written = plans.live(tx, plan_id).of(TASKS) or {}
    rows = store.seen(tx, plan_id)
    for key in sorted(written.keys() ^ {task.key for task in rows}):
        yield f"task {key} is {'gone' if key in written else 'here'}, and the plan does not say so"
    for task in rows:
        must = known.get(task.number, {"status": State.NOT_STARTED})
        by_plan = written[task.key].status if task.key in written else None
        if task.status == must.get("status", task.status):
            yield from evidence.unlike(f"task {task.key}", task, must)
        elif task.status != by_plan:
            yield from evidence.unlike(f"task {task.key}", task, {"status": must["status"]})


def _learn(columns: Columns, entry: Entry) -> None:
    facts = entry.facts
    columns |= {"status": facts["status"]} if "status" in facts else {}
    columns |= {"changes": facts["change"]} if "change" in facts else {}
    if entry.verb == Verb.COMPLETED:
        columns |= {"completed_by": entry.actor, "completed_at": entry.at}
    elif entry.verb in (Verb.DROPPED, Verb.REOPENED, Verb.APPLIED):
        columns.pop("completed_by", None)
        columns.pop("completed_at", None)
    elif entry.verb == Verb.SPENT:
        columns["spent"] = facts.get("seconds")
