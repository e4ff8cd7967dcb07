"""What gates hear from below: tasks, blockers, holds, climbs and the plan itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.blockers.events import BlockerChanged
from callboard.core import outbox, timeline
from callboard.core.timeline import Subject
from callboard.core.words import few
from callboard.escalation import service as escalation
from callboard.escalation.events import StepsDue
from callboard.gates import models, notices, store
from callboard.gates.assessment import readings
from callboard.gates.assessment.look import Look
from callboard.gates.events import GatePassed
from callboard.gates.models import KIND, Gate, State
from callboard.gates.plan.types import NoBlockersPart, TasksPart, gates_of, walk
from callboard.gates.service import transitions
from callboard.planfile import needs, task_sets
from callboard.planfile.sections import Document
from callboard.planning.duties import named
from callboard.plans import service as plans
from callboard.plans.events import HoldLifted, PlanApplied, PlanEdited
from callboard.tasks.dependencies import GateState
from callboard.tasks.events import TaskChanged
from callboard.tasks.service import SETTLED, arrived

if TYPE_CHECKING:
    from callboard.core.db import Tx

FEW = 3
COUNTED = {"raised", "reopened", "resolved", "withdrawn"}
"""What happens to a blocker that changes whether it is counted."""
RULE_CHANGED = "the plan asks for something else now: please look again, and sign again"


def on_task_changed(tx: Tx, event: TaskChanged) -> None:
    """Gates whose criteria or needs name the task are looked at again."""
    if event.now in SETTLED and event.was not in SETTLED:
        _wanted(tx, event.plan_id, event.key)
    keys = {key for key, ids in _tasks_of(tx, event.plan_id).items() if event.key in ids}
    if keys:
        transitions.reconsider(tx, event.plan_id, lambda gate: gate.key in keys, actor=event.actor)


def on_blocker_changed(tx: Tx, event: BlockerChanged) -> None:
    """Gates that count blockers are looked at again when one is opened or closed."""
    plan_id = event.blocker.plan_id
    if event.verb in COUNTED and (keys := _counting(tx, plan_id)):
        transitions.reconsider(tx, plan_id, lambda gate: gate.key in keys, actor=_actor(event))


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """A gate that something held may pass now."""
    if event.kind == KIND and not event.by_plan:
        transitions.reconsider(tx, event.plan_id, lambda gate: gate.key == event.target)


def on_gate_settled(tx: Tx, event: GatePassed) -> None:
    """Who wanted to know of it is told; gates whose criteria name it, and decisions, are looked at again."""
    arrived(tx, event.plan_id, event.key)
    _wanted(tx, event.plan_id, event.key)
    transitions.reconsider(tx, event.plan_id, lambda gate: gate.key != event.key and not gate.settled)


def gate_state(tx: Tx, plan_id: int, key: str) -> GateState:
    """Why work waits for a gate: how it stands, and who can sign."""
    gate = next((one for one in store.gates(tx, plan_id) if one.key == key), None)
    if gate is None:
        return GateState()
    if gate.settled:
        return GateState("has passed" if gate.state == State.PASSED else "was waived", passed=True)
    look = Look(tx, gate)
    open_ones = [one.says for one in look.lacking]
    verb = "does" if len(open_ones) == 1 else "do"
    lacking = f"{few(open_ones, FEW)} {verb} not hold yet; " if open_ones else ""
    who = " and ".join(dict.fromkeys(look.directory.called(one) for one in look.tally.missing)) or "nobody"
    return GateState(f"is {gate.state}: {lacking}{who} can sign")


def on_plan_applied(tx: Tx, event: PlanApplied) -> None:
    """The plan has a new version: gates that ask for something else lose what was signed."""
    _catch_up(tx, event.plan_id)


def on_plan_edited(tx: Tx, event: PlanEdited) -> None:
    """Somebody changed the plan live."""
    _catch_up(tx, event.plan_id)


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb about a gate moved: the card shows it, the thread tells it."""
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps])


def _wanted(tx: Tx, plan_id: int, key: str) -> None:
    """Something is there that gates want and do not wait for: their threads say so, and whoever must sign is told."""
    document = plans.live(tx, plan_id)
    wanting = {need.of for need in needs.written(document, "wants") if need.path[0] == "gates" and key in need.ids}
    for gate in store.gates(tx, plan_id) if wanting else ():
        if gate.key in wanting and not gate.settled:
            look, what = Look(tx, gate), named(document, key)
            notices.record(tx, gate, "arrived", awaited=key, what=what)
            missing = [one for one in look.tally.missing if not one.vacant]
            notices.tell(tx, gate.subject, look.directory, missing, f"arrived:{key}:{tx.now.isoformat()}",
                       what="arrived", why=[what])  # fmt: skip


def _catch_up(tx: Tx, plan_id: int) -> None:
    """Signatures on another rule fall at once; how the gates stand now is found out by those who attend to them."""
    document = plans.live(tx, plan_id)
    for gate in store.gates(tx, plan_id):
        _follow_rule(tx, gate, document)
        gate.wake_at = tx.now
        tx.session.add(gate)
        if gate.state == State.FAILED and gate.due_at and gate.due_at > tx.now:
            models.try_again(gate)
            escalation.end(tx, gate.subject)
            notices.record(tx, gate, "opened again", due=gate.due_at.isoformat())
    tx.session.flush()


def _follow_rule(tx: Tx, gate: Gate, document: Document) -> None:
    rule = readings.rule(document, gate.key)
    if gate.rule == rule:
        return
    if gate.rule and not gate.settled:
        look = Look(tx, gate)
        if look.standing:
            timeline.record(tx, gate.plan_id, Subject(KIND, gate.id or 0), "rule changed", change=gate.changes)
            transitions.drop(tx, look, RULE_CHANGED)
    if not gate.settled:
        gate.rule = rule
        tx.session.add(gate)


def _tasks_of(tx: Tx, plan_id: int) -> dict[str, frozenset[str]]:
    """The tasks that each gate looks at or needs; found once for a document."""
    document = plans.live(tx, plan_id)
    kept: tuple[Document, dict[str, frozenset[str]]] | None = tx.memo.get(("tasks of gates", plan_id))
    if kept is None or kept[0] is not document:
        kept = tx.memo["tasks of gates", plan_id] = (
            document,
            {
                key: frozenset(task_sets.members(document, [*_written(part.criteria), *part.needs]))
                for key, part in gates_of(document).items()
            },
        )
    return kept[1]


def _written(criteria: object) -> list[object]:
    return [each for _, one in walk(criteria) if isinstance(one, TasksPart) for each in one.tasks]  # type: ignore[arg-type]


def _counting(tx: Tx, plan_id: int) -> frozenset[str]:
    """The gates that count blockers: by a criterion, or because they are decisions; found once for a document."""
    document = plans.live(tx, plan_id)
    kept: tuple[Document, frozenset[str]] | None = tx.memo.get(("blockers of gates", plan_id))
    if kept is None or kept[0] is not document:
        kept = tx.memo["blockers of gates", plan_id] = document, frozenset(
            key for key, part in gates_of(document).items()
            if part.decision or any(isinstance(one, NoBlockersPart) for _, one in walk(part.criteria))
        )  # fmt: skip
    return kept[1]


def _actor(event: BlockerChanged) -> str:
    return event.blocker.closed_by or event.blocker.reporter
