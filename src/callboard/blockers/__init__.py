"""Blockers: what keeps somebody from going on, from the first word to what helped."""

from callboard.blockers import notices, plan, subscriptions
from callboard.blockers.slack import buttons, commands
from callboard.capability import Capability
from callboard.escalation.events import StepsDue

capability = Capability(
    name="blockers",
    commands=(commands.command,),
    interactions=buttons.interactions,
    hears=buttons.hears,
    renderers=notices.renderers,
    sections=(plan.section,),
    subscriptions=((StepsDue, subscriptions.on_steps_due),),
)
