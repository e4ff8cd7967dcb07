"""What is read of findings: what will go wrong first, then what may, each with what to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import counted

HEADS = {"fault": ":red_circle: *This will go wrong*", "risk": ":large_yellow_circle: *This may go wrong*"}
MOST = {"fault": 12, "risk": 8}
LONGEST = 220
Plain = Mapping[str, Any]


def findings(plan: str, key: str, found: Sequence[Plain]) -> Message:
    """All that matters, in one message."""
    count = {kind: [each for each in found if each["kind"] == kind] for kind in ("fault", "risk", "note")}
    told = [counted(len(own), kind) for kind, own in count.items() if own and kind in HEADS]
    name = m.escape(plan)
    if not told:
        return Message(f":white_check_mark: I read {name} from now on. I found nothing that will or may go wrong.")
    head = f"{name} from now on: {', '.join(told)}"
    shown = [b.section(m.bold(head))]
    for kind, title in HEADS.items():
        shown += _chapter(title, count[kind], MOST[kind])
    shown.append(b.context(
        "What is done is done; absences and changes since count. All of it, with lines: "
        f"`callboard export --plan {key} --to plan.yml`, then `callboard rehearse plan.yml --findings`."
    ))  # fmt: skip
    return Message(head, shown)


def _chapter(title: str, found: Sequence[Plain], most: int) -> list[b.Block]:
    lines = [_line(each) for each in found[:most]]
    if len(found) > most:
        lines.append(f"and {len(found) - most} more")
    return [b.section(m.clip("\n".join([title, *lines]), m.TEXT))] if found else []


def _line(found: Plain) -> str:
    what, why, instead = (m.clip(m.escape(str(found[word])), LONGEST) for word in ("what", "why", "instead"))
    return f"• *{what}* {why}\n      _{instead}_"


def gave_up(plan: str, why: str) -> Message:
    return Message(f"I could not look at {m.escape(plan)}. {why}")
