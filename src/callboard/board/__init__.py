"""The board: reports of everything in a plan, and the velocity it is measured against.

report: what a report says, read from the plan as it stands, next to the report before; the row of each one sent
workspace: how a plan stands as Markdown files, in a folder or in a git repository
"""

from callboard.board import due, notices
from callboard.board.plan import REPORTS, VELOCITY
from callboard.board.workspace import due as workspace_due
from callboard.board.workspace import notices as workspace_notices
from callboard.board.workspace import service as workspace
from callboard.board.workspace.plan import WORKSPACE
from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.plans.models import PlanApplied, PlanEdited

capability = Capability(
    name="board",
    due=(
        due.reports,
        workspace_due.looks,
        workspace_due.lesser,
    ),
    notices=(
        *notices.NOTICES,
        *workspace_notices.NOTICES,
    ),
    sections=(
        REPORTS,
        VELOCITY,
        WORKSPACE,
    ),
    subscriptions=(
        (PlanApplied, again(due.REPORTS)),
        (PlanEdited, again(due.REPORTS)),
        (PlanApplied, workspace.follow),
        (PlanEdited, workspace.follow),
    ),
)
