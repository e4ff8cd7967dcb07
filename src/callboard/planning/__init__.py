"""The plan in Slack: looked into, changed and moved by `/plan`; its calendar; what it tells its teams by itself.

duties: what a plan says to one team, as lines that can be shown and compared
briefs: what a team or a person is told of their part in the plan
lookup: what the plan says about one thing in it
feeds: what comes next for whom, in Slack and as calendars that other programs read
"""

from callboard.capability import Capability
from callboard.core.seal import HeadDue
from callboard.planning import notices, service, slack
from callboard.plans.events import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams.events import ChannelsSeen, PeopleLinked

capability = Capability(
    name="planning",
    commands=(slack.command,),
    interactions=slack.interactions,
    notices=notices.NOTICES,
    due=(service.troubles,),
    subscriptions=(
        (HeadDue, notices.tell_head),
        (PlanApplied, notices.on_plan_changed),
        (PlanEdited, notices.on_plan_changed),
        (PlanAdopted, notices.on_plan_changed),
        (HoldLifted, notices.on_hold_lifted),
        (PeopleLinked, notices.on_plan_changed),
        (ChannelsSeen, notices.on_channels_seen),
    ),
)
