"""The history of a blocker line by line, lists of blockers, and what its reporter is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks
from callboard import blocks as b
from callboard.blockers.messages.card import LIGHTS, CardView, card
from callboard.blockers.messages.page import WHY_AGAIN
from callboard.blockers.models import Blocker
from callboard.core.outbox import Delivery, Message
from callboard.core.timeline import Entry
from callboard.core.words import lasted
from callboard.escalation import service as escalation
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

CLIMBED = {"paged", "ran out of steps", "woke up"}


@dataclass(frozen=True)
class LineView:
    """One line of a blocker's history."""

    verb: str
    at: datetime
    actor: str
    said: str | None
    to: str | None
    until: datetime | None
    level: str
    people: tuple[str, ...]
    missed: tuple[str, ...]
    empty: tuple[str, ...]
    late: timedelta
    reason: str = ""


@dataclass(frozen=True)
class NewsView:
    """What the reporter is told about their blocker."""

    number: int
    what: str
    state: str
    by: str
    outcome: str | None


def line_view(tx: Tx, plan_id: int, args: dict[str, Any]) -> LineView:
    """One line of history, from what was kept of it."""
    directory = teams.directory(tx, plan_id)
    at = datetime.fromisoformat(args["at"])
    steps = _levels(tx, args)
    return LineView(
        verb=args["verb"],
        at=at,
        actor=directory.called(args.get("actor")),
        said=args.get("said"),
        to=directory.called(args["to"]) if args.get("to") else None,
        until=datetime.fromisoformat(args["until"]) if args.get("until") else None,
        level=args.get("level", ""),
        people=(
            *(directory.called(key) for key in args.get("people", ())),
            *map(blocks.channel, args.get("channels", ())),
        ),
        missed=tuple(steps.get(k, "") for k in args.get("missed", ())),
        empty=tuple(steps.get(k, "") for k in args.get("empty", ())),
        late=at - datetime.fromisoformat(args["due"]) if args.get("due") else timedelta(),
    )


def line_of_entry(tx: Tx, entry: Entry) -> LineView:
    """One line of history, from the timeline."""
    facts: dict[str, Any] = {
        key: entry.facts[key] for key in ("to", "until", "level", "people", "channels", "due") if key in entry.facts
    }
    verb = entry.facts["why"] if entry.verb in CLIMBED else entry.verb
    seen = line_view(
        tx, entry.plan_id, {"verb": verb, "actor": entry.actor, "said": entry.said, "at": entry.at.isoformat(), **facts}
    )
    return replace(
        seen,
        missed=tuple(entry.facts.get("missed", ())),
        empty=tuple(entry.facts.get("empty", ())),
        reason=entry.facts.get("reason", ""),
    )


def news_view(tx: Tx, delivery: Delivery, blocker: Blocker) -> NewsView:
    """What the reporter is told."""
    args = delivery.args
    directory = teams.directory(tx, blocker.plan_id)
    return NewsView(blocker.number, blocker.what, args["state"], directory.called(args["by"]), args["outcome"])


def _levels(tx: Tx, args: dict[str, Any]) -> dict[int, str]:
    if not args.get("missed") and not args.get("empty"):
        return {}
    return escalation.levels(tx, args["climb"])


def line(view: LineView) -> Message:
    """One line of history, for the card's thread."""
    return Message(text=f"{b.date(view.at)}  {_told(view)}")


def news(view: NewsView) -> Message:
    """What the reporter is told about their blocker."""
    what = b.clip(view.what, 200)
    outcome = f": {b.clip(view.outcome, 500)}" if view.outcome else "."
    match view.state:
        case "acknowledged":
            text = f":raised_hand: {view.by} has your blocker {view.number} ({what})."
        case "resolved":
            text = f":large_green_circle: {view.by} resolved your blocker {view.number} ({what}){outcome}"
        case _:
            text = f":white_circle: {view.by} withdrew your blocker {view.number} ({what}){outcome}"
    return Message(text=text)


def one_line(view: CardView) -> str:
    """A blocker in a list."""
    who = (
        f"{view.owner} has it"
        if view.owner and view.is_open
        else "nobody has it"
        if view.is_open
        else f"{view.state} by {view.closed_by}"
    )
    return (
        f"{LIGHTS[view.state]} *{view.number}*  {b.clip(' '.join(view.what.split()), 120)}  ·  "
        f"{view.team or 'no team'}  ·  {who}  ·  {b.date(view.opened_at, 'both')}"
    )


def listed(title: str, views: Sequence[CardView], empty: str) -> list[dict[str, Any]]:
    """A list of blockers; long lists say how many more there are."""
    if not views:
        return [b.section(empty)]
    shown = views[:40]
    more = [b.context(f"and {len(views) - len(shown)} more")] if len(views) > len(shown) else []
    return [b.section(b.bold(title)), *(b.section(one_line(view)) for view in shown), *more]


def history(view: CardView, lines: Sequence[LineView]) -> list[dict[str, Any]]:
    """A card with everything that happened to it."""
    told = "\n".join(f"{b.date(one.at)}  {_told(one)}" for one in lines[-25:])
    return [*card(view).blocks, b.divider(), b.section(told or "Nothing has happened to it yet.")]


def _told(view: LineView) -> str:
    said = f": {b.clip(view.said, 2500)}" if view.said else "."
    until = b.date(view.until, "both") if view.until else "later"
    done = {
        "raised": f"raised it{said}",
        "acknowledged": "has it.",
        "gave back": "gave it back; nobody has it now.",
        "snoozed": f"snoozed it until {until}.",
        "escalated": "asked for the next step now.",
        "handed on": f"handed it to {view.to}.",
        "reopened": "reopened it; it climbs anew.",
        "noted": f"said{said}",
        "resolved": f"resolved it{said}",
        "withdrawn": f"withdrew it{said}",
        "dropped a message": f"did not send a message to {view.to}: {view.reason}.",
        "parked a message": f"could not send a message to {view.to}: {view.reason}.",
    }
    if view.verb in done:
        return f"{view.actor} {done[view.verb]}"
    return _climbed(view)


def _climbed(view: LineView) -> str:
    late = f" {lasted(view.late)} late, because I was not running" if view.late > timedelta(seconds=30) else ""
    passed = [f"{level} had nobody on it" for level in view.empty] + [f"{level} was missed" for level in view.missed]
    aside = f" ({'; '.join(passed)})" if passed else ""
    whom = ", ".join(view.people) or "nobody"
    match view.verb:
        case "exhausted":
            return f"The ladder has ended and nobody has it: told {whom}{late}.{aside}"
        case "snooze over":
            return "The snooze is over."
    return f"Paged {view.level}: {whom}{late}.{aside} Why: {_reason(view.verb)}."


def _reason(verb: str) -> str:
    return {"no response": "nobody acknowledged it", "opened": "it was raised"}.get(verb, WHY_AGAIN.get(verb, verb))
