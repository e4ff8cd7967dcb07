"""Gates: criteria, measures and sign-offs that hold work until they are given, and the go/no-go.

quorum: whether all signatures that are asked for can be given, when nobody signs twice
assessment: how a gate stands: what its criteria look at, whether they hold, and who has signed
"""

from callboard.blockers.events import BlockerChanged
from callboard.capability import Capability
from callboard.escalation.events import StepsDue
from callboard.gates import due, notices, subscriptions
from callboard.gates.events import GatePassed
from callboard.gates.plan.sections import GATES, MEASURES
from callboard.gates.slack import buttons, commands
from callboard.plans.events import HoldLifted, PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

capability = Capability(
    name="gates",
    commands=(commands.command,),
    interactions=buttons.interactions,
    due=(due.gates,),
    renderers=notices.renderers,
    sections=(MEASURES, GATES),
    subscriptions=(
        (TaskChanged, subscriptions.on_task_changed),
        (BlockerChanged, subscriptions.on_blocker_changed),
        (HoldLifted, subscriptions.on_hold_lifted),
        (GatePassed, subscriptions.on_gate_settled),
        (PlanApplied, subscriptions.on_plan_applied),
        (PlanEdited, subscriptions.on_plan_edited),
        (StepsDue, subscriptions.on_steps_due),
    ),
)
