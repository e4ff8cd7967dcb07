"""How freezes and exceptions from them read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import complete, joined
from callboard.freezes import rights, store
from callboard.freezes.models import Freeze, FreezeException, State, Told
from callboard.freezes.plan import FreezePart
from callboard.gates.messages.card import when
from callboard.gates.models import YES
from callboard.teams import service as teams

LIGHTS = complete(State, {
    State.ASKED: ":large_yellow_circle:", State.GRANTED: ":large_green_circle:", State.DENIED: ":red_circle:",
})  # fmt: skip


@dataclass(frozen=True)
class ExceptionView:
    """An exception from a freeze as it is now. People are mentions, or names where they have no Slack account."""

    row: FreezeException
    freeze: str
    by: str
    signed: str
    missing: str
    light: str


def exception_view(tx: Tx, number: int) -> ExceptionView:
    """Everything that the card of an exception shows."""
    row = store.known_exception(tx, number)
    called, freeze = teams.directory(tx, row.plan_id).called, store.freeze(tx, row.freeze_id)
    return ExceptionView(
        row=row, freeze=m.escape(freeze.name) if freeze else "", by=called(row.by),
        signed=joined(called(person) for person, vote in row.votes.items() if vote["verdict"] == YES),
        missing=joined(map(called, rights.tally(tx, row).missing)), light=LIGHTS[State(row.state)],
    )  # fmt: skip


def card(view: ExceptionView) -> Message:
    row = view.row
    signed = f"Signed by {view.signed}. " if view.signed else ""
    if row.state == State.ASKED:
        state = f"{signed}Waiting for {view.missing or 'nobody'}."
    else:
        state = f"{signed}*{row.state.capitalize()}*{f': {row.reason}' if row.reason else '.'}"
    title = f"{view.light} *Exception {row.number}* from {view.freeze}: {m.clip(row.item, 300)}"
    blocks = [
        b.section(title), b.context(f"{view.by} asked, {m.date(row.at, 'both')}"), *_answers(row), b.section(state),
        *([_buttons(view)] if row.state == State.ASKED else []),
    ]  # fmt: skip
    return Message(text=f"Exception {row.number} ({row.state}): {m.clip(row.item, 200)}", blocks=blocks)


def news(view: ExceptionView, what: State) -> Message:
    row, item = view.row, f"`{view.row.item}`"
    match what:
        case State.GRANTED:
            return Message(text=f"{view.light} Exception {row.number} is granted: {item} can go through {view.freeze}.")
        case State.DENIED:
            why = f": {row.reason}" if row.reason else "."
            return Message(text=f"{view.light} Exception {row.number} for {item} is denied{why}")
        case State.ASKED:
            text = f":pencil: {view.by} asks to let {item} through {view.freeze}. Please grant or deny it."
            return Message(text=text, blocks=[b.section(text), *_answers(row), _buttons(view)])


def freeze_news(freeze: Freeze, part: FreezePart | None, told: str) -> Message:
    name, until = m.escape(freeze.name), lasts(freeze)
    branches, repositories = (part.branches, part.repositories) if part else ((), ())
    what = f"{', '.join(branches) or 'any branch'} of {', '.join(repositories) or 'any repository'}"
    if told == Told.OVER:
        return Message(text=f":white_check_mark: {name} ended {when(freeze.to_at)}. You can change {what} again.")
    ask = " To let one item through: `/gate exception`." if part and part.exceptions and not freeze.live else ""
    return Message(text=f":snowflake: {name} has begun. Don't change {what} until {until}.{ask}")


def barred(freeze: Freeze, branch: str, way_out: str) -> str:
    return f"{m.code(branch)} is frozen until {lasts(freeze)}, by {m.escape(freeze.name)}. {way_out}"


def lasts(freeze: Freeze) -> str:
    """Until when it lasts."""
    return "the emergency is over" if freeze.live else when(freeze.to_at)


def _answers(row: FreezeException) -> list[dict[str, Any]]:
    lines = [f"*{m.escape(label)}:* {m.clip(text, 600)}" for label, text in row.answers.items()]
    return [b.section("\n".join(lines))] if lines else []


def _buttons(view: ExceptionView) -> dict[str, Any]:
    value = f"{view.row.number}:{view.row.changes}"
    sure = (f"Let `{m.clip(view.row.item, 150)}` through {m.unescape(view.freeze)}?", "Grant")
    return b.actions(
        b.button("Grant", "gate.grant", value, style="primary", confirm=sure),
        b.button("Deny...", "gate.deny", value, style="danger"),
    )
