"""The board: reports of everything in a plan, and the velocity it is measured against.

conclusion: the closing report of a release: what was promised, what happened, who decided what, what was learned
report: what a report says, read from the plan as it stands, next to the report before; the row of each one sent
"""

from callboard.board import due, notices
from callboard.board.plan import REPORTS, VELOCITY
from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.plans.models import PlanApplied, PlanEdited

capability = Capability(
    name="board",
    due=(due.reports, due.closing),
    notices=notices.NOTICES,
    sections=(REPORTS, VELOCITY),
    subscriptions=(
        (PlanApplied, again(due.REPORTS)),
        (PlanEdited, again(due.REPORTS)),
        (PlanApplied, again(due.CLOSING)),
        (PlanEdited, again(due.CLOSING)),
    ),
)
