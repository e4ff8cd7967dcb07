"""What gates do when tasks, blockers, holds, climbs or the plan change."""

from __future__ import annotations

from callboard.blockers.models import BlockerChanged
from callboard.blockers.models import Verb as BlockerVerb
from callboard.blockers.plan import classes
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.escalation import service as escalation
from callboard.escalation.service import StepsDue
from callboard.gates import models, notices, outcome, signatures, store
from callboard.gates.models import KIND, State, Verb
from callboard.gates.plan.types import NoBlockersPart, gates_of, of_kind, tasks_in
from callboard.planfile.sections import Document
from callboard.plans import service as plans
from callboard.plans.models import HoldLifted, PlanApplied, PlanEdited
from callboard.tasks.models import TaskChanged
from callboard.tasks.service import SETTLED

COUNTED = (
    BlockerVerb.RAISED, BlockerVerb.REOPENED, BlockerVerb.RESOLVED, BlockerVerb.WITHDRAWN, BlockerVerb.PROPOSED,
    BlockerVerb.CLASSED, BlockerVerb.DECLINED, BlockerVerb.UNPROPOSED,
)  # fmt: skip
"""What happens to a blocker that changes whether it is counted."""


def on_task_changed(tx: Tx, event: TaskChanged) -> None:
    """Look again at gates whose criteria or needs name the task."""
    if event.now in SETTLED and event.was not in SETTLED:
        notices.arrived(tx, event.plan_id, event.key)
    keys = {key for key, ids in _watched(tx, event.plan_id)[0].items() if event.key in ids}
    if keys:
        outcome.reconsider(tx, event.plan_id, lambda gate: gate.key in keys, actor=event.actor)


def on_blocker_changed(tx: Tx, event: BlockerChanged) -> None:
    """Look again at gates that count blockers when one is opened or closed."""
    blocker = event.blocker
    if event.verb in COUNTED and (keys := _watched(tx, blocker.plan_id)[1]):
        actor = blocker.closed_by or blocker.reporter
        outcome.reconsider(tx, blocker.plan_id, lambda gate: gate.key in keys, actor=actor)


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """A gate that was on hold may pass now."""
    if event.kind == KIND and not event.by_plan:
        outcome.reconsider(tx, event.plan_id, lambda gate: gate.key == event.target)


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb about a gate moved: its card shows that."""
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps])


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """Void signatures on another rule at once; the rest is found when the gates are next looked at."""
    document = plans.live(tx, event.plan_id)
    for gate in store.gates(tx, event.plan_id):
        signatures.follow_rule(tx, gate, document)
        gate.wake_at = tx.now
        if gate.state == State.FAILED and gate.due_at and gate.due_at > tx.now:
            models.try_again(gate)
            escalation.end(tx, gate.subject)
            notices.record(tx, gate, Verb.OPENED_AGAIN, due=gate.due_at.isoformat())
    tx.session.flush()


def _watched(tx: Tx, plan_id: int) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The tasks that each gate looks at or needs, and the gates that count blockers; found once for a document."""
    document = plans.live(tx, plan_id)
    kept: tuple[Document, dict[str, frozenset[str]], frozenset[str]] | None = tx.memo.get(("watched by gates", plan_id))
    if kept is None or kept[0] is not document:
        gates = gates_of(document)
        tasks = {key: frozenset(tasks_in(document, part.criteria, part.needs)) for key, part in gates.items()}
        counting = {key for key, part in gates.items() if part.decision or of_kind(NoBlockersPart, part.criteria)}
        counting |= {part.gate for part in classes(tx, plan_id).values()}
        kept = tx.memo["watched by gates", plan_id] = document, tasks, frozenset(counting)
    return kept[1:]
