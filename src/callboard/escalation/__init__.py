"""Escalation: policies, climbs and who is paged next; it knows nothing of what is being escalated.

pages: whom a climb pages in one transaction, what the timeline says, and the ladder as people see it
climbs: what is due next on a climb, and what happens when people or time move it: pure arithmetic
"""

from callboard.capability import Capability
from callboard.escalation import plan, service, subscriptions
from callboard.teams.models import PersonAway

capability = Capability(
    name="escalation",
    due=(service.due_climbs,),
    sections=(plan.section,),
    subscriptions=((PersonAway, subscriptions.on_person_away),),
)
