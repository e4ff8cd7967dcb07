"""Whether the steps of a run-book come in order, and within the windows in which they may be taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from callboard.core.calendar import DayTime, Wall
from callboard.planfile.moments import Timetable
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.times import WEEKDAYS, show_day
from callboard.runbooks.parts import RunbookPart, WindowPart
from callboard.runbooks.timing import Timed, own_day, timed


def check(document: Document, at: Path, part: RunbookPart, table: Timetable) -> Iterator[Problem]:
    """Look at every step at its time."""
    day = own_day(table, part)
    found = timed(table, part)
    if part.day is None and any(isinstance(step.at, DayTime) for step in part.steps):
        yield document.warning(
            at, "nothing says on which day this is, so it is on no calendar: write `day: 2026-04-01`"
        )
    with suppress(OverflowError):
        yield from _check_skipped(document, at, part, table, day) if day else ()
        yield from _check_order(document, at, found, table)
        yield from _check_windows(document, at, part, found, table)


def _check_skipped(document: Document, at: Path, part: RunbookPart, table: Timetable, day: Wall) -> Iterator[Problem]:
    for number, step in enumerate(part.steps):
        if isinstance(step.at, DayTime) and Wall(day.day, step.at.clock, step.at.zone).skipped(table.calendar.zone):
            zone = (step.at.zone or table.calendar.zone).key
            sentence = f"there is no {step.at.clock:%H:%M} on {day.day} in {zone}: the clocks go forward then"
            yield document.error((*at, "steps", number, "at"), f"{sentence}; write an hour later")


def _check_order(document: Document, at: Path, found: tuple[Timed, ...], table: Timetable) -> Iterator[Problem]:
    latest: datetime | None = None
    for number, one in enumerate(found):
        if one.at and latest and one.at < latest:
            here, there = (moment.astimezone(table.calendar.zone) for moment in (one.at, latest))
            next_day = f"{here.date() + timedelta(days=1)} {here:%H:%M}"
            sentence = f"this step is at {here:%H:%M}, and one above it at {there:%H:%M}: steps come in order; move it"
            where = (*at, "steps", number, "at") if one.step.at else (*at, "steps", number)
            yield document.error(where, f"{sentence}, or write its day too, {next_day}")
        latest = max(filter(None, (latest, one.at)), default=None)


def _check_windows(
    document: Document, at: Path, part: RunbookPart, found: tuple[Timed, ...], table: Timetable
) -> Iterator[Problem]:
    """Warn of each step outside; once of a day on which there is no window at all."""
    zone, said = table.calendar.zone, set()
    for number, one in enumerate(found):
        if not one.at or not part.windows or any(_within(window, one.at, table) for window in part.windows):
            continue
        local = one.at.astimezone(zone)
        own = (*at, "steps", number, "at") if one.step.at else (*at, "steps", number)
        if any(local.weekday() in window.days for window in part.windows):
            hours = " or ".join(str(window.hours) for window in part.windows if window.hours)
            yield document.warning(own, f"{local:%H:%M} is outside the windows of this run-book, {hours}")
        elif local.date() not in said:
            said.add(local.date())
            day = own_day(table, part)
            where = (*at, "day") if day and day.day == local.date() else own
            sentence = f"{show_day(local.date())} is outside the windows of this run-book, {_days(part)}"
            yield document.warning(where, f"{sentence}: choose another day")


def _within(window: WindowPart, at: datetime, table: Timetable) -> bool:
    """Whether a moment is in a window, also in one that began the evening before; its end is just in time."""
    today = at.astimezone(table.calendar.zone).date()
    if window.hours is None:
        return today.weekday() in window.days
    for day in (today, today - timedelta(days=1)):
        begin, end = window.hours.on(day, table.calendar.zone)
        if day.weekday() in window.days and begin <= at <= end:
            return True
    return False


def _days(part: RunbookPart) -> str:
    days = frozenset().union(*(window.days for window in part.windows))
    return ", ".join(WEEKDAYS[day][:3] for day in sorted(days))
