"""Blockers told to the bot itself, in its direct messages and by its name in a channel."""

from __future__ import annotations

from tests.world import World

DATABASES = ("sqlite",)  # what is told is the same on both


async def test_the_conversation_pages_nobody_for_a_blocker_until_its_author_clicks(database_url):
    async with World(database_url) as world:
        said = world.slack.say("pa", "dm", "blocker mongo refuses TLS")
        await world.heard("message")
        offer = (await world.slack.until(lambda: [one for one in world.slack.dm("pa") if one.ts > said.ts]))[0]
        assert [row for row in world.entries("blocker") if row.verb == "opened"] == []
        assert not world.dm("olga").count("mongo")
        outcome = await world.clicks("pa", "Raise a blocker", offer)
        await world.slack.until(lambda: outcome.messages)
        assert "Blocker 1 is open for Omega." in outcome.text
        await world.settled()
        world.dm("olga").expect("mongo refuses TLS")


async def test_the_conversation_leaves_who_is_in_no_plan_with_an_offer_that_is_refused(database_url):
    async with World(database_url) as world:
        said = world.slack.say("stranger", "omega", "@callboard blocker mongo refuses TLS")
        offer = (await world.slack.until(lambda: world.slack.threads("omega", said.ts)))[0]
        outcome = await world.clicks("stranger", "Raise a blocker", offer)
        await world.slack.until(lambda: outcome.messages)
        assert "not in" in outcome.text
        assert world.entries("blocker") == []


async def test_the_conversation_lets_others_raise_what_was_refused_to_whoever_clicked_first(database_url):
    async with World(database_url) as world:
        said = world.slack.say("stranger", "omega", "@callboard blocker mongo refuses TLS")
        offer = (await world.slack.until(lambda: world.slack.threads("omega", said.ts)))[0]
        outcome = await world.clicks("stranger", "Raise a blocker", offer)
        await world.slack.until(lambda: outcome.messages)
        outcome = await world.clicks("pa", "Raise a blocker", offer)
        await world.slack.until(lambda: outcome.messages)
        assert "Blocker 1 is open for Omega." in outcome.text
        await world.settled()
        world.dm("olga").expect("mongo refuses TLS")


async def test_the_conversation_tells_whoever_clicks_second_who_was_first(database_url):
    async with World(database_url) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        said = world.slack.say("pa", "omega", "@callboard blocker ack 1")
        offer = (await world.slack.until(lambda: world.slack.threads("omega", said.ts)))[0]
        first = await world.clicks("olga", "Run /blocker ack 1", offer)
        await world.slack.until(lambda: first.messages)
        assert first.text.startswith("You have blocker 1.")
        second = await world.clicks("pb", "Run /blocker ack 1", offer)
        await world.slack.until(lambda: second.messages)
        assert second.text.startswith("<@UOLGA> clicked first. They read: You have blocker 1.")


async def answered(world, person, channel, text, thread_ts):
    """What is answered to what somebody writes in a thread, where no slash commands can be typed."""
    said = world.slack.say(person, channel, text, thread_ts)
    place = world.slack.dm(person) if channel == "dm" else world.slack.messages(channel)
    assert any(one.ts == said.ts for one in place)

    def replies():
        room = world.slack.dm(person) if channel == "dm" else world.slack.messages(channel)
        return [one for one in room if one.thread_ts == thread_ts and one.ts > said.ts and one.bot_id]

    return (await world.slack.until(replies))[-1]


async def test_what_is_written_under_a_card_is_about_its_blocker(database_url):
    async with World(database_url) as world:
        await world.says("pa", "/blocker redis is slow today")
        await world.says("pa", "/blocker mongo refuses TLS")
        card = world.card(2)
        for text, meant in (
            ("resolve it", "/blocker resolve 2"),
            ("I take it", "/blocker take 2"),
            ("it is fixed now", "/blocker fixed 2"),
            ("resolved, the certificate is new", "/blocker resolved 2 the certificate is new"),
            ("snooze it for 30m", "/blocker snooze 2 for 30m"),
            ("reassign to @pb", "/blocker reassign 2 to @somebody"),
            ("ack 1", "/blocker ack 1"),
            ("mine", "/blocker mine"),
            ("the certificate has expired", "/blocker note 2 the certificate has expired"),
            ("ok thanks", "/blocker show 2"),
            ("blocker the queue is full", "/blocker the queue is full"),
        ):
            offer = await answered(world, "olga", "omega", f"@callboard {text}", card.ts)
            assert f"Did you mean `{meant}`?" in offer.shown, (text, offer.shown)
        offer = await answered(world, "olga", "omega", "@callboard done", card.ts)
        await world.clicks("olga", "Run /blocker done 2", offer)
        assert [world.row("blocker", number).state for number in (1, 2)] == ["open", "resolved"]


async def test_what_is_written_under_a_page_is_about_its_blocker(database_url):
    async with World(database_url) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        page = world.dm("olga").expect("mongo refuses TLS")
        offer = await answered(world, "olga", "dm", "ack", page.ts)
        await world.clicks("olga", "Run /blocker ack 1", offer)
        assert world.row("blocker", 1).state == "acknowledged"
        offer = await answered(world, "olga", "dm", "found the cause, the fix is in review", page.ts)
        await world.clicks("olga", "Run /blocker note 1 found the cause, the fix is in review", offer)
        world.thread(world.card()).expect("found the cause")
