"""Wall time, working time and quiet time: pure arithmetic from what people write to instants in UTC."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
ONE_DAY = timedelta(days=1)
LONGEST_SPAN = timedelta(days=3660)
FURTHEST_DAYS = 3660
YEARS = range(1970, 2200)
LAST_INSTANT = datetime.max.replace(tzinfo=UTC)

SPAN = re.compile(r"(?:\d{1,9}[smhdw]\s*)+")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
HOURS = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")


@dataclass(frozen=True)
class Hours:
    """A daily stretch of wall time. When `end` is not after `start`, it reaches into the next day."""

    start: time
    end: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The stretch that begins on `day`, as two instants in UTC."""
        last = day if self.end > self.start else day + ONE_DAY
        return to_utc(datetime.combine(day, self.start), zone), to_utc(datetime.combine(last, self.end), zone)

    def until(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """When the stretch that holds `instant` ends; None outside of it."""
        today = instant.astimezone(zone).date()
        for begin, end in (self.on(today - ONE_DAY, zone), self.on(today, zone)):
            if begin <= instant < end:
                return end
        return None

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True)
class DateRange:
    """Whole days on somebody's own calendar, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"


@dataclass(frozen=True)
class Wall:
    """A moment as people write it: a day, perhaps a time of day, perhaps a zone of its own.

    `weekday` is the one that was written with the date, right or wrong.
    """

    day: date
    clock: time | None = None
    zone: ZoneInfo | None = None
    weekday: int | None = None

    def instant(self, calendar: Calendar, *, opening: bool = False) -> datetime:
        """The moment in UTC. A date alone is the end of working hours; with `opening`, their beginning."""
        if self.clock is not None:
            return to_utc(datetime.combine(self.day, self.clock), self.zone or calendar.zone)
        own = Calendar(self.zone or calendar.zone, calendar.working)
        return own.starts(self.day) if opening else own.ends(self.day)

    def skipped(self, zone: ZoneInfo) -> bool:
        """Whether a clock change leaves this moment out."""
        return self.clock is not None and is_skipped(datetime.combine(self.day, self.clock), self.zone or zone)

    def __str__(self) -> str:
        clock = f" {self.clock:%H:%M}" if self.clock else ""
        return f"{self.day}{clock}{f' {self.zone.key}' if self.zone else ''}"


@dataclass(frozen=True)
class DayTime:
    """A time of day that comes again and again, perhaps in a zone of its own."""

    clock: time
    zone: ZoneInfo | None = None

    def __str__(self) -> str:
        return f"{self.clock:%H:%M}{f' {self.zone.key}' if self.zone else ''}"


@dataclass(frozen=True)
class WorkingHours:
    """On which weekdays (Monday is 0) work is done, and when."""

    days: frozenset[int] = frozenset(range(5))
    hours: Hours = Hours(time(9), time(17))


@dataclass(frozen=True)
class Calendar:
    """When work is done in one zone: hours of the day, days of the week, no holidays."""

    zone: ZoneInfo
    working: WorkingHours = WorkingHours()
    holidays: tuple[DateRange, ...] = ()

    def works_on(self, day: date) -> bool:
        """Whether `day` is a working day."""
        return day.weekday() in self.working.days and not any(day in range_ for range_ in self.holidays)

    def shifts(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working hours of each working day, whole, from those on that are not over at `start`; for ten years."""
        for day in _days(start.astimezone(self.zone)):
            if self.works_on(day):
                begin, end = self.working.hours.on(day, self.zone)
                if start < end:
                    yield begin, end

    def stretches(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time from `start` on, in order and without overlap, as far as ten years."""
        for begin, end in self.shifts(start):
            if max(begin, start) < end:
                yield max(begin, start), end
                start = end

    def add(self, start: datetime, span: timedelta) -> datetime:
        """When `span` of working time has passed since `start`; for a zero span, the next working moment.

        Raises ValueError when there is not that much working time within ten years.
        """
        for begin, end in self.stretches(start):
            if span <= end - begin:
                return begin + span
            span -= end - begin
        message = f"there is not enough working time after {start:%Y-%m-%d}"
        raise ValueError(message)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; zero when `end` is not after `start`."""
        total = timedelta()
        for begin, finish in self.stretches(start):
            if begin >= end:
                break
            total += min(finish, end) - begin
        return total

    def open_at(self, instant: datetime) -> bool:
        """Whether work is done at `instant`."""
        return next((begin for begin, _ in self.stretches(instant)), None) == instant

    def starts(self, day: date) -> datetime:
        """The instant at which working hours begin on `day`, whether or not it is a working day."""
        return self.working.hours.on(day, self.zone)[0]

    def ends(self, day: date) -> datetime:
        """The instant at which working hours end on `day`: what a date alone means as a deadline."""
        return self.working.hours.on(day, self.zone)[1]


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a naive wall time. A skipped one moves forward by the gap; of one that comes twice, the first."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether a clock change skips this naive wall time."""
    return to_utc(wall, zone).astimezone(zone).replace(tzinfo=None) != wall


def occurrences(
    start: datetime, end: datetime, days: frozenset[int], at: time, zone: ZoneInfo, holidays: Sequence[DateRange] = ()
) -> Iterator[datetime]:
    """Every instant from `start` to before `end` that is `at` on one of the weekdays `days`, outside the holidays.

    Every matching day of the zone's calendar has exactly one, whatever the clocks do. Looks no further than ten years.
    """
    last = None
    for day in _days(start.astimezone(zone)):
        if day.weekday() in days and not any(day in range_ for range_ in holidays):
            instant = to_utc(datetime.combine(day, at), zone)
            if instant >= end:
                return
            if instant >= start and instant != last:  # a zone that leaves out a whole day has nothing on it
                yield instant
            last = instant


def _days(local: datetime) -> Iterator[date]:
    """The days from the one before on, for ten years: what began yesterday may not be over."""
    first = local.toordinal() - 1
    for ordinal in range(max(first, 1), min(first + FURTHEST_DAYS, date.max.toordinal())):
        yield date.fromordinal(ordinal)


def next_occurrence(
    after: datetime, days: frozenset[int], at: time, zone: ZoneInfo, holidays: Sequence[DateRange] = ()
) -> datetime:
    """The first of the occurrences later than `after`. Raises ValueError when there is none within ten years."""
    for instant in occurrences(after, LAST_INSTANT, days, at, zone, holidays):
        if instant > after:
            return instant
    message = "there is no such day within ten years"
    raise ValueError(message)


def parse_span(text: str) -> timedelta:
    """Read `90s`, `15m`, `4h`, `3d`, `1w` or `1h30m`. Raises ValueError with a sentence, as all of these do."""
    if not SPAN.fullmatch(text.strip()):
        hint = f"{text}m" if text.strip().isdigit() else "90s, 15m, 4h, 3d or 1h30m"
        raise ValueError(f"`{text}` is no duration: write {hint}")
    seconds = sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhdw])", text))
    if seconds > LONGEST_SPAN.total_seconds():
        raise ValueError(f"`{text}` is longer than ten years")
    return timedelta(seconds=seconds)


def show_span(span: timedelta) -> str:
    """Write a duration as `parse_span` reads it; less than a second is nothing."""
    left, parts = int(span.total_seconds()), []
    for unit in ("d", "h", "m", "s"):
        number, left = divmod(left, UNITS[unit])
        parts += [f"{number}{unit}"] if number else []
    return "".join(parts) or "0s"


def parse_time(text: str) -> time:
    """Read a time of day, `09:00`; `24:00` is midnight."""
    found = CLOCK.fullmatch(text.strip())
    try:
        return (
            time()
            if found and found[1] + found[2] == "2400"
            else time(int(found[1]), int(found[2]))
            if found
            else time(24)
        )
    except ValueError:
        raise ValueError(f"`{text}` is no time of day: write it as 09:00 or 17:30") from None


def parse_day_time(text: str) -> DayTime:
    """Read a time of day, or one with a zone behind it, `10:00 America/Los_Angeles`."""
    clock, _, zone = text.strip().partition(" ")
    return DayTime(parse_time(clock), parse_zone(zone.strip()) if zone else None)


def parse_hours(text: str) -> Hours:
    """Read a stretch of the day, `08:00-18:00` or `22:00-07:00`."""
    found = HOURS.fullmatch(text.strip())
    if not found:
        raise ValueError(f'`{text}` are no hours: write them as "08:00-18:00", in quotes')
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
        raise ValueError(f"`{text}` is no date: write it as 2026-03-25") from None
    if day.year not in YEARS:
        raise ValueError(f"`{text}` is in no year of a plan: write one from {YEARS[0]} to {YEARS[-1]}")
    return day


def parse_dates(text: str) -> DateRange:
    """Read `2026-03-30`, `2026-03-30..2026-04-02`, or with a short end, `2026-03-30..31` and `2026-03-30..04-02`."""
    begin, _, end = (part.strip() for part in text.partition(".."))
    first = parse_date(begin)
    last = parse_date(begin[: len(begin) - len(end)] + end if end and len(end) < len(begin) else end or begin)
    if last < first:
        raise ValueError(f"`{text}` ends before it begins: write the earlier day first")
    return DateRange(first, last)


def parse_wall(text: str) -> Wall:
    """Read `2026-03-25 08:00`, a date alone, or either with a zone behind it, `2026-03-25 10:00 America/New_York`."""
    day, *rest = text.split() or [""]
    clock = parse_time(rest.pop(0)) if rest and ":" in rest[0] else None
    if len(rest) > 1:
        raise ValueError(f"`{text}` is no moment: write it as 2026-03-25 08:00")
    return Wall(parse_date(day), clock, parse_zone(rest[0]) if rest else None)


def parse_zone(text: str) -> ZoneInfo:
    """Read an IANA time zone, `Europe/Berlin`."""
    if text not in _zones():
        city = text.lower().rpartition("/")[2]
        cities = [zone for zone in sorted(_zones()) if zone.lower().rpartition("/")[2] == city]
        near = cities or difflib.get_close_matches(text[:40], _zones(), 1, 0.7)
        hint = f"did you mean `{near[0]}`?" if near else "write one such as Europe/Berlin, America/New_York or UTC"
        raise ValueError(f"there is no time zone `{text}`; {hint}")
    return ZoneInfo(text)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _weekday(word: str, text: str) -> int:
    for number, name in enumerate(WEEKDAYS):
        if word in (name, name[:3]):
            return number
    raise ValueError(f"`{word or text}` is no weekday: write mon, tue, wed, thu, fri, sat or sun")
