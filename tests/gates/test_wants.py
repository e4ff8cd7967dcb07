"""What is wanted and not needed: nothing waits for it, whoever goes on without is told so, and when it is there."""

from __future__ import annotations

import pytest

from tests.gates.company import PLAN_WITH_GATES, company, tested, validated

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


async def test_a_task_starts_without_the_gate_it_wants_and_says_so_and_its_team_hears_when_it_passes(world):
    said = (await world.says("sc", "/task start S-2", channel="sigma")).text
    assert "S-2 is in progress" in said
    assert "Not ready: Omega signs off (`validated`) is not signed (0 of 2 met)" in said
    assert "<@UOLGA> can sign. You can start without it. I'll tell your team when it is." in said
    await validated(world)
    world.channel("sigma").expect("Omega signs off", "has passed", "*S-2* wanted it")
    assert "Not ready" not in (await world.says("sc", "/task show S-2", channel="sigma")).text
    assert world.channel("sigma").count("wanted it") == 1


async def test_what_is_settled_already_wants_nothing_any_more(world):
    await world.completes("sc", "S-2")
    await validated(world)
    world.channel("sigma").expect_nothing("S-2", "wanted it")


async def test_a_gate_passes_without_what_it_wants_and_whoever_signs_sees_that_it_does(world):
    await tested(world)
    shown = await world.signs("olga", "tested")
    assert "Wanted, not required: Omega signs off (`validated`) and Sign-in measured (`S-2`)." in shown
    await world.signs("sara", "tested")
    assert world.row("gate", "tested").state == "passed"


async def test_who_must_sign_a_gate_hears_when_the_task_and_the_gate_are_there_that_it_wants(world):
    await world.completes("sc", "S-2")
    for person in ("olga", "sara"):
        world.dm(person).expect("Sign-in measured (`S-2`) is done. *Sigma signs off* wants it")
    await validated(world)
    world.dm("sara").expect("Omega signs off (`validated`) is done. *Sigma signs off* wants it")
    assert [one.facts["awaited"] for one in world.entries("gate", "arrived", "tested")] == ["S-2", "validated"]


async def test_a_dropped_task_is_there_too_and_for_a_phase_the_plans_channel_hears(world):
    await world.says("sara", "/task drop S-2 because nobody asks for it", channel="sigma")
    assert [one.facts["awaited"] for one in world.entries("gate", "arrived", "tested")] == ["S-2"]
    await validated(world)
    await world.advance(seconds=10)
    world.channel("release").expect("Omega signs off", "has passed", "Build (`build`) wanted it")
