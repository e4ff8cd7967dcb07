"""Run-books and rollbacks that run: timed steps that teams lead, drills of them, and the way back.

outline: what a run takes from the plan when it is made: its steps with their times
projection: the two clocks: when each step begins and ends, what reserve is left
course: a run on its way: it begins, its steps begin, it ends
readiness: what a run or a step still waits for
failures: what follows when a step fails or runs over its limit
"""

from callboard.capability import Capability
from callboard.conflicts.models import ConflictFound
from callboard.core.ticks import again
from callboard.emergencies.models import Declared
from callboard.escalation.service import StepsDue
from callboard.gates.models import GateSettled, GateTurned
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.rota.events import TurnBegan
from callboard.runbooks import due, notices, slack, store, subscriptions
from callboard.runbooks.models import RUN, STEP
from callboard.runbooks.notices import steps as step_notices
from callboard.runbooks.plan import ROLLBACKS, RUNBOOKS
from callboard.runbooks.service import evidence
from callboard.runbooks.slack import buttons
from callboard.teams.models import PersonAway

capability = Capability(
    name="runbooks",
    commands=(slack.command,),
    interactions=slack.INTERACTIONS,
    due=(due.starts, due.runs),
    evidence=evidence.differences,
    notices=(*notices.NOTICES, *step_notices.NOTICES),
    pages={STEP: step_notices.PAGE},
    called={STEP: store.name_of_step},
    answers={STEP: buttons.ANSWER, RUN: buttons.AGREES},
    sections=(RUNBOOKS, ROLLBACKS),
    subscriptions=(
        (PlanApplied, again(store.STARTS)),
        (PlanEdited, again(store.STARTS)),
        (PlanApplied, subscriptions.on_plan_changed),
        (PlanEdited, subscriptions.on_plan_changed),
        (GateSettled, subscriptions.on_gate_settled),
        (GateTurned, subscriptions.on_gate_turned),
        (Declared, subscriptions.on_declared),
        (StepsDue, subscriptions.on_steps_due),
        (PersonAway, subscriptions.on_person_away),
        (TurnBegan, subscriptions.on_turn_began),
        (ConflictFound, subscriptions.on_conflict),
    ),
)
