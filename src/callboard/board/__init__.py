"""The board: reports of everything in a plan, and the velocity it is measured against.

entry: the link that lets one person in, once, and whom a session lets in after that
page: the picture drawn as a web page, in parts that change one by one
stream: open pages, and how they hear what changed
picture: what a plan looks like at an instant: its phases, gates, lights, open matters, locks and runs
report: what a report says, read from the plan as it stands, next to the report before; the row of each one sent
"""

from callboard.board import due, notices, picture, slack
from callboard.board.plan import REPORTS, VELOCITY
from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.core.timeline import TextErased
from callboard.plans.models import PlanApplied, PlanEdited

capability = Capability(
    name="board",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.reports, due.pictures),
    notices=notices.NOTICES,
    sections=(REPORTS, VELOCITY),
    subscriptions=(
        (PlanApplied, again(due.REPORTS)),
        (PlanEdited, again(due.REPORTS)),
        (PlanApplied, again(due.PICTURES)),
        (PlanEdited, again(due.PICTURES)),
        (TextErased, picture.on_text_erased),
    ),
)
