"""Overdue and stuck tasks: those who have them and who lead their teams are told once."""

from __future__ import annotations

import pytest

from tests.tasks.conftest import WORK
from tests.world import World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


async def test_a_task_that_comes_due_unfinished_is_told_once_to_whoever_has_it_and_to_the_lead(work):
    await work.advance(hours=4, minutes=59)
    work.dm("pa").expect_nothing("overdue")
    await work.advance(minutes=1)
    work.dm("pa").expect("This task needs you", "*A-1*", "Update its progress")
    told = work.dm("olga").expect("Late in your team", "*A-1*", "<@UPA> has it: ask how far it is")
    assert "needs you" not in told.shown
    work.dm("pb").expect_nothing("A-1")
    await work.advance(hours=2)
    assert work.dm("pa").count("This task needs you") == 1
    assert "*A-1*" in (await work.says("amp", "/task list overdue", "release")).text


async def test_whoever_had_a_late_task_reads_who_has_it_now_and_since_when_it_goes_on(work):
    await work.says("pa", "/task start A-1")
    await work.advance(hours=5)
    work.dm("pa").expect("This task needs you", "*A-1*")
    await work.says("olga", "/task assign A-1 @pb")
    work.dm("pa").expect("Late in your team", "*A-1*", "<@UPB> has it: ask how far it is")
    work.dm("pa").expect_nothing("You stand in")
    work.dm("pb").expect("assigned you *A-1*", "*In progress*, 0%, with <@UPB>. Started <!date^")


async def test_a_late_task_that_is_blocked_names_its_blocker_and_asks_for_no_other(work):
    await work.says("pa", "/task block A-1 mongo refuses TLS")
    await work.advance(hours=5)
    work.dm("pa").expect("*A-1*", "Overdue. It is blocked: `/blocker show 1`")
    work.dm("pa").expect_nothing("raise a blocker")


async def test_whoever_stands_in_for_somebody_with_a_late_task_is_asked_for_it(work):
    await work.says("olga", "/task assign A-1 @olga")
    await work.says("olga", "/plan away today")
    await work.advance(hours=5)
    work.dm("pa").expect("*A-1*", "Overdue. You stand in for <@UOLGA>. Update its progress or raise a blocker.")


async def test_whoever_stands_in_for_a_lead_is_told_whom_to_ask_for_a_late_task_of_another(work):
    await work.says("olga", "/task assign A-1 @pb")
    await work.says("olga", "/plan away today")
    await work.advance(hours=5)
    work.dm("pa").expect("Late in your team", "*A-1*", "<@UPB> has it: ask how far it is")


@pytest.mark.both_databases
async def test_a_late_task_that_waits_for_another_is_told_without_a_request(work):
    theirs = WORK.replace("A-2: {title: API under load,", "A-2: {title: API under load, assignee: pb,")
    work.apply(theirs.replace("due: 2025-11-13 17:00", "due: 2025-11-13 15:00"))
    await work.advance(hours=7)
    told = work.dm("pb").expect(
        "This task is late, but can't start", "*A-2*", "Overdue. It can't start yet.", "Waits: A-1"
    )
    assert "Update its progress" not in told.shown
    lead = work.dm("olga").expect("Late in your team", "*A-2*", "It can't start yet.")
    assert "<@UPB> has it: ask" not in lead.shown


async def test_the_model_of_a_completed_task_is_never_overdue(work):
    await work.completes("pa", "A-1")
    await work.advance(hours=6)
    work.dm("pa").expect_nothing("This task needs you")


async def test_a_task_whose_due_time_moved_comes_due_as_overdue_at_the_new_time(work):
    work.apply(WORK.replace("2025-11-13 14:00", "2025-11-13 16:00"))
    await work.advance(hours=5)
    work.dm("pa").expect_nothing("overdue")
    await work.advance(hours=2)
    work.dm("pa").expect("Update its progress")


@pytest.mark.both_databases
async def test_a_task_without_update_for_longer_than_its_estimate_comes_due_as_stuck(work):
    await work.says("pa", "/task start A-1")
    await work.advance(hours=3)
    await work.says("pa", "/task note A-1 half of the tables")
    await work.advance(hours=3, minutes=59)
    work.dm("pa").expect_nothing("No update")
    await work.advance(minutes=1)
    work.dm("pa").expect("*A-1*", "No update since", "longer than it should take")
    assert "*A-1*" in (await work.says("amp", "/task list stuck", "release")).text


@pytest.mark.both_databases
async def test_a_task_is_not_stuck_for_a_night_or_a_weekend_in_which_nobody_works(database_url):
    async with World(database_url, WORK.replace("2025-11-13 14:00", "2025-11-20 14:00")) as world:
        await world.advance(days=1, hours=7)
        await world.says("pa", "/task start A-1")
        await world.advance(days=2, hours=17)
        world.dm("pa").expect_nothing("No update")
        assert "A-1" not in (await world.says("amp", "/task list stuck", "release")).text
        await world.advance(hours=2, minutes=59)
        world.dm("pa").expect_nothing("No update")
        await world.advance(minutes=1)
        world.dm("pa").expect("*A-1*", "No update since", "longer than it should take")


@pytest.mark.parametrize(("estimate", "days"), [(", estimate: 2d", 4), (", estimate: 24h", 5), ("", 3)])
async def test_a_task_of_days_is_stuck_after_so_many_days_of_work_and_one_without_an_estimate_after_one(
    database_url, estimate, days
):
    daily = WORK.replace(", estimate: 2h-4h", estimate).replace("2025-11-13 14:00", "2025-11-20 14:00")
    async with World(database_url, daily) as world:
        await world.advance(days=1, hours=7)
        await world.says("pa", "/task start A-1")
        if estimate:
            shown = (await world.says("pa", "/task show A-1")).messages[-1].shown
            assert estimate.removeprefix(", ").replace(":", "") in shown
        await world.advance(days=days, minutes=-1)
        world.dm("pa").expect_nothing("No update")
        await world.advance(minutes=1)
        world.dm("pa").expect("*A-1*", "No update since", "longer than it should take")


async def test_the_notice_of_an_overdue_task_waits_for_working_hours(database_url):
    late = WORK.replace("due: 2025-11-13 14:00", "due: 2025-11-13 23:00")
    async with World(database_url, late) as world:
        await world.advance(hours=15)
        world.dm("pa").expect_nothing("overdue")
        await world.advance(hours=9)
        world.dm("pa").expect("Update its progress")


async def test_tasks_overdue_when_the_plan_files_tasks_are_first_applied_are_not_announced(database_url):
    async with World(database_url, WORK.replace("due: 2025-11-13 14:00", "due: 2025-11-13 08:00")) as world:
        await world.advance(minutes=5)
        world.dm("pa").expect_nothing("overdue")
        assert "*overdue*" in (await world.says("pa", "/task")).text


@pytest.mark.both_databases
async def test_the_notice_of_an_overdue_task_follows_what_happens_to_it(work):
    await work.advance(hours=5)
    late = work.dm("pa").expect("This task needs you")
    await work.clicks("pa", "Start", late)
    await work.clicks("pa", "Update progress", work.dm("pa").expect("This task needs you"))
    await work.opened("pa")
    assert "*In progress*, 40%" in await work.submits("pa", {"Percent done": "40"})
    await work.advance(seconds=2)
    assert "40%" in work.dm("pa").expect("This task needs you").shown
    assert "40%" in work.dm("olga").expect("Late in your team").shown
    await work.completes("pa", "A-1")
    await work.advance(seconds=2)
    assert "Not late any more" in work.dm("pa").expect("*A-1*", "alarm_clock").shown
    assert work.dm("pa").count("alarm_clock") == 1


async def test_a_stuck_task_that_is_not_due_yet_is_nowhere_called_late(work):
    await work.says("pa", "/task start A-1")
    await work.advance(hours=4)
    lead = work.dm("olga").expect("Stuck in your team", "*A-1*", "No update since", "longer than it should take")
    await work.says("pa", "/task note A-1 half of the tables")
    await work.advance(seconds=10)
    work.dm("pa").expect("*A-1*", "Not stuck any more.")
    assert "Late" not in lead.shown
