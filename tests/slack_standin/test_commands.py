"""Slash commands, over Socket Mode and over signed HTTP alike."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from slack_standin import NotPossibleError
from slack_standin.mentions import encoded


async def test_a_response_url_of_the_stand_in_answers_only_who_asked_unless_it_is_told_otherwise(slack, bot):
    @bot.app.command("/note")
    async def note(ack, command):
        await ack(command["text"], response_type="in_channel" if "loud" in command["text"] else None)

    quiet = await slack.command("olga", "ops", "/note quiet")
    assert quiet.ok
    assert quiet.text == "quiet"
    assert [one.text for one in slack.ephemerals("olga", "ops")] == ["quiet"]
    assert slack.messages("ops") == []
    await slack.command("olga", "ops", "/note loud")
    assert [one.text for one in slack.messages("ops")] == ["loud"]


async def test_mentions_and_links_in_a_slash_command_of_the_stand_in_are_encoded_where_it_asks_for_that(slack, bot):
    heard = []

    @bot.app.command("/note")
    async def note(ack, command):
        heard.append(command["text"])
        await ack()

    @bot.app.command("/raw")
    async def raw(ack, command):
        heard.append(command["text"])
        await ack()

    await slack.command("olga", "ops", "/note ask @pa in #ops, see https://example.com. a < b & @nobody")
    await slack.command("olga", "ops", "/raw ask @pa & co")
    assert heard == [
        "ask <@UPA|pa> in <#COPS|ops>, see <https://example.com>. a &lt; b &amp; @nobody",
        "ask @pa & co",
    ]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@pa.", "<@UPA>."),
        ("<@UPA> and <@UNOBODY>", "<@UPA> and &lt;@UNOBODY&gt;"),
        ("@here", "<!here>"),
        ("olga@example.com", "olga@example.com"),
        ("#12", "#12"),
        ("#secret", "#secret"),
    ],
)
def test_mentions_that_people_type_in_the_stand_in_are_encoded_as_slack_sends_them(slack, typed, sent):
    assert encoded(slack.workspace, typed) == sent


async def test_a_delivery_that_the_app_does_not_acknowledge_in_time_fails_in_the_stand_in(slack, bot):
    go_on = asyncio.Event()

    @bot.app.command("/note")
    async def note(ack):
        await go_on.wait()
        await ack("too late")

    slack.courier.ack_within = 0.2
    outcome = await slack.command("olga", "ops", "/note this")
    go_on.set()
    assert not outcome.ok
    assert outcome.failure == '/note failed with the error "operation_timeout"'
    assert slack.ephemerals("olga", "ops")[-1].text == outcome.failure
    assert slack.record.of("ack")[-1]["answer"]["error"] == "operation_timeout"


async def test_a_delivery_of_the_stand_in_with_no_app_connected_fails_at_once(slack):
    outcome = await slack.command("olga", "ops", "/note this")
    assert outcome.failure == '/note failed with the error "dispatch_failed"'


async def test_people_in_the_stand_in_cannot_type_slash_commands_in_threads_or_unknown_ones(slack):
    ts = slack.say("olga", "ops", "top").ts
    assert "not supported in threads" in (await slack.command("olga", "ops", "/note x", thread_ts=ts)).text
    assert "not a valid command" in (await slack.command("olga", "ops", "/nonsense")).text
    with pytest.raises(NotPossibleError, match="not in leads"):
        await slack.command("pa", "leads", "/note x")
    with pytest.raises(NotPossibleError, match="cannot act"):
        await slack.command("gone", "ops", "/note x")


async def test_people_in_the_stand_in_may_type_a_slash_command_over_several_lines_or_bare(slack, bot):
    heard = []

    @bot.app.command("/note")
    async def note(ack, command):
        heard.append(command["text"])
        await ack()

    await slack.command("olga", "ops", "/note\nfirst\nsecond ")
    await slack.command("olga", "ops", " /note ")
    assert heard == ["first\nsecond", ""]


async def test_payloads_of_the_stand_in_do_not_name_a_dm_or_a_private_channel(slack, bot):
    heard = []

    @bot.app.command("/note")
    async def note(ack, command):
        heard.append(command["channel_name"])
        await ack()

    await slack.command("olga", "dm", "/note x")
    await slack.command("olga", "leads", "/note x")
    await slack.command("olga", "ops", "/note x")
    assert heard == ["directmessage", "privategroup", "ops"]


async def test_a_response_url_of_the_stand_in_works_five_times_within_thirty_minutes(slack, bot, moment):
    urls = []

    @bot.app.command("/note")
    async def note(ack, command):
        urls.append(command["response_url"])
        await ack()

    await slack.command("olga", "ops", "/note x")
    await slack.command("olga", "ops", "/note y")

    async def used(url):
        async with aiohttp.ClientSession() as session, session.post(url, json={"text": "again"}) as response:
            return response.status

    assert [await used(urls[0]) for _ in range(6)] == [200, 200, 200, 200, 200, 404]
    moment.passes(31 * 60)
    assert await used(urls[1]) == 404
    assert len(slack.ephemerals("olga", "ops")) == 5


async def test_a_delivery_of_the_stand_in_can_be_made_to_arrive_again(slack, bot):
    heard = []

    @bot.app.command("/note")
    async def note(ack, command):
        heard.append(command["trigger_id"])
        await ack("noted")

    await slack.command("olga", "ops", "/note once")
    assert (await slack.courier.again()).ok
    assert heard[0] == heard[1]
    assert len(slack.ephemerals("olga", "ops")) == 1


async def test_a_delivery_of_the_stand_in_over_http_is_signed_with_the_secret(slack, http_bot):
    @http_bot.app.command("/note")
    async def note(ack):
        await ack("noted")

    assert (await slack.command("olga", "ops", "/note x")).ok
    slack.spec.signing_secret = "another"
    assert (await slack.command("olga", "ops", "/note x")).failure == '/note failed with the error "dispatch_failed"'
