"""How messages read that tell several others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import counted, few_lines

MOST, LONGEST = 20, 200
ICON = re.compile(r"^:[a-z0-9_+-]+: *")
REPLACED = Message(":arrow_down: A newer summary follows.")
SETTLED = Message(":white_check_mark: Nothing of this waits for you any more.")
OLD = Message("This summary is more than a day old.")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One matter: what the newest message about it says, how many there were, and the command that shows it."""

    text: str
    times: int
    see: str


def summary(plan: str, since: datetime, lines: Sequence[Line]) -> Message:
    """What was not sent by itself, newest first."""
    head = f":bell: {m.bold(_messages(lines))} from {m.escape(plan)} since {m.date(since, 'both')}"
    why = "Reminders and questions come in one message when there are many. New pages still reach you at once."
    return _message(f"{_messages(lines)} from {m.escape(plan)}: {lines[0].text}", head, lines, why)


def bundle(plan: str, lines: Sequence[Line]) -> Message:
    """What one event caused, newest first."""
    head = f":bell: {m.bold(_messages(lines))} from {m.escape(plan)} at once"
    return _message(f"{_messages(lines)} from {m.escape(plan)}: {lines[0].text}", head, lines, "")


def _messages(lines: Sequence[Line]) -> str:
    return counted(sum(line.times for line in lines), "message")


def _message(text: str, head: str, lines: Sequence[Line], why: str) -> Message:
    every = [_line(line) for line in lines]
    shown = "\n".join([head, *few_lines(every, MOST)])
    if len(shown) > m.TEXT:
        shown = f"{head}\n{fit.fitting(every, m.TEXT - len(head) - 1)}"
    plain = "\n".join([text.partition(":")[0] + ":", *(f"- {line.text}" for line in lines[:MOST])])
    return Message(
        text=text, blocks=[b.section(shown), *([b.context(why)] if why else [])], title="Callboard", plain=plain
    )


def _line(line: Line) -> str:
    times = f" ({line.times} times)" if line.times > 1 else ""
    see = f" `{line.see}`" if line.see else ""
    return f"• {m.clip(ICON.sub('', line.text), LONGEST)}{times}{see}"
