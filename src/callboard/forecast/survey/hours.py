"""Whose working time is what: the calendar of each person as a line of work over time, each kind once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from callboard.core.calendar import Calendar
from callboard.forecast.engine.network import Hours
from callboard.teams.directory import Directory, Person

GAP = 1e-3
"""Seconds of work in all of a night: so that the line rises, and each moment of work has one time."""
BEYOND = 30 * 365 * 86400.0
FULL = 1.0


@dataclass
class Clock:
    """The lines of all calendars, from `now` on; beyond `until` they go on as they were in the middle."""

    directory: Directory
    now: datetime
    until: datetime
    _numbers: dict[tuple[Calendar, float], int] = field(default_factory=dict)
    _lines: list[Hours] = field(default_factory=list)

    @property
    def lines(self) -> tuple[Hours, ...]:
        return tuple(self._lines)

    @cached_property
    def plan(self) -> int:
        """The number of the plan's own hours."""
        return self._number(self.directory.calendar, FULL)

    def of(self, person: Person, share: float = FULL, *, stood_in_for: bool = False) -> int:
        """The number of somebody's hours, of which they have a share for this plan."""
        calendar = self.directory.working(person)
        free = self.directory.calendar.holidays
        return self._number(replace(calendar, holidays=free) if stood_in_for else calendar, share)

    def worked(self, number: int, since: datetime) -> float:
        """The seconds of work between an instant and now."""
        calendar, share = next(key for key, each in self._numbers.items() if each == number)
        return calendar.between(since, self.now).total_seconds() * share

    def between(self, number: int, begin: datetime, end: datetime) -> float:
        calendar, share = next(key for key, each in self._numbers.items() if each == number)
        return calendar.between(begin, end).total_seconds() * share

    def _number(self, calendar: Calendar, share: float) -> int:
        key = calendar, share
        if key not in self._numbers:
            self._numbers[key] = len(self._lines)
            self._lines.append(self._line(calendar, share))
        return self._numbers[key]

    def _line(self, calendar: Calendar, share: float) -> Hours:
        xs, ys = [0.0], [0.0]
        for begin, end in calendar.stretches(self.now):
            if begin > self.until:
                break
            opens, closes = ((each - self.now).total_seconds() for each in (begin, end))
            if opens > xs[-1]:
                xs.append(opens)
                ys.append(ys[-1] + GAP)
            xs.append(closes)
            ys.append(ys[-1] + (closes - opens) * share)
        # Somebody who never works is done in thirty years.
        pace = max(ys[-1] / xs[-1], GAP) if xs[-1] else GAP
        return Hours((*xs, xs[-1] + BEYOND), (*ys, ys[-1] + BEYOND * pace))
