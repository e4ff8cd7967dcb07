"""Who is asking in Slack, the days and reasons they type, and the channels that the bot comes into."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core import outbox
from callboard.core.calendar import DateRange
from callboard.core.errors import Refused
from callboard.planfile.times import parse_date, parse_dates
from callboard.plans import service as plans
from callboard.slack.arguments import Taken
from callboard.slack.requests import Request
from callboard.slack.routes import Hears
from callboard.teams import links, service
from callboard.teams.directory import COORDINATOR, Directory
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

_DAYS = re.compile(r"(?:today|tomorrow|(?:until\s+)?\d{4}-\d{2}-\d{2}(?:\s*\.\.\s*[\d-]+)?)(?=\s|$)", re.IGNORECASE)
BECAUSE = re.compile(r"(?:^|\s)because\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Days:
    """`today`, `tomorrow`, `2026-03-30`, `2026-03-30..31`, `until 2026-04-02`; gives the text."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """An example of each."""
        return "2026-03-30..31|today|until 2026-04-02"

    def take(self, text: str) -> Taken | None:
        """Read days."""
        found = _DAYS.match(text)
        return (found[0].lower(), text[found.end() :]) if found else None


def read_days(text: str, today: date) -> DateRange:
    try:
        if text.startswith("until"):
            return DateRange(today, max(today, parse_date(text.removeprefix("until"))))
        if text in ("today", "tomorrow"):
            day = today + timedelta(days=text == "tomorrow")
            return DateRange(day, day)
        return parse_dates(text)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return service.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def coordinator(tx: Tx, request: Request) -> Asker:
    """Who asks, if they coordinate the plan. Raises Refused for everybody else."""
    who = asker(tx, request)
    if not who.directory.has_role(who.person, COORDINATOR):
        raise Refused(f"That is for whoever coordinates {who.directory.plan_name}: {coordinators(who.directory)}.")
    return who


def coordinators(directory: Directory) -> str:
    """Who coordinates a plan, to be asked."""
    return directory.one_of(directory.coordinators) or "the plan names nobody"


def reasoned(text: str) -> tuple[str, str]:
    """What was typed, and why, both as plain text: `ops because the gate is only paperwork`."""
    what, *why = BECAUSE.split(b.unescape(text), maxsplit=1)
    return what.strip(), why[0].strip() if why else ""


def hear_joined(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    """Somebody came into a channel, perhaps the bot: what waits for it is tried again."""
    channel = str(event.get("channel", ""))
    names = [
        f"#{row.name}"
        for standing in plans.running(tx, workspace)
        for row in plans.channels(tx, standing.id)
        if row.slack_id == channel
    ]
    outbox.unpark(tx, workspace, [channel, *names])
    links.joined(tx, workspace, channel)


hears = (Hears("member_joined_channel", hear_joined),)
