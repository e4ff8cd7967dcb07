"""Until when, as people type it, in the night whose hour comes twice."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callboard.core.calendar import Calendar, WorkingHours
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
        ("later today", True), ("not yet", True), ("", False), ("in 2 hours of work on the certificates", False),
        ("1", False), ("restarted at 17:00", False), ("friday's build", False),
        ("sooner or later", False), ("the second one", False),
    ],
)  # fmt: skip
def test_ends_are_all_of_a_text_that_promises_and_says_nothing_else(typed, promised):
    assert ends.is_all(typed, datetime(2026, 11, 13, 9, tzinfo=UTC), BERLIN) is promised
