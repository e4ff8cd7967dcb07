"""Locks: who has which files, sections and things, who waits for them, and the same table for git."""

from callboard.branches.events import BranchesSeen
from callboard.capability import Capability
from callboard.locks import due, notices, subscriptions
from callboard.locks.plan import LOCKS
from callboard.locks.slack import commands

capability = Capability(
    name="locks",
    commands=(commands.command,),
    interactions=commands.interactions,
    due=(due.locks,),
    renderers=notices.renderers,
    sections=(LOCKS,),
    subscriptions=((BranchesSeen, subscriptions.on_branches_seen),),
)
