"""Tasks: the work of a plan, what it waits for, and how far it is."""

from callboard.blockers.events import BlockerChanged, BlockerResolved
from callboard.capability import Capability
from callboard.plans.events import Exporting, HoldLifted
from callboard.tasks import blocking, due, freeing, rendering, rows, screens, slack
from callboard.tasks.plan import AREAS, KINDS, PRIORITIES, TASKS, TYPES

capability = Capability(
    name="tasks",
    commands=(slack.command,),
    interactions=slack.interactions,
    renderers=rendering.renderers,
    due=(due.late,),
    sections=(KINDS, PRIORITIES, AREAS, TASKS, TYPES),
    screens=screens.screens,
    subscriptions=(
        (BlockerChanged, blocking.on_blocker_changed),
        (BlockerResolved, blocking.on_blocker_resolved),
        (HoldLifted, freeing.on_hold_lifted),
        (Exporting, rows.on_exporting),
    ),
)
