"""What is written to the bot itself, in a channel or in its messages: it answers, it offers, and does nothing."""

from __future__ import annotations

import pytest

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("way", ["socket"]),
]
MONGO = "Did you mean `/board mongo refuses TLS`? Nothing happens until you click."


async def answered(bot, text, channel="dm"):
    """What somebody reads who writes this to the bot."""
    said = bot.sandbox.say("olga", channel, text)
    if channel == "dm":
        return (await bot.sandbox.until(lambda: [one for one in bot.sandbox.dm("olga") if one.ts > said.ts]))[0]
    return (await bot.sandbox.until(lambda: bot.sandbox.threads(channel, said.ts)))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("help", "`/board`: Puts things on the board"),
        ("hello!", "`/board`: Puts things on the board"),
        ("thanks a", "`/board`: Puts things on the board"),
        ("help board", "takes its time"),
        ("board help", "takes its time"),
        ("board mongo refuses TLS", MONGO),
        ("/board mongo refuses TLS", MONGO),
        ("Board: mongo refuses TLS", MONGO),
        ("baord mongo refuses TLS", MONGO),
        ("mongo refuses TLS", MONGO),
        ("board", "takes its time"),
        ("board ack 12", "Did you mean `/board ack 12`?"),
        ("board akc 12", "Did you mean `/board ack 12`?"),
        ("quiet", "`/quiet`"),
        ("board " + "x" * 3000, "too long for a button"),
    ],
)  # fmt: skip
async def test_the_conversation_answers_a_direct_message_and_does_nothing_by_itself(bot, text, expected):
    assert expected in (await answered(bot, text)).shown
    assert await bot.done() == [f"heard {text}"]


async def test_the_conversation_answers_a_mention_in_its_thread(bot):
    assert "`/board`: Puts things on the board" in (await answered(bot, "@callboard help", "ops")).shown
    assert "`/board`: Puts things on the board" in (await answered(bot, "hey @callboard", "ops")).shown
    assert MONGO in (await answered(bot, "@callboard mongo refuses TLS", "ops")).shown


async def test_the_conversation_runs_what_it_offered_when_somebody_clicks_once_for_all_clicks(bot):
    offer = await answered(bot, "@callboard board mongo refuses TLS", "ops")
    assert offer.buttons == ["Puts it on the board"]
    await bot.sandbox.click("olga", "ops", offer.ts, "Puts it on the board")
    outcome = await bot.sandbox.click("pa", "ops", offer.ts, "Puts it on the board")
    await bot.sandbox.until(lambda: outcome.messages)
    assert outcome.text == "<@UOLGA> clicked first. They read: On the board: mongo refuses TLS"
    assert (await bot.done()).count("mongo refuses TLS") == 1


async def test_the_conversation_opens_a_form_that_it_offered(bot):
    offer = await answered(bot, "board form")
    await bot.sandbox.click("olga", "dm", offer.ts, "Run /board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))


async def test_the_conversation_answers_a_mention_once_though_it_is_delivered_again_and_edited(bot):
    first = await answered(bot, "@callboard hlep", "ops")
    assert (await bot.sandbox.courier.again()).ok
    bot.sandbox.edit("olga", "ops", first.thread_ts, "@callboard help")
    await bot.sandbox.until(lambda: len(bot.sandbox.record.of("ack")) == 5)
    assert len(bot.sandbox.threads("ops", first.thread_ts)) == 1


async def test_the_conversation_answers_no_bot(bot):
    event = {
        "type": "app_mention",
        "user": "U9",
        "bot_id": "B9",
        "text": "<@U0BOT> help",
        "channel": "COPS",
        "ts": "1.0",
    }
    body = {"type": "event_callback", "event_id": "Ev9", "team_id": "T0SANDBOX", "event": event | {"ts": "1.0"}}
    assert (await bot.sandbox.courier.send("events_api", body)).ok
    assert bot.sandbox.messages("ops") == []
