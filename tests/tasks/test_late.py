"""What is overdue or stuck is told once, to those who have it and those who lead them."""

from __future__ import annotations

from tests.tasks.conftest import WORK
from tests.tasks.test_life_of_a_task import done
from tests.world import World


async def test_overdue_is_told_once_to_whoever_has_it_and_to_the_lead(work):
    await work.advance(hours=4, minutes=59)
    work.dm("pa").expect_nothing("overdue")
    await work.advance(minutes=1)
    for person in ("pa", "olga"):
        work.dm(person).expect("This needs you", "*A-1*", "Say how far it is")
    work.dm("pb").expect_nothing("A-1")
    await work.advance(hours=2)
    assert work.dm("pa").count("This needs you") == 1
    assert "*A-1*" in (await work.says("amp", "/task list overdue", "release")).text


async def test_done_in_time_nobody_hears_of_it(work):
    await done(work)
    await work.advance(hours=6)
    work.dm("pa").expect_nothing("This needs you")


async def test_moved_to_later_it_is_overdue_then(work):
    work.apply(WORK.replace("2025-11-13 14:00", "2025-11-13 16:00"))
    await work.advance(hours=5)
    work.dm("pa").expect_nothing("overdue")
    await work.advance(hours=2)
    work.dm("pa").expect("Say how far it is")


async def test_stuck_is_what_nothing_is_heard_of_for_longer_than_it_may_take(work):
    await work.says("pa", "/task start A-1")
    await work.advance(hours=3)
    await work.says("pa", "/task note A-1 half of the tables")
    await work.advance(hours=3, minutes=59)
    work.dm("pa").expect_nothing("Nothing was said or done")
    await work.advance(minutes=1)
    work.dm("pa").expect("*A-1*", "Nothing was said or done about it")
    assert "*A-1*" in (await work.says("amp", "/task list stuck", "release")).text


async def test_at_night_nobody_is_woken_for_it(database_url):
    late = WORK.replace("due: 2025-11-13 14:00", "due: 2025-11-13 23:00")
    async with World(database_url, late) as world:
        await world.advance(hours=15)
        world.dm("pa").expect_nothing("overdue")
        await world.advance(hours=9)
        world.dm("pa").expect("Say how far it is")


async def test_a_plan_that_comes_late_does_not_flood(database_url):
    async with World(database_url, WORK.replace("due: 2025-11-13 14:00", "due: 2025-11-13 08:00")) as world:
        await world.advance(minutes=5)
        world.dm("pa").expect_nothing("overdue")
        assert "*overdue*" in (await world.says("pa", "/task")).text
