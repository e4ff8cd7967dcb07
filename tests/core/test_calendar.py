"""Calendar arithmetic against brute force."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.core.calendar import Calendar, DateRange, Hours, WorkingHours, is_skipped, next_occurrence, to_utc
from callboard.planfile.times import (
    parse_days,
    parse_hours,
    parse_wall,
)

ZONES = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
    "Australia/Sydney", "America/Sao_Paulo", "Pacific/Honolulu", "Pacific/Auckland",
)  # fmt: skip
QUARTER = timedelta(minutes=15)
EVERY_DAY = frozenset(range(7))
NEW_YORK = ZoneInfo("America/New_York")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Clocks change between midnight and four: boundaries elsewhere have one meaning, so brute force may ask the wall clock.
quarters = st.integers(16, 92).map(lambda n: time(n // 4, n % 4 * 15))
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
instants = st.integers(0, 2 * 365 * 96).map(lambda n: utc("2026-01-01") + n * QUARTER)
calendars = st.builds(
    lambda zone, weekdays, start, end, holidays: Calendar(
        ZoneInfo(zone), WorkingHours(frozenset(weekdays), Hours(start, end)), tuple(holidays)
    ),
    st.sampled_from(ZONES),
    st.sets(st.integers(0, 6), min_size=1),
    quarters,
    quarters,
    st.lists(st.builds(lambda d, n: DateRange(d, d + timedelta(days=n)), days, st.integers(0, 4)), max_size=3),
)


def works(calendar: Calendar, instant: datetime) -> bool:
    """What the wall clock and the calendar on the wall say."""
    local = instant.astimezone(calendar.zone)
    hours, today = calendar.working.hours, local.date()
    if hours.start < hours.end:
        return calendar.works_on(today) and hours.start <= local.time() < hours.end
    before = calendar.works_on(today - timedelta(days=1)) and local.time() < hours.end
    return before or (calendar.works_on(today) and local.time() >= hours.start)


@settings(max_examples=60)
@given(calendars, instants, st.integers(0, 96 * 6))
def test_the_calendar_counts_working_time_between_two_instants_as_counting_quarters_does(calendar, start, steps):
    counted = sum((QUARTER for n in range(steps) if works(calendar, start + n * QUARTER)), timedelta())
    assert calendar.between(start, start + steps * QUARTER) == counted


@settings(max_examples=60)
@given(calendars, instants, st.integers(0, 60))
def test_the_calendar_adds_working_time_up_to_where_counting_quarters_ends(calendar, start, steps):
    at, left = start, steps
    while left or not (works(calendar, at) or (steps and works(calendar, at - QUARTER))):
        left -= works(calendar, at) and left > 0
        at += QUARTER
    assert calendar.add(start, steps * QUARTER) == at


@settings(max_examples=60)
@given(calendars, instants, st.integers(0, 5_000))
def test_the_calendar_finds_working_time_that_it_added_between_the_two_instants(calendar, start, minutes):
    span = timedelta(minutes=minutes)
    assert calendar.between(start, calendar.add(start, span)) == span


@settings(max_examples=100)
@given(calendars, instants)
def test_working_hours_of_a_calendar_are_open_when_the_wall_clock_says_so(calendar, instant):
    assert calendar.open_at(instant) == works(calendar, instant)


@pytest.mark.parametrize("zone", ZONES)
def test_daily_calendar_occurrences_come_at_the_right_local_time_of_a_time_zone_for_two_years(zone):
    zone = ZoneInfo(zone)
    first_instant: dict[datetime, datetime] = {}
    for n in range(-96, 96 * 733):
        instant = utc("2026-01-01") + n * QUARTER
        first_instant.setdefault(instant.astimezone(zone).replace(tzinfo=None), instant)

    def expected(on_the_wall: datetime) -> datetime:
        """A skipped time is as far behind the last one there was as it would be without the change."""
        there = next(n for n in range(200) if on_the_wall - n * QUARTER in first_instant)
        return first_instant[on_the_wall - there * QUARTER] + there * QUARTER

    for at in (time(0, 30), time(2, 30), time(9)):
        after = to_utc(wall("2026-01-01"), zone)
        for n in range(730):
            after = next_occurrence(after, EVERY_DAY, at, zone)
            assert after == expected(datetime.combine(date(2026, 1, 1) + timedelta(days=n), at))


def test_daily_calendar_occurrences_of_a_wall_time_keep_to_weekdays_and_holidays():
    holidays = (DateRange(date(2026, 12, 24), date(2026, 12, 27)),)
    found = next_occurrence(utc("2026-12-23T15:00"), parse_days("mon-fri"), time(9), NEW_YORK, holidays)
    assert found == utc("2026-12-28T14:00")


def test_the_calendar_moves_a_wall_time_that_a_clock_change_skips_forward_by_the_gap():
    skipped = wall("2026-03-08T02:30")
    assert is_skipped(skipped, NEW_YORK)
    assert to_utc(skipped, NEW_YORK).astimezone(NEW_YORK).strftime("%H:%M") == "03:30"


def test_the_calendar_takes_a_wall_time_that_comes_twice_for_the_first():
    assert to_utc(wall("2026-11-01T01:30"), NEW_YORK) == utc("2026-11-01T05:30")
    assert not is_skipped(wall("2026-11-01T01:30"), NEW_YORK)


def test_quiet_hours_of_a_calendar_may_cross_midnight():
    quiet, berlin = parse_hours("22:00-07:00"), ZoneInfo("Europe/Berlin")
    assert quiet.until(utc("2026-01-10T22:30"), berlin) == utc("2026-01-11T06:00")
    assert quiet.until(utc("2026-01-10T02:00"), berlin) == utc("2026-01-10T06:00")
    assert quiet.until(utc("2026-01-10T06:00"), berlin) is None
    assert quiet.until(utc("2026-01-10T20:59"), berlin) is None


def test_working_hours_of_a_calendar_at_night_are_longer_or_shorter_at_a_clock_change():
    night = Calendar(NEW_YORK, WorkingHours(EVERY_DAY, Hours(time(22), time(6))))
    spring, autumn = utc("2026-03-08T03:00"), utc("2026-11-01T02:00")
    assert night.between(spring, spring + timedelta(hours=12)) == timedelta(hours=7)
    assert night.between(autumn, autumn + timedelta(hours=12)) == timedelta(hours=9)


def test_a_calendar_that_is_all_holiday_refuses_to_add_working_time_and_does_not_hang():
    never = Calendar(NEW_YORK, holidays=(DateRange(date(2000, 1, 1), date(2999, 1, 1)),))
    with pytest.raises(ValueError, match="not enough working time"):
        never.add(utc("2026-01-01"), timedelta(hours=1))
    with pytest.raises(ValueError, match="no such day"):
        next_occurrence(utc("2026-01-01"), EVERY_DAY, time(9), NEW_YORK, never.holidays)


def test_a_date_without_wall_time_is_the_start_or_end_of_the_calendars_working_hours():
    calendar = Calendar(ZoneInfo("Europe/Berlin"), WorkingHours(hours=parse_hours("08:00-18:00")))
    assert parse_wall("2026-03-25").instant(calendar) == utc("2026-03-25T17:00")
    assert parse_wall("2026-03-25").instant(calendar, opening=True) == utc("2026-03-25T07:00")
    assert parse_wall("2026-03-25 10:00 America/Los_Angeles").instant(calendar) == utc("2026-03-25T17:00")
