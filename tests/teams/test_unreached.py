"""Pages that reach nobody: who hears of it when coordinators left, take no direct messages, or a channel is gone."""

from __future__ import annotations

import pytest

from slack_standin.state import User
from tests.world import PEOPLE, PLAN, World

DATABASES = ("sqlite",)
DEPUTY = PLAN.replace("name: Amp, slack: UAMP,", "name: Amp, slack: UAMP, deputies: [sara],")
ROOM_FIRST = PLAN.replace("{level: Team lead, notify: [lead]", '{level: Room, notify: ["#urgent"]')
LONG = 9e5


async def leaves(world, person):
    world.slack.deactivate(person)
    await world.heard("user_change")


def refuse(world, code, *people):
    for person in people:
        world.slack.fault("chat.postMessage", "error", code=code, channel=person, seconds=LONG)


async def test_an_unreached_lead_is_told_to_whoever_stands_in_for_the_coordinator_with_what_the_page_says(database_url):
    async with World(database_url, DEPUTY) as world:
        await leaves(world, "amp")
        refuse(world, "restricted_action", "olga")
        await world.says("pb", "/blocker mongo refuses TLS")
        told = world.dm("sara").expect(
            "I can't page <@UOLGA>", "I am not allowed to post there.", "Reach them yourself"
        )
        assert "You are paged for blocker 1: mongo refuses TLS" in told.shown
        await world.says("pa", "/blocker ack 1")
        world.dm("sara").expect("<@UOLGA> was not paged, and need not be any more.")


async def test_a_coordinator_who_left_is_told_to_the_channel_of_the_plan_where_nobody_stands_in(world):
    await leaves(world, "amp")
    told = world.channel("release").expect("Amp has a deactivated Slack account. Nobody stands in.")
    refuse(world, "restricted_action", "olga")
    await world.says("pb", "/blocker mongo refuses TLS")
    world.channel("release").expect("I can't page <@UOLGA>", "mongo refuses TLS")
    world.slack.reactivate("amp")
    await world.app.linker.link("T0SANDBOX")
    await world.settled()
    assert world.channel("release").expect("Amp is in Slack again.").ts == told.ts


async def test_the_unreached_of_an_app_without_direct_messages_are_named_in_the_channel_once_each(world):
    refuse(world, "messages_tab_disabled", *PEOPLE)
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.advance(hours=2)
    for person in ("UOLGA", "UAMP", "UEXEC"):
        words = (f"I can't page <@{person}>", "mongo refuses TLS", "Turn on its Messages tab")
        assert world.channel("release").count(*words) == 1
    assert len(world.channel("release")) == 3


async def test_questions_that_reach_nobody_in_an_app_without_direct_messages_are_one_sentence_in_the_channel(
    database_url,
):
    asked = 'standups: [{name: Daily, days: mon-sun, at: "09:30", who: [everyone], window: 8h, questions: [Today]}]'
    async with World(database_url, f"{PLAN}\n{asked}") as world:
        refuse(world, "messages_tab_disabled", *PEOPLE)
        await world.advance(minutes=31)
        assert world.channel("release").count("I can't send direct messages to anybody.", "Messages tab") == 1


async def test_a_channel_that_a_step_names_and_that_is_archived_is_told_for_each_matter(database_url):
    async with World(database_url, ROOM_FIRST) as world:
        world.slack.archive("urgent")
        for what in ("mongo refuses TLS", "the disk is full"):
            await world.says("pb", f"/blocker {what}")
            world.dm("amp").expect("I can't page <#CURGENT>. It is archived.", what, "Tell them yourself.")
        assert len(world.dm("amp")) == 2
        world.slack.archive("urgent", archived=False)
        await world.heard("channel_unarchive")
        await world.advance(seconds=5)
        world.channel("urgent").expect("the disk is full")
        assert world.dm("amp").count("<#CURGENT> was paged after all") == 2


async def test_what_a_leaver_had_taken_goes_to_whoever_stands_in_at_once_and_is_theirs_to_hand_back(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.clicks("olga", "Take it", "mongo refuses TLS")
    await leaves(world, "olga")
    asked = world.dm("pa").expect("<@UOLGA> has had it since", "They are away, and you stand in.", "Take it over")
    world.thread(world.card()).expect("I asked <@UPA>, who stands in, how it goes.")
    await world.clicks("pa", "Hand back", asked)
    assert "Nobody has it" in world.card().shown
    await world.advance(minutes=6)
    world.dm("amp").expect("mongo refuses TLS", "Managing engineer")


async def test_an_account_that_is_active_again_reads_nothing_of_an_absence_that_nobody_noted(world):
    await leaves(world, "olga")
    world.slack.reactivate("olga")
    await world.app.linker.link("T0SANDBOX")
    await world.advance(minutes=1)
    assert len(world.dm("olga")) == 0


async def test_a_new_account_in_the_plan_file_is_paged_at_once_and_its_owner_stands_for_themselves(world):
    await leaves(world, "olga")
    world.slack.workspace.state.users["UOLGATWO"] = User(name="olga2", id="UOLGATWO")
    world.apply(PLAN.replace("UOLGA", "UOLGATWO"))
    await world.settled()
    world.dm("amp").expect("Omega lead is in Slack again.")
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("olga2").expect("mongo refuses TLS")
    world.dm("pa").expect_nothing("mongo refuses TLS")
    await world.advance(minutes=2)
    world.dm("amp").expect_nothing("I can't post to")


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived"])
async def test_an_edit_of_a_page_that_slack_refuses_is_no_page_that_reached_nobody(world, code):
    await world.says("pb", "/blocker mongo refuses TLS")
    world.slack.fault("chat.update", "error", code=code, channel="olga", seconds=LONG)
    await world.clicks("olga", "Take it", "mongo refuses TLS")
    await world.advance(minutes=1)
    world.dm("amp").expect_nothing("<@UOLGA>")
