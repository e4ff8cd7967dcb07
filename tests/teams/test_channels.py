"""Channels that are closed: what is for them goes where the plan names another, or where one was made anew."""

from __future__ import annotations

from slack_standin.state import Conversation
from tests.world import PLAN, World


async def names_another(world, name="room", plan=PLAN):
    """The plan names another channel in the place of #omega."""
    made = Conversation(id=f"C{name.upper()}", name=name, members=["UPA", world.slack.workspace.bot])
    world.slack.workspace.state.conversations[made.id] = made
    world.apply(plan.replace("#omega", f"#{name}"))
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
    world.channel("room").expect("from now on I post here, no longer in <#COMEGA>, about *Omega*.")
    assert len(world.channel("room")) == 2
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
    assert "<@UOLGA> has it" in world.channel("omega").expect("Blocker 1", "Hand back").shown
    assert len(world.channel("room")) == 1
    world.channel("room").expect("Cards that are there stay up to date there", "mongo refuses TLS · `/blocker show 1`")


async def test_a_channel_that_the_plan_leaves_says_once_where_it_goes_on_and_the_new_one_what_is_open(database_url):
    levels = "emergencies:\n  1: {name: Critical, respond_within: 5m, tell: [all leads], channel: urgent}\n"
    async with World(database_url, PLAN + levels) as world:
        for what in ("mongo refuses TLS", "the disk is full"):
            await world.says("pb", f"/blocker {what}")
        await world.says("olga", "/blocker resolve 2 cleaned it")
        await world.says("pb", "/emergency 1 the database is gone")
        await names_another(world, "room", PLAN.replace('"#urgent"', '"#room"') + levels)
        there = "no longer here, about what goes to `urgent` and emergency 1. Cards that are here stay up to date"
        assert world.channel("urgent").count(there, "from now on I post in #room") == 1
        assert world.channel("room").count("the database is gone · `/emergency show 1`") == 1
        assert world.channel("omega").count("no longer here, about *Omega*.", "Cards that are here stay") == 1
        told = world.channel("room").expect("no longer in <#COMEGA>, about *Omega*.", "mongo refuses TLS").shown
        assert "the disk is full" not in told
        await names_another(world, "room", PLAN.replace('"#urgent"', '"#room"') + levels + "links: {Wiki: x}\n")
        assert len(world.channel("room")) == 2
        await world.says("pb", "/blocker redis is down")
        world.channel("room").expect("Blocker 3", "redis is down")
        world.apply(PLAN + levels)
        await world.advance(seconds=10)
        assert world.channel("room").count("from now on I post in <#COMEGA>, no longer here") == 1
        world.channel("omega").expect("no longer in <#CROOM>", "redis is down · `/blocker show 3`")
        assert not world.verified()


async def test_a_team_without_a_channel_any_more_says_so_in_the_one_that_it_had(world):
    world.apply(PLAN.replace(', channel: "#omega"', ""))
    await world.advance(seconds=10)
    assert world.channel("omega").count("from now on I post in <#CRELEASE>, no longer here, about *Omega*.") == 1


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
