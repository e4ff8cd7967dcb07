"""What cards and pages show of a blocker, read from its rows into frozen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard.blockers import service, store
from callboard.blockers.models import KIND, Blocker
from callboard.core import blocks, outbox
from callboard.core.outbox import Delivery
from callboard.core.timeline import Entry
from callboard.escalation import service as escalation
from callboard.escalation.service import Ladder
from callboard.teams import service as teams
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


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


def card(tx: Tx, blocker: Blocker, troubled: Sequence[Any] | None = None) -> CardView:
    """Everything that a card shows. `troubled` are the messages about it that are held up, where they are known."""
    directory = teams.directory(tx, blocker.plan_id)
    rules = service.settings(tx, blocker.plan_id)
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


def page(tx: Tx, delivery: Delivery, blocker: Blocker) -> PageView:
    """Everything that one page shows to the one who gets it."""
    directory = teams.directory(tx, blocker.plan_id)
    args = delivery.args
    shown = card(tx, blocker)
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


def line(tx: Tx, plan_id: int, args: dict[str, Any]) -> LineView:
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


def of_entry(tx: Tx, entry: Entry) -> LineView:
    """One line of history, from the timeline."""
    facts: dict[str, Any] = {
        key: entry.facts[key] for key in ("to", "until", "level", "people", "channels", "due") if key in entry.facts
    }
    verb = entry.facts["why"] if entry.verb in service.CLIMBED else entry.verb
    seen = line(
        tx, entry.plan_id, {"verb": verb, "actor": entry.actor, "said": entry.said, "at": entry.at.isoformat(), **facts}
    )
    return replace(
        seen,
        missed=tuple(entry.facts.get("missed", ())),
        empty=tuple(entry.facts.get("empty", ())),
        reason=entry.facts.get("reason", ""),
    )


def news(tx: Tx, delivery: Delivery, blocker: Blocker) -> NewsView:
    """What the reporter is told."""
    args = delivery.args
    directory = teams.directory(tx, blocker.plan_id)
    return NewsView(blocker.number, blocker.what, args["state"], directory.called(args["by"]), args["outcome"])


def of(tx: Tx, delivery: Delivery) -> Blocker:
    """The blocker a delivery is about."""
    found = store.find(tx, delivery.subject_id)
    if found is None:
        message = f"delivery {delivery.id} is about blocker {delivery.subject_id}, which does not exist"
        raise LookupError(message)
    return found


def _is_history(tx: Tx, delivery: Delivery, blocker: Blocker) -> bool:
    """Whether a later page to the same reader, or a later climb, has taken this page's place."""
    climb = delivery.args.get("climb")
    return delivery.superseded or (climb is not None and climb != escalation.climb_id(tx, blocker.subject))


def _levels(tx: Tx, args: dict[str, Any]) -> dict[int, str]:
    if not args.get("missed") and not args.get("empty"):
        return {}
    return escalation.levels(tx, args["climb"])


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
