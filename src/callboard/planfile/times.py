"""Durations, days, times of day, time zones and moments as people write them, and how they are shown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from callboard.core.calendar import DateRange, DayTime, Hours, Wall
from callboard.planfile import notations
from callboard.planfile.notations import YEARS

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST_SPAN = timedelta(days=3660)
SPAN = re.compile(r"(?:\d{1,9}[smhdw]\s*)+")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WALL = re.compile(r"([\d-]+)(?: (\d{1,2}:[\d:]{2,5}))?(?: (?!(?:noon|midday|midnight)$)([^\d\s:]\S*))?", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
SIGNED = "GMT"
"""What is in the names of zones whose sign is the other way round: Etc/GMT+1 is an hour behind UTC."""
ALL_YEAR = re.compile(r"(?:.*\d:\d\d )?(EST|MST|HST|Etc/GMT[+-]\d{1,2})")
"""Zones that have no summer time, though places in them have."""
SAME_CITY = 0.8
HOURS = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
RELATIVE = re.compile(
    r"([A-Za-z][\w.-]*)(?:\s*([+-])\s*((?:\d{1,9}[smhdw]\s{0,9})+))?(?:\s+(\d{1,2}:\d{2}))?(?:\s+(\S+))?"
)
RECKONED = re.compile(r"([A-Za-z]\w*) ?([+-]) ?(\S.*)")
"""Nearly one."""
IN_WEEK = re.compile(r"w(\d{1,3})\s+([a-z]{3,9})(?:\s+(\d{1,2}:\d{2}))?(?:\s+(\S+))?", re.IGNORECASE)
DATED = re.compile(r"([A-Za-z]{3,9})\s+(\d{4}-\d{2}-\d{2}.*)")
WHOLE_DAYS = re.compile(r"\d{1,9}[dw]")


def parse_span(text: str) -> timedelta:
    """Read `90s`, `15m`, `4h`, `3d`, `1w` or `1h30m`. Raises ValueError with a sentence, as all of these do."""
    if not SPAN.fullmatch(text.strip()):
        number, meant = text.strip(), notations.span_meant(text)
        hint = show_span(meant) if meant else "90s, 15m, 4h, 3d or 1h30m"
        hint = f"{number}m, {number}h or {number}d" if number.isdecimal() else hint
        raise ValueError(f"`{text}` is no duration: write {hint}")
    seconds = _sum(text, UNITS)
    if seconds > LONGEST_SPAN.total_seconds():
        raise ValueError(f"`{text}` is longer than ten years")
    return timedelta(seconds=seconds)


def days_in(text: object) -> timedelta:
    """What of a duration is written in days and weeks: none of 24h, a day of 1d4h."""
    return timedelta(seconds=_sum(text, "dw")) if isinstance(text, str) else timedelta()


def _sum(text: str, units: Iterable[str]) -> int:
    found = re.findall(r"(\d{1,9})([smhdw])", text)
    return sum(int(number) * UNITS[unit] for number, unit in found if unit in units)


def show_span(span: timedelta, units: str = "dhms") -> str:
    """Write a duration as `parse_span` reads it; less than a second is nothing."""
    left, parts = int(span.total_seconds()), []
    for unit in units:
        number, left = divmod(left, UNITS[unit])
        parts += [f"{number}{unit}"] if number else []
    return "".join(parts) or "0s"


def parse_time(text: str) -> time:
    """Read a time of day, `09:00`; `24:00` is midnight."""
    found = CLOCK.fullmatch("00:00" if text.strip() in ("24:00", "24:00:00") else text.strip())
    try:
        return time(int(found[1]), int(found[2])) if found else time(24)
    except ValueError:
        raise ValueError(
            f"`{text}` is no time of day: write it as {notations.clock_meant(text) or '09:00 or 17:30'}"
        ) from None


def parse_day_time(text: str) -> DayTime:
    """Read a time of day, or one with a zone behind it, `10:00 America/Los_Angeles`."""
    if notations.clock_meant(text):
        return DayTime(parse_time(text))
    clock, _, zone = text.strip().partition(" ")
    return DayTime(parse_time(clock), parse_zone(zone.strip()) if zone else None)


def parse_hours(text: str) -> Hours:
    """Read a stretch of the day, `08:00-18:00` or `22:00-07:00`."""
    found = HOURS.fullmatch(text.strip())
    if not found:
        meant = notations.hours_meant(text) or "08:00-18:00"
        raise ValueError(f'`{text}` are no hours: write them as "{meant}", in quotes')
    return Hours(parse_time(found[1]), parse_time(found[2]))


def parse_days(text: str) -> frozenset[int]:
    """Read weekdays: `mon`, `mon-fri`, `mon, thu`. Monday is 0."""
    days: set[int] = set()
    for part in text.lower().replace(",", " ").split():
        first, _, last = part.partition("-")
        begin = _weekday(first, text)
        days |= {(begin + n) % 7 for n in range((_weekday(last or first, text) - begin) % 7 + 1)}
    if not days:
        raise ValueError("no weekday is named: write mon-fri or [mon, thu]")
    return frozenset(days)


def parse_date(text: str) -> date:
    """Read `2026-03-25`, of a year in which a plan may be."""
    try:
        day = date.fromisoformat(text.strip() if DATE.fullmatch(text.strip()) else "")
    except ValueError:
        meant = notations.date_meant(text)
        hint = notations.no_such_day(text) or f": write it {f'as {meant}' if meant else 'like 2026-03-25'}"
        raise ValueError(f"`{text}` is no date{hint}") from None
    if day.year not in YEARS:
        raise ValueError(f"`{text}` is in no year of a plan: write one from {YEARS[0]} to {YEARS[-1]}")
    return day


def parse_dates(text: str) -> DateRange:
    """Read `2026-03-30`, `2026-03-30..2026-04-02`, or with a short end, `2026-03-30..31` and `2026-03-30..04-02`."""
    if meant := notations.dates_meant(text):
        raise ValueError(f"`{text}` is no date and no days: write {meant}")
    begin, _, end = (part.strip() for part in text.partition(".."))
    first = parse_date(begin)
    last = parse_date(begin[: len(begin) - len(end)] + end if end and len(end) < len(begin) else end or begin)
    if last < first:
        raise ValueError(f"`{text}` ends before it begins: write the earlier day first")
    return DateRange(first, last)


def parse_wall(text: str) -> Wall:
    """Read `2026-03-25 08:00`, a date alone, or either with a zone behind it, `2026-03-25 10:00 America/New_York`."""
    found = WALL.fullmatch(" ".join(text.split()))
    if not found or notations.HALF_DAY.search(text) or notations.END_OF_DAY.search(text):
        meant = notations.moment_meant(text)
        if not meant and " " not in text.strip():
            parse_date(text)  # which says what is wrong with a day
        if RECKONED.fullmatch(text.strip()):
            raise ValueError(f"`{text}` cannot be reckoned here: write the day itself, 2026-03-25 08:00")
        raise ValueError(f"`{text}` is no moment: write it {f'as {meant}' if meant else 'like 2026-03-25 08:00'}")
    day, clock, zone = found.groups()
    return Wall(parse_date(day), parse_time(clock) if clock else None, parse_zone(zone) if zone else None)


def parse_zone(text: str) -> ZoneInfo:
    """Read an IANA time zone, `Europe/Berlin`."""
    if text not in _zones():
        cities = {_city(zone): zone for zone in sorted(_zones(), reverse=True) if "/" in zone and SIGNED not in zone}
        cities["utc"] = "UTC"
        near = difflib.get_close_matches(_city(text[:40]), cities, 1, SAME_CITY)
        example = "write one such as Europe/Berlin, America/New_York or UTC"
        hint = f"did you mean `{cities[near[0]]}`?" if near else example
        raise ValueError(f"there is no time zone `{text}`; {hint}")
    return ZoneInfo(text)


def _city(zone: str) -> str:
    return zone.lower().replace(" ", "_").rpartition("/")[2]


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _weekday(word: str, text: str) -> int:
    for number, name in enumerate(WEEKDAYS):
        if word in (name, name[:3]):
            return number
    if meant := notations.days_meant(text):
        raise ValueError(f"`{text}` are no weekdays: write {meant}")
    raise ValueError(f"`{word or text}` is no weekday: write mon, tue, wed, thu, fri, sat or sun, or days as mon-fri")


def weekday_named(text: str) -> int | None:
    """The weekday that a name or title speaks of; None where it names none, or more than one."""
    words = {word.removesuffix("s") for word in re.findall(r"[a-z]+", text.lower())}
    found = [number for number, name in enumerate(WEEKDAYS) if name in words]
    return found[0] if len(found) == 1 else None


def show_day(day: date) -> str:
    """A date with its weekday: `Saturday, 2025-11-15`."""
    return f"{WEEKDAYS[day.weekday()].capitalize()}, {day}"


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
    clock: time | None
    zone: ZoneInfo | None
    written: str

    def __str__(self) -> str:
        return self.written


Moment = Wall | Relative | InWeek


def parse_moment(text: str) -> Moment:
    """Read a moment in any of its forms."""
    text = text.strip()
    if found := IN_WEEK.fullmatch(text):
        week, weekday, clock, zone = found.groups()
        if int(week) < 1:
            raise ValueError(f"`{text}` is no week of a plan: they count from w1")
        (day,) = parse_days(weekday)
        return InWeek(int(week), day, *_clock(clock, zone), text)
    if found := DATED.fullmatch(text):
        (weekday,) = parse_days(found[1])
        return replace(parse_wall(found[2]), weekday=weekday)
    if text[:1].isdecimal():
        return parse_wall(text)
    if found := RELATIVE.fullmatch(text):
        anchor, sign, span, clock, zone = found.groups(default="")
        turn = -1 if sign == "-" else 1
        whole, rest = "".join(WHOLE_DAYS.findall(span)), WHOLE_DAYS.sub("", span).strip()
        days = parse_span(whole or "0d").days
        return Relative(anchor, turn * days, turn * parse_span(rest or "0s"), *_clock(clock, zone), text)
    meant, example = _moment_meant(text), "like 2026-03-25 08:00, `target - 5d 17:00` or `w2 fri 17:00`"
    raise ValueError(f"`{text}` is no moment: write it {f'as {meant}' if meant else example}")


def _moment_meant(text: str) -> str:
    """What was meant by what is no moment: one reckoned from a date, `target + 1 day`, or a day in another way."""
    found = RECKONED.fullmatch(text)
    span = notations.span_meant(f"{found[3]}d" if found[3].isdecimal() else found[3]) if found else None
    return f"`{found[1]} {found[2]} {show_span(span)}`" if found and span else notations.moment_meant(text)


def _clock(clock: str | None, zone: str | None) -> tuple[time | None, ZoneInfo | None]:
    return parse_time(clock) if clock else None, parse_zone(zone) if zone else None


@lru_cache(maxsize=1024)
def parsed(text: str) -> Moment | None:
    """A moment as written; None for what is none."""
    try:
        return parse_moment(text)
    except ValueError:
        return None
