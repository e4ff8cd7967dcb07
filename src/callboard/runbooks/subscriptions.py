"""What runs do when gates pass, a decision is no-go, a rollback ends, their climbs move, or branches collide badly."""

from __future__ import annotations

from contextlib import suppress

from callboard.conflicts.models import ConflictFound
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.emergencies.models import Declared
from callboard.escalation.service import StepsDue
from callboard.gates.models import GateSettled, GateTurned, Verb
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.rota.events import TurnBegan
from callboard.runbooks import notices, rights, service, store
from callboard.runbooks.models import STEP, Run, RunStep, State, StepState
from callboard.runbooks.notices import steps as step_notices
from callboard.teams import service as teams
from callboard.teams.models import PersonAway


def on_gate_settled(tx: Tx, event: GateSettled) -> None:
    """What waits for the gate looks again at once, and run-books that begin with it begin."""
    _look_again(tx, event.plan_id, State.BLOCKED, State.RUNNING)
    service.begin_on(tx, event.plan_id, "gate", event.key)


def _look_again(tx: Tx, plan_id: int, *states: State) -> None:
    for run in store.open_runs(tx, plan_id):
        if run.state in states and (run.wake_at is None or run.wake_at > tx.now):
            run.wake_at = tx.now
            tx.session.add(run)


def on_gate_turned(tx: Tx, event: GateTurned) -> None:
    """Run-books that begin with a no-go begin, what waits for a decision is reckoned anew, and cards name doubts."""
    plan_id = event.gate.plan_id
    if event.verb == Verb.NO_GO:
        _look_again(tx, plan_id, State.RUNNING)
        service.begin_on(tx, plan_id, "no_go", event.gate.key)
    elif event.verb in (Verb.DOUBTED, Verb.CLEARED):
        outbox.touch(tx, Run.subjects, [run.number for run in store.open_runs(tx, plan_id)], urgent=False)


def on_declared(tx: Tx, event: Declared) -> None:
    """Run-books that begin with an emergency of its level begin."""
    service.begin_on(tx, event.emergency.plan_id, "emergency", event.emergency.level)


def on_person_away(tx: Tx, event: PersonAway) -> None:
    """Whoever stands in hears which steps under way are theirs now, and which rollback waits for their word."""
    directory = teams.directory(tx, event.plan_id)
    person = directory.people.get(event.person)
    if person is None or person.present(tx.now):
        return
    for run in store.open_runs(tx, event.plan_id):
        if run.state == State.CALLED:
            notices.ask_also(tx, directory, run)
        for step in _under_way(tx, run):
            step_notices.stands_in(tx, directory, step, event.person)


def on_turn_began(tx: Tx, event: TurnBegan) -> None:
    """Whoever is on call from now on hears which steps under way are theirs now."""
    directory = teams.directory(tx, event.plan_id)
    for run in store.open_runs(tx, event.plan_id):
        for step in _under_way(tx, run):
            step_notices.takes_turn(tx, directory, step, event)


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """Whoever coordinates leads a step under way whose leaders have left the plan, and hears so once."""
    directory = teams.directory(tx, event.plan_id)
    for run in store.open_runs(tx, event.plan_id):
        for step in _under_way(tx, run):
            if not rights.people(tx, directory, rights.leaders(directory, step), step.team):
                step_notices.left(tx, directory, step)
        outbox.touch(tx, Run.subjects, [run.number], urgent=False)


def _under_way(tx: Tx, run: Run) -> list[RunStep]:
    """The steps that somebody leads now; none of a drill, which stays in its channel."""
    steps = store.steps(tx, run.number) if run.state == State.RUNNING and not run.drill else ()
    return [step for step in steps if step.state == StepState.RUNNING and not step.reserve]


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb about a step moved: its pages show that."""
    if event.kind == STEP:
        outbox.touch(tx, STEP, [step.climb.subject_id for step in event.steps], urgent=False)


def on_conflict(tx: Tx, event: ConflictFound) -> None:
    """The way back that the plan names for a conflict is proposed to those who may call it."""
    conflict = event.conflict
    if event.rollback:
        why = f"Conflict {conflict.number}: `{conflict.one}` and `{conflict.other}` collide in {conflict.repository}"
        with suppress(Refused):
            service.call_rollback(tx, conflict.plan_id, event.rollback, why, None)
