"""Checkpoints: moments at which what is expected is compared with what is there, and the leads are asked."""

from callboard.capability import Capability
from callboard.checkpoints import due, notices, slack, subscriptions
from callboard.checkpoints.plan.sections import CHECKPOINTS
from callboard.escalation.events import StepsDue
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

capability = Capability(
    name="checkpoints",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.checkpoints, due.inquiries),
    renderers=notices.renderers,
    sections=(CHECKPOINTS,),
    subscriptions=(
        (PlanApplied, subscriptions.on_plan),
        (PlanEdited, subscriptions.on_plan),
        (TaskChanged, subscriptions.on_task_changed),
        (StepsDue, subscriptions.on_steps_due),
    ),
)
