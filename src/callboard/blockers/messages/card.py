"""The card of a blocker: what it shows, in words, with its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks
from callboard import blocks as b
from callboard.blockers.models import KIND, Blocker
from callboard.blockers.plan import settings
from callboard.core import outbox
from callboard.core.outbox import Message
from callboard.core.words import lasted
from callboard.escalation import service as escalation
from callboard.escalation.models import Why
from callboard.escalation.service import Ladder, Rung
from callboard.teams import service as teams
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

WHAT_ON_CARD = 600
MARKS = {
    "paged": ":white_check_mark:",
    "next": ":arrow_right:",
    "later": ":white_small_square:",
    "missed": ":warning:",
    "empty": ":heavy_minus_sign:",
    "spared": ":heavy_minus_sign:",
}
TOLD = {"missed": " (passed by while I was away)", "empty": ", so it was passed at once", "paged": " paged"}
LIGHTS = {
    "open": ":red_circle:",
    "acknowledged": ":large_yellow_circle:",
    "resolved": ":large_green_circle:",
    "withdrawn": ":white_circle:",
}


@dataclass(frozen=True)
class CardView:
    """A blocker as it is now. People are mentions, or names where they have no Slack account."""

    number: int
    what: str
    plan: str
    team: str | None
    severity: str
    is_gravest: bool
    category: str | None
    reporter: str
    opened_at: datetime
    waits_for: str | None
    blocks: str | None
    state: str
    is_open: bool
    owner: str | None
    owner_at: datetime | None
    handed_to: str | None
    closed_by: str | None
    closed_at: datetime | None
    outcome: str | None
    changes: int
    ladder: Ladder | None
    held_back: tuple[tuple[str, datetime], ...]
    unreached: tuple[tuple[str, str], ...]


def card_view(tx: Tx, blocker: Blocker, troubled: Sequence[Any] | None = None) -> CardView:
    """Everything that a card shows. `troubled` are the messages about it that are held up, where they are known."""
    directory = teams.directory(tx, blocker.plan_id)
    rules = settings(tx, blocker.plan_id)
    team = directory.teams.get(blocker.team or "")
    troubled = outbox.troubled(tx, blocker.subject) if troubled is None else troubled
    return CardView(
        number=blocker.number,
        what=blocker.what,
        plan=directory.plan_name,
        team=team.name if team else None,
        severity=blocker.severity,
        is_gravest=blocker.severity == list(rules.severities)[-1],
        category=blocker.category,
        reporter=directory.called(blocker.reporter),
        opened_at=blocker.opened_at,
        waits_for=directory.called(blocker.waits_for) if blocker.waits_for else None,
        blocks=blocker.blocks,
        state=blocker.state,
        is_open=blocker.is_open,
        owner=directory.called(blocker.owner) if blocker.owner else None,
        owner_at=blocker.owner_at,
        handed_to=directory.called(blocker.handed_to) if blocker.handed_to else None,
        closed_by=directory.called(blocker.closed_by) if blocker.closed_by else None,
        closed_at=blocker.closed_at,
        outcome=blocker.outcome,
        changes=blocker.changes,
        ladder=escalation.ladder(tx, blocker.subject),
        held_back=tuple(_held_back(tx, directory, troubled)),
        unreached=tuple(_unreached(directory, troubled)),
    )


def _held_back(tx: Tx, directory: Directory, troubled: Sequence[Any]) -> list[tuple[str, datetime]]:
    """Messages that Slack does not take yet, and until when."""
    return [
        (_addressee(directory, m), m.delayed_until)
        for m in troubled
        if m.posted_as is None and m.delayed_until and m.delayed_until > tx.now and m.kind != f"{KIND}.line"
    ]


def _unreached(directory: Directory, troubled: Sequence[Any]) -> list[tuple[str, str]]:
    return [
        (_addressee(directory, m), m.error or "") for m in troubled if m.state == "parked" and m.kind != f"{KIND}.line"
    ]


def _addressee(directory: Directory, delivery: Any) -> str:
    return directory.called(delivery.recipient) if delivery.recipient else blocks.channel(delivery.address)


def card(view: CardView, *, held_until: Any = None) -> Message:
    """The one card of a blocker, edited in place."""
    said = b.clip(view.what, WHAT_ON_CARD)
    rest = [state_now(view), *(_ladder(view.ladder) if view.is_open and view.ladder else ())]
    blocks = [
        b.section(f"{LIGHTS[view.state]} {b.bold(f'Blocker {view.number}')}  {said}"),
        b.context(origin(view), *particulars(view)),
        b.section("\n".join(rest)),
        *([b.context(*notes)] if (notes := footnotes(view, held_until)) else []),
        b.actions(*buttons(view)),
    ]
    return Message(text=f"Blocker {view.number} ({view.state}): {b.clip(view.what, 200)}", blocks=blocks)


def raised(view: CardView, unknown: Sequence[str] = ()) -> str:
    """What the reporter reads at once."""
    paged = [who for rung in (view.ladder.rungs if view.ladder else ()) if rung.state == "paged" for who in rung.whom]
    told = f"Paged now: {', '.join(paged)}." if paged else "Nobody could be paged yet."
    strangers = (
        f"\n{', '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not in the plan, so I can't page them."
        if unknown
        else ""
    )
    team = f" for {view.team}" if view.team else ""
    return (
        f"Blocker {view.number} is open{team}. {told} {what_now(view)}{strangers}\n"
        f"Changed your mind? `/blocker withdraw {view.number}`"
    )


def state_now(view: CardView) -> str:
    match view.state:
        case "open":
            handed = f"{view.handed_to} was asked to take it and has not answered yet. " if view.handed_to else ""
            return f"{handed or '*Nobody has it yet.* '}{what_now(view)}"
        case "acknowledged":
            since = f" since {b.date(view.owner_at)}" if view.owner_at else ""
            return f"*{view.owner} has it*{since}. {what_now(view)}"
    when = f", {b.date(view.closed_at, 'both')}" if view.closed_at else ""
    took = f", {lasted(view.closed_at - view.opened_at)} after it was raised" if view.closed_at else ""
    outcome = f"\n> {b.clip(view.outcome, 1000)}" if view.outcome else ""
    return f"*{view.state.capitalize()}* by {view.closed_by}{when}{took}.{outcome}"


def what_now(view: CardView) -> str:
    """What happens by itself if nobody does anything, and when."""
    ladder = view.ladder
    if ladder is None or ladder.next_at is None:
        return "Nothing more happens by itself." if view.is_open else ""
    at = b.date(ladder.next_at)
    following = next((rung for rung in ladder.rungs if rung.state == "next"), None)
    onwards = f"it goes on to {ladder.next_level}" if ladder.next_level else "the coordinator is told"
    sentences = {
        Why.RESPONSE: f"If nobody acknowledges it by {at}, {_whom(following)} is paged.",
        Why.IDLE: f"If nothing is said or done about it by {at}, {onwards}.",
        Why.SNOOZE: f"It is snoozed until {at}; then it climbs on.",
        Why.EXHAUSTED: f"If nobody acknowledges it by {at}, the coordinator is told that the ladder has ended.",
        Why.REPEAT: f"The last step is paged again at {at}.",
        Why.RESOLUTION: f"If it is not resolved by {at}, it goes straight to the top.",
    }
    return sentences.get(ladder.next_why or Why.RESPONSE, "")


def _ladder(ladder: Ladder) -> list[str]:
    return [_rung(rung) for rung in ladder.rungs]


def _rung(rung: Rung) -> str:
    at = f"{b.date(rung.at)}  " if rung.at else ""
    return f"{MARKS[rung.state]}  {at}{rung.level}: {_whom(rung)}{TOLD.get(rung.state, '')}"


def _whom(rung: Rung | None) -> str:
    return ", ".join(rung.whom if rung else ()) or "nobody"


def origin(view: CardView) -> str:
    team = f" ({view.team})" if view.team else ""
    return f"Raised by {view.reporter}{team}, {b.date(view.opened_at, 'both')}"


def particulars(view: CardView) -> list[str]:
    found = [f"Severity: {'*' if view.is_gravest else ''}{view.severity}{'*' if view.is_gravest else ''}"]
    if view.category:
        found.append(view.category.capitalize())
    if view.waits_for:
        found.append(f"Waits for {view.waits_for}")
    if view.blocks:
        found.append(f"Blocks: {b.clip(view.blocks, 300)}")
    return found


def footnotes(view: CardView, held_until: Any) -> list[str]:
    late = [f":hourglass_flowing_sand: Slack held this card back until {b.date(held_until)}."] if held_until else []
    held = [
        f":hourglass_flowing_sand: Slack holds the message to {who} back until {b.date(until)}."
        for who, until in view.held_back
    ]
    lost = [f":warning: {who} could not be reached: {error}." for who, error in view.unreached]
    whole = [f"The whole text is longer: `/blocker show {view.number}`."] if len(view.what) > WHAT_ON_CARD else []
    return [*late, *held, *lost, *whole][:10]


def buttons(view: CardView) -> list[dict[str, Any]]:
    value = f"{view.number}:{view.changes}"
    if not view.is_open:
        return [b.button("Reopen", "blocker.reopen", value)]
    more = b.overflow(
        "blocker.more",
        [
            ("Snooze 30 minutes", f"snooze:{value}"),
            ("Say something", f"note:{value}"),
            ("Hand it to somebody", f"reassign:{value}"),
            ("Withdraw", f"withdraw:{value}"),
        ],
    )
    resolve = b.button("Resolve", "blocker.resolve", value)
    if view.state == "acknowledged":
        return [
            resolve,
            b.button("Give it back", "blocker.unack", value),
            b.button("Escalate now", "blocker.escalate", value),
            more,
        ]
    return [
        b.button("I have it", "blocker.ack", value, style="primary"),
        resolve,
        b.button("Escalate now", "blocker.escalate", value),
        more,
    ]
