"""Meetings: an agenda made of how everything stands, a reminder, and what came of it: decisions, tasks, lessons."""

from callboard.capability import Capability
from callboard.meetings import due, hearing, rendering, screens, slack
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

capability = Capability(
    name="meetings",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.announcing, due.meetings),
    renderers=rendering.renderers,
    subscriptions=(
        (PlanApplied, hearing.on_plan),
        (PlanEdited, hearing.on_plan),
        (TaskChanged, hearing.on_task_changed),
    ),
    screens=screens.screens,
)
