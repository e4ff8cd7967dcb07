"""The plan in Slack: looked into, changed and moved by `/plan`; its calendar; what it tells its teams by itself.

duties: what a plan says to one team, as lines that can be shown and compared
briefs: what a team or a person is told of their part in the plan
lookup: what the plan says about one thing in it
calendar: what comes next for whom, and the feeds that other programs read
"""

from callboard.capability import Capability
from callboard.core.seal import HeadDue
from callboard.planning import due, notices, slack, subscriptions
from callboard.plans.events import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams.events import ChannelsSeen, PeopleLinked

capability = Capability(
    name="planning",
    commands=(slack.command,),
    interactions=slack.interactions,
    notices=notices.NOTICES,
    due=(due.troubles,),
    subscriptions=(
        (HeadDue, subscriptions.on_head_due),
        (PlanApplied, subscriptions.on_plan_changed),
        (PlanEdited, subscriptions.on_plan_changed),
        (PlanAdopted, subscriptions.on_plan_changed),
        (HoldLifted, subscriptions.on_hold_lifted),
        (PeopleLinked, subscriptions.on_plan_changed),
        (ChannelsSeen, subscriptions.on_channels_seen),
    ),
)
