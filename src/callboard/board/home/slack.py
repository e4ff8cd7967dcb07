"""The Home tab in Slack: who opens it, which plan is chosen in it, and `/plan mine`, which says the same elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.board.home import messages, service, views
from callboard.board.home.overview import Reader
from callboard.core.db import Tx
from callboard.slack.answers import Answer, Done, Say
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import ClickedAtHome, Hears, Interaction
from callboard.teams.slack import asker

OPENED = "app_home_opened"


def opened(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    """People of other workspaces have no Home here."""
    user = str(event["user"])
    if "/" not in user:
        service.open_home(tx, workspace, user)


def is_home(event: Mapping[str, Any]) -> bool:
    """The other tab, with the messages, opens too."""
    return event.get("tab") == "home" and bool(event.get("user"))


def clicked(tx: Tx, event: ClickedAtHome) -> None:
    service.stay(tx, event.workspace, event.user)


def _choose(tx: Tx, request: Request) -> Answer:
    service.choose(tx, request.workspace, request.user, request.value)
    return Done()


def mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    shown = messages.mine(views.mine(Reader(tx, asker(tx, request))))
    return Say(shown.text, shown.blocks)


command = Command(
    word="plan",
    about="what runs, who is in it, who is away",
    verbs=(
        Verb("mine", mine, "what waits for you, and what you wait for", aliases=("waiting", "waits"), reads=True),
    ),
)  # fmt: skip
interactions = (Interaction("button", messages.PLAN, _choose),)
hears = (Hears(OPENED, opened, is_home),)
