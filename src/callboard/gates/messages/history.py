"""How what happened to a gate reads, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.outbox import Delivery, Message
from callboard.core.timeline import Entry
from callboard.core.words import joined
from callboard.gates.messages.card import FEW, LIGHTS, LINES, in_pieces, state, title
from callboard.gates.messages.snapshot import CardView
from callboard.gates.models import Gate
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class LineView:
    """One line of a gate's history."""

    verb: str
    at: datetime
    actor: str
    instead_of: str | None
    said: str | None
    people: tuple[str, ...]
    facts: Mapping[str, Any]


def of_delivery(tx: Tx, delivery: Delivery) -> LineView:
    """One line of history, from what was kept of it."""
    directory, args = teams.directory(tx, delivery.plan_id), delivery.args
    return LineView(
        verb=args["verb"], at=datetime.fromisoformat(args["at"]), actor=directory.called(args["actor"]),
        instead_of=directory.called(args["for"]) if args.get("for") else None, said=args.get("said"),
        people=tuple(directory.called(key) for key in args.get("people", ())), facts=_named(directory, args),
    )  # fmt: skip


def of_entry(tx: Tx, entry: Entry) -> LineView:
    """One line of history, from the timeline."""
    directory = teams.directory(tx, entry.plan_id)
    return LineView(
        verb=entry.verb, at=entry.at, actor=directory.called(entry.actor),
        instead_of=directory.called(entry.on_behalf_of) if entry.on_behalf_of else None, said=entry.said,
        people=tuple(directory.called(key) for key in entry.facts.get("people", ())),
        facts=_named(directory, entry.facts),
    )  # fmt: skip


def _named(directory: teams.Directory, facts: Mapping[str, Any]) -> dict[str, Any]:
    to = facts.get("to")
    return {**facts, "to": directory.called(to) if to else ""}


def lines_of(tx: Tx, gate: Gate) -> Sequence[LineView]:
    """Everything that happened to a gate, oldest first."""
    return [of_entry(tx, entry) for entry in timeline.history(tx, gate.subject)]


def line_message(view: LineView) -> Message:
    """One line of history, for the card's thread."""
    return Message(text=f"{b.date(view.at)}  {sentence(view)}")


def sentence(view: LineView) -> str:
    """One line of history."""
    who = f"{view.actor}, for {view.instead_of}," if view.instead_of else view.actor
    said, facts = f": {b.clip(view.said, 2000)}" if view.said else ".", view.facts
    why = _few(facts["why"]) if isinstance(facts.get("why"), list) else b.clip(str(facts.get("why") or ""), 200)
    people = joined(view.people) or "nobody"
    link = f", {view.said}" if view.said else ""
    open_ones = f" {len(facts['open'])} did not hold yet and are not covered." if facts.get("open") else ""
    late = f", {facts['late']} late" if facts.get("late") else ""
    level = f" ({facts['level']})" if facts.get("level") else ""
    done = {
        "ticked": f"{who} ticked _{b.escape(str(facts.get('criterion', '')))}_{said}",
        "unticked": f"{who} took the tick back from _{b.escape(str(facts.get('criterion', '')))}_.",
        "reported": f"{who} reported {b.escape(str(facts.get('measure', '')))}: {facts.get('amount', '')}{link}.",
        "signed": f"{who} signed.{open_ones}",
        "withdrew": f"{who} took the {'no' if facts.get('verdict') == 'no' else 'signature'} back.",
        "rejected": f"{who} said no{said}",
        "voided": f"The signature of {facts.get('to')} is void: {why}.",
        "rule changed": "The plan asks for something else now.",
        "ready": f"Everything holds. It waits for {people}.",
        "passed": f"*Passed*{late}. Signed by {people}.",
        "waived": f"{who} waived it{said}",
        "waiver ended": f"The waiver has ended: {why}.",
        "missed": f"*Not passed by its time.* {why}.",
        "no-go": f"*NO-GO*: {why}.",
        "opened again": "It is open again, with another due time.",
        "acknowledged": f"{who} has it.",
        "arrived": f"{facts.get('what')} is there, which this gate wanted to know of.",
        "reminded": f"Reminded {people}.",
        "signature late": f"The signature of {people} was due by now.",
        "doubted": f"*In doubt*: {why}.",
        "cleared": "Not in doubt any more: all is as it was when it passed.",
        "refused": f"{who} tried to {facts.get('tried')} and was refused: {why}",
        "paged": f"Paged {people}{level}.",
    }
    return done.get(view.verb, f"{who} {view.verb}{said}")


def history_blocks(view: CardView, lines: Sequence[LineView]) -> list[dict[str, Any]]:
    """What happened to a gate, the newest last."""
    shown = [f"{b.date(one.at, 'both')}  {sentence(one)}" for one in lines[-LINES:]]
    head = b.section(f"{LIGHTS[view.state]} {b.bold(b.escape(title(view)))}\n{state(view)}")
    return [head, *(b.section(text) for text in in_pieces(shown or ["Nothing has happened to it yet."]))]


def _few(lines: Sequence[str]) -> str:
    more = f"; and {len(lines) - FEW} more" if len(lines) > FEW else ""
    return "; ".join(b.clip(line, 300) for line in lines[:FEW]) + more
