"""The board: reports of everything in a plan, and the velocity it is measured against.

charts: figures drawn as SVG, and as PNG for Slack
conclusion: the closing report of a release: what was promised, what happened, who decided what, what was learned
entry: the link that lets one person into the board, once, and whom a session lets in after that
figures: what is measured of a plan, now and on every day before, read from its timeline
home: the Home tab: what somebody must do now, what they wait for, and the plan at a glance
page: the picture drawn as a web page, in parts that change one by one
people: what each person is there for, how much they have in hand, and who carries too much
picture: what a plan looks like at an instant: its phases, gates, lights, open matters, locks and runs
report: what a report says, read from the plan as it stands, next to the report before; the row of each one sent
status: the plan at a glance in one message
workspace: how a plan stands as Markdown files, in a folder or in a git repository
"""

from callboard.board import due, notices, picture, slack
from callboard.board.home import due as home_due
from callboard.board.home import notices as home_notices
from callboard.board.home import slack as home
from callboard.board.plan import REPORTS, VELOCITY
from callboard.board.workspace import due as workspace_due
from callboard.board.workspace import notices as workspace_notices
from callboard.board.workspace import service as workspace
from callboard.board.workspace.canvas import due as canvas_due
from callboard.board.workspace.canvas import notices as canvas_notices
from callboard.board.workspace.canvas import service as canvas
from callboard.board.workspace.plan import WORKSPACE
from callboard.capability import Capability
from callboard.core.outbox import DeliveriesParked
from callboard.core.ticks import again
from callboard.core.timeline import TextErased
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.slack.routes import ClickedAtHome
from callboard.teams.models import ChannelsSeen

capability = Capability(
    name="board",
    commands=(home.command, slack.command),
    interactions=(*home.interactions, *slack.interactions),
    hears=home.hears,
    due=(
        due.reports,
        due.closing,
        due.pictures,
        home_due.homes,
        workspace_due.looks,
        workspace_due.lesser,
        canvas_due.canvases,
    ),
    notices=(*notices.NOTICES, *home_notices.NOTICES, *workspace_notices.NOTICES, *canvas_notices.NOTICES),
    sections=(REPORTS, VELOCITY, WORKSPACE),
    subscriptions=(
        (PlanApplied, again(due.REPORTS)),
        (PlanEdited, again(due.REPORTS)),
        (ClickedAtHome, home.clicked),
        (PlanApplied, again(due.PICTURES)),
        (PlanEdited, again(due.PICTURES)),
        (TextErased, picture.on_text_erased),
        (PlanApplied, again(due.CLOSING)),
        (PlanEdited, again(due.CLOSING)),
        (PlanApplied, workspace.follow),
        (PlanEdited, workspace.follow),
        (ChannelsSeen, canvas.look_for),
        (DeliveriesParked, canvas_notices.tell_refused),
    ),
)
