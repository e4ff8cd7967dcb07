"""The Web API answers as Slack's does, errors included."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import RateLimits
from slack_standin.methods import METHODS
from tests.contract import published
from tests.slack_standin.bot import refused


async def test_the_stand_ins_web_api_tells_the_bot_who_it_is_by_auth_test(client):
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0BOT", "B0BOT", "T0SANDBOX")


async def test_the_stand_ins_web_api_needs_a_token_of_the_right_kind_and_not_revoked(slack, client):
    def with_token(token):
        return AsyncWebClient(token=token, base_url=slack.api_url, retry_handlers=[])

    assert await refused(with_token(None).auth_test()) == "not_authed"
    assert await refused(with_token("xoxb-wrong").auth_test()) == "invalid_auth"
    assert await refused(with_token(slack.spec.app_token).auth_test()) == "not_allowed_token_type"
    slack.revoke()
    assert await refused(client.auth_test()) == "token_revoked"


async def test_the_stand_ins_web_api_refuses_a_method_without_its_scope(slack, client):
    slack.spec.scopes.remove("users:read.email")
    with pytest.raises(SlackApiError) as caught:
        await client.users_lookupByEmail(email="olga@example.com")
    assert caught.value.response["needed"] == "users:read.email"


async def test_users_in_the_stand_in_show_their_mail_address_only_with_its_scope(slack, client):
    assert (await client.users_info(user="UOLGA"))["user"]["profile"]["email"] == "olga@example.com"
    slack.spec.scopes.remove("users:read.email")
    profile = (await client.users_info(user="UOLGA"))["user"]["profile"]
    assert "email" not in profile


async def test_history_of_a_private_channel_in_the_stand_in_needs_a_scope_of_its_own(slack, client):
    slack.spec.scopes.remove("groups:history")
    await client.conversations_history(channel="COPS")
    assert await refused(client.conversations_history(channel="CLEADS")) == "missing_scope"


async def test_the_stand_ins_web_api_refuses_unknown_methods_and_missing_arguments(slack, client):
    assert await refused(client.api_call("chat.shout")) == "unknown_method"
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("chat.postMessage", json={"text": "to nobody"})
    assert caught.value.response["error"] == "invalid_arguments"
    assert "channel" in caught.value.response["response_metadata"]["messages"][0]
    await client.api_call("chat.postMessage", json={"channel": "COPS", "text": "hello", "colour": "red"})
    assert slack.record.of("warning")[0]["arguments"] == {"unknown_arguments": ["colour"]}


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("application/json", "{", "invalid_json"),
        ("application/json", "[]", "json_not_object"),
        ("text/plain", '{"channel": "COPS", "text": "x"}', "invalid_post_type"),
        ("application/x-www-form-urlencoded", '{"channel": "COPS", "text": "x"}', "invalid_arguments"),
    ],
)
async def test_the_stand_ins_web_api_reads_json_as_json_only(slack, kind, body, error):
    headers = {"Authorization": f"Bearer {slack.spec.bot_token}", "Content-Type": kind}
    async with aiohttp.ClientSession() as http:
        answer = await http.post(f"{slack.api_url}chat.postMessage", data=body, headers=headers)
        assert (await answer.json())["error"] == error


async def test_the_stand_ins_web_api_reads_no_boolean_of_pythons(slack, client):
    metadata = {"event_type": "page", "event_payload": {"key": "k1"}}
    await client.chat_postMessage(channel="COPS", text="with a key", metadata=metadata)
    for written, read in (("True", False), ("true", True), ("1", True)):
        asked = {"channel": "COPS", "include_all_metadata": written}
        (told,) = (await client.api_call("conversations.history", data=asked))["messages"]
        assert ("metadata" in told) == read
    assert slack.record.of("warning")[-1]["arguments"] == {"not_booleans": ["include_all_metadata"]}
    assert await refused(client.api_call("conversations.history", json={"channel": "COPS"})) == "invalid_arguments"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("CNOWHERE", "channel_not_found"),
        ("#nowhere", "channel_not_found"),
        ("CSECRET", "channel_not_found"),
        ("CELSEWHERE", "not_in_channel"),
        ("COLD", "is_archived"),
        ("UGONE", "channel_not_found"),
    ],
)
async def test_chat_post_message_in_the_stand_in_posts_only_where_the_bot_may(slack, client, channel, error):
    slack.spec.scopes.remove("chat:write.public")
    assert await refused(client.chat_postMessage(channel=channel, text="hello")) == error


async def test_chat_post_message_in_the_stand_in_takes_a_channel_id_a_name_or_a_user_id(slack, client):
    await client.chat_postMessage(channel="COPS", text="by id")
    await client.chat_postMessage(channel="#ops", text="by name")
    answer = await client.chat_postMessage(channel="UOLGA", text="to a person")
    assert [one.text for one in slack.messages("ops")] == ["by id", "by name"]
    assert answer["channel"] == "DOLGA"
    assert [one.text for one in slack.dm("olga")] == ["to a person"]


async def test_message_ids_in_the_stand_ins_workspace_are_unique_while_the_clock_stands(slack, client):
    slack.use_limits(RateLimits.off())
    stamps = [(await client.chat_postMessage(channel="COPS", text=str(number)))["ts"] for number in range(20)]
    assert stamps == sorted(set(stamps))


async def test_chat_post_message_in_the_stand_in_refuses_an_empty_text_and_cuts_a_long_one(slack, client):
    assert await refused(client.api_call("chat.postMessage", json={"channel": "COPS", "text": ""})) == "no_text"
    answer = await client.chat_postMessage(channel="COPS", text="x" * 40_001)
    assert len(slack.messages("ops")[0].text) == 40_000
    assert "message_truncated" in answer["response_metadata"]["warnings"]


async def test_the_stand_ins_block_check_refuses_bad_blocks_of_a_posted_message_with_place_and_reason(client):
    bad = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="COPS", text="x", blocks=bad)
    assert caught.value.response["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks/0/text/text]" in caught.value.response["response_metadata"]["messages"][0]


async def test_chat_update_and_delete_in_the_stand_in_are_for_the_bots_own_messages(slack, client):
    mine = (await client.chat_postMessage(channel="COPS", text="first"))["ts"]
    yours = slack.say("olga", "ops", "mine").ts
    await client.chat_update(channel="COPS", ts=mine, text="second")
    assert slack.messages("ops")[0].text == "second"
    assert slack.messages("ops")[0].edited
    assert await refused(client.chat_update(channel="COPS", ts=yours, text="x")) == "cant_update_message"
    assert await refused(client.chat_update(channel="COPS", ts="1.0", text="x")) == "message_not_found"
    assert await refused(client.chat_delete(channel="COPS", ts=yours)) == "cant_delete_message"
    await client.chat_delete(channel="COPS", ts=mine)
    assert [one.text for one in slack.messages("ops")] == ["mine"]


async def test_chat_post_ephemeral_in_the_stand_in_is_seen_by_one_member_only(slack, client):
    await client.chat_postEphemeral(channel="COPS", user="UOLGA", text="psst")
    assert [one.text for one in slack.ephemerals("olga", "ops")] == ["psst"]
    assert slack.ephemerals("pa", "ops") == slack.messages("ops") == []
    assert (await client.conversations_history(channel="COPS"))["messages"] == []
    assert await refused(client.chat_postEphemeral(channel="CLEADS", user="UPA", text="x")) == "user_not_in_channel"


async def test_history_in_the_stand_in_gives_back_a_messages_metadata(client):
    metadata = {"event_type": "page", "event_payload": {"key": "k1"}}
    await client.chat_postMessage(channel="COPS", text="with a key", metadata=metadata)
    plain = (await client.conversations_history(channel="COPS"))["messages"][0]
    full = (await client.conversations_history(channel="COPS", include_all_metadata=True))["messages"][0]
    assert "metadata" not in plain
    assert full["metadata"] == metadata


async def test_history_in_the_stand_in_is_newest_first_and_lies_between_oldest_and_latest(slack, client, moment):
    stamps = []
    for number in range(5):
        moment.passes(60)
        stamps.append(slack.say("olga", "ops", f"n{number}").ts)

    async def told(**arguments):
        return [one["text"] for one in (await client.conversations_history(channel="COPS", **arguments))["messages"]]

    assert await told() == ["n4", "n3", "n2", "n1", "n0"]
    assert await told(oldest=stamps[1], latest=stamps[3]) == ["n2"]
    assert await told(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["n3", "n2", "n1"]
    first = await client.conversations_history(channel="COPS", limit=3)
    assert first["has_more"]
    assert await told(limit=3, cursor=first["response_metadata"]["next_cursor"]) == ["n1", "n0"]


async def test_history_in_the_stand_in_can_lag_behind_the_channel(slack, client, moment):
    slack.workspace.history_lag = 5
    slack.say("olga", "ops", "just now")
    assert (await client.conversations_history(channel="COPS"))["messages"] == []
    moment.passes(6)
    assert len((await client.conversations_history(channel="COPS"))["messages"]) == 1


async def test_history_in_the_stand_in_keeps_replies_in_their_thread(slack, client):
    top = slack.say("olga", "ops", "top").ts
    await client.chat_postMessage(channel="COPS", thread_ts=top, text="below")
    history = (await client.conversations_history(channel="COPS"))["messages"]
    assert [(one["text"], one["reply_count"]) for one in history] == [("top", 1)]
    assert [one["text"] for one in (await client.conversations_replies(channel="COPS", ts=top))["messages"]] == [
        "top",
        "below",
    ]
    assert [one.text for one in slack.threads("ops", top)] == ["below"]
    assert await refused(client.conversations_replies(channel="COPS", ts="1.0")) == "thread_not_found"


async def test_users_in_the_stand_in_are_found_by_id_and_mail_address_unless_they_left(client):
    user = (await client.users_info(user="UOLGA"))["user"]
    assert (user["tz"], user["tz_offset"], user["profile"]["email"]) == ("Europe/Berlin", 3600, "olga@example.com")
    assert (await client.users_lookupByEmail(email="PA@example.com"))["user"]["id"] == "UPA"
    assert await refused(client.users_lookupByEmail(email="gone@example.com")) == "users_not_found"
    assert await refused(client.users_info(user="UNOBODY")) == "user_not_found"
    assert len((await client.users_list(limit=2))["members"]) == 2


async def test_conversations_open_in_the_stand_in_makes_a_dm_or_a_group_of_up_to_eight(client):
    assert (await client.conversations_open(users="UOLGA"))["channel"]["id"] == "DOLGA"
    group = (await client.conversations_open(users=["UOLGA", "UPA"]))["channel"]["id"]
    assert (await client.conversations_open(users=["UPA", "UOLGA"]))["channel"]["id"] == group
    assert await refused(client.conversations_open(users=["UOLGA"] * 9)) == "too_many_users"
    assert await refused(client.conversations_open(users="UNOBODY")) == "user_not_found"
    assert await refused(client.conversations_open(users="UGONE")) == "user_disabled"


async def test_conversations_list_in_the_stand_in_shows_public_channels_and_those_with_the_bot(client):
    channels = (await client.conversations_list(types="public_channel,private_channel"))["channels"]
    assert {one["name"]: one["is_member"] for one in channels} == {
        "ops": True,
        "leads": True,
        "elsewhere": False,
        "old": True,
    }
    mine = await client.users_conversations(types="public_channel", exclude_archived=True)
    assert [one["name"] for one in mine["channels"]] == ["ops"]


async def test_conversations_in_the_stand_in_let_the_bot_join_and_invite(slack, client):
    assert await refused(client.conversations_invite(channel="CELSEWHERE", users="UPA")) == "not_in_channel"
    await client.conversations_join(channel="CELSEWHERE")
    assert await refused(client.conversations_join(channel="CLEADS")) == "method_not_supported_for_channel_type"
    await client.conversations_invite(channel="CLEADS", users="UPA")
    assert (await client.conversations_members(channel="CLEADS"))["members"] == ["UOLGA", "U0BOT", "UPA"]


async def test_chat_get_permalink_in_the_stand_in_names_the_message(slack, client):
    ts = slack.say("olga", "ops", "here").ts
    link = (await client.chat_getPermalink(channel="COPS", message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/COPS/p{ts.replace('.', '')}")


def test_methods_of_the_stand_in_are_declared_with_slacks_arguments_scopes_and_tiers():
    for name, method in METHODS.items():
        known = published.METHODS[name]
        assert set(method.required) == set(known.required), name
        assert method.known - {"token", "team_id", "foo"} <= set(known.arguments), name
        assert set(method.scopes) <= set(known.scopes), name
        assert bool(method.scopes) == bool(known.scopes), name
        assert method.tier == known.tier, name
