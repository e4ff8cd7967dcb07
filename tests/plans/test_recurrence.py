"""What comes again on days of the week: by its own clock, every so many weeks, in some phases."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from callboard.planfile import calendar
from tests.planfile.sample import GOOD, check, problems
from tests.world import PLAN, World

YEAR = (
    GOOD.replace("to: 2026-04-02 18:00", "to: 2026-12-01 18:00")
    + """\
phases:
  prepare: {name: Preparation, from: 2026-03-25, to: 2026-03-27}
  stage: {name: Staging, from: 2026-03-30, to: 2026-03-31 12:00}
"""
)
COUNCIL = """\
meetings:
  - {name: Council, days: tue, every: 2w, from: 2026-03-25, at: "16:00", timezone: America/New_York, who: [all leads]}
"""
BERLIN = """\
standups:
  - {name: Berlin, at: "09:30", timezone: America/New_York, who: [everyone], during: [prepare, stage]}
"""


def times(text, zone):
    document = check(text).document
    local = (one.at.astimezone(ZoneInfo(zone)) for one in calendar.happenings(document) if one.kind in KINDS)
    return [f"{at:%m-%d %H:%M}" for at in local]


KINDS = ("meeting", "standup")


def test_a_recurrence_of_a_plan_keeps_its_own_clock_every_second_week_though_clocks_change():
    found = times(YEAR + COUNCIL, "America/New_York")
    assert found[:3] == ["03-31 16:00", "04-14 16:00", "04-28 16:00"]
    assert {at[-5:] for at in found} == {"16:00"}
    assert "11-10 16:00" in found
    assert "11-03 16:00" not in found


def test_a_recurrence_of_a_plan_comes_only_in_its_phases():
    assert times(YEAR + BERLIN, "America/New_York") == [
        "03-25 09:30", "03-26 09:30", "03-27 09:30", "03-30 09:30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("every: 2w", "every: 3d", "every: what has days of the week comes again after whole weeks: write 1w"),
        ('at: "16:00", timezone', 'at: "16:00 Europe/Berlin", timezone', "timezone: `at` names Europe/Berlin already"),
        ('days: tue, every: 2w, from: 2026-03-25, at: "16:00"', "every: 2w, at: 2026-03-31 16:00", "this is for"),
        ("timezone: America/New_York", "timezone: America/New_Yrok", "timezone"),
        ("every: 2w", "during: [prepar]", "during[1]: there is no phase `prepar`; did you mean `prepare`?"),
        ("every: 2w", "during: [Preparation]", "did you mean `prepare`, whose name this is?"),
        ("days: tue, every: 2w", "days: sun, during: [prepare]", "with this it never comes in the plan"),
    ],
)  # fmt: skip
def test_the_check_of_a_recurrence_says_what_to_write_instead(old, new, said):
    assert COUNCIL.count(old) == 1
    found = [sentence for _, sentence in problems(YEAR + COUNCIL.replace(old, new), "meetings")]
    assert any(said in sentence for sentence in found), found


def test_a_clock_for_everybody_and_a_time_zone_are_refused_for_a_recurrence():
    found = problems(YEAR + BERLIN.replace("who:", "clock: person, who:"), "standups")
    assert any("timezone: everybody's own clock and America/New_York cannot both be meant" in s for _, s in found)


async def test_a_standup_with_a_zone_of_its_own_asks_by_it_and_names_the_next_one_weeks_ahead(database_url):
    plan = (
        PLAN.replace("to: 2025-11-15 18:00", "to: 2026-01-15 18:00")
        + """\
standups:
  - {name: Fortnight, days: thu, every: 2w, at: "11:30", timezone: Europe/Berlin, who: [omega], window: 1h}
"""
    )
    async with World(database_url, plan) as world:
        await world.advance(hours=1, minutes=31)
        world.dm("pa").expect("Fortnight")
        before = len(world.dm("pa"))
        await world.advance(days=7)
        assert len(world.dm("pa")) == before
        await world.advance(days=1)
        told = await world.says("sc", "/standup")
        assert "You are not asked in Fortnight" in told.text
        await world.advance(days=6)
        assert len(world.dm("pa")) > before
