"""What whoever is paged for a blocker reads: what it is, why them, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.blockers.messages.card import (
    LIGHTS,
    WHAT_ON_CARD,
    CardView,
    buttons,
    card_view,
    footnotes,
    origin,
    particulars,
    state_now,
    what_now,
)
from callboard.blockers.models import Blocker
from callboard.core.outbox import Delivery, Message
from callboard.escalation import service as escalation
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

WHY_AGAIN = {
    "idle": "it was acknowledged, but nothing has been said or done about it since",
    "unresolved": "it is still unresolved",
    "again": "nobody has acknowledged it yet",
    "exhausted": "everybody on its ladder was paged and nobody has it",
    "asked": "somebody asked for the next step now",
}


@dataclass(frozen=True)
class PageView:
    """A page as its reader needs it: the blocker, why them, and what comes next."""

    card: CardView
    why: str
    step: int | None
    level: str
    reason: str
    instead_of: str | None
    by: str | None
    to_channel: bool
    missed: tuple[str, ...]
    was_held_until: datetime | None
    may_be_repeat: bool
    is_over: bool


def page_view(tx: Tx, delivery: Delivery, blocker: Blocker) -> PageView:
    """Everything that one page shows to the one who gets it."""
    directory = teams.directory(tx, blocker.plan_id)
    args = delivery.args
    shown = card_view(tx, blocker)
    rungs = shown.ladder.rungs if shown.ladder else ()
    step = args.get("step")
    return PageView(
        card=shown,
        why=args["why"],
        step=step,
        level=rungs[step].level if step is not None and step < len(rungs) else "",
        reason=args.get("reason", ""),
        instead_of=directory.called(args["instead_of"]) if args.get("instead_of") else None,
        by=directory.called(args["by"]) if args.get("by") else None,
        to_channel=delivery.recipient is None,
        missed=tuple(rungs[k].level for k in args.get("missed", ()) if k < len(rungs)),
        was_held_until=delivery.delayed_until,
        may_be_repeat=delivery.doubtful_since is not None,
        is_over=_is_history(tx, delivery, blocker),
    )


def _is_history(tx: Tx, delivery: Delivery, blocker: Blocker) -> bool:
    """Whether a later page to the same reader, or a later climb, has taken this page's place."""
    climb = delivery.args.get("climb")
    return delivery.superseded or (climb is not None and climb != escalation.climb_id(tx, blocker.subject))


def page(view: PageView) -> Message:
    """What the person who is paged reads: what it is, why them, what comes next and when."""
    shown = view.card
    if (
        view.is_over
        or not shown.is_open
        or (shown.state == "acknowledged" and view.why in {"opened", "no response", "again", "exhausted", "handed"})
    ):
        return _spent_page(view)
    whom = "here" if view.to_channel else "you"
    blocks = [
        b.section(f":rotating_light: {b.bold(f'Blocker {shown.number}')}  {b.clip(shown.what, WHAT_ON_CARD)}"),
        b.context(origin(shown), *particulars(shown)),
        b.section(f"*Why {whom}:* {_why_you(view)}\n{_now(shown)}*Next:* {what_now(shown)}"),
        *([b.context(*notes)] if (notes := _page_notes(view)) else []),
        b.actions(*buttons(shown)),
    ]
    return Message(
        text=f"You are paged for blocker {shown.number}: {b.clip(shown.what, 200)}",
        blocks=blocks,
        title=f"{shown.plan}: blocker {shown.number}",
    )


def plain_page(view: PageView) -> Message:
    """The same for mail, SMS and telephone: words only."""
    shown = view.card
    repeat = "This may be a repeat: the first try got no answer. " if view.may_be_repeat else ""
    text = (
        f"{repeat}Blocker {shown.number} in {shown.plan}: {b.unescape(shown.what)}\n"
        f"Why you: {_why_you(view)}\nOpen Slack and acknowledge it: /blocker ack {shown.number}"
    )
    return Message(text=text, title=f"{shown.plan}: blocker {shown.number}")


def _page_notes(view: PageView) -> list[str]:
    late = (
        [f":hourglass_flowing_sand: Slack held this page back until {b.date(view.was_held_until)}."]
        if view.was_held_until
        else []
    )
    missed = (
        [f"{', '.join(view.missed)} should have been paged before you, while I was not running."] if view.missed else []
    )
    return [*late, *missed, *footnotes(view.card, None)][:10]


def _why_you(view: PageView) -> str:
    stands_in = f", standing in for {view.instead_of}, who is away" if view.instead_of else ""
    if view.why == "handed":
        return f"{view.by} hands it to you."
    if view.why == "exhausted":
        return f"{WHY_AGAIN['exhausted']}. You are {view.reason or 'the coordinator'}{stands_in}."
    role = f"you are {view.reason}" if view.reason else f"step {view.level}"
    again = f": {WHY_AGAIN[view.why]}" if view.why in WHY_AGAIN else ""
    named = "" if view.level.lower() in view.reason.lower() else f": {view.level}"
    place = f" (step {view.step + 1}{named})" if view.step is not None else ""
    if view.to_channel:
        return f"the plan names this channel{place}{again}."
    return f"{role}{stands_in}{place}{again}."


def _now(view: CardView) -> str:
    """Who has it, for whoever is paged although somebody has."""
    since = f" since {b.date(view.owner_at)}" if view.owner_at else ""
    return f"*Now:* {view.owner} has it{since}.\n" if view.owner else ""


def _spent_page(view: PageView) -> Message:
    """A page that asks for nothing any more; it changes only when the blocker's state does."""
    shown = view.card
    again = view.is_over and shown.is_open
    said = "You were paged about it again further down." if again else state_now(shown)
    blocks = [
        b.section(f"{LIGHTS[shown.state]} {b.bold(f'Blocker {shown.number}')}  {b.clip(shown.what, 200)}\n{said}")
    ]
    if shown.state == "acknowledged" and not again:
        blocks.append(b.actions(*buttons(shown)))
    return Message(text=f"Blocker {shown.number} ({shown.state}): {b.clip(shown.what, 200)}", blocks=blocks)
