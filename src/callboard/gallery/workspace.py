"""Workspaces in pictures: the files of a plan cannot be pushed, and can again."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.board.workspace.models import Workspace
from callboard.gallery.stage import Screen, Stage


def screens(stage: Stage) -> Iterator[Screen]:
    """A repository that is away for a while."""
    row = Workspace(
        plan_id=stage.plan_id, repository="https://git.example.com/status.git", branch="status", every=900,
        trouble="the repository is read-only", pushed_at=stage.tx.now,
    )  # fmt: skip
    stage.tx.session.add(row)
    stage.tx.session.flush()
    yield stage.sent("workspace.trouble", "Its coordinators hear it once", row.subject)
    row.trouble = ""
    stage.tx.session.flush()
    yield stage.sent("workspace.trouble", "It is pushed again", row.subject, posted_as="1.0")
