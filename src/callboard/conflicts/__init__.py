"""Conflicts between branches of different teams: degrees, and how fast they are dealt with."""

from callboard.branches.models import BranchesSeen
from callboard.capability import Capability
from callboard.conflicts import due, rendering, screens, service, slack, telling
from callboard.conflicts.plan import CONFLICTS
from callboard.escalation.service import StepsDue

capability = Capability(
    name="conflicts",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.conflicts,),
    renderers=rendering.renderers,
    sections=(CONFLICTS,),
    screens=screens.screens,
    subscriptions=((BranchesSeen, service.on_branches_seen), (StepsDue, telling.on_steps_due)),
)
