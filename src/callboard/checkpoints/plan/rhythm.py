"""When somebody is asked again and again while they work: from the beginning of their hours on, phase by phase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from callboard.core.calendar import Calendar
from callboard.planfile import calendar as happening
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Timetable, Unknown
from callboard.planfile.sections import Document, Window
from callboard.plans.plan import PHASES, PhasePart

ONE_DAY = timedelta(days=1)


def stretches(document: Document, during: Sequence[str]) -> list[Window]:
    """When these phases run, or any of them; the whole plan where it has no phases. In order, without overlap."""
    table = timetable(document)
    if table and not document.keys("phases"):
        return [(table.instant(table.start, opening=True), table.instant(table.end))]
    found = [_phase(table, part) for key, part in (document.of(PHASES) or {}).items() if not during or key in during]
    return _joined(sorted(filter(None, found)))


def beats(calendar: Calendar, every: timedelta, stretch: Window, window: Window) -> Iterator[datetime]:
    """The instants within both a stretch and a window that are a multiple of `every` after working hours begin.

    What comes once a day, or less often, comes when they begin, on the first working day from when it is due.
    """
    within = happening.overlap(stretch, window)
    if within is None:
        return
    if every >= ONE_DAY:
        yield from (at for at in _by_days(calendar, every, stretch) if within[0] <= at < within[1])
        return
    for begin, end in calendar.shifts(within[0]):
        if begin >= within[1]:
            return
        at = begin + every * max(0, -((begin - within[0]) // every))
        while at < min(end, within[1]):
            yield at
            at += every


def _by_days(calendar: Calendar, every: timedelta, stretch: Window) -> Iterator[datetime]:
    due = stretch[0].astimezone(calendar.zone).date()
    for begin, _ in calendar.shifts(stretch[0]):
        if begin >= stretch[1]:
            return
        day = begin.astimezone(calendar.zone).date()
        if begin >= stretch[0] and day >= due:
            yield begin
            due += every * ((day - due) // every + 1)


def _phase(table: Timetable | None, part: PhasePart) -> Window | None:
    try:
        return (table.instant(part.from_, opening=True), table.instant(part.to)) if table else None
    except Unknown:
        return None


def _joined(stretches: Iterable[Window]) -> list[Window]:
    found: list[Window] = []
    for start, end in stretches:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
