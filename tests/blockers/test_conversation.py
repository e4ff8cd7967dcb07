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
