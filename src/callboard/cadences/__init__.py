"""Cadences: people are asked again and again how it goes, only about what nothing was heard of, and with one click."""

from callboard.cadences import due, notices, slack, subscriptions
from callboard.cadences.plan import CADENCES
from callboard.capability import Capability
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

capability = Capability(
    name="cadences",
    interactions=slack.interactions,
    due=(due.requests, due.cadences),
    renderers=notices.renderers,
    sections=(CADENCES,),
    subscriptions=(
        (PlanApplied, subscriptions.on_plan),
        (PlanEdited, subscriptions.on_plan),
        (TaskChanged, subscriptions.on_task_changed),
    ),
)
