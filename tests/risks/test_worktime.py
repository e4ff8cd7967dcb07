"""The share of working time that goes into planning: meetings and an area of the tasks."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)  # it adds up hours; tests/growth asks for them on both

SHARED = (
    PLAN.replace("from: 2025-11-13 09:00", "from: 2025-11-10 09:00").replace("to: 2025-11-15", "to: 2025-11-30")
    + """\
working_hours: {days: mon-fri, hours: "08:00-16:00"}
areas: {Planning: {}}
tasks:
  - for: {team: omega, area: Planning, assignee: pa, estimate: 2h-4h}
    P-1: {title: Issues written}
    P-2: {title: Templates made, assignee: [pa, pb]}
  - O-1: {title: Code, team: omega, assignee: pa, estimate: 8h}
meetings:
  - {name: Weekly planning, days: fri, at: "10:00", lasts: 2h, who: [pa, pb]}
risks:
  - {risk: Planning bottleneck, probability: low, impact: high, owner: olga, actions: [Create templates],
     indicators: [{share: {of: pa, more_than: 15%, meetings: [Weekly planning], area: Planning}}]}
"""
)


@pytest.fixture
async def world(database_url):
    """Nine o'clock on Thursday, with three days of the seven before."""
    async with World(database_url, SHARED) as world:
        yield world


async def sign(world) -> str:
    shown = (await world.says("olga", "/risk show 1")).text
    return next(line for line in shown.splitlines() if "Weekly planning and Planning of Person A" in line)


async def test_the_share_of_planning_counts_meetings_and_tasks_of_its_area_against_the_hours_of_a_week(world):
    assert "0 % of the working time of 7 days (0 of 40 h), 15 % allowed" in await sign(world)
    await world.advance(hours=28)
    assert "5 % of the working time of 7 days (2 of 40 h)" in await sign(world)
    await world.completes("pa", "O-1")
    assert "(2 of 40 h)" in await sign(world)
    await world.completes("pa", "P-2")
    assert "9 % of the working time of 7 days (3.5 of 40 h)" in await sign(world)
    await world.completes("pa", "P-1")
    assert "16 % of the working time of 7 days (6.5 of 40 h), 15 % allowed" in await sign(world)
    await world.advance(hours=1)
    world.dm("olga").expect("Risk 1 needs you", "16 % of the working time")
    await world.advance(days=8)
    world.dm("olga").expect("Risk 1 is quiet again")


async def test_a_day_of_an_estimate_is_a_day_of_work_in_the_share_as_well(database_url):
    async with World(database_url, SHARED.replace("2h-4h", "1d")) as world:
        await world.completes("pa", "P-1")
        assert "(8 of 40 h)" in await sign(world)
