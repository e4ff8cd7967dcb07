"""Locks: who has which files, sections and things, who waits for them, and the same table for git.

push_rules: what a push may not change
queue: whose turn it is, and what is over by itself
targets: what is locked, and when two of these clash
"""

from callboard.branches.events import BranchesSeen
from callboard.capability import Capability
from callboard.locks import due, notices, subscriptions
from callboard.locks.plan import LOCKS
from callboard.locks.slack import buttons, commands

capability = Capability(
    name="locks",
    commands=(commands.command,),
    interactions=buttons.interactions,
    due=(due.locks,),
    renderers=notices.renderers,
    sections=(LOCKS,),
    subscriptions=((BranchesSeen, subscriptions.on_branches_seen),),
)
