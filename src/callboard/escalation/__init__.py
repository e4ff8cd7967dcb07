"""Escalation: policies, climbs and who is paged next; it knows nothing of what is being escalated.

climbs: what climbs do in one transaction: whom they page, what the timeline says, when each is due next
clocks: when a climb is due and what happens then, as pure arithmetic
ladders: a climb as people see it, rung by rung
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
