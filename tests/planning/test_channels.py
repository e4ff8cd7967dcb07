"""Channels that were archived or deleted: what `/plan` says of them, and that nobody is asked for an invitation."""

from __future__ import annotations

from tests.world import PLAN, World

DATABASES = ("sqlite",)


async def overview(world):
    await world.app.linker.link("T0SANDBOX")
    await world.advance(seconds=5)
    return (await world.says("amp", "/plan", "release")).text


async def test_the_planning_overview_says_that_a_channel_is_archived_and_what_to_do(world):
    world.slack.archive("omega")
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    shown = await overview(world)
    assert "#omega: It is archived. Unarchive it, or name another channel in the plan file." in shown
    assert "I'm not in" not in shown
    world.dm("amp").expect_nothing("needs me in more channels")


async def test_the_planning_overview_says_that_a_channel_was_deleted_and_what_to_do(world):
    world.slack.delete("omega")
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    shown = await overview(world)
    assert "#omega: It does not exist, or it is private. Create it, or type `/invite @Callboard` there." in shown
    assert "I'm not in" not in shown
    world.dm("amp").expect_nothing("needs me in more channels")


async def test_the_planning_overview_asks_for_an_invitation_only_where_somebody_can_invite(world):
    world.slack.archive("omega")
    world.slack.remove_bot("sigma")
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    await world.says("sc", "/blocker the disk is full", "release")
    shown = await overview(world)
    assert "#omega: It is archived." in shown
    world.slack.add_bot("sigma")
    await world.heard("member_joined_channel")
    shown = await overview(world)
    assert "#omega: It is archived." in shown
    assert "#sigma" not in shown
    world.dm("amp").expect_nothing("I'm in every channel")


async def test_the_planning_overview_says_how_a_channel_is_found_that_was_archived_before_the_plan(database_url):
    async with World(database_url, plan="") as world:
        world.slack.archive("urgent")
        world.apply(PLAN)
        found = "I can't find #urgent. Create or unarchive it, or type `/invite @Callboard` there if it is private."
        assert found in await overview(world)
