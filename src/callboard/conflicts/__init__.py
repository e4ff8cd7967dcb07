"""Conflicts between branches of different teams: how bad each is, who is told, and how fast it must be resolved.

severity: how bad it is that two branches meet, or that one is in another team's zone
"""

from callboard.branches.events import BranchesSeen, PullChanged
from callboard.capability import Capability
from callboard.conflicts import notices, service, slack, subscriptions
from callboard.conflicts.models import KIND, Conflict
from callboard.conflicts.plan import CONFLICTS
from callboard.core.ticks import rows_due
from callboard.escalation.service import StepsDue

capability = Capability(
    name="conflicts",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(rows_due("conflicts", service.run_out, Conflict.id, Conflict.next_at),),
    notices=notices.NOTICES,
    pages={KIND: notices.PAGE},
    sections=(CONFLICTS,),
    subscriptions=(
        (BranchesSeen, subscriptions.on_branches_seen),
        (BranchesSeen, subscriptions.set_statuses),
        (PullChanged, subscriptions.on_pull_changed),
        (StepsDue, subscriptions.on_steps_due),
    ),
)
