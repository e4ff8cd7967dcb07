"""Escalation: policies, climbs and who is paged next; not what is being escalated.

climbs: what climbs do in one transaction: when each is due next, whom it pages, what the timeline says
policies: policies as climbs keep them, by a digest of their text
ladders: a climb as people see it, rung by rung
"""

from callboard.capability import Capability
from callboard.escalation import due, plan, subscriptions
from callboard.teams.events import PersonAway

capability = Capability(
    name="escalation",
    due=(due.climbs,),
    sections=(plan.section,),
    subscriptions=((PersonAway, subscriptions.on_person_away),),
)
