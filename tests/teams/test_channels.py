"""Channels that are closed: what is for them goes where the plan names another, or where one was made anew."""

from __future__ import annotations

from slack_standin.state import Conversation
from tests.world import PLAN


async def names_another(world, name="room"):
    """The plan names another channel in the place of #omega."""
    made = Conversation(id=f"C{name.upper()}", name=name, members=["UPA", world.slack.workspace.bot])
    world.slack.workspace.state.conversations[made.id] = made
    world.apply(PLAN.replace("#omega", f"#{name}"))
    await world.app.linker.link("T0SANDBOX")
    await world.advance(seconds=10)


async def test_the_links_post_what_waits_for_an_archived_channel_where_the_plan_names_another(world):
    world.slack.archive("omega")
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    await world.says("pb", "/blocker note 1 the vendor is on it", "release")
    await names_another(world)
    assert world.thread(world.card(1, "room")).count("the vendor is on it") == 1
    await world.says("olga", "/blocker ack 1", "release")
    await world.advance(seconds=5)
    assert "<@UOLGA> has it" in world.card(1, "room").shown
    world.dm("amp").expect("The plan names another channel than <#COMEGA> now, and I post there.")


async def test_the_links_post_the_card_of_a_channel_that_is_archived_later_where_the_plan_names_another(world):
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    await names_another(world)
    world.slack.archive("omega")
    await world.says("olga", "/blocker ack 1", "release")
    await world.says("pb", "/blocker note 1 the vendor is on it", "release")
    await world.advance(seconds=10)
    card = world.card(1, "room")
    assert "<@UOLGA> has it" in card.shown
    world.thread(card).expect("the vendor is on it")
    await world.says("olga", "/blocker resolve 1 done", "release")
    await world.advance(seconds=10)
    assert "Reopen" in world.card(1, "room").shown
    assert len(world.channel("room")) == 1
    world.dm("amp").expect_nothing("I can't")


async def test_the_links_post_the_card_of_an_archived_channel_where_the_plan_names_another_after_the_next(world):
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    await names_another(world, "hall")
    await names_another(world, "room")
    world.slack.archive("omega")
    world.slack.archive("hall")
    await world.says("pb", "/blocker note 1 the vendor is on it", "release")
    await world.advance(seconds=10)
    world.thread(world.card(1, "room")).expect("the vendor is on it")


async def test_the_links_post_the_card_of_a_team_that_has_no_channel_any_more_in_the_channel_of_the_plan(world):
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    world.apply(PLAN.replace(', channel: "#omega"', ""))
    world.slack.archive("omega")
    await world.says("olga", "/blocker ack 1", "release")
    await world.advance(seconds=10)
    assert "<@UOLGA> has it" in world.card(1, "release").shown


async def test_the_links_leave_a_card_where_it_stands_while_its_channel_is_open(world):
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    await names_another(world)
    await world.says("olga", "/blocker ack 1", "release")
    await world.advance(seconds=10)
    assert "<@UOLGA> has it" in world.card().shown
    assert not len(world.channel("room"))


async def test_the_links_say_where_a_card_can_t_be_posted_that_left_an_archived_channel(world):
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    await names_another(world)
    for closed in ("omega", "room"):
        world.slack.archive(closed)
    await world.says("olga", "/blocker ack 1", "release")
    await world.advance(seconds=10)
    world.dm("amp").expect("I can't post to #room. It is archived.")


async def test_the_links_find_a_channel_that_was_made_anew_and_send_there_what_waited(world):
    world.slack.archive("omega")
    await world.says("pb", "/blocker mongo refuses TLS", "release")
    world.slack.recreate("omega")
    await world.app.linker.link("T0SANDBOX")
    await world.settled()
    world.card()
    assert world.dm("amp").count("#omega was made anew") == 1
    await world.app.linker.link("T0SANDBOX")
    await world.settled()
    assert world.dm("amp").count("#omega was made anew") == 1


async def test_the_links_post_cards_of_a_deleted_channel_in_the_one_that_was_made_anew(world):
    for what in ("mongo refuses TLS", "the disk is full"):
        await world.says("pb", f"/blocker {what}", "release")
    world.slack.archive("omega")
    await world.says("olga", "/blocker ack 1", "release")
    world.slack.recreate("omega")
    await world.app.linker.link("T0SANDBOX")
    await world.settled()
    await world.says("olga", "/blocker ack 2", "release")
    await world.advance(seconds=10)
    assert all("<@UOLGA> has it" in world.card(number).shown for number in (1, 2))
