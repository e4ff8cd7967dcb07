"""Refusals that a bot meets seldom: each by Slack's own word for it."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from slack_standin.methods import METHODS
from tests.slack_standin.bot import posted

MADE_UP = "1700000000.000100"
WRONG_BLOCKS = [{"type": "header"}]
A_CHANGE = {"operation": "insert_at_end", "document_content": {"type": "markdown", "markdown": "more"}}

APP = [
    ("api.test", {"error": "my_error"}, "my_error"),
    ("bots.info", {"bot": "BOTHER"}, "bot_not_found"),
]
CHAT = [
    ("blocks.validate", {}, "invalid_arguments"),
    ("blocks.validate", {"blocks": WRONG_BLOCKS}, "invalid_blocks"),
    ("blocks.validate", {"view": {"type": "modal", "blocks": []}}, "invalid_view"),
    ("chat.delete", {"channel": "COPS", "ts": MADE_UP}, "message_not_found"),
    ("chat.getPermalink", {"channel": "COPS", "message_ts": MADE_UP}, "message_not_found"),
]
CONVERSATIONS = [
    ("conversations.archive", {"channel": "CELSEWHERE"}, "not_in_channel"),
    ("conversations.info", {"channel": "CSECRET"}, "channel_not_found"),
    ("conversations.invite", {"channel": "COPS", "users": "UNOBODY"}, "user_not_found"),
    ("conversations.invite", {"channel": "COPS", "users": "U0BOT"}, "cant_invite_self"),
    ("conversations.invite", {"channel": "COPS", "users": "UOLGA"}, "already_in_channel"),
    ("conversations.invite", {"channel": "COLD", "users": "UPA"}, "is_archived"),
    ("conversations.join", {"channel": "COLD"}, "is_archived"),
    ("conversations.list", {"types": "public_channel,club"}, "invalid_types"),
    ("conversations.open", {"channel": "COPS"}, "channel_not_found"),
    ("conversations.open", {"users": "U0BOT"}, "user_not_visible"),
]
FILES = [
    ({"files": [{"id": "F1"}], "blocks": WRONG_BLOCKS}, "invalid_blocks"),
    ({"files": [{"id": "F1"}], "channels": ",".join(["COPS"] * 101)}, "channels_limit_exceeded"),
    ({"files": [{"id": "F1"}], "channels": "COPS,CLEADS", "thread_ts": MADE_UP}, "invalid_channel"),
]
HISTORY = [
    ("conversations.history", {"channel": "CELSEWHERE"}, "not_in_channel"),
    ("conversations.history", {"channel": "COPS", "oldest": "yesterday"}, "invalid_ts_oldest"),
    ("conversations.replies", {"channel": "COPS", "ts": MADE_UP}, "thread_not_found"),
]


async def said(client, name, arguments):
    """Slack's word for the refusal; empty where there is none."""
    try:
        await client.api_call(name, **({"json": arguments} if METHODS[name].json else {"params": arguments}))
    except SlackApiError as error:
        return error.response["error"]
    return ""


@pytest.mark.parametrize(("name", "arguments", "word"), APP)
async def test_the_stand_ins_web_api_refuses_in_slacks_words_what_is_asked_of_the_app_itself(
    client, name, arguments, word
):
    assert await said(client, name, arguments) == word


async def test_canvases_in_the_stand_in_are_made_only_in_channels_with_the_bot(client):
    assert await said(client, "canvases.create", {"channel_id": "CELSEWHERE"}) == "restricted_action"


@pytest.mark.parametrize(("name", "arguments", "word"), CHAT)
async def test_chat_methods_of_the_stand_in_refuse_in_slacks_words(client, name, arguments, word):
    assert await said(client, name, arguments) == word


@pytest.mark.parametrize(("name", "arguments", "word"), CONVERSATIONS)
async def test_conversations_methods_of_the_stand_in_refuse_in_slacks_words(client, name, arguments, word):
    assert await said(client, name, arguments) == word


@pytest.mark.parametrize(("arguments", "word"), FILES)
async def test_a_file_upload_to_the_stand_in_is_refused_in_slacks_words(client, arguments, word):
    assert await said(client, "files.completeUploadExternal", arguments) == word


@pytest.mark.parametrize(("name", "arguments", "word"), HISTORY)
async def test_history_methods_of_the_stand_in_refuse_in_slacks_words(client, name, arguments, word):
    assert await said(client, name, arguments) == word


async def test_views_publish_in_the_stand_in_refuses_a_home_for_nobody(client):
    home = {"user_id": "UNOBODY", "view": {"type": "home", "blocks": []}}
    assert await said(client, "views.publish", home) == "invalid_arguments"


async def test_conversations_in_the_stand_in_keep_general_from_being_left_or_archived(slack, client):
    slack.workspace.state.conversations["COPS"].name = "general"
    assert await said(client, "conversations.kick", {"channel": "COPS", "user": "UOLGA"}) == "cant_kick_from_general"
    assert await said(client, "conversations.leave", {"channel": "COPS"}) == "cant_leave_general"
    assert await said(client, "conversations.archive", {"channel": "COPS"}) == "cant_archive_general"


async def test_conversations_in_the_stand_in_that_are_dms_cannot_be_changed(slack, client):
    direct = (await client.conversations_open(users="UOLGA"))["channel"]["id"]
    assert await said(client, "conversations.leave", {"channel": direct}) == "method_not_supported_for_channel_type"


async def test_chat_delete_in_the_stand_in_deletes_nothing_in_an_archived_channel(slack, client):
    ts = (await client.chat_postMessage(channel="COPS", text="board"))["ts"]
    slack.workspace.state.conversations["COPS"].archived = True
    assert await said(client, "chat.delete", {"channel": "COPS", "ts": ts}) == "cant_delete_message"


async def test_pins_bookmarks_and_reactions_in_the_stand_in_have_slacks_limits(slack, client):
    ts = (await client.chat_postMessage(channel="COPS", text="board"))["ts"]
    assert await posted(client, "COPS") == "ok"
    other = slack.messages("ops")[-1].ts
    place = slack.workspace.state.conversations["COPS"]
    place.pins[:] = [{"ts": str(number), "created": 0, "created_by": "UPA"} for number in range(100)]
    assert await said(client, "pins.add", {"channel": "COPS", "timestamp": ts}) == "too_many_pins"
    place.bookmarks[:] = [{"id": f"Bk{number}"} for number in range(100)]
    link = {"channel_id": "COPS", "title": "Board", "type": "link", "link": "https://example.com/board"}
    assert await said(client, "bookmarks.add", link) == "too_many_bookmarks"
    slack.workspace.message("COPS", other).reactions.update({f"mark-{number}": ["UPA"] for number in range(50)})
    mark = {"channel": "COPS", "timestamp": other, "name": "eyes"}
    assert await said(client, "reactions.add", mark) == "too_many_emoji"


async def test_canvases_in_the_stand_in_take_one_known_change_at_a_time(client):
    canvas = (await client.canvases_create(title="Plan"))["canvas_id"]
    for changes in ([A_CHANGE, A_CHANGE], [{**A_CHANGE, "operation": "shuffle"}]):
        assert await said(client, "canvases.edit", {"canvas_id": canvas, "changes": changes}) == "invalid_arguments"
    nowhere = [{**A_CHANGE, "operation": "insert_after"}]
    assert await said(client, "canvases.edit", {"canvas_id": canvas, "changes": nowhere}) == "canvas_editing_failed"
    sought = {"canvas_id": canvas, "criteria": {"colour": "red"}}
    assert await said(client, "canvases.sections.lookup", sought) == "invalid_arguments"
