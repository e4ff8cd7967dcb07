"""Freezes: times in which branches take no changes, and exceptions from them."""

from callboard.capability import Capability
from callboard.freezes import due, notices, slack
from callboard.freezes.plan import FREEZES

capability = Capability(
    name="freezes",
    commands=(slack.command,),
    interactions=slack.INTERACTIONS,
    due=(due.freezes,),
    notices=notices.NOTICES,
    sections=(FREEZES,),
)
