"""The `locks` section of the plan file."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.locks.parts import LocksPart
from callboard.planfile.frame import FRAME
from callboard.planfile.sections import Document, Problem, Section


def check(document: Document, part: LocksPart) -> Iterator[Problem]:
    """Reminders come while people work."""
    frame = document.of(FRAME)
    hours = frame.calendar.working.hours if frame else None
    if hours and hours.start < hours.end and not hours.start <= part.remind_at <= hours.end:
        sentence = f"at {part.remind_at:%H:%M} nobody works, whose hours are {hours}: write a time within them"
        yield document.warning(("locks", "remind_at"), sentence)


LOCKS: Section[LocksPart] = Section(name="locks", model=LocksPart, check=check)
