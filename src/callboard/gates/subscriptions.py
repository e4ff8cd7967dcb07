"""What gates do when tasks, blockers, holds, climbs or the plan change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callboard.blockers.models import BlockerChanged
from callboard.blockers.models import Verb as BlockerVerb
from callboard.blockers.plan import classes
from callboard.branches.models import BranchesSeen
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.measures import MeasuresMoved
from callboard.escalation import service as escalation
from callboard.escalation.service import StepsDue
from callboard.gates import due, notices, outcome, signatures, store
from callboard.gates.assessment import Look, counts_blockers, looks
from callboard.gates.models import KIND, News, State, Verb
from callboard.gates.outcome import Wish, attempts
from callboard.gates.plan.items import gates_of, group_of
from callboard.gates.plan.measures import MEASURES
from callboard.gates.plan.types import MeasuredPart, PreflightPart, of_kind, tasks_in
from callboard.planfile.sections import Document
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.holds import EVERY_GATE
from callboard.plans.models import HoldLifted, PlanApplied, PlanEdited
from callboard.tasks.models import SETTLED, TaskChanged
from callboard.teams.models import AccountChanged, PersonAway

COUNTED = (
    BlockerVerb.RAISED, BlockerVerb.REOPENED, BlockerVerb.RESOLVED, BlockerVerb.WITHDRAWN, BlockerVerb.PROPOSED,
    BlockerVerb.CLASSED, BlockerVerb.DECLINED, BlockerVerb.UNPROPOSED, BlockerVerb.GRADED,
)  # fmt: skip
"""What happens to a blocker that changes whether it is counted."""
OPENS = (BlockerVerb.RAISED, BlockerVerb.REOPENED, BlockerVerb.GRADED)


def on_task_changed(tx: Tx, event: TaskChanged) -> None:
    """Look again at gates whose criteria or needs name the task."""
    if event.now in SETTLED and event.was not in SETTLED:
        notices.arrived(tx, event.plan_id, event.key)
    _measure_again(tx, event.plan_id)
    keys = frozenset(key for key, ids in _watched(tx, event.plan_id).tasks.items() if event.key in ids)
    if keys:
        tx.later(outcome.reconsider_all, Wish(event.plan_id, keys, event.actor, tx.trace))


def on_blocker_changed(tx: Tx, event: BlockerChanged) -> None:
    """Look again at gates that count blockers when one is opened or closed."""
    blocker = event.blocker
    _measure_again(tx, blocker.plan_id)
    if event.verb in COUNTED and (keys := _watched(tx, blocker.plan_id).counting):
        actor, opens = blocker.closed_by or blocker.reporter, event.verb in OPENS
        tx.later(outcome.reconsider_all, Wish(blocker.plan_id, keys, actor, tx.trace, opens))


def on_measures_moved(tx: Tx, event: MeasuresMoved | BranchesSeen) -> None:
    """Something is different from which measures are computed."""
    _measure_again(tx, event.plan_id)


def _measure_again(tx: Tx, plan_id: int) -> None:
    """Look at the gates that ask for what is computed at the next tick, once for all that happens now."""
    keys = _watched(tx, plan_id).computed
    if not keys or ("measured again", plan_id) in tx.local:
        return
    tx.local["measured again", plan_id] = True
    for gate in store.gates(tx, plan_id):
        if gate.key in keys and (gate.wake_at is None or gate.wake_at > tx.now):
            gate.wake_at = tx.now
            tx.session.add(gate)


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """A gate that was on hold may pass now."""
    if event.kind == KIND and event.target == EVERY_GATE and event.free:
        stopped_at = holds.placed_at(tx, event.plan_id, event.target, event.by) or tx.now
        for gate in store.lock(tx, [row.number for row in store.gates(tx, event.plan_id) if not row.settled]):
            due.go_on(tx, gate, stopped_at)
    elif event.kind == KIND and not event.by_plan:
        outcome.reconsider(tx, event.plan_id, lambda gate: group_of(gate.key) == event.target)


def on_person_away(tx: Tx, event: PersonAway) -> None:
    """Whoever stands in is asked to sign what is ready."""
    for gate in store.gates(tx, event.plan_id):
        if not gate.settled:
            gate.wake_at = tx.now
    tx.session.flush()


def on_account_changed(tx: Tx, event: AccountChanged) -> None:
    """Coordinators hear of gates that only somebody could sign whose account takes nothing any more; cards say it."""
    waiting = [gate for gate in store.gates(tx, event.plan_id) if not gate.settled]
    for look in looks(tx, waiting):
        slots = look.tally.of(event.person)
        gone = {person.key: person for slot in slots for person in slot.stranded(look.directory)}
        if event.why and event.person in gone:
            people, key = look.directory.coordinating(tx.now), f"stranded:{event.person}:{tx.now:%Y-%m-%d}"
            notices.tell(look, people, key, News.STRANDED, gone=list(gone))
        if slots:
            outbox.touch(tx, KIND, [look.gate.number], urgent=False)


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb about a gate moved: its card shows that."""
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps])


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """Void signatures on another rule at once; the rest is found when the gates are next looked at."""
    document, stopped = plans.live(tx, event.plan_id), holds.frozen(tx, event.plan_id, EVERY_GATE)
    for gate in store.gates(tx, event.plan_id):
        signatures.follow_rule(tx, gate, document)
        gate.wake_at = tx.now
        if gate.state == State.FAILED and gate.due_at and gate.due_at > tx.now:
            attempts.begin(Look(tx, gate))
            escalation.end(tx, gate.subject)
            notices.record(tx, gate, Verb.OPENED_AGAIN, due=gate.due_at.isoformat())
        elif gate.state == State.FAILED and not stopped:
            escalation.start_again(tx, gate.subject)  # it had left the plan
    tx.session.flush()


@dataclass(frozen=True)
class Watched:
    """The tasks that each gate looks at or needs; the gates that count blockers, and that ask for what is computed."""

    document: Document
    tasks: Mapping[str, frozenset[str]]
    counting: frozenset[str]
    computed: frozenset[str]


def _watched(tx: Tx, plan_id: int) -> Watched:
    """What the gates of a plan look at, found once for a document."""
    document = plans.live(tx, plan_id)
    kept: Watched | None = tx.memo.get(("watched by gates", plan_id))
    if kept is None or kept.document is not document:
        gates, computed = gates_of(document), {name for name, m in (document.of(MEASURES) or {}).items() if m.computed}
        tasks = {key: frozenset(tasks_in(document, part.criteria, part.needs)) for key, part in gates.items()}
        measured = {key: {each.measure for each in of_kind(MeasuredPart, part.criteria)} for key, part in gates.items()}
        counting = {key for key, part in gates.items() if counts_blockers(part)}
        counting |= {part.gate for part in classes(tx, plan_id).values()}
        asking = frozenset(
            key for key, names in measured.items() if names & computed or of_kind(PreflightPart, gates[key].criteria)
        )
        kept = tx.memo["watched by gates", plan_id] = Watched(document, tasks, frozenset(counting), asking)
    return kept
