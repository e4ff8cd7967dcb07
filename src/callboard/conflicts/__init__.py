"""Conflicts between branches of different teams: degrees, and how fast they are dealt with."""

from callboard.branches.models import BranchesSeen
from callboard.branches.pulls import PullChanged
from callboard.capability import Capability
from callboard.conflicts import due, rendering, screens, service, slack, statuses, telling
from callboard.conflicts.plan import CONFLICTS
from callboard.escalation.events import StepsDue

capability = Capability(
    name="conflicts",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.conflicts,),
    renderers={**rendering.renderers, **statuses.renderers},
    sections=(CONFLICTS,),
    screens=screens.screens,
    subscriptions=(
        (BranchesSeen, service.on_branches_seen),
        (BranchesSeen, statuses.on_branches_seen),
        (PullChanged, statuses.on_pull_changed),
        (StepsDue, telling.on_steps_due),
    ),
)
