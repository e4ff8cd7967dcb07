"""Durations, days, times and zones are read as people write them, and what cannot be read says how to write it."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.core.calendar import DateRange, Hours, Wall
from callboard.planfile.times import (
    parse_dates,
    parse_day_time,
    parse_days,
    parse_hours,
    parse_moment,
    parse_span,
    parse_time,
    parse_wall,
    parse_zone,
    show_span,
)


@given(st.integers(0, 3600 * 24 * 3660))
def test_times_of_a_plan_file_are_parsed_as_durations_are_shown(seconds):
    assert parse_span(show_span(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (parse_span, "1h30m", timedelta(minutes=90)),
        (parse_span, "90s", timedelta(seconds=90)),
        (parse_span, "1w", timedelta(days=7)),
        (parse_time, "24:00", time()),
        (parse_time, "9:05", time(9, 5)),
        (parse_hours, "00:00-24:00", Hours(time(), time())),
        (parse_days, "mon-fri", frozenset(range(5))),
        (parse_days, "fri-mon", frozenset({4, 5, 6, 0})),
        (parse_days, "Monday, thu", frozenset({0, 3})),
        (parse_dates, "2026-03-30..31", DateRange(date(2026, 3, 30), date(2026, 3, 31))),
        (parse_dates, "2026-03-30..04-02", DateRange(date(2026, 3, 30), date(2026, 4, 2))),
        (parse_dates, "2026-03-30", DateRange(date(2026, 3, 30), date(2026, 3, 30))),
        (parse_wall, "2026-03-25 08:00:00", Wall(date(2026, 3, 25), time(8))),
    ],
)
def test_times_of_a_plan_file_are_parsed_as_people_write_them(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "hint"),
    [
        (parse_span, "30", "write 30m"),
        (parse_span, "soon", "write 90s"),
        (parse_span, "9999w", "longer than ten years"),
        (parse_time, "24:30", "write it as 09:00"),
        (parse_time, "9am", "write it as 09:00"),
        (parse_hours, "08:00", "in quotes"),
        (parse_days, "mo-fr", "write mon, tue"),
        (parse_days, "", "no weekday"),
        (parse_dates, "2026-04-02..2026-03-30", "ends before it begins"),
        (parse_dates, "2026-02-30", "as February 2026 has 28 days"),
        (parse_dates, "30.3.", "write it like 2026-03-25"),
        (parse_wall, "", "write it like 2026-03-25"),
        (parse_wall, "2026-03-25 08:00 sharp please", "write it like"),
        (parse_zone, "Europe/Berln", "did you mean `Europe/Berlin`"),
        (parse_zone, "europe/berlin", "did you mean `Europe/Berlin`"),
        (parse_zone, "../etc/passwd", "write one such as"),
        (parse_zone, "San Francisco", "write one such as"),
        (parse_zone, "new york", "did you mean `America/New_York`"),
        (parse_time, "9:30 pm", "write it as 21:30"),
        (parse_time, "12am", "write it as 00:00"),
        (parse_day_time, "9:00 AM", "write it as 09:00"),
        (parse_wall, "2026-03-25 8:00 AM", "write it as 2026-03-25 08:00"),
        (parse_wall, "2026-03-25 5pm", "write it as 2026-03-25 17:00"),
        (parse_wall, "2026-03-25 8.00", "write it as 2026-03-25 08:00"),
        (parse_wall, "2026-03-25T17:30", "write it as 2026-03-25 17:30"),
        (parse_wall, "2026-03-25T17:30:00Z", "write it as 2026-03-25 17:30 UTC"),
        (parse_wall, "2026-03-25 17:30+02:00", "write it as 2026-03-25 15:30 UTC"),
        (parse_wall, "2026-03-25T17:30:00-0700", "write it as 2026-03-26 00:30 UTC"),
        (parse_wall, "2026-03-25 EOD", "write it as 2026-03-25$"),
        (parse_wall, "25 March 2026, end of day", "write it as 2026-03-25$"),
        (parse_wall, "from + 72h", "cannot be reckoned here: write the day itself, 2026-03-25 08:00"),
        (parse_span, "week", "write 7d"),
        (parse_span, "daily", "write 1d"),
        (parse_span, "90", "write 90m, 90h or 90d"),
        (parse_span, "1h30", "write 1h30m"),
        (parse_span, "1.5h", "write 1h30m"),
        (parse_span, "30 minutes", "write 30m"),
        (parse_time, "0900", "write it as 09:00"),
        (parse_time, "9h15", "write it as 09:15"),
        (parse_time, "noon", "write it as 12:00"),
        (parse_hours, "9am-5pm", 'write them as "09:00-17:00"'),
        (parse_hours, "“08:00–18:00”", 'write them as "08:00-18:00"'),
        (parse_days, "weekdays", "write mon-fri"),
        (parse_days, "Mon - Fri", "write mon-fri"),
        (parse_dates, "2026-03-30 to 2026-04-02", r"write 2026-03-30\.\.2026-04-02"),
        (parse_wall, "2026-25-03 14:00", "write it as 2026-03-25, the month before the day"),
        (parse_wall, "25.4.2026", "write it as 2026-04-25"),
        (parse_wall, "04/05/2026 14:00", "write it as 2026-05-04 14:00 or 2026-04-05 14:00"),
        (parse_wall, "2026-4-2 at 1400", "write it as 2026-04-02 14:00"),
        (parse_moment, "April 2, 2026", "write it as 2026-04-02"),
        (parse_moment, "target - 5", "write it as `target - 5d`"),
        (parse_moment, "target + 1 day", r"write it as `target \+ 1d`"),
        (parse_zone, "utc", "did you mean `UTC`"),
    ],
)
def test_times_of_a_plan_file_that_cannot_be_parsed_say_how_to_write_them(read, text, hint):
    with pytest.raises(ValueError, match=hint.replace("(", r"\(")):
        read(text)


@given(
    st.sampled_from([parse_span, parse_time, parse_hours, parse_days, parse_dates, parse_wall, parse_zone]), st.text()
)
def test_times_of_a_plan_file_are_parsed_from_any_text_without_a_crash(read, text):
    try:
        read(text)
    except ValueError as refused:
        assert "write" in str(refused) or "longer" in str(refused)  # noqa: PT017


@pytest.mark.parametrize("text", ["CEST", "GMT+1", "UTC+2", "EDT", "America/San_Francisco"])
def test_times_of_a_plan_file_are_never_said_to_mean_a_zone_with_another_clock(text):
    with pytest.raises(ValueError, match="write one such as"):
        parse_zone(text)


def test_times_of_a_plan_file_with_a_zone_that_begins_like_am_are_that_zone():
    assert parse_wall("2026-03-25 10:00 America/New_York").zone == ZoneInfo("America/New_York")
