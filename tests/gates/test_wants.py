"""What is wanted and not needed: nothing waits for it, whoever goes on without is told so, and when it is there."""

from __future__ import annotations

import pytest

from tests.gates.company import PLAN_WITH_GATES, company, tested, validated

DATABASES = ("sqlite",)  # words

WANTING = (
    PLAN_WITH_GATES.replace("    needs: [validated]\n    criteria:", "    wants: [validated, S-2]\n    criteria:")
    .replace("    S-1: {title", "    S-2: {title: Sign-in measured, wants: [validated]}\n    S-1: {title")
    .replace("to: 2025-11-14 18:00}\ntasks", "to: 2025-11-14 18:00, wants: [validated]}\ntasks")
    .replace("members: [sc], needs: [validated]", "members: [sc]")
)


@pytest.fixture
async def world(database_url):
    async with company(database_url, WANTING) as world:
        yield world


async def test_the_dependencies_of_a_task_let_it_start_without_the_gate_it_wants_and_say_so(world):
    said = (await world.says("sc", "/task start S-2", channel="sigma")).text
    assert "S-2 is in progress" in said
    assert "Not ready: Omega signs off (`validated`) is not signed (0 of 2 met)" in said
    assert "<@UOLGA> signs when all is met. You can start without it. I'll tell your team when it is." in said
    await validated(world)
    world.channel("sigma").expect("Omega signs off", "has passed", "*S-2* wanted it")
    assert "Not ready" not in (await world.says("sc", "/task show S-2", channel="sigma")).text
    assert world.channel("sigma").count("wanted it") == 1


async def test_the_notice_that_what_a_task_wanted_is_ready_skips_completed_tasks(world):
    await world.completes("sc", "S-2")
    await validated(world)
    world.channel("sigma").expect_nothing("S-2", "wanted it")


async def test_the_slack_form_to_sign_a_gate_says_what_the_gate_wants_and_does_not_wait_for(world):
    await tested(world)
    shown = await world.signs("olga", "tested")
    assert "Wanted, not required: Omega signs off (`validated`) and Sign-in measured (`S-2`)." in shown
    await world.signs("sara", "tested")
    assert world.row("gate", "tested").state == "passed"


async def test_the_notice_that_what_a_gate_wants_is_done_goes_to_its_signers(world):
    await world.completes("sc", "S-2")
    for person in ("olga", "sara"):
        world.dm(person).expect("Sign-in measured (`S-2`) is done. *Sigma signs off* wants it")
    await validated(world)
    world.dm("sara").expect("Omega signs off (`validated`) is done. *Sigma signs off* wants it")
    assert [one.facts["awaited"] for one in world.entries("gate", "arrived", "tested")] == ["S-2", "validated"]


async def test_the_notice_that_what_a_gate_wants_is_done_counts_a_dropped_task_too(world):
    await world.says("sara", "/task drop S-2 because nobody asks for it", channel="sigma")
    assert [one.facts["awaited"] for one in world.entries("gate", "arrived", "tested")] == ["S-2"]
    await validated(world)
    await world.advance(seconds=10)
    world.channel("release").expect("Omega signs off", "has passed", "Build (`build`) wanted it")


@pytest.mark.parametrize(
    ("tasks", "read"),
    [
        ("S-1: {title: Sign-in tested, from: 2025-11-14 09:00, needs: [validated]}", ("and is planned from",)),
        (
            "S-1: {title: Sign-in tested, from: 2025-11-14 09:00, needs: [validated]}\n    S-2: {title: Load tested}",
            ("These can start now:", "planned from"),
        ),
        ("S-1: {title: Sign-in tested, phase: later, needs: [validated]}", ("and is planned from",)),
    ],
)
async def test_a_team_reads_for_when_something_is_planned_that_can_start_before(database_url, tasks, read):
    plan = PLAN_WITH_GATES.replace("S-1: {title: Sign-in tested, needs: [validated]}", tasks)
    later = "  later: {name: Later, from: 2025-11-14 09:00, to: 2025-11-15 18:00}\ntasks:\n"
    async with company(database_url, plan.replace("tasks:\n", later, 1)) as world:
        await validated(world)
        await world.advance(seconds=10)
        world.channel("sigma").expect("Omega signs off", "has passed", *read)


async def test_a_team_that_can_start_for_what_it_wanted_is_told_so_once(database_url):
    plan = PLAN_WITH_GATES.replace("lead: olga,", "lead: olga, wants: [S-2],").replace(
        "    S-1: {title", "    S-2: {title: Baseline measured}\n    S-1: {title"
    )
    plan = plan.replace("title: Sign-in validated,", "title: Sign-in validated, needs: [S-2],")
    plan = plan.replace("members: [sc], needs: [validated]", "members: [sc]")
    async with company(database_url, plan) as world:
        await world.completes("sc", "S-2")
        world.channel("omega").expect("Baseline measured (`S-2`) was completed by <@USC>. This can start now:")
        world.channel("omega").expect_nothing("wanted it")
