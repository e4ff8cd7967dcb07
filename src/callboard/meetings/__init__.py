"""Meetings: an agenda made of how everything stands, a reminder, and what came of it: decisions, tasks, lessons."""

from callboard.capability import Capability
from callboard.meetings import due, notices, slack, subscriptions
from callboard.meetings.plan import MEETINGS
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

capability = Capability(
    name="meetings",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.announcing, due.meetings),
    renderers=notices.renderers,
    sections=(MEETINGS,),
    subscriptions=(
        (PlanApplied, subscriptions.on_plan),
        (PlanEdited, subscriptions.on_plan),
        (TaskChanged, subscriptions.on_task_changed),
    ),
)
