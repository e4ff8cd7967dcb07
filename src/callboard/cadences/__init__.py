"""Cadences: people are asked again and again how it goes, only about what nothing was heard of, and with one click."""

from callboard.cadences import due, hearing, rendering, screens, slack
from callboard.capability import Capability
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

capability = Capability(
    name="cadences",
    interactions=slack.interactions,
    due=(due.requests, due.cadences),
    renderers=rendering.renderers,
    subscriptions=(
        (PlanApplied, hearing.on_plan),
        (PlanEdited, hearing.on_plan),
        (TaskChanged, hearing.on_task_changed),
    ),
    screens=screens.screens,
)
