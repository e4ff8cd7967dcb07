"""What happened in a rehearsal, as people did it and read it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

MARGIN = " " * 7
CLOCK = "%H:%M"


@dataclass(frozen=True)
class Line:
    """One thing that somebody did, or that Callboard told somebody."""

    at: datetime
    """In UTC."""
    who: str
    """Key of the person who acts; empty for Callboard."""
    to: str
    """Where it is read: `@olga` (a direct message), `#release`, `mail:...`, `home:@olga`."""
    did: str
    """typed, clicked, submitted, answered, posted or edited."""
    text: str
    """As it is read."""
    kind: str = ""
    """The kind of the notice, for what Callboard posts."""
    page: bool = False
    """Whether somebody is called."""


def as_text(lines: Sequence[Line], zone: ZoneInfo) -> str:
    """As a person reads it: the day, the time, who did what, or where something stands and what it says."""
    return "\n".join(_written(lines, zone)) + "\n"


def as_json(lines: Sequence[Line]) -> str:
    values = [{**asdict(line), "at": line.at.isoformat()} for line in lines]
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def _written(lines: Sequence[Line], zone: ZoneInfo) -> Iterator[str]:
    day, stood = "", dict[tuple[str, str], str]()
    for line in lines:
        local = line.at.astimezone(zone)
        if day != (day := f"{local:%A, %d %B %Y}"):
            yield from ("", day, "")
        yield f"{local:{CLOCK}}  {head(line)}"
        before, key = "", (line.to, line.text.partition("\n")[0])
        if line.did == "edited":
            before = stood.get(key, "")
        stood[key] = line.text
        if not line.who:
            yield from (f"{MARGIN}{row}" for row in changed(before, line.text))


def head(line: Line) -> str:
    """Who did what where; for what Callboard says, where it is read."""
    if line.who:
        return f"{line.who} {line.did} in {line.to}: {line.text}"
    told = {"edited": ", changed", "answered": ", answered"}.get(line.did, "")
    return f"{'PAGE ' if line.page else ''}{line.to}{told}"


def changed(before: str, after: str) -> list[str]:
    """The rows of a message that were not there before, below its first; all where it is new."""
    rows = after.splitlines()
    if not before:
        return rows
    kinds = difflib.ndiff(before.splitlines(), rows)
    new = [row[2:] for row in kinds if row.startswith("+ ")]
    return [*rows[:1], *(row for row in new if row != rows[0])] if new else rows[:1]
