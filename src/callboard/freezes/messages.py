"""How freezes and exceptions from them read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import joined
from callboard.freezes import service, store
from callboard.freezes.models import FreezeException
from callboard.gates.messages.card import when
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class ExceptionView:
    """An exception from a freeze as it is now."""

    number: int
    freeze: str
    item: str
    by: str
    at: datetime
    answers: Mapping[str, str]
    state: str
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    reason: str
    changes: int


def exception_view(tx: Tx, row: FreezeException) -> ExceptionView:
    """Everything that the card of an exception shows."""
    directory = teams.directory(tx, row.plan_id)
    freeze = store.freeze(tx, row.freeze_id)
    tally = service.tally(tx, row)
    return ExceptionView(
        number=row.number, freeze=freeze.name if freeze else "", item=row.item, by=directory.called(row.by), at=row.at,
        answers=row.answers, state=row.state,
        signed=tuple(directory.called(person) for person, vote in row.votes.items() if vote["verdict"] == "yes"),
        missing=tuple(directory.called(one) for one in tally.missing), reason=row.reason, changes=row.changes,
    )  # fmt: skip


LIGHTS = {"asked": ":large_yellow_circle:", "granted": ":large_green_circle:"}


def card(view: ExceptionView) -> Message:
    """The card of an exception."""
    name = b.bold(f"Exception {view.number}")
    head = f"{LIGHTS.get(view.state, ':red_circle:')} {name} from {b.escape(view.freeze)}: {b.clip(view.item, 300)}"
    blocks = [
        b.section(head),
        b.context(f"Asked for by {view.by}, {b.date(view.at, 'both')}"),
        *_answers(view),
        b.section(_state(view)),
        *([b.actions(*_buttons(view))] if view.state == "asked" else []),
    ]
    return Message(text=f"Exception {view.number} ({view.state}): {b.clip(view.item, 200)}", blocks=blocks)


def news(view: ExceptionView, args: Mapping[str, Any]) -> Message:
    """What is told about an exception."""
    item, freeze, number = f"`{view.item}`", b.escape(view.freeze), view.number
    decide = f"`/gate grant {number}` or `/gate deny {number} why`"
    words = {
        "exception asked": f":pencil: {view.by} asks to let {item} through {freeze}. It waits for you: {decide}.",
        "exception granted": f"{LIGHTS['granted']} Exception {number} is granted: {item} may go through {freeze}.",
        "exception denied": f":red_circle: Exception {number} for {item} is denied{_why(args.get('why', ()))}",
    }
    said = words[args["what"]]
    if args["what"] != "exception asked":
        return Message(text=said)
    return Message(text=said, blocks=[b.section(said), *_answers(view), b.actions(*_buttons(view))])


def ends(name: str, what: str, until: datetime) -> Message:
    """What is told when a freeze is over."""
    return Message(text=f":white_check_mark: {b.escape(name)} is over since {when(until)}: {what} may change again.")


def begins(name: str, what: str, until: datetime, *, exceptions: bool) -> Message:
    """What is told when a freeze begins."""
    ask = " To let one item through: `/gate exception`." if exceptions else ""
    return Message(text=f":snowflake: {b.escape(name)} has begun: no changes to {what} until {when(until)}.{ask}")


def _answers(view: ExceptionView) -> list[dict[str, Any]]:
    lines = [f"*{b.escape(label)}:* {b.clip(text, 600)}" for label, text in view.answers.items()]
    return [b.section("\n".join(lines))] if lines else []


def _state(view: ExceptionView) -> str:
    signed = f"Signed by {joined(view.signed)}. " if view.signed else ""
    if view.state == "asked":
        return f"{signed}It waits for {joined(view.missing) or 'nobody'}."
    return f"{signed}*{view.state.capitalize()}*{f': {view.reason}' if view.reason else '.'}"


def _buttons(view: ExceptionView) -> list[dict[str, Any]]:
    value = f"{view.number}:{view.changes}"
    sure = (f"Let `{b.clip(view.item, 150)}` through {view.freeze}?", "Grant")
    return [
        b.button("Grant", "gate.grant", value, style="primary", confirm=sure),
        b.button("Deny...", "gate.deny", value, style="danger"),
    ]


def _why(reasons: Sequence[str]) -> str:
    return f": {'; '.join(reasons)}" if reasons else "."
