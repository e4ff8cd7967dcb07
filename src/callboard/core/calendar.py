"""Wall time, working time and quiet time: pure arithmetic with instants in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
DAYS_OF_A_WEEK = 7
A_WEEK = DAYS_OF_A_WEEK * ONE_DAY
A_MONDAY = date(2001, 1, 1)
FURTHEST_DAYS = 3660
LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Hours:
    """A daily stretch of wall time. When `end` is not after `start`, it reaches into the next day."""

    start: time
    end: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The stretch that begins on `day`, as two instants in UTC."""
        return _instants(self, day, zone)

    def until(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """When the stretch that holds `instant` ends; None outside of it."""
        today = instant.astimezone(zone).date()
        for begin, end in (self.on(today - ONE_DAY, zone), self.on(today, zone)):
            if begin <= instant < end:
                return end
        return None

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@lru_cache(4096)
def _instants(hours: Hours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day if hours.end > hours.start else day + ONE_DAY
    return to_utc(datetime.combine(day, hours.start), zone), to_utc(datetime.combine(last, hours.end), zone)


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
class Weeks:
    """Every so many weeks, Monday to Sunday, from the week of a day on; no day before that one."""

    first: date
    every: int

    def __contains__(self, day: date) -> bool:
        monday = self.first - timedelta(days=self.first.weekday())
        return day >= self.first and (day - monday).days // DAYS_OF_A_WEEK % self.every == 0


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
        return day.weekday() in self.working.days and not any(day in range_ for range_ in self.holidays)

    def shifts(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working hours of each working day, whole, beginning with those not over at `start`; for ten years."""
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
        raise ValueError(f"there is not enough working time after {start:%Y-%m-%d}")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; zero when `end` is not after `start`."""
        total = timedelta()
        for begin, finish in self.stretches(start):
            if begin >= end:
                break
            total += min(finish, end) - begin
        return total

    def in_days(self, span: timedelta) -> timedelta:
        """The working time that a span of days stands for: a day has working hours, a week the working days of one."""
        begin, end = self.working.hours.on(A_MONDAY, self.zone)
        weeks, rest = divmod(span, A_WEEK)
        return (weeks * len(self.working.days) + rest / ONE_DAY) * (end - begin)

    def after(self, start: datetime, span: timedelta) -> datetime | None:
        """When so many working hours have passed; None where nobody works."""
        try:
            return self.add(start, span)
        except ValueError:
            return None

    def open_at(self, instant: datetime) -> bool:
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
    start: datetime, end: datetime, days: frozenset[int], at: time, zone: ZoneInfo, holidays: Sequence[DateRange] = (),
    weeks: Weeks | None = None,
) -> Iterator[datetime]:  # fmt: skip
    """Every instant from `start` to before `end` that is `at` on one of the weekdays `days`, outside the holidays.

    With `weeks` only in some weeks: they are counted by the zone's calendar, and holidays don't move them.

    Every matching day of the zone's calendar has exactly one, whatever the clocks do. Looks no further than ten years.
    """
    last = None
    for day in _days(start.astimezone(zone)):
        meant = day.weekday() in days and (weeks is None or day in weeks)
        if meant and not any(day in range_ for range_ in holidays):
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
    raise ValueError("there is no such day within ten years")
