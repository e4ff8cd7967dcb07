"""Meetings: an agenda made of how everything stands, a reminder, and minutes: decisions, tasks, lessons and kudos.

awards: titles of the plan for its teams, given once each
remarks: what people write for everybody to read outside of minutes: lessons, and kudos to somebody
retrospectives: people are asked about each phase that is over; tasks and lessons come out of it
"""

from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.meetings import due, notices, service, slack, store
from callboard.meetings.plan import AWARDS, MEETINGS
from callboard.meetings.retrospectives import due as phases_due
from callboard.meetings.retrospectives import notices as phases_notices
from callboard.meetings.retrospectives import slack as looks
from callboard.meetings.retrospectives import store as retrospectives
from callboard.meetings.retrospectives import subscriptions
from callboard.meetings.retrospectives.plan import RETROSPECTIVE
from callboard.meetings.retrospectives.service import show_task
from callboard.plans.models import HoldLifted, PlanApplied, PlanEdited
from callboard.tasks.models import TaskChanged

capability = Capability(
    name="meetings",
    commands=(slack.command, slack.of_plan, looks.command),
    interactions=(*slack.interactions, *looks.interactions),
    due=(due.announcing, due.meetings, due.awards, phases_due.ends, phases_due.moves),
    notices=(*notices.NOTICES, *phases_notices.NOTICES),
    sections=(MEETINGS, AWARDS, RETROSPECTIVE),
    subscriptions=(
        *((event, again(watch)) for event in (PlanApplied, PlanEdited) for watch in (store.ANNOUNCING, store.AWARDING)),
        *((event, again(retrospectives.WATCH)) for event in (PlanApplied, PlanEdited)),
        (TaskChanged, service.show_action),
        (TaskChanged, show_task),
        (TaskChanged, subscriptions.on_task),
        (HoldLifted, subscriptions.on_lifted),
    ),
)
