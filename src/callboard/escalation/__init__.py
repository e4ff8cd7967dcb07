"""Escalation: policies, climbs and who is paged next; not what is being escalated."""

from callboard.capability import Capability
from callboard.escalation import absence, due, plan
from callboard.teams.service import PersonAway

capability = Capability(
    name="escalation",
    due=(due.climbs,),
    sections=(plan.section,),
    subscriptions=((PersonAway, absence.on_person_away),),
)
