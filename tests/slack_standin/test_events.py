"""What the app hears of by itself, how often, and over which socket."""

from __future__ import annotations

import asyncio

import pytest

from slack_standin import NotPossibleError
from tests.slack_standin.bot import Bot


async def test_the_stand_ins_workspace_makes_events_of_what_is_said_and_who_arrives(slack, bot):
    heard = []

    @bot.app.event("message")
    async def said(event):
        heard.append((event["channel_type"], event["text"], event.get("thread_ts")))

    @bot.app.event("app_mention")
    async def mentioned(event):
        heard.append(("mention", event["text"], None))

    @bot.app.event("member_joined_channel")
    async def joined(event):
        heard.append(("joined", event["channel"], None))

    top = slack.say("olga", "ops", "in the channel").ts
    slack.say("olga", "ops", "in the thread", thread_ts=top)
    slack.say("olga", "dm", "in the DM")
    slack.say("olga", "leads", "in private")
    slack.say("olga", "ops", "hey @bot")
    slack.say("olga", "elsewhere", "not for the bot")
    slack.add_bot("elsewhere")
    await slack.until(lambda: len(heard) >= 7)
    assert set(heard) == {
        ("channel", "in the channel", None),
        ("channel", "in the thread", top),
        ("im", "in the DM", None),
        ("group", "in private", None),
        ("channel", "hey <@U0BOT>", None),
        ("mention", "hey <@U0BOT>", None),
        ("joined", "CELSEWHERE", None),
    }


async def test_the_stand_ins_workspace_tells_of_a_mention_that_is_edited_and_of_none_in_a_direct_message(slack, bot):
    heard = []

    @bot.app.event("app_mention")
    async def mentioned(event):
        heard.append((event["text"], event["ts"], "edited" in event))

    @bot.app.event("message")
    async def said():
        pass

    slack.say("olga", "dm", "@bot help")
    first = slack.say("olga", "ops", "@bot hlep")
    await slack.until(lambda: heard)
    slack.edit("olga", "ops", first.ts, "@bot help")
    await slack.until(lambda: len(heard) == 2)
    assert heard == [("<@U0BOT> hlep", first.ts, False), ("<@U0BOT> help", first.ts, True)]
    with pytest.raises(NotPossibleError, match="pa did not write"):
        slack.edit("pa", "ops", first.ts, "mine")


async def test_the_bots_own_messages_in_the_stand_ins_workspace_carry_its_bot_id(slack, bot):
    await bot.client.chat_postMessage(channel="COPS", text="from the bot")
    delivery = await slack.until(lambda: slack.courier.deliveries and slack.courier.deliveries[0])
    assert delivery.payload["event"]["bot_id"] == "B0BOT"
    assert delivery.payload["authorizations"][0]["is_bot"]
    await slack.until(lambda: slack.record.of("ack"))


async def test_event_payloads_of_the_stand_in_are_only_those_that_the_app_subscribed_to(slack, client):
    slack.spec.events.remove("message.channels")
    slack.say("olga", "ops", "unheard")
    slack.say("olga", "dm", "heard")
    await slack.until(lambda: slack.courier.deliveries)
    assert [one.payload["event"]["text"] for one in slack.courier.deliveries] == ["heard"]


async def test_a_delivery_of_an_event_not_acknowledged_comes_again_from_the_stand_in(slack, http_bot):
    attempts = []

    @http_bot.app.event("message")
    async def said(request):
        attempts.append(request.headers.get("x-slack-retry-num"))
        if len(attempts) < 3:
            raise RuntimeError("not yet")

    slack.say("olga", "ops", "hello")
    await slack.until(lambda: slack.record.of("ack") and slack.record.of("ack")[-1]["answer"]["ok"])
    assert attempts == [None, ["1"], ["2"]]
    assert len(slack.courier.deliveries) == 1


async def test_a_delivery_of_an_event_is_given_up_by_the_stand_in_after_three_more(slack):
    slack.say("olga", "ops", "nobody listens")
    await slack.until(lambda: len(slack.record.of("ack")) == 4)
    assert [one["arguments"]["retry"] for one in slack.record.of("ack")] == [0, 1, 2, 3]


async def test_socket_mode_in_the_stand_in_sends_each_event_to_one_of_several_sockets(slack, socket_bot):
    other = await Bot(slack).over("socket")
    await slack.until(lambda: len(slack.sockets.connections) == 2)
    heard: dict[str, list[str]] = {"first": [], "second": []}

    @socket_bot.app.event("message")
    async def first(event):
        heard["first"].append(event["text"])

    @other.app.event("message")
    async def second(event):
        heard["second"].append(event["text"])

    for number in range(4):
        slack.say("olga", "ops", str(number))
    await slack.until(lambda: len(slack.record.of("ack")) == 4)
    assert sorted(heard["first"] + heard["second"]) == ["0", "1", "2", "3"]
    assert heard["first"]
    assert heard["second"]
    await other.leaves()


async def test_socket_mode_in_the_stand_in_asks_an_app_to_reconnect(slack, socket_bot):
    before = slack.sockets.connections[0]
    await slack.sockets.disconnect()
    await slack.until(lambda: slack.sockets.connections and slack.sockets.connections[0] is not before)


async def test_socket_mode_in_the_stand_in_loses_what_waited_on_a_socket_that_is_cut(slack, socket_bot):
    reached = asyncio.Event()

    @socket_bot.app.command("/note")
    async def note(ack):
        reached.set()
        await asyncio.Event().wait()

    waiting = asyncio.create_task(slack.command("olga", "ops", "/note x"))
    await reached.wait()
    await slack.sockets.cut()
    assert (await waiting).failure == '/note failed with the error "dispatch_failed"'


async def test_socket_mode_in_the_stand_in_carries_nothing_while_stalled(slack, socket_bot):
    @socket_bot.app.command("/note")
    async def note(ack):
        await ack("noted")

    slack.sockets.stall()
    slack.courier.ack_within = 0.2
    assert (await slack.command("olga", "ops", "/note x")).failure == '/note failed with the error "operation_timeout"'
    slack.sockets.stall(stalled=False)
    slack.courier.ack_within = 3
    assert (await slack.command("olga", "ops", "/note x")).ok


@pytest.mark.parametrize("ticket", ["", "?ticket=made-up"])
async def test_socket_mode_in_the_stand_in_needs_a_ticket(slack, ticket):
    import aiohttp

    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{slack.url.replace('http', 'ws')}/link/{ticket}")
