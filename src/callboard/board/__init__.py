"""What the board reports, and the velocity it is measured against."""

from callboard.board import due, hearing, rendering, screens
from callboard.board.plan import REPORTS, VELOCITY
from callboard.capability import Capability
from callboard.plans.events import PlanApplied, PlanEdited

capability = Capability(
    name="board",
    due=(due.reports,),
    renderers=rendering.renderers,
    sections=(REPORTS, VELOCITY),
    subscriptions=((PlanApplied, hearing.on_plan), (PlanEdited, hearing.on_plan)),
    screens=screens.screens,
)
