"""How people meet checkpoints in Slack: `/checkpoint` and its verbs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callboard.checkpoints import clicks, messages, service, views
from callboard.checkpoints.models import Checkpoint
from callboard.core import blocks as b
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Text
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.standups.slack.buttons import asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

LINES = 20


def listed(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """All checkpoints of the plan: how those that were looked at stood, and when the others are."""
    who = asker(tx, request)
    every = service.checkpoints(tx, who.directory.plan_id)
    if not every:
        return Say("This plan has no checkpoints. Whoever keeps the plan file can write some.")
    lines = [_line(tx, part.name, at, one) for _, part, at, one in every]
    shown = [b.section("\n".join(lines[start : start + LINES])) for start in range(0, len(lines), LINES)]
    return Say("Checkpoints", [*shown, b.context("`/checkpoint show NAME` has one as a whole; `run NAME` looks now.")])


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """One checkpoint: as it stood when it was looked at, else what it will look at, as that stands now."""
    who = asker(tx, request)
    key, part, at, one = service.named(tx, who.directory.plan_id, args["name"])
    if one is not None:
        message = messages.card(views.checkpoint(tx, one))
        return Say(message.text, message.blocks)
    message = messages.card(views.coming(tx, who.directory.plan_id, key, part, at))
    return Say(message.text, message.blocks)


def run(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Look at a checkpoint now."""
    who = asker(tx, request)
    one = service.run(tx, who, args["name"])
    stood = messages.headline(views.checkpoint(tx, one))
    return Say(f"{b.bold(b.escape(one.name))}: I looked, {stood}. The card is in the channel.")


def _line(tx: Tx, name: str, at: datetime, one: Checkpoint | None) -> str:
    stood = messages.headline(views.checkpoint(tx, one)) if one else ""
    icon = (
        ":black_square_button:"
        if one is None
        else ":warning:"
        if " of " in stood or one.missed
        else ":white_check_mark:"
    )
    return f"{icon} {b.date(at, 'both')}  {b.bold(b.escape(name))}{f': {stood}' if stood else ''}"


command = Command(
    word="checkpoint",
    about="see what is expected by when, and how it stands",
    verbs=(
        Verb("list", listed, "all of them, and how they stood", reads=True),
        Verb("show", show, "one as it stood, or as it stands now", (Text("name"),), reads=True),
        Verb("run", run, "look at one now, for its leads and the coordinator", (Text("name"),)),
    ),
    alone=listed,
    alone_reads=True,
    examples=("list", "show Mid-point", "run Mid-point"),
)
interactions = clicks.interactions
