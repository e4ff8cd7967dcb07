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


@pytest.mark.both_databases
async def test_somebody_leaves_the_plan_who_leads_a_step_is_on_call_and_has_a_lock_and_each_heir_hears_it(world):
    await applied(world, changed(*WITHOUT_PB))
    assert world.dm("amp").count("You lead *Open the gate* now (Cast-off)") == 1
    assert world.dm("pa").count("You are on call for Omega") == 1
    world.channel("omega").expect("*Lock 1*", "Person B has left the plan", "can break it")
    world.channel("omega").expect("*Blocker 2*", "Nobody has it yet")
    told = world.dm("pb").expect("changed who may do what in *Release*", "person pb has left the plan")
    assert "slack" not in told.shown
    world.apply(changed(*WITHOUT_PB) + "\n# the same\n")
    await world.settled()
    assert world.dm("amp").count("You lead *Open the gate* now (Cast-off)") == 1
    assert world.dm("pa").count("You are on call for Omega") == 1
    assert "Open the gate is done" in (await world.says("amp", "/run done open-the-gate", "release")).text


async def test_a_turn_on_call_that_a_new_version_gives_to_somebody_else_is_told_to_both(world):
    await applied(world, changed(("rotation: [pb, pa]", "rotation: [pa, pb]")))
    world.dm("pa").expect("You are on call for Omega", "You take over from <@UPB>")
    world.dm("pb").expect("on call")


@pytest.mark.both_databases
async def test_the_card_of_a_gate_that_leaves_the_plan_says_so_and_comes_back_with_it(world):
    await applied(world, changed(("  ready:\n    name: All ready", "  set:\n    name: All set")))
    card = world.channel("release").expect("*All ready (ready)* has left the plan.")
    assert card.buttons == []
    await applied(world, changed())
    world.channel("release").expect("*All ready (ready)*", "2 of 2 met", "signed by <@UOLGA>")
    assert not world.verified()


async def test_a_signature_that_a_new_version_ends_is_void_with_what_was_reworded(world):
    await applied(world, changed(("criteria: [Seen,", "criteria: [Seen by two,")))
    world.dm("olga").expect(
        "*All ready* is void", "Seen: no longer asked for", "Seen by two: asked for since you signed"
    )


async def test_a_checkpoint_and_a_prompt_that_a_new_version_puts_into_the_past_come_late_and_blame_nobody(world):
    await applied(world, changed(("at: 2025-11-13 12:00", "at: 2025-11-13 09:05")))
    late = world.channel("omega").expect("*Noon*", "Checked late")
    assert "offline" not in late.shown


@pytest.mark.both_databases
async def test_what_is_undone_before_it_was_told_is_told_to_nobody(world):
    given = (("assignee: pb", "assignee: pa"), ("due: 2025-11-14 12:00", "due: 2025-11-14 10:00"))
    await world.until("2025-11-13 22:00")
    await applied(world, changed(*given))
    await applied(world, changed())
    await world.until("2025-11-14 09:10")
    for person in ("pa", "pb"):
        world.dm(person).expect_nothing("What changed for you")


async def test_what_is_undone_after_it_was_told_is_told_too(world):
    await applied(world, changed(("assignee: pb", "assignee: pa")))
    await applied(world, changed())
    world.dm("pa").expect("*O-1* Database validated is no longer yours: <@UPB> has it.")
    world.dm("pb").expect("*O-1* Database validated is yours now")


async def test_what_is_changed_twice_before_it_was_told_is_told_as_it_is(world):
    await world.until("2025-11-13 22:00")
    await applied(world, changed(("due: 2025-11-13 16:00", "due: 2025-11-14 14:00")))
    await applied(world, changed(("due: 2025-11-13 16:00", "due: 2025-11-14 17:00")))
    await world.until("2025-11-14 09:10")
    assert world.dm("pb").count("What changed for you") == 1
    world.dm("pb").expect("*O-1* Database validated is due", "2025-11-14 17:00 UTC", "not", "2025-11-13 16:00 UTC")
