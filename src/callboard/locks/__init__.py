"""Locks: who has which files, sections and things, who waits for them, and the same table for git."""

from callboard.branches.models import BranchesSeen
from callboard.capability import Capability
from callboard.locks import around, due, rendering, screens, slack
from callboard.locks.plan import LOCKS

capability = Capability(
    name="locks",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.locks,),
    renderers=rendering.renderers,
    sections=(LOCKS,),
    screens=screens.screens,
    subscriptions=((BranchesSeen, around.on_branches_seen),),
)
