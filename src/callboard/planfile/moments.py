"""Moments as a plan writes them: fixed, reckoned from one of its dates, or on a weekday of one of its weeks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from callboard.core.calendar import Calendar, Wall
from callboard.planfile.times import YEARS, parse_days, parse_span, parse_time, parse_wall, parse_zone

RELATIVE = re.compile(r"([A-Za-z][\w.-]*)(?:\s*([+-])\s*((?:\d{1,9}[smhdw]\s*)+))?(?:\s+(\d{1,2}:\d{2}))?(?:\s+(\S+))?")
IN_WEEK = re.compile(r"w(\d{1,3})\s+([a-z]{3,9})(?:\s+(\d{1,2}:\d{2}))?(?:\s+(\S+))?", re.IGNORECASE)
DATED = re.compile(r"([A-Za-z]{3,9})\s+(\d{4}-\d{2}-\d{2}.*)")
WHOLE_DAYS = re.compile(r"\d+[dw]")
EXAMPLES = "2026-03-25 08:00, `target - 5d 17:00` or `w2 fri 17:00`"


@dataclass(frozen=True)
class Relative:
    """A moment reckoned from one of the plan's dates, or from its `from` or `to`.

    Whole days go by the calendar and keep the time of day; `span`, hours and less, goes by the clock.
    """

    anchor: str
    days: int = 0
    span: timedelta = timedelta()
    clock: time | None = None
    zone: ZoneInfo | None = None
    written: str = ""

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True)
class InWeek:
    """A moment in a week of the plan; the first is the one in which the plan begins, and weeks begin on Monday."""

    week: int
    weekday: int
    clock: time | None = None
    zone: ZoneInfo | None = None
    written: str = ""

    def __str__(self) -> str:
        return self.written


Moment = Wall | Relative | InWeek


class Unknown(ValueError):
    """A moment is reckoned from a date that the plan does not have, or in a circle."""


class TooFar(Unknown):
    """A moment is in a year in which no plan is."""


@dataclass(frozen=True)
class Timetable:
    """What a plan's moments are reckoned with: its calendar, its first and last moment, and its dates by name."""

    calendar: Calendar
    start: Wall
    end: Wall
    dates: Mapping[str, Moment]

    @property
    def anchors(self) -> list[str]:
        """What a moment may be reckoned from."""
        return [*self.dates, "from", "to"]

    def wall(self, moment: Moment) -> Wall:
        """The day, and where it is known the time of day, of a moment. Raises Unknown."""
        return self._wall(moment, ())

    def instant(self, moment: Moment, *, opening: bool = False) -> datetime:
        """The moment in UTC. A day alone means the end of working hours; with `opening`, their beginning."""
        return self.wall(moment).instant(self.calendar, opening=opening)

    def stands(self, first: Moment | None, last: Moment | None, at: datetime) -> bool:
        """Whether `at` is within a `from` and a `to`, where they are written; a day alone counts as a whole."""
        try:
            begun = first is None or self._edge(first, at) <= at
            return begun and (last is None or at <= self._edge(last, at))
        except Unknown:
            return True

    def _edge(self, moment: Moment, at: datetime) -> datetime:
        """The moment itself; for a day alone `at`, where that is on this day, else any time of the day."""
        wall = self.wall(moment)
        local = at.astimezone(wall.zone or self.calendar.zone)
        return at if wall.clock is None and local.date() == wall.day else self.instant(wall)

    def _wall(self, moment: Moment, seen: tuple[str, ...]) -> Wall:
        if isinstance(moment, Wall):
            return moment
        if isinstance(moment, InWeek):
            monday = self.start.day - timedelta(days=self.start.day.weekday())
            day = monday + timedelta(weeks=moment.week - 1, days=moment.weekday)
            return Wall(day, moment.clock, moment.zone)
        if moment.anchor in seen:
            raise Unknown(f"`{moment}` is reckoned from itself: {' -> '.join([*seen, moment.anchor])}")
        anchor = self.dates.get(moment.anchor) or {"from": self.start, "to": self.end}.get(moment.anchor)
        if anchor is None:
            raise Unknown(f"`{moment}` is reckoned from `{moment.anchor}`, which is no date of this plan")
        moved = self._moved(self._wall(anchor, (*seen, moment.anchor)), moment)
        if moved.day.year not in YEARS:
            raise TooFar(f"`{moment}` is in the year {moved.day.year}: write a moment that is nearer")
        return moved

    def _moved(self, base: Wall, moment: Relative) -> Wall:
        day = base.day + timedelta(days=moment.days)
        moved = Wall(day, moment.clock or base.clock, moment.zone or base.zone)
        if not moment.span:
            return moved
        local = (moved.instant(self.calendar) + moment.span).astimezone(moved.zone or self.calendar.zone)
        return replace(moved, day=local.date(), clock=local.time())


def parse_moment(text: str) -> Moment:
    """Read a moment in any of its forms. Raises ValueError with a sentence."""
    text = text.strip()
    if found := IN_WEEK.fullmatch(text):
        week, weekday, clock, zone = found.groups()
        if int(week) < 1:
            raise ValueError(f"`{text}` is no week of a plan: they count from w1")
        (day,) = parse_days(weekday)
        return InWeek(int(week), day, _clock(clock), _zone(zone), text)
    if found := DATED.fullmatch(text):
        (weekday,) = parse_days(found[1])
        return replace(parse_wall(found[2]), weekday=weekday)
    if text[:1].isdigit():
        return parse_wall(text)
    if found := RELATIVE.fullmatch(text):
        anchor, sign, span, clock, zone = found.groups(default="")
        turn = -1 if sign == "-" else 1
        whole, rest = "".join(WHOLE_DAYS.findall(span)), WHOLE_DAYS.sub("", span).strip()
        days = parse_span(whole or "0d").days
        return Relative(anchor, turn * days, turn * parse_span(rest or "0s"), _clock(clock), _zone(zone), text)
    raise ValueError(f"`{text}` is no moment: write it like {EXAMPLES}")


@lru_cache(maxsize=1024)
def parsed(text: str) -> Moment | None:
    """A moment as written; None for what is none."""
    try:
        return parse_moment(text)
    except ValueError:
        return None


def _clock(text: str | None) -> time | None:
    return parse_time(text) if text else None


def _zone(text: str | None) -> ZoneInfo | None:
    return parse_zone(text) if text else None
