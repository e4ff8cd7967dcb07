"""Meetings: an agenda made of how everything stands, a reminder, and minutes: decisions, tasks, lessons and kudos.

remarks: what people write for everybody to read outside of minutes: lessons, and kudos to somebody
"""

from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.meetings import due, notices, service, slack, store
from callboard.meetings.plan import MEETINGS
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.tasks.models import TaskChanged

capability = Capability(
    name="meetings",
    commands=(slack.command, slack.of_plan),
    interactions=slack.interactions,
    due=(due.announcing, due.meetings),
    notices=notices.NOTICES,
    sections=(MEETINGS,),
    subscriptions=(
        (PlanApplied, again(store.ANNOUNCING)),
        (PlanEdited, again(store.ANNOUNCING)),
        (TaskChanged, service.show_action),
    ),
)
