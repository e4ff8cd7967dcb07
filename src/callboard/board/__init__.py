"""The board: reports of everything in a plan, and the velocity it is measured against.

home: the Home tab: what somebody must do now, what they wait for, and the plan at a glance
report: what a report says, read from the plan as it stands, next to the report before; the row of each one sent
"""

from callboard.board import due, notices
from callboard.board.home import due as home_due
from callboard.board.home import notices as home_notices
from callboard.board.home import slack as home
from callboard.board.plan import REPORTS, VELOCITY
from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.slack.routes import ClickedAtHome

capability = Capability(
    name="board",
    commands=(home.command,),
    interactions=home.interactions,
    hears=home.hears,
    due=(due.reports, home_due.homes),
    notices=(*notices.NOTICES, *home_notices.NOTICES),
    sections=(REPORTS, VELOCITY),
    subscriptions=(
        (PlanApplied, again(due.REPORTS)),
        (PlanEdited, again(due.REPORTS)),
        (ClickedAtHome, home.clicked),
    ),
)
