"""Until when, as people type it, in the night whose hour comes twice."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from callboard.core.calendar import Calendar, Hours, WorkingHours
from callboard.core.errors import Refused
from callboard.planfile import ends

BERLIN = Calendar(ZoneInfo("Europe/Berlin"), WorkingHours(), ())


@pytest.mark.parametrize(
    ("now", "typed", "until"),
    [
        ("2026-10-24 23:30", "until 02:10", "2026-10-25 00:10"),
        ("2026-10-25 00:05", "until 02:10", "2026-10-25 00:10"),
        ("2026-10-25 00:30", "until 02:10", "2026-10-25 01:10"),  # it was ten past two once, and will be again
        ("2026-10-25 01:05", "until 02:10", "2026-10-25 01:10"),
        ("2026-10-25 01:05", "today 02:10", "2026-10-25 01:10"),
        ("2026-10-25 01:30", "until 02:10", "2026-10-26 01:10"),
        ("2026-10-25 00:30", "tomorrow 02:10", "2026-10-26 01:10"),
        ("2026-03-29 00:30", "until 02:30", "2026-03-29 01:30"),  # skipped: half past three
        ("2026-11-13 09:00", "until 08:00", "2026-11-14 07:00"),
    ],
)
def test_ends_in_the_hour_that_comes_twice_are_the_next_such_time(now, typed, until):
    read = ends.read(typed, datetime.fromisoformat(now).replace(tzinfo=UTC), BERLIN)
    assert read.until == datetime.fromisoformat(until).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "promised"),
    [
        ("in 2 hours", True), ("by friday.", True), ("within 30 minutes", True), ("tomorrow at 9:00", True),
        ("Soon!", True), ("in a few minutes", True), ("next week", True), ("this afternoon", True),
        ("later today", True),
        ("by COB", True), ("monday EOD", True), ("after lunch", True), ("tomorrow morning", True),
        ("by half past 3", True),
        ("around 3ish", True), ("by 3", True), ("in an hour and a half", True), ("end of the week", True),
        ("lunch", False), ("half of it", False), ("3", False), ("end of the world", False),
        ("3 fish", False), ("not yet", True), ("", False), ("in 2 hours of work on the certificates", False),
        ("1", False), ("restarted at 17:00", False), ("friday's build", False),
        ("sooner or later", False), ("the second one", False),
    ],
)  # fmt: skip
def test_ends_are_all_of_a_text_that_promises_and_says_nothing_else(typed, promised):
    assert ends.is_all(typed, datetime(2026, 11, 13, 9, tzinfo=UTC), BERLIN) is promised


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("COB", "2026-11-13 18:00"), ("until EOB", "2026-11-13 18:00"), ("by end of day", "2026-11-13 18:00"),
        ("close of business", "2026-11-13 18:00"), ("until the end of the working day", "2026-11-13 18:00"),
        ("Monday EOD", "2026-11-16 18:00"), ("EOD Monday", "2026-11-16 18:00"),
        ("end of day on monday", "2026-11-16 18:00"),
        ("tomorrow, COB", "2026-11-14 18:00"), ("by the end of monday", "2026-11-16 18:00"),
        ("noon", "2026-11-13 12:00"), ("until midday", "2026-11-13 12:00"), ("midnight", "2026-11-14 00:00"),
        ("tonight", "2026-11-13 23:59"), ("in half an hour", "2026-11-13 10:30"), ("half hour", "2026-11-13 10:30"),
        ("in an hour and a half", "2026-11-13 11:30"), ("for two hours and a half", "2026-11-13 12:30"),
        ("two hours", "2026-11-13 12:00"), ("a day and a half", "2026-11-14 22:00"),
    ],
)  # fmt: skip
def test_ends_as_people_say_them_are_read_where_they_mean_one_time(typed, until):
    at = Calendar(BERLIN.zone, WorkingHours(hours=Hours(time(9), time(18))), ())
    now = datetime(2026, 11, 13, 9, tzinfo=UTC)
    end = ends.read(typed, now, at)
    assert (end.until or now + (end.span or timedelta())).astimezone(at.zone) == datetime.fromisoformat(until).replace(
        tzinfo=at.zone
    )
    assert end.day is None


@pytest.mark.parametrize(
    "typed",
    ["after lunch", "half past 3", "3ish", "tomorrow morning", "friday afternoon", "tomorrow after lunch",
     "end of week", "COB 3", "next monday night"],
)  # fmt: skip
def test_ends_that_may_mean_several_times_are_refused_with_an_example_and_are_no_reason(typed):
    now = datetime(2026, 11, 13, 9, tzinfo=UTC)
    for read, text in ((ends.read, typed), (ends.find, f"for the fix until {typed}")):
        with pytest.raises(Refused, match=r"as a time\. Say until when: `until 17:00`"):
            read(text, now, BERLIN)
