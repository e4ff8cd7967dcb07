"""What happens below, in the words of the plan's triggers."""

from __future__ import annotations

from callboard.blockers.models import KIND as BLOCKER
from callboard.blockers.models import BlockerChanged
from callboard.blockers.models import Verb as BlockerVerb
from callboard.blocks import markup as m
from callboard.branches.models import BranchesSeen
from callboard.checkpoints.models import CheckpointFailed, CheckpointMissed
from callboard.conflicts import notices
from callboard.conflicts.models import ConflictFound, Degree
from callboard.core.db import Tx
from callboard.core.measures import MeasuresMoved
from callboard.core.timeline import BOT, called
from callboard.core.words import few, joined
from callboard.emergencies.plan import CONCERNS
from callboard.emergencies.triggers import Cause, conditions, fire, happen, settle, store, watches
from callboard.escalation.pages import ClimbExhausted
from callboard.gates.models import GateSettled, GateTurned, MeasureReported
from callboard.gates.models import Verb as GateVerb
from callboard.locks.models import LockExpired
from callboard.plans.models import PlanApplied, PlanChanging, PlanEdited
from callboard.standups.models import CheckInsMissed
from callboard.tasks import service as tasks
from callboard.tasks.models import State, TaskChanged, TasksLate
from callboard.tasks.models import Verb as TaskVerb
from callboard.teams import service as teams

FEW = 3
TURNS = {
    GateVerb.MISSED: ("gate missed", "was missed"), GateVerb.REJECTED: ("gate failed", "was rejected"),
    GateVerb.NO_GO: ("no-go", "is NO-GO"), GateVerb.DOUBTED: ("gate in doubt", "is in doubt"),
}  # fmt: skip


def on_gate_turned(tx: Tx, event: GateTurned) -> None:
    gate, climbs = event.gate, event.verb in (GateVerb.MISSED, GateVerb.NO_GO)
    on, what = TURNS.get(event.verb, ("", ""))
    if on and watches(tx, gate.plan_id, on):
        why = f" {few([f'{reason}.' for reason in event.why], FEW, ' ')}" if event.why else ""
        happen(tx, Cause(
            plan_id=gate.plan_id, on=on, subject=m.escape(gate.name), said=f"{m.escape(gate.name)} {what}.{why}",
            key=f"gate:{gate.number}:{gate.attempt}:{gate.changes}", about=gate.subject if climbs else None,
            concern=event.concern,
        ))  # fmt: skip
    look_again(tx, gate.plan_id)


def on_checkpoint_failed(tx: Tx, event: CheckpointFailed) -> None:
    row, called = event.checkpoint, m.escape(event.name)
    fire(
        tx, row.plan_id, "checkpoint failed", subject=called, key=f"checkpoint:{row.number}",
        said=f"{called} is not as expected: {few(list(event.behind), FEW, '; ')}.", team=next(iter(row.teams), None),
    )  # fmt: skip


def on_checkpoint_missed(tx: Tx, event: CheckpointMissed) -> None:
    row, called = event.checkpoint, m.escape(event.name)
    if watches(tx, row.plan_id, "checkpoint missed"):
        people = joined(map(teams.directory(tx, row.plan_id).called, event.people))
        fire(
            tx, row.plan_id, "checkpoint missed", subject=called, key=f"checkpoint:{row.number}",
            said=f"{called} was not answered by {people}.", team=next(iter(row.teams), None),
        )  # fmt: skip


def on_check_ins_missed(tx: Tx, event: CheckInsMissed) -> None:
    if watches(tx, event.plan_id, "check-in missed"):
        directory, first = teams.directory(tx, event.plan_id), event.check_ins[0]
        people = joined((directory.called(row.person) for row in event.check_ins), FEW)
        fire(
            tx, event.plan_id, "check-in missed", subject=m.escape(first.standup), key=f"check-in:{first.number}",
            said=f"{people} did not report in {m.escape(first.standup)}.",
        )  # fmt: skip


def on_tasks_late(tx: Tx, event: TasksLate) -> None:
    keys = {task.team for task in event.tasks}
    for task in event.tasks:
        due = f", due {m.date(task.due_at, 'both')}" if task.due_at else ""
        fire(
            tx, event.plan_id, "task late", subject=m.escape(task.key), key=f"task:{task.key}:{task.due_at}",
            said=f"{m.escape(task.called)} is late{due}.", team=(task.team or None) if len(keys) == 1 else None,
        )  # fmt: skip
    look_again(tx, event.plan_id)


def on_task_changed(tx: Tx, event: TaskChanged) -> None:
    blocked = event.now == State.BLOCKED != event.was
    if blocked and watches(tx, event.plan_id, "task blocked"):
        task = tasks.get(tx, event.plan_id, event.key)
        number = f" by blocker {task.blocker}" if task.blocker else ""
        fire(
            tx, event.plan_id, "task blocked", subject=m.escape(task.key), team=task.team or None,
            said=f"{m.escape(task.called)} is blocked{number}.", key=f"task:{task.key}:{tx.now.isoformat()}",
        )  # fmt: skip
    if event.verb == TaskVerb.POINT and watches(tx, event.plan_id, "integration failed"):
        _integrate(tx, event)
    look_again(tx, event.plan_id)


def _integrate(tx: Tx, event: TaskChanged) -> None:
    """A point where teams meet is blocked or failed: it counts once until it is not any more."""
    task = tasks.get(tx, event.plan_id, event.key)
    for point in task.points:
        key, called = f"point:{task.key}:{point['name']}", f"{m.escape(point['name'])} ({m.escape(task.key)})"
        if point["status"] != State.BLOCKED:
            settle(tx, event.plan_id, "integration failed", key, f"{called} is {point['status']}.")
        else:
            happen(tx, Cause(
                plan_id=event.plan_id, on="integration failed", subject=called, key=key,
                said=f"Integration failed: {called}.", team=point["team"] or task.team or None,
                stands=True,
            ))  # fmt: skip


def on_blocker_changed(tx: Tx, event: BlockerChanged) -> None:
    """What triggers and alerts have raised themselves is not told as news."""
    blocker = event.blocker
    if event.verb in (BlockerVerb.RAISED, BlockerVerb.REOPENED) and blocker.reporter != BOT:
        said = f"Blocker {blocker.number}: {m.clip(blocker.what, 200)}"
        category = (blocker.category or "").lower()
        for on in ("blocker raised", *(word for word in CONCERNS if word in category)):
            happen(tx, Cause(
                plan_id=blocker.plan_id, on=on, subject=f"blocker {blocker.number}", said=said, team=blocker.team,
                key=f"blocker:{blocker.number}:{blocker.changes}", about=blocker.subject,
            ))  # fmt: skip
    look_again(tx, blocker.plan_id)


def on_climb_exhausted(tx: Tx, event: ClimbExhausted) -> None:
    climb = event.climb
    if watches(tx, climb.plan_id, "climb exhausted"):
        opened = store.opened_by(tx, climb.plan_id, climb.subject_id) if climb.subject_kind == BLOCKER else None
        if opened is None or opened.event != "climb exhausted":
            name = m.escape(called(tx, climb.subject))
            happen(tx, Cause(
                plan_id=climb.plan_id, on="climb exhausted", subject=name, team=climb.team, about=climb.subject,
                said=f"Nobody has taken {name}, and nobody is left to page.",
                key=f"climb:{climb.id}:{event.at.isoformat()}",
            ))  # fmt: skip


def on_conflict(tx: Tx, event: ConflictFound) -> None:
    """Git merges a simple one, so that is none; a branch in another team's zone is its own event."""
    conflict = event.conflict
    on = "zone violation" if conflict.degree == Degree.VIOLATION else "conflict"
    if conflict.degree != Degree.SIMPLE and watches(tx, conflict.plan_id, on):
        names = [m.escape(name) for name in (conflict.one, conflict.other) if name]
        files = few([m.escape(path) for path in conflict.files], FEW)
        what = f"{joined(names)} collide" if len(names) > 1 else f"{names[0]} changes what is another team's"
        happen(tx, Cause(
            plan_id=conflict.plan_id, on=on, subject=f"conflict {conflict.number}",
            team=next(iter(conflict.teams), None),
            said=f"Conflict {conflict.number} ({conflict.degree}): {what}: {files}.",
            concern=notices.concern(conflict),
            key=f"conflict:{conflict.number}:{conflict.degree}:{conflict.changes}", about=conflict.subject,
        ))  # fmt: skip


def on_lock_expired(tx: Tx, event: LockExpired) -> None:
    lock = event.lock
    if watches(tx, lock.plan_id, "lock expired"):
        holder = teams.directory(tx, lock.plan_id).called(lock.holder)
        fire(
            tx, lock.plan_id, "lock expired", subject=f"lock {lock.number}", team=lock.team, key=f"lock:{lock.number}",
            said=f"Lock {lock.number} of {holder} has expired: {m.escape(few(lock.targets, FEW))}.",
        )  # fmt: skip


def on_plan_changing(tx: Tx, event: PlanChanging) -> None:
    """Remember which triggers the plan had."""
    conditions.remember(tx, event.plan_id)


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """What is so already for a trigger that is new is no news."""
    if conditions.is_asked(tx, event.plan_id):
        tx.flush()
        conditions.learn(tx, event.plan_id)
        look_again(tx, event.plan_id)


def on_moved(tx: Tx, event: MeasuresMoved | MeasureReported | BranchesSeen | GateSettled) -> None:
    look_again(tx, event.plan_id)


def look_again(tx: Tx, plan_id: int) -> None:
    """Something that triggers watch may be different: look at the next tick, once for all that happens now."""
    if conditions.is_asked(tx, plan_id) and ("triggers looked at", plan_id) not in tx.local:
        tx.local["triggers looked at", plan_id] = True
        tx.later(conditions.nudge, plan_id)


SUBSCRIPTIONS = (
    (GateTurned, on_gate_turned),
    (GateSettled, on_moved),
    (MeasureReported, on_moved),
    (MeasuresMoved, on_moved),
    (BranchesSeen, on_moved),
    (CheckpointFailed, on_checkpoint_failed),
    (CheckpointMissed, on_checkpoint_missed),
    (CheckInsMissed, on_check_ins_missed),
    (TasksLate, on_tasks_late),
    (TaskChanged, on_task_changed),
    (BlockerChanged, on_blocker_changed),
    (ClimbExhausted, on_climb_exhausted),
    (ConflictFound, on_conflict),
    (LockExpired, on_lock_expired),
    (PlanChanging, on_plan_changing),
    (PlanApplied, on_plan_changed),
    (PlanEdited, on_plan_changed),
)
