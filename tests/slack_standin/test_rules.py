"""Slack's smaller rules, each from outside: scopes by method, limits, threads, views, menus."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from slack_standin import RateLimits
from slack_standin.methods import METHODS
from tests.slack_standin.bot import opened, posted, refused
from tests.slack_standin.shapes import asked, modal, option, plain

SCOPED = [name for name, method in METHODS.items() if method.scopes]
HOME = {"type": "home", "blocks": [{"type": "divider"}]}
TOO_LARGE = [
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2000}] * 10, "block_id": str(number)}
    for number in range(13)
]


@pytest.mark.parametrize("name", SCOPED)
async def test_the_stand_ins_web_api_refuses_each_method_without_its_scopes(slack, client, name):
    method = METHODS[name]
    slack.spec.scopes[:] = set(slack.spec.scopes) - set(method.scopes)
    arguments = dict.fromkeys(method.required, "COPS")
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(name, params=arguments)
    assert caught.value.response["error"] == "missing_scope"
    assert set(caught.value.response["needed"].split(",")) == set(method.scopes)


async def test_the_stand_ins_web_api_says_in_headers_which_scopes_there_are(client):
    answer = await client.users_info(user="UOLGA")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"].split(",")
    assert answer.headers["X-Accepted-OAuth-Scopes"] == "users:read"


async def test_rate_limits_of_the_stand_in_hold_for_the_workspace_as_a_whole(slack, client, moment):
    slack.use_limits(RateLimits(workspace_per_minute=3))
    assert [await posted(client, to) for to in ("COPS", "CLEADS", "UOLGA", "UPA")] == ["ok", "ok", "ok", 20]
    moment.passes(20)
    assert await posted(client, "UPA") == "ok"


async def test_rate_limits_of_the_stand_in_count_tiers_three_and_four_by_method(client):
    for tier, call in ((50, client.conversations_info), (100, client.conversations_members)):
        for _ in range(tier):
            await call(channel="COPS")
        with pytest.raises(SlackApiError) as caught:
            await call(channel="COPS")
        assert caught.value.response.status_code == 429
    await client.users_info(user="UOLGA")


async def test_cursors_of_long_lists_in_the_stand_in_are_refused_when_made_up_or_asked_for_no_items(client):
    assert await refused(client.conversations_list(limit=0)) == "invalid_limit"
    assert await refused(client.users_list(limit=0)) == "invalid_arguments"
    assert await refused(client.users_conversations(limit="many")) == "invalid_arguments"
    assert await refused(client.users_list(cursor="made-up")) == "invalid_cursor"


async def test_chat_post_message_in_the_stand_in_refuses_each_mistake_of_a_message(slack, client):
    slack.use_limits(RateLimits.off())

    async def error(**arguments):
        return await refused(client.api_call("chat.postMessage", json={"channel": "COPS", "text": "x", **arguments}))

    bad = [{"type": "nonsense"}]
    assert await error(as_user=True) == "as_user_not_supported"
    assert await error(attachments=[{"text": "x"}] * 101) == "too_many_attachments"
    assert await error(attachments="x") == "invalid_arguments"
    assert await error(attachments=[{"blocks": bad}]) == "invalid_blocks"
    assert await error(blocks="x") == "invalid_blocks_format"
    assert await error(markdown_text="**x**") == "markdown_text_conflict"
    assert await error(metadata="x") == "invalid_metadata_format"
    assert await error(metadata={"event_payload": {}}) == "invalid_metadata_format"
    assert await error(metadata={"event_type": "t", "event_payload": "x"}) == "invalid_metadata_schema"
    assert await error(metadata={"event_type": "t", "event_payload": {"x": "y" * 8000}}) == "metadata_too_large"
    assert await error(blocks=[{"type": "alert", "text": plain("x")}]) == "invalid_blocks"
    slack.spec.messages_tab = False
    assert await error(channel="UOLGA") == "messages_tab_disabled"


async def test_chat_update_in_the_stand_in_writes_metadata_too(client):
    ts = (await client.chat_postMessage(channel="COPS", text="x"))["ts"]
    metadata = {"event_type": "card", "event_payload": {"id": 1}}
    await client.chat_update(channel="COPS", ts=ts, text="y", metadata=metadata)
    told = (await client.conversations_history(channel="COPS", include_all_metadata=True))["messages"][0]
    assert (told["text"], told["metadata"]) == ("y", metadata)


async def test_chat_update_in_the_stand_in_cannot_make_a_message_too_long(client):
    ts = (await client.chat_postMessage(channel="COPS", text="x"))["ts"]
    assert await refused(client.chat_update(channel="COPS", ts=ts, text="x" * 40_001)) == "msg_too_long"
    long = client.chat_postEphemeral(channel="COPS", user="UOLGA", text="x" * 40_001)
    assert await refused(long) == "msg_too_long"


async def test_chat_post_ephemeral_in_the_stand_in_needs_the_bot_there_and_allows_no_edit(slack, client):
    elsewhere = client.chat_postEphemeral(channel="CELSEWHERE", user="UOLGA", text="x")
    assert await refused(elsewhere) == "not_in_channel"
    ts = (await client.chat_postEphemeral(channel="COPS", user="UOLGA", text="x"))["message_ts"]
    assert await refused(client.chat_update(channel="COPS", ts=ts, text="y")) == "message_not_found"
    assert await refused(client.chat_delete(channel="COPS", ts=ts)) == "message_not_found"
    assert await refused(client.chat_postMessage(channel="COPS", thread_ts=ts, text="y")) == "cannot_reply_to_message"


async def test_chat_post_message_in_the_stand_in_replies_in_the_thread_or_broadcasts(slack, client):
    top = slack.say("olga", "ops", "top").ts
    reply = (await client.chat_postMessage(channel="COPS", thread_ts=top, text="below"))["ts"]
    await client.chat_postMessage(channel="COPS", thread_ts=reply, text="deeper")
    await client.chat_postMessage(channel="COPS", thread_ts=top, text="aloud", reply_broadcast=True)
    assert [one.text for one in slack.threads("ops", top)] == ["below", "deeper", "aloud"]
    history = (await client.conversations_history(channel="COPS"))["messages"]
    assert [(one["text"], one.get("subtype")) for one in history] == [("aloud", "thread_broadcast"), ("top", None)]


async def test_history_in_the_stand_in_can_lag_for_threads_too(slack, client, moment):
    top = slack.say("olga", "ops", "top").ts
    moment.passes(60)
    slack.workspace.history_lag = 5
    slack.say("pa", "ops", "just now", thread_ts=top)
    assert len((await client.conversations_replies(channel="COPS", ts=top))["messages"]) == 1
    moment.passes(6)
    assert len((await client.conversations_replies(channel="COPS", ts=top))["messages"]) == 2


async def test_views_publish_in_the_stand_in_needs_the_hash_the_bot_saw_and_a_home_tab(slack, client):
    first = (await client.views_publish(user_id="UOLGA", view=HOME))["view"]["hash"]
    await client.views_publish(user_id="UOLGA", view=HOME, hash=first)
    assert await refused(client.views_publish(user_id="UOLGA", view=HOME, hash=first)) == "hash_conflict"
    assert await refused(client.views_publish(user_id="UOLGA", view=modal())) == "invalid_arguments"
    slack.spec.home_tab = False
    assert await refused(client.views_publish(user_id="UOLGA", view=HOME)) == "not_enabled"


async def test_views_in_the_stand_in_have_a_size_limit_and_an_external_id_of_their_own(slack, bot):
    view = await opened(slack, bot, modal(private_metadata="kept", external_id="one"))
    assert view.body["private_metadata"] == "kept"
    large = {"type": "home", "blocks": TOO_LARGE, "external_id": "two"}
    assert await refused(bot.client.views_publish(user_id="UPA", view=large)) == "view_too_large"
    twice = bot.client.views_publish(user_id="UPA", view=HOME | {"external_id": "one"})
    assert await refused(twice) == "duplicate_external_id"
    await bot.client.views_update(external_id="one", view=modal(title=plain("Found"), external_id="one"))
    assert slack.views("olga")[-1].title == "Found"
    assert await refused(bot.client.views_update(view_id="VNONE", view=modal())) == "not_found"
    assert await refused(bot.client.api_call("views.open", json={"view": modal()})) == "invalid_arguments"
    long = bot.client.views_update(external_id="one", view=modal(private_metadata="x" * 3001))
    assert await refused(long) == "invalid_arguments"


async def test_a_response_url_of_the_stand_in_checks_what_is_posted_to_it(slack, bot):
    urls = []

    @bot.app.command("/note")
    async def note(ack, command):
        urls.append(command["response_url"])
        await ack()

    await slack.command("olga", "ops", "/note x")

    async def answered(**payload):
        async with aiohttp.ClientSession() as http, http.post(urls[0], json=payload) as response:
            return response.status

    assert await answered(blocks=[{"type": "nonsense"}]) == 400
    assert await answered(nothing="x") == 400
    assert await answered(text="for all", response_type="in_channel") == 200
    assert await answered(text="for one") == 200
    assert [one.text for one in slack.messages("ops")] == ["for all"]
    assert [one.text for one in slack.ephemerals("olga", "ops")] == ["for one"]


async def test_the_stand_ins_element_check_refuses_too_many_options_that_an_app_offers_for_a_menu(slack, bot):
    offers = [[option(str(number)) for number in range(101)], [option("Fine")]]
    menu = {"type": "external_select", "action_id": "v"}

    @bot.app.options("v")
    async def offer(ack):
        await ack(options=offers.pop(0))

    blocks = [{"type": "actions", "elements": [menu]}]
    ts = (await bot.client.chat_postMessage(channel="COPS", text="x", blocks=blocks))["ts"]
    assert await slack.options("olga", "v", channel="ops", ts=ts) == []
    assert "no more than 100" in slack.record.of("warning")[0]["arguments"]["messages"][0]
    assert await slack.options("olga", "v", channel="ops", ts=ts) == [option("Fine")]


async def test_views_in_the_stand_in_stack_no_fourth_modal_however_the_bot_tries(slack, bot):
    errors = []

    @bot.app.view("form")
    async def submitted(ack, body, client):
        await ack(response_action="push", view=modal())
        errors.append(await refused(client.views_push(trigger_id="made-up", view=modal())))

    await opened(slack, bot, modal(asked("Words", "plain_text_input")))
    for _ in range(2):
        assert (await slack.submit("olga", {"Words": "x"})).ok
    assert "trouble" in (await slack.submit("olga", {"Words": "x"})).failure
    assert len(slack.views("olga")) == 3
    assert slack.record.of("warning")[-1]["answer"]["error"] == "push_limit_reached"
    await slack.until(lambda: len(errors) == 3)
    assert set(errors) == {"invalid_trigger_id"}
