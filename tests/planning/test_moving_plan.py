"""A plan changes while everything is under way: nothing is lost, and each whom it concerns hears of it once."""

from __future__ import annotations

import pytest

from tests.planning.moving import WITHOUT_PB, changed, moving, under_way

DATABASES = ("sqlite",)


@pytest.fixture
async def world(database_url):
    async with moving(database_url) as world:
        await under_way(world)
        yield world


async def applied(world, text):
    world.apply(text)
    await world.settled()


@pytest.mark.both_databases
async def test_whoever_a_new_version_gives_a_task_takes_it_from_or_moves_it_for_reads_that_once(world):
    await applied(world, changed(("assignee: pb", "assignee: pa"), ("due: 2025-11-14 12:00", "due: 2025-11-14 10:00")))
    world.dm("pa").expect("changed the plan. What changed for you:", "*O-1* Database validated is yours now, due")
    world.dm("pb").expect(
        "changed the plan. What changed for you:", "*O-1* Database validated is no longer yours: <@UPA> has"
    )
    await applied(world, changed(("assignee: pb", "assignee: pa"), ("due: 2025-11-13 16:00", "due: 2025-11-13 14:00")))
    world.dm("pa").expect("*O-1* Database validated is due", "2025-11-13 14:00 UTC", "not", "16:00 UTC")
    assert world.dm("pa").count("What changed for you") == 2
    assert world.dm("pb").count("What changed for you") == 1
    for person in ("olga", "sara", "sc", "amp"):
        world.dm(person).expect_nothing("What changed for you")


@pytest.mark.both_databases
async def test_nobody_has_the_tasks_of_somebody_who_leaves_the_plan_and_their_lead_hears_it(world):
    await world.says("olga", "/task assign O-2 <@UPB>")
    await applied(world, changed(*WITHOUT_PB))
    world.dm("olga").expect("*O-2* Sign-in validated has nobody now: Person B left the plan.")
    assert world.row("task", "O-2").assignees == []
    assert "Person B had it and has left the plan." in (await world.says("pa", "/task show O-2")).text
