"""Escalation: policies, climbs and who is paged next; it knows nothing of what is being escalated.

climbs: what climbs do in one transaction: whom they page, what the timeline says, and how people see them
clocks: when a climb is due and what happens then, as pure arithmetic
"""

from callboard.capability import Capability
from callboard.escalation import plan, service, subscriptions
from callboard.teams.events import PersonAway

capability = Capability(
    name="escalation",
    due=(service.climbs,),
    sections=(plan.section,),
    subscriptions=((PersonAway, subscriptions.on_person_away),),
)
