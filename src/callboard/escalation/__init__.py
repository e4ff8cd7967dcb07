"""Escalation: policies, climbs and who is paged next; it knows nothing of what is being escalated.

ladder: a climb as people see it: its steps, who was reached, and what happens next if nobody does anything
receipts: whether the pages of a climb have arrived
span: how long a climb may last
readers: whom the steps of climbs reach, and as what
pages: whom a climb pages in one transaction, what the timeline says
climbs: what is due next on a climb, and what happens when people or time move it: pure arithmetic
"""

from callboard.capability import Capability
from callboard.escalation import plan, service, store, subscriptions
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.teams.models import PersonAway

capability = Capability(
    name="escalation",
    due=(service.due_climbs,),
    sections=(plan.section,),
    sweeps=store.SWEEPS,
    subscriptions=(
        (PersonAway, subscriptions.on_person_away),
        (PlanApplied, subscriptions.on_plan_changed),
        (PlanEdited, subscriptions.on_plan_changed),
    ),
)
