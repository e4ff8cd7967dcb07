"""Meetings: an agenda made of how everything stands, a reminder, and minutes: decisions, tasks, lessons and kudos.

awards: titles of the plan for its teams, given once each
remarks: what people write for everybody to read outside of minutes: lessons, and kudos to somebody
"""

from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.meetings import due, notices, service, slack, store
from callboard.meetings.plan import AWARDS, MEETINGS
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.tasks.models import TaskChanged

capability = Capability(
    name="meetings",
    commands=(slack.command, slack.of_plan),
    interactions=slack.interactions,
    due=(due.announcing, due.meetings, due.awards),
    notices=notices.NOTICES,
    sections=(MEETINGS, AWARDS),
    subscriptions=(
        *((event, again(watch)) for event in (PlanApplied, PlanEdited) for watch in (store.ANNOUNCING, store.AWARDING)),
        (TaskChanged, service.show_action),
    ),
)
