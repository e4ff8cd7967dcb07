"""The board: reports of everything in a plan, and the velocity it is measured against.

figures: what is measured of a plan, now and on every day before, read from its timeline
charts: figures drawn as SVG, and as PNG for Slack
status: the plan at a glance in one message
people: what each person is there for, how much they have in hand, and who carries too much
report: what a report says, read from the plan as it stands, next to the report before; the row of each one sent
"""

from callboard.board import due, notices, slack
from callboard.board.plan import REPORTS, VELOCITY
from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.plans.models import PlanApplied, PlanEdited

capability = Capability(
    name="board",
    commands=(slack.command,),
    due=(due.reports,),
    notices=notices.NOTICES,
    sections=(REPORTS, VELOCITY),
    subscriptions=((PlanApplied, again(due.REPORTS)), (PlanEdited, again(due.REPORTS))),
)
