"""Escalation: policies, climbs and who is paged next; not what is being escalated."""

from callboard.capability import Capability
from callboard.escalation import due, plan, subscriptions
from callboard.teams.events import PersonAway

capability = Capability(
    name="escalation",
    due=(due.climbs,),
    sections=(plan.section,),
    subscriptions=((PersonAway, subscriptions.on_person_away),),
)
