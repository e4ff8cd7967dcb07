"""What coordinators read of a workspace: that it cannot be pushed, and that it is again."""

from __future__ import annotations

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.board.workspace import store
from callboard.board.workspace.models import KIND, Workspace
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message
from callboard.teams import service as teams

MOST = 300


def tell_trouble(tx: Tx, workspace: Workspace) -> None:
    """Tell each coordinator once."""
    directory = teams.directory(tx, workspace.plan_id)
    key = f"{KIND}:{workspace.number}:trouble:{tx.now.isoformat()}"
    outbox.enqueue(tx, [
        TROUBLE.post(directory, directory.reach(person), workspace.subject, f"{key}:{person.key}", recipient=person.key)
        for person in directory.coordinators
    ])  # fmt: skip


def tell_mended(tx: Tx, workspace: Workspace) -> None:
    outbox.touch(tx, KIND, [workspace.number], superseded=True)


def _trouble(tx: Tx, delivery: Delivery) -> Message | Drop:
    workspace = store.workspace(tx, delivery.subject_id)
    if workspace is None or not workspace.repository:
        return Drop("the plan has no workspace any more")
    plan = m.escape(teams.directory(tx, workspace.plan_id).plan_name)
    if not workspace.trouble and not delivery.posted_as:
        return Drop("it was pushed meanwhile")
    if not workspace.trouble:
        text = f":white_check_mark: I can push the status of {plan} again. Nothing is lost."
        return Message(text=text, blocks=[b.section(text)])
    since = f"It is as of {m.date(workspace.pushed_at, 'both')}." if workspace.pushed_at else "It is still empty."
    why = m.escape(m.clip(workspace.trouble, MOST))
    head = f"I cannot push the status of {plan} to its repository"
    text = f":warning: *{head}*: {why}\n{since} I keep trying; nothing is lost."
    return Message(text=head, blocks=[b.section(text)])


TROUBLE = Notice(
    kind=f"{KIND}.trouble", render=_trouble, editable=True,
    told="the coordinators, once the files of a plan cannot be pushed twice in a row, edited when they can again",
)  # fmt: skip
NOTICES = (TROUBLE,)
