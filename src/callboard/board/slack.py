"""`/plan board`, and the button that opens the board in a browser."""

from __future__ import annotations

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.board import entry
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Say
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams.directory import Asker
from callboard.teams.slack import asker

OPEN = "board.open"
NO_ADDRESS = "I don't know where people reach me. Whoever runs Callboard says so with `CALLBOARD_PUBLIC_URL`."
ONCE = "The button opens the board once, within an hour, and only for you. Don't forward it."


def button(tx: Tx, who: Asker) -> b.Block | None:
    """The button that opens the board for somebody; None where nobody knows where Callboard is reached."""
    url = entry.link(tx, who.directory, who.person)
    return b.link("Open the board", OPEN, url) if url else None


def show(tx: Tx, request: Request, _args: Arguments) -> Answer:
    who = asker(tx, request)
    made = button(tx, who)
    if made is None:
        raise Refused(NO_ADDRESS)
    head = f"The board of {m.escape(who.directory.plan_name)}"
    return Say(head, [b.section(m.bold(head)), b.actions(made), b.context(ONCE)])


def noted(_tx: Tx, _request: Request) -> Answer:
    """Slack tells of clicks on links too; the browser does the rest."""
    return Done()


command = Command(
    word="plan",
    about="the board in a browser",
    verbs=(Verb("board", show, "open the board in a browser: everything at a glance", reads=True),),
    examples=("board",),
)
interactions = (Interaction("button", OPEN, noted, reads=True),)
