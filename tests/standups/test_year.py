"""A year in ten zones, through both clock changes, holidays, absences and people who move, against brute force."""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from callboard.standups.models import CheckIn, Round, State
from tests.standups.year import LAST, ZONES, Together, Year, brute_force, text

WINDOW, HOUR = timedelta(hours=2), timedelta(hours=1)
START = datetime(2025, 12, 31, 6, tzinfo=UTC)
SPRING = date(2026, 4, 12)
UNTIL = LAST if os.environ.get("CALLBOARD_TEST_WHOLE_YEAR") else SPRING
"""A year of outages takes a minute: by itself the suite goes through the spring, when clocks change."""
MOVES = (datetime(2026, 6, 17, 22, 15, tzinfo=UTC), datetime(2026, 9, 9, 12, tzinfo=UTC))
MOVED = ({9: "Pacific/Honolulu"}, {9: "Pacific/Honolulu", 1: "Asia/Tokyo"})
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def zone_of(n, instant):
    zone = ZONES[n]
    for moment, moved in zip(MOVES, MOVED, strict=True):
        zone = moved.get(n, zone) if instant >= moment else zone
    return zone


def zones_at(instant):
    return tuple(zone_of(n, instant) for n in range(len(ZONES)))


def lived(database_url, clock, last=LAST, up=lambda instant: instant):
    return lives(Year(database_url, START, up), clock, last)


def lives(year, clock, last):
    year.apply(text(clock, zones_at(START), last))
    for moment in (move for move in MOVES if move.date() < last):
        year.run(moment)
        year.apply(text(clock, zones_at(moment), last))
    year.run(datetime.combine(last + timedelta(days=2), time(), UTC))
    return year


def first_of_each_day(prompts):
    days: dict[date, datetime] = {}
    for at, _, day in prompts:
        days[day] = min(days.get(day, at), at)
    return days


@sqlite
@pytest.mark.parametrize(("clock", "last"), [("02:30", LAST), ("09:00", SPRING)])
def test_what_comes_due_with_standups_in_a_year_equals_brute_force(database_url, clock, last):
    expected = brute_force(clock, zone_of, len(ZONES), last)
    year = lived(database_url, clock, last)
    try:
        assert year.prompts() == expected
        assert {one.day for one in year.rows(Round) if one.posted_at} == {day for _, _, day in expected}
        assert year.digests() == sorted((at + WINDOW, day) for day, at in first_of_each_day(expected).items())
        asked = [one for one in year.rows(CheckIn) if one.state != State.EXCUSED]
        assert sorted((one.at, one.person, one.day) for one in asked) == expected
        assert {one.state for one in asked} == {State.MISSED}
    finally:
        year.close()


@sqlite
def test_the_standup_service_attends_to_rounds_that_began_in_an_outage_once_but_later(database_url):
    chance = random.Random("down")
    down: dict[datetime, datetime] = {}

    def up(instant):
        """When somebody is there: at once, or at the end of the hour of that day in which nobody is."""
        midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
        begin = down.setdefault(midnight, midnight + timedelta(minutes=chance.randrange(22 * 60)))
        return begin + HOUR if begin <= instant < begin + HOUR else instant

    expected = brute_force("09:00", zone_of, len(ZONES), UNTIL)
    year = lived(database_url, "09:00", UNTIL, up)
    try:
        assert sorted((person, day) for _, person, day in year.prompts()) == sorted((p, d) for _, p, d in expected)
        assert year.prompts() == sorted((up(at), person, day) for at, person, day in expected)
        digests = first_of_each_day(expected).items()
        assert year.digests() == sorted((up(at + WINDOW), day) for day, at in digests)
    finally:
        year.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_standup_that_comes_due_for_three_bots_at_once_asks_once_and_posts_once(database_url):
    expected = brute_force("09:00", zone_of, len(ZONES), UNTIL)
    year = lives(Together(database_url, START, bots=3), "09:00", UNTIL)
    try:
        assert year.prompts() == expected
        assert year.digests() == sorted((at + WINDOW, day) for day, at in first_of_each_day(expected).items())
    finally:
        year.close()
