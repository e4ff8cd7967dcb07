"""Standups: who is asked what, when, what they said, and where the digest goes.

presence: who works when, and who is there
schedule: who is asked when in which round, and which round somebody means
statistics: how many reported lately
"""

from callboard.capability import Capability
from callboard.standups import due, notices, subscriptions
from callboard.standups.plan.sections import STANDUPS
from callboard.standups.slack import buttons, commands
from callboard.teams.events import PersonAway

capability = Capability(
    name="standups",
    commands=(commands.command,),
    interactions=buttons.interactions,
    due=(due.standups, due.check_ins, due.digests),
    renderers=notices.renderers,
    sections=(STANDUPS,),
    subscriptions=((PersonAway, subscriptions.on_person_away),),
)
