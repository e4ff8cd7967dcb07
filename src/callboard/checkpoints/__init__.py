"""Checkpoints: moments at which what is expected is compared with what is there, and the leads are asked."""

from callboard.capability import Capability
from callboard.checkpoints import due, hearing, rendering, screens, slack
from callboard.checkpoints.plan import CADENCES, CHECKPOINTS, MEETINGS
from callboard.escalation.events import StepsDue
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

capability = Capability(
    name="checkpoints",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.checkpoints, due.inquiries),
    renderers=rendering.renderers,
    sections=(CHECKPOINTS, CADENCES, MEETINGS),
    subscriptions=(
        (PlanApplied, hearing.on_plan),
        (PlanEdited, hearing.on_plan),
        (TaskChanged, hearing.on_task_changed),
        (StepsDue, hearing.on_steps_due),
    ),
    screens=screens.screens,
)
