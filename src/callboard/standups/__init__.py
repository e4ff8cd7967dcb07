"""Standups: who is asked what, when, what they said, and where the digest goes."""

from callboard.capability import Capability
from callboard.standups import due, hearing, rendering, screens, slack
from callboard.standups.plan import STANDUPS
from callboard.teams.events import PersonAway

capability = Capability(
    name="standups",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.standups, due.check_ins, due.digests),
    renderers=rendering.renderers,
    sections=(STANDUPS,),
    subscriptions=((PersonAway, hearing.on_person_away),),
    screens=screens.screens,
)
