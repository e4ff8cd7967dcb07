"""A finding: what will or may go wrong, where in the plan that stands, why, and what to change; and how it is read."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callboard.core.words import counted


class Kind(StrEnum):
    """How sure it is."""

    FAULT = "fault"
    RISK = "risk"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """`what` goes wrong, `at` when, `why`, and what to write `instead`.

    `replay` are the options of a rehearsal that shows it.
    """

    kind: Kind
    line: int
    what: str
    why: str
    instead: str
    at: datetime | None = None
    replay: str = ""


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Each once: what will go wrong, what may, what is only noted; each in the order of the plan's lines."""
    kinds = list(Kind)
    return sorted(dict.fromkeys(findings), key=lambda found: (kinds.index(found.kind), found.line, found.what))


def summary(findings: Sequence[Finding]) -> str:
    """`2 faults, 1 risk`; or that nothing was found."""
    count = Counter(found.kind for found in findings)
    return ", ".join(counted(count[kind], kind) for kind in Kind if count[kind]) or "nothing found"


def as_text(file: str, findings: Sequence[Finding]) -> Iterator[str]:
    """Each finding as three lines or four for a terminal, then how many there are of which kind."""
    for found in in_order(findings):
        yield f"{file}:{found.line}: {found.kind}: {found.what}"
        yield f"    {found.why}"
        yield f"    {found.instead}"
        if found.replay:
            yield f"    To see it: callboard rehearse {shlex.quote(file)} {found.replay}"
    yield f"{file}: {summary(findings)}"
