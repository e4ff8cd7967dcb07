"""Gates: criteria, measures and sign-offs, the go/no-go, and freezes."""

from callboard.blockers.events import BlockerChanged
from callboard.capability import Capability
from callboard.escalation.events import StepsDue
from callboard.gates import due, hearing, rendering, screens, slack
from callboard.gates.events import GatePassed
from callboard.gates.plan import FREEZES, GATES, MEASURES
from callboard.plans.events import HoldLifted, PlanApplied, PlanEdited
from callboard.tasks.events import GateAsked, TaskChanged

capability = Capability(
    name="gates",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.gates, due.freezes),
    renderers=rendering.renderers,
    sections=(MEASURES, GATES, FREEZES),
    screens=screens.screens,
    subscriptions=(
        (TaskChanged, hearing.on_task_changed),
        (BlockerChanged, hearing.on_blocker_changed),
        (HoldLifted, hearing.on_hold_lifted),
        (GatePassed, hearing.on_gate_settled),
        (PlanApplied, hearing.on_plan_applied),
        (PlanEdited, hearing.on_plan_edited),
        (StepsDue, hearing.on_steps_due),
        (GateAsked, hearing.on_gate_asked),
    ),
)
