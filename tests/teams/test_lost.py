"""Accounts that take nothing are absences."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)


async def leaves(world, person):
    world.slack.deactivate(person)
    await world.heard("user_change")


async def test_the_links_of_a_deactivated_account_make_its_owner_absent_and_deputies_are_paged(world):
    await leaves(world, "olga")
    told = world.dm("amp").expect("Omega lead", "deactivated Slack account", "<@UPA>", "stands in")
    assert "invite" not in told.shown
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("pa").expect("mongo refuses TLS")
    await world.advance(minutes=6)
    world.dm("amp").expect("mongo refuses TLS")
    assert world.dm("amp").count("deactivated Slack account") == 1
    world.dm("amp").expect_nothing("I can't post to")
    await world.says("amp", "/plan people")
    assert "has a deactivated Slack account" in world.slack.ephemerals("amp", "omega")[-1].shown
    await world.says("amp", "/plan")
    assert "Omega lead has a deactivated Slack account" in world.slack.ephemerals("amp", "omega")[-1].shown


async def test_the_links_of_an_account_that_is_active_again_end_the_absence(world):
    await leaves(world, "olga")
    world.slack.reactivate("olga")
    await world.app.linker.link("T0SANDBOX")
    await world.settled()
    world.dm("amp").expect("Omega lead is in Slack again")
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("olga").expect("mongo refuses TLS")


async def test_the_links_page_a_stand_in_when_the_account_goes_while_its_owner_is_waited_for(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await leaves(world, "olga")
    world.dm("pa").expect("mongo refuses TLS")


@pytest.mark.parametrize("code", ["user_not_found", "is_inactive", "cannot_dm_bot", "channel_not_found"])
async def test_the_links_take_a_person_whom_slack_refuses_for_absent_and_find_them_again(world, code):
    world.slack.fault("chat.postMessage", "error", code=code, channel="olga", times=1)
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.settled()
    world.dm("pa").expect("mongo refuses TLS")
    assert world.dm("amp").count("Omega lead", "stands in") == 1
    world.dm("amp").expect_nothing("I can't post to")
    await world.app.linker.link("T0SANDBOX")
    await world.settled()
    world.dm("amp").expect("Omega lead is in Slack again")


async def test_the_links_tell_the_stand_in_of_a_coordinator_who_left(database_url):
    plan = PLAN.replace("name: Amp, slack: UAMP,", "name: Amp, slack: UAMP, deputies: [sara],")
    async with World(database_url, plan) as world:
        await leaves(world, "amp")
        world.dm("sara").expect("Amp has a deactivated Slack account. <@USARA> stands in")
