"""People, teams, roles and absences: who somebody is, who stands in for them, and how they are reached."""

from callboard.capability import Capability
from callboard.core.outbox import DeliveriesParked, PagesUnaccepted
from callboard.core.seal import HeadDue
from callboard.plans.events import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams import briefing, heads, rendering, screens, slack, troubles, unreached
from callboard.teams.on_call import ON_CALL
from callboard.teams.plan import PEOPLE, ROLES, TEAMS

capability = Capability(
    name="teams",
    commands=(slack.command,),
    interactions=slack.interactions,
    hears=slack.hears,
    renderers=rendering.renderers,
    screens=screens.screens,
    due=(troubles.due,),
    sections=(ROLES, PEOPLE, TEAMS, ON_CALL),
    subscriptions=(
        (PagesUnaccepted, unreached.on_pages_unaccepted),
        (DeliveriesParked, unreached.on_parked),
        (HeadDue, heads.on_head_due),
        (PlanApplied, briefing.on_plan_applied),
        (PlanEdited, briefing.on_plan_edited),
        (PlanAdopted, briefing.on_plan_adopted),
        (HoldLifted, briefing.on_hold_lifted),
    ),
)
