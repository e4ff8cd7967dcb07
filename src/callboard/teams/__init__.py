"""People, teams, roles and absences: who somebody is, who stands in for them, and how they are reached."""

from callboard.capability import Capability
from callboard.core.outbox import DeliveriesParked, PagesUnaccepted
from callboard.core.seal import HeadDue
from callboard.planning import due, notices
from callboard.planning.slack import commands
from callboard.planning.subscriptions import (
    on_head_due,
    on_hold_lifted,
    on_plan_adopted,
    on_plan_applied,
    on_plan_edited,
)
from callboard.plans.events import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams import slack, subscriptions
from callboard.teams.plan.on_call import ON_CALL
from callboard.teams.plan.sections import PEOPLE, ROLES, TEAMS

capability = Capability(
    name="teams",
    commands=(commands.command,),
    interactions=commands.interactions,
    hears=slack.hears,
    renderers=notices.renderers,
    due=(due.troubles,),
    sections=(ROLES, PEOPLE, TEAMS, ON_CALL),
    subscriptions=(
        (PagesUnaccepted, subscriptions.on_pages_unaccepted),
        (DeliveriesParked, subscriptions.on_parked),
        (HeadDue, on_head_due),
        (PlanApplied, on_plan_applied),
        (PlanEdited, on_plan_edited),
        (PlanAdopted, on_plan_adopted),
        (HoldLifted, on_hold_lifted),
    ),
)
