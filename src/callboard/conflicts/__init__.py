"""Conflicts between branches of different teams: degrees, and how fast they are dealt with.

pull_status: what Callboard says on a pull or merge request
severity: how bad it is that two branches meet, or that one is in another team's zone
"""

from callboard.branches.events import BranchesSeen, PullChanged
from callboard.capability import Capability
from callboard.conflicts import due, notices, pull_status, slack, subscriptions
from callboard.conflicts.plan import CONFLICTS
from callboard.escalation.events import StepsDue

capability = Capability(
    name="conflicts",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.conflicts,),
    renderers={**notices.renderers, **pull_status.renderers},
    sections=(CONFLICTS,),
    subscriptions=(
        (BranchesSeen, subscriptions.on_branches_seen),
        (BranchesSeen, subscriptions.set_statuses),
        (PullChanged, subscriptions.on_pull_changed),
        (StepsDue, subscriptions.on_steps_due),
    ),
)
