"""The calendar against every minute there is: two years, ten zones, three times of day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.core.calendar import DateRange, Weeks, next_occurrence, occurrences
from callboard.planfile.times import parse_days

ZONES = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
    "Australia/Sydney", "America/Sao_Paulo", "Pacific/Honolulu", "Pacific/Auckland",
)  # fmt: skip
TIMES = (time(0, 30), time(2, 30), time(9))
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVERY_DAY, WORKDAYS = frozenset(range(7)), parse_days("mon-fri")
HOLIDAYS = (DateRange(date(2026, 4, 3), date(2026, 4, 3)), DateRange(date(2026, 12, 24), date(2027, 1, 1)))


@cache
def minutes(zone):
    """Of each local date and time, the minutes of these years that show it; those on the half hour will do.

    An offset that is the same at both ends of an hour is the same all through it, so only an hour with a change in it
    is gone through whole.
    """
    local = ZoneInfo(zone)
    shown: dict[datetime, list[datetime]] = {}
    hour = START - 2 * DAY
    offset = hour.astimezone(local).utcoffset() or timedelta()
    while hour < END + 2 * DAY:
        after = (hour + HOUR).astimezone(local).utcoffset() or timedelta()
        if after == offset:
            for minute in (15, 45) if offset % (HOUR / 2) else (0, 30):
                instant = hour + minute * MINUTE
                shown.setdefault((instant + offset).replace(tzinfo=None), []).append(instant)
        else:
            for instant in (hour + n * MINUTE for n in range(60)):
                shown.setdefault(instant.astimezone(local).replace(tzinfo=None, fold=0), []).append(instant)
        hour, offset = hour + HOUR, after
    return shown


def expected(zone, at, days=EVERY_DAY, holidays=()):
    """Of each date, the first minute that shows the time; where none does, as long after the change as it is after."""
    found, shown, day = [], minutes(zone), FIRST - DAY
    while day <= LAST + DAY:
        if day.weekday() in days and not any(day in range_ for range_ in holidays):
            wall = datetime.combine(day, at)
            if wall in shown:
                found.append(shown[wall][0])
            else:
                before = wall
                while before not in shown:
                    before -= MINUTE
                found.append(shown[before][-1] + (wall - before))  # the minutes go on where the clock leaps
        day += DAY
    return [instant for instant in found if START <= instant < END]


@pytest.mark.parametrize("at", TIMES, ids=str)
@pytest.mark.parametrize("zone", ZONES)
def test_daily_calendar_occurrences_come_once_a_day_of_a_time_zone_whatever_its_clocks_do(zone, at):
    assert list(occurrences(START, END, EVERY_DAY, at, ZoneInfo(zone))) == expected(zone, at)


@pytest.mark.parametrize("zone", ZONES)
def test_calendar_occurrences_keep_to_weekdays_and_holidays_as_the_time_zone_counts_them(zone):
    for at in TIMES:
        found = list(occurrences(START, END, WORKDAYS, at, ZoneInfo(zone), HOLIDAYS))
        assert found == expected(zone, at, WORKDAYS, HOLIDAYS)


@pytest.mark.parametrize("zone", ZONES)
def test_the_next_calendar_occurrence_again_and_again_finds_all_of_a_window(zone):
    for at in TIMES:
        found, after = [], START - MINUTE
        while (after := next_occurrence(after, WORKDAYS, at, ZoneInfo(zone), HOLIDAYS)) < END:
            found.append(after)
        assert found == list(occurrences(START, END, WORKDAYS, at, ZoneInfo(zone), HOLIDAYS))


@settings(max_examples=100)
@given(
    st.sampled_from(ZONES), st.sampled_from(TIMES), st.sets(st.integers(0, 6), min_size=1),
    st.lists(st.integers(0, 2 * 365 * 24 * 4), min_size=1, max_size=6).map(sorted),
)  # fmt: skip
def test_calendar_occurrences_in_windows_side_by_side_are_those_of_one_window(zone, at, days, cuts):
    edges = [START, *(START + n * 15 * MINUTE for n in cuts), END]
    days = frozenset(days)
    pieces = [
        instant for start, end in pairwise(edges) for instant in occurrences(start, end, days, at, ZoneInfo(zone))
    ]
    assert pieces == list(occurrences(START, END, days, at, ZoneInfo(zone)))


def test_a_day_that_a_time_zone_leaves_out_has_no_calendar_occurrence():
    samoa = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
    window = datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 3, tzinfo=UTC)
    found = [f"{i.astimezone(samoa):%d %H:%M}" for i in occurrences(*window, EVERY_DAY, time(9), samoa)]
    assert found == ["28 09:00", "29 09:00", "31 09:00", "01 09:00", "02 09:00", "03 09:00"]


@pytest.mark.parametrize("zone", ZONES)
def test_calendar_occurrences_every_few_weeks_are_counted_by_the_calendar_whatever_its_clocks_do(zone):
    """Day by day: a week begins on Monday, and every third one is meant, from a Wednesday on."""
    first, days, every = date(2026, 2, 18), frozenset({1, 3}), 3
    meant, week, day = set(), 0, first
    while day <= LAST + DAY:
        if week % every == 0:
            meant.add(day)
        day += DAY
        week += day.weekday() == 0
    for at in TIMES:
        found = list(occurrences(START, END, days, at, ZoneInfo(zone), HOLIDAYS, Weeks(first, every)))
        every_week = expected(zone, at, days, HOLIDAYS)
        assert found == [one for one in every_week if one.astimezone(ZoneInfo(zone)).date() in meant]


@given(st.dates(FIRST, LAST), st.integers(1, 6), st.dates(FIRST, LAST))
def test_weeks_of_the_calendar_repeat_and_never_begin_before_their_first_day(first, every, day):
    weeks = Weeks(first, every)
    assert first in weeks
    assert first - timedelta(days=1) not in weeks
    if day >= first:
        assert (day in weeks) == (day + timedelta(weeks=every) in weeks)
