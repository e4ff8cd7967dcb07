"""Locks: who has which files, sections and things, who waits for them, and the same table for git.

lfs: what git-lfs is answered, with whose token it asks, and locks as it lists them, one for each file
paths: which of what people typed no mirrored repository has, and what is near it
pushes: what a push may not change, and which pushes, branches and tasks touch what is locked
queue: whose turn it is, and what is over by itself
targets: what is locked, how people type it, and when two of these clash
evidence: what the timeline has of locks and allowances, against their rows
"""

from callboard.branches.models import BranchesSeen
from callboard.capability import Capability
from callboard.core.ticks import rows_due
from callboard.locks import evidence, notices, queue, service, slack
from callboard.locks.models import Lock
from callboard.locks.plan import LOCKS
from callboard.locks.slack import buttons
from callboard.plans.models import PlanApplied
from callboard.teams.models import AccountChanged, PersonAway

capability = Capability(
    name="locks",
    evidence=evidence.differences,
    commands=(slack.command,),
    interactions=buttons.interactions,
    due=(rows_due("locks", queue.come_due, Lock.id, Lock.next_at, locked=False),),
    notices=notices.NOTICES,
    sections=(LOCKS,),
    subscriptions=(
        (BranchesSeen, service.on_branches_seen),
        (AccountChanged, service.on_holder_changed),
        (PersonAway, service.on_holder_changed),
        (PlanApplied, service.on_plan_changed),
    ),
)
