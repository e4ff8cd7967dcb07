"""Blockers: what keeps somebody from going on, from the first word to what helped."""

from callboard.blockers import clicks, plan, rendering, screens, service, slack
from callboard.capability import Capability
from callboard.escalation.service import StepsDue

capability = Capability(
    name="blockers",
    commands=(slack.command,),
    interactions=clicks.interactions,
    hears=clicks.hears,
    renderers=rendering.renderers,
    sections=(plan.section,),
    screens=screens.screens,
    subscriptions=((StepsDue, service.on_steps_due),),
)
