"""What the board reports, and the velocity it is measured against."""

from callboard.board import due, notices, subscriptions
from callboard.board.plan import REPORTS, VELOCITY
from callboard.capability import Capability
from callboard.plans.events import PlanApplied, PlanEdited

capability = Capability(
    name="board",
    due=(due.reports,),
    renderers=notices.renderers,
    sections=(REPORTS, VELOCITY),
    subscriptions=((PlanApplied, subscriptions.on_plan), (PlanEdited, subscriptions.on_plan)),
)
