"""Tasks: the work of a plan, what it waits for, how far it is.

dependencies: what keeps a task from starting or from being completed, in sentences
reassignment: what a change of the plan means for those who have tasks
measures: how many are done, done at once and in time, and where teams do not meet
evidence: what the timeline and the plan have of tasks, against their rows
"""

from callboard.blockers.models import BlockerChanged, BlockerResolved
from callboard.capability import Capability
from callboard.plans.models import Exporting, HoldLifted, PlanApplied, PlanChanging, PlanEdited
from callboard.tasks import due, evidence, measures, notices, slack, subscriptions
from callboard.tasks.plan import AREAS, KINDS, PRIORITIES, TASKS, TYPES
from callboard.tasks.slack import buttons

capability = Capability(
    name="tasks",
    evidence=evidence.differences,
    commands=(slack.command,),
    interactions=buttons.interactions,
    notices=notices.NOTICES,
    due=(due.late,),
    measures={
        "tasks_completed": measures.tasks_completed,
        "integration_failures": measures.integration_failures,
        "synchronisation": measures.synchronisation,
        "first_time_success": measures.first_time_success,
    },
    sections=(KINDS, PRIORITIES, AREAS, TASKS, TYPES),
    subscriptions=(
        (BlockerChanged, subscriptions.on_blocker_changed),
        (BlockerResolved, subscriptions.on_blocker_resolved),
        (HoldLifted, subscriptions.on_hold_lifted),
        (PlanChanging, subscriptions.on_plan_changing),
        (PlanApplied, subscriptions.on_plan_changed),
        (PlanEdited, subscriptions.on_plan_changed),
        (Exporting, subscriptions.on_exporting),
    ),
)
