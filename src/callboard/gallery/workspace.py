"""Workspaces in pictures: the files of a plan cannot be pushed, and can again; canvases, and Slack takes none."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.board.workspace.canvas import messages, notices
from callboard.board.workspace.models import Workspace
from callboard.core.outbox import Message
from callboard.gallery.stage import Screen, Stage
from callboard.teams import service as teams


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
    row.canvases = True
    stage.tx.session.flush()
    yield from _canvases(stage, row)


def _canvases(stage: Stage, row: Workspace) -> Iterator[Screen]:
    """The lines are drawn as a message; Slack shows them in the canvas of the channel."""
    directory = teams.directory(stage.tx, stage.plan_id)
    team = next(iter(directory.teams.values()))
    place = notices.Place(team.key, messages.called(team.name, directory.plan_name), "")
    said = {
        "A team's canvas": (notices.CANVAS, notices.status(stage.tx, directory, place)),
        "Slack's plan has no canvases": (notices.REFUSED, _refused("team_tier_cannot_create_channel_canvases")),
        "The app lacks scopes for canvases": (notices.REFUSED, _refused("missing_scope")),
        "Slack takes canvases again": (notices.REFUSED, messages.refused("", [], directory.plan_name)),
    }
    for title, (notice, message) in said.items():
        yield Screen(notice.kind, title, text=message.text, blocks=message.blocks)
    args = {"team": place.team, "title": place.title}
    yield stage.sent(
        notices.CANVAS.kind, "The last line of a canvas that is no longer kept", row.subject, medium="canvas",
        address="C0FORMER", args=args, posted_as="F0CANVAS 1",
    )  # fmt: skip


def _refused(error: str) -> Message:
    return messages.refused(error, ["<#C1>", "<#C2>"], "Release")
