"""A plan has its canvases shown anew soon after something happened, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from callboard.board.workspace import store
from callboard.board.workspace.canvas import notices
from callboard.board.workspace.models import Workspace
from callboard.core.db import Tx
from callboard.teams import service as teams
from callboard.teams.models import ChannelsSeen

SOON = timedelta(seconds=15)
"""What happens meanwhile is written in one go."""


def follow(tx: Tx, workspace: Workspace, *, wanted: bool) -> None:
    """The plan is another: it has canvases now, other ones, or none any more."""
    if wanted or workspace.canvases:
        at = tx.now + SOON if wanted == workspace.canvases else tx.now
        workspace.canvases, workspace.canvases_at = wanted, min(workspace.canvases_at or at, at)


def note(workspace: Workspace, at: datetime) -> None:
    """Something happened, or is about to."""
    if workspace.canvases:
        workspace.canvases_at = min(workspace.canvases_at or at, at)


def look_for(tx: Tx, event: ChannelsSeen) -> None:
    """Channels are known by now that were not, or the bot is in others."""
    workspace = store.of_plan(tx, event.plan_id)
    if workspace is not None:
        note(workspace, tx.now)
        tx.session.add(workspace)
        tx.session.flush()


def show(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        workspace = store.workspace(tx, number)
        if workspace is None:
            continue
        notices.show(tx, teams.directory(tx, workspace.plan_id), workspace)
        ends = notices.over(tx, workspace.plan_id)
        workspace.canvases_at = ends if workspace.canvases and ends > tx.now else None
        tx.session.add(workspace)
    tx.session.flush()
