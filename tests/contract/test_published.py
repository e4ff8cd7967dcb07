"""The published rules take what Slack takes, and say of everything else what is wrong with it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.contract import published

PLAIN = {"type": "plain_text", "text": "x"}
TEXT = {"type": "mrkdwn", "text": "x"}
OPTION = {"text": PLAIN, "value": "v"}
BUTTON = {"type": "button", "action_id": "a", "text": PLAIN, "value": "1"}
MENU = {"type": "static_select", "action_id": "m", "options": [OPTION]}
DIVIDER = {"type": "divider"}
ASKED = {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input", "action_id": "t"}}
MODAL = {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": [ASKED]}
QUOTE = {"type": "rich_text_quote", "elements": []}
HOME = {"type": "home", "blocks": [DIVIDER]}


def plain(length):
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length):
    return {"type": "mrkdwn", "text": "x" * length}


def section(**fields):
    return {"type": "section", "text": TEXT, **fields}


def header(text):
    return {"type": "header", "text": text}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def rich(*parts):
    return {"type": "rich_text", "elements": list(parts)}


def line(*pieces):
    return {"type": "rich_text_section", "elements": list(pieces)}


def table(*cells):
    return {"type": "table", "rows": [[{"type": "raw_text", "text": cell} for cell in cells]]}


GOOD_BLOCKS = [
    section(fields=[mrkdwn(2000)] * 10, accessory=BUTTON, block_id="b" * 255),
    section(text=mrkdwn(3000)),
    header(plain(150)),
    DIVIDER,
    actions(BUTTON | {"style": "primary", "confirm": {"title": plain(100), "text": mrkdwn(300), "deny": plain(30)}}),
    actions(MENU | {"options": [{"text": plain(75), "value": "v" * 150}] * 100, "placeholder": plain(150)}),
    actions({"type": "static_select", "option_groups": [{"label": PLAIN, "options": [OPTION]}]}),
    {"type": "context", "elements": [TEXT, PLAIN, {"type": "image", "image_url": "https://x.y", "alt_text": "x"}]},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"},
    rich(line({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "user", "user_id": "U1"})),
    rich({"type": "rich_text_list", "style": "ordered", "border": 1, "elements": [line()]}),
    table("x", "y"),
    {"type": "markdown", "text": "**x**"},
    {
        "type": "plan",
        "title": "x",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "x", "status": "complete"}],
    },
]
BAD_BLOCKS = {
    "no list": (DIVIDER, "blocks: {'type': 'divider'} where list belongs"),
    "51 in a message": ([DIVIDER] * 51, "blocks: 51 blocks in a message, 50 allowed"),
    "no object": (["x"], "blocks/0: 'x' may not stand here"),
    "no type": ([{"text": TEXT}], "blocks/0: {'text': {'type': 'mrkdwn', 'text': 'x'}} may not stand here"),
    "no such block": ([DIVIDER, {"type": "nonsense"}], "blocks/1: 'nonsense' may not stand here"),
    "a key too many": ([section(bogus=1)], "blocks/0: bogus is unknown"),
    "a key too few": ([{"type": "header"}], "blocks/0: text is missing"),
    "another type of value": ([section(expand="yes")], "blocks/0/expand: 'yes' where flag belongs"),
    "a text for an object": ([section(text="x")], "blocks/0/text: 'x' may not stand here"),
    "an object for a list": ([actions() | {"elements": {}}], "blocks/0/elements: {} where list belongs"),
    "another kind of text": ([header(TEXT)], "blocks/0/text/type: 'mrkdwn' is none of plain_text"),
    "no such style": (
        [actions(BUTTON | {"style": "big"})],
        "blocks/0/elements/0/style: 'big' is none of primary|danger",
    ),
    "a flag for a number": (
        [actions({"type": "datetimepicker", "initial_date_time": True})],
        "blocks/0/elements/0/initial_date_time: True where number belongs",
    ),
    "a long block_id": ([DIVIDER | {"block_id": "x" * 256}], "blocks/0/block_id: 256 characters, 255 allowed"),
    "a long action_id": (
        [actions(BUTTON | {"action_id": "x" * 256})],
        "blocks/0/elements/0/action_id: 256 characters, 255 allowed",
    ),
    "a long section": ([section(text=mrkdwn(3001))], "blocks/0/text: 3001 characters, 3000 allowed"),
    "an empty section": ([section(text=mrkdwn(0))], "blocks/0/text: 0 characters, at least 1 needed"),
    "a long header": ([header(plain(151))], "blocks/0/text: 151 characters, 150 allowed"),
    "an empty header": ([header(plain(0))], "blocks/0/text: 0 characters, at least 1 needed"),
    "a long field": ([section(fields=[TEXT, mrkdwn(2001)])], "blocks/0/fields/1: 2001 characters, 2000 allowed"),
    "11 fields": ([section(fields=[TEXT] * 11)], "blocks/0/fields: 11 items, 10 allowed"),
    "11 in a context": ([{"type": "context", "elements": [TEXT] * 11}], "blocks/0/elements: 11 items, 10 allowed"),
    "26 in a row": (
        [actions(*(BUTTON | {"action_id": f"{n}"} for n in range(26)))],
        "blocks/0/elements: 26 items, 25 allowed",
    ),
    "a button with much text": (
        [actions(BUTTON | {"text": plain(76)})],
        "blocks/0/elements/0/text: 76 characters, 75 allowed",
    ),
    "a button with a long value": (
        [section(accessory=BUTTON | {"value": "x" * 2001})],
        "blocks/0/accessory/value: 2001 characters, 2000 allowed",
    ),
    "a button with a long question": (
        [actions(BUTTON | {"confirm": {"text": mrkdwn(301)}})],
        "blocks/0/elements/0/confirm/text: 301 characters, 300 allowed",
    ),
    "101 options": (
        [actions(MENU | {"options": [OPTION] * 101})],
        "blocks/0/elements/0/options: 101 items, 100 allowed",
    ),
    "6 in an overflow": (
        [actions({"type": "overflow", "options": [OPTION] * 6})],
        "blocks/0/elements/0/options: 6 items, 5 allowed",
    ),
    "no options": ([actions(MENU | {"options": []})], "blocks/0: static_select without options"),
    "nothing to tick": (
        [actions({"type": "checkboxes", "options": []})],
        "blocks/0/elements/0/options: 0 items, at least 1 needed",
    ),
    "an option with a long value": (
        [actions(MENU | {"options": [OPTION | {"value": "x" * 151}]})],
        "blocks/0/elements/0/options/0/value: 151 characters, 150 allowed",
    ),
    "an option in mrkdwn": (
        [actions(MENU | {"options": [{"text": TEXT}]})],
        "blocks/0/elements/0/options/0/text/type: 'mrkdwn' is none of plain_text",
    ),
    "an input among buttons": (
        [actions(ASKED["element"])],
        "blocks/0/elements/0: 'plain_text_input' may not stand here",
    ),
    "a button as an input": ([ASKED | {"element": BUTTON}], "blocks/0/element: 'button' may not stand here"),
    "one action_id twice": ([actions(BUTTON, BUTTON)], "blocks/0: action_id 'a' twice"),
    "one block_id twice": ([section(block_id="b"), section(block_id="b")], "blocks: block_id 'b' twice"),
    "21 columns": ([table(*"x" * 21)], "blocks/0/rows/0: 21 items, 20 allowed"),
    "no such piece of rich text": (
        [rich(line({"type": "shout"}))],
        "blocks/0/elements/0/elements/0: 'shout' may not stand here",
    ),
    "no such part of rich text": (
        [rich({"type": "text", "text": "x"})],
        "blocks/0/elements/0: 'text' may not stand here",
    ),
    "a link to nowhere": ([rich(line({"type": "link"}))], "blocks/0/elements/0/elements/0: url is missing"),
    "half a border": ([rich(line(), QUOTE | {"border": 2})], "blocks/0/elements/1/border: 2 is none of 0|1"),
    "a flag for a border": ([rich(QUOTE | {"border": True})], "blocks/0/elements/0/border: True is none of 0|1"),
    "an image of nothing": ([{"type": "image", "alt_text": "x"}], "blocks/0: image_url is missing"),
    "an alert in a message": ([{"type": "alert", "text": TEXT}], "blocks/0: alert is allowed in modals only"),
}
BAD_VIEWS = {
    "no object": ("x", "view: there is no view None"),
    "no such view": (HOME | {"type": "window"}, "view: there is no view 'window'"),
    "a type that is no word": (HOME | {"type": {}}, "view: there is no view {}"),
    "no title": ({"type": "modal", "blocks": [DIVIDER]}, "view: title is missing"),
    "a long title": (MODAL | {"title": plain(25)}, "view/title: 25 characters, 24 allowed"),
    "a long submit": (MODAL | {"submit": plain(25)}, "view/submit: 25 characters, 24 allowed"),
    "a long close": (MODAL | {"close": plain(25)}, "view/close: 25 characters, 24 allowed"),
    "no submit": (
        {key: MODAL[key] for key in ("type", "title", "blocks")},
        "view: submit is missing, needed because there is an input",
    ),
    "much private": (HOME | {"private_metadata": "x" * 3001}, "view/private_metadata: 3001 characters, 3000 allowed"),
    "a long callback_id": (HOME | {"callback_id": "x" * 256}, "view/callback_id: 256 characters, 255 allowed"),
    "a title on a Home": (HOME | {"title": PLAIN}, "view: title is unknown"),
    "no blocks": ({"type": "home"}, "view: blocks is missing"),
    "blocks that are no list": (HOME | {"blocks": 5}, "view/blocks: 5 where list belongs"),
    "101 blocks": (HOME | {"blocks": [DIVIDER] * 101}, "blocks: 101 blocks in a home, 100 allowed"),
    "a block that is none": (HOME | {"blocks": [{"type": "nonsense"}]}, "view/blocks/0: 'nonsense' may not stand here"),
    "an alert on a Home": (
        HOME | {"blocks": [{"type": "alert", "text": TEXT}]},
        "blocks/0: alert is allowed in modals only",
    ),
}
BAD_CALLS = {
    "no such method": ("chat.shout", {}, "there is no method chat.shout"),
    "no channel": ("chat.postMessage", {"text": "x"}, "chat.postMessage: channel is required"),
    "an empty channel": ("chat.postMessage", {"channel": "", "text": "x"}, "chat.postMessage: channel is required"),
    "no such argument": (
        "chat.update",
        {"channel": "C1", "ts": "1", "text": "x", "tone": 1},
        "chat.update: unknown argument tone",
    ),
    "no text": (
        "chat.postMessage",
        {"channel": "C1", "blocks": [DIVIDER]},
        "chat.postMessage: blocks without a text fallback, which notifications and screen readers show",
    ),
    "blocks": (
        "chat.postMessage",
        {"channel": "C1", "text": "x", "blocks": '[{"type": "x"}]'},
        "blocks/0: 'x' may not stand here",
    ),
    "blocks that are no JSON": (
        "chat.postMessage",
        {"channel": "C1", "text": "x", "blocks": "[{"},
        "blocks: '[{' where list belongs",
    ),
    "a view": ("views.open", {"trigger_id": "1", "view": json.dumps(HOME | {"title": 1})}, "view: title is unknown"),
}
ACTION = {"type": "button", "action_id": "a", "block_id": "b", "action_ts": "1.0", "text": PLAIN, "value": "1"}
PERSON = {"id": "U1", "username": "olga", "name": "olga", "team_id": "T1"}
VIEW = {
    "id": "V1",
    "type": "modal",
    "callback_id": "c",
    "team_id": "T1",
    "bot_id": "B1",
    "hash": "1",
    "private_metadata": "",
    "app_id": "A1",
    "root_view_id": "V1",
    "previous_view_id": None,
    "title": PLAIN,
    "submit": PLAIN,
    "close": None,
    "blocks": [ASKED],
    "state": {"values": {"b": {"t": {"type": "plain_text_input", "value": None}}}},
    "clear_on_close": False,
    "notify_on_close": False,
}
SUBMITTED = {
    "type": "view_submission",
    "team": {"id": "T1", "domain": "d"},
    "user": PERSON,
    "view": VIEW,
    "api_app_id": "A1",
    "token": "t",
    "trigger_id": "1",
}
COMING: dict[str, dict[str, Any]] = {
    "SlashCommand": dict.fromkeys(
        [
            "token",
            "command",
            "text",
            "response_url",
            "trigger_id",
            "user_id",
            "user_name",
            "team_id",
            "team_domain",
            "channel_id",
            "channel_name",
            "api_app_id",
        ],
        "x",
    ),
    "GenericMessageEvent": {
        "type": "message",
        "channel_type": "im",
        "event_ts": "1.0",
        "channel": "D1",
        "user": "U1",
        "ts": "1.0",
        "text": "x",
        "blocks": [rich(line())],
        "locale": "en",
    },
    "AppHomeOpenedEvent": {"type": "app_home_opened", "user": "U1", "channel": "D1", "event_ts": "1.0", "tab": "home"},
    "BlockAction": {
        "type": "block_actions",
        "actions": [ACTION],
        "team": None,
        "user": PERSON,
        "token": "t",
        "response_url": "",
        "trigger_id": "1",
        "api_app_id": "A1",
        "container": {},
        "view": VIEW,
        "message": {"type": "message", "ts": "1.0", "blocks": [actions(BUTTON)]},
    },
    "ViewSubmitAction": SUBMITTED,
    "ViewClosedAction": {key: SUBMITTED[key] for key in ("team", "user", "view", "api_app_id", "token")}
    | {"type": "view_closed", "is_cleared": False},
    "AuthTestResponse": {"ok": True, "user_id": "U1"},
    "ChatPostMessageResponse": {"ok": True, "channel": "C1", "ts": "1.0", "message": {"blocks": [DIVIDER]}},
    "ViewsOpenResponse": {"ok": True, "view": {"id": "V1", "state": {}, "blocks": [ASKED]}},
    "UsersInfoResponse": {"ok": True, "user": {"id": "U1", "profile": {"email": "x"}}},
    "ConversationsOpenResponse": {"ok": False, "error": "user_not_found"},
}
BAD_COMING = {
    "a command without an answer's address": (
        "SlashCommand",
        {"response_url": None},
        "SlashCommand/response_url: None where text belongs",
    ),
    "a message with a subtype": (
        "GenericMessageEvent",
        {"subtype": "x"},
        "GenericMessageEvent/subtype: 'x' where absent belongs",
    ),
    "a message from nowhere": (
        "GenericMessageEvent",
        {"channel_type": "attic"},
        "GenericMessageEvent/channel_type: 'attic' is none of channel|group|im|mpim|app_home",
    ),
    "a file in a message": ("GenericMessageEvent", {"files": [{}]}, "GenericMessageEvent/files/0: id is missing"),
    "a reaction to a message": (
        "GenericMessageEvent",
        {"reactions": [{"name": "x", "count": "1", "users": []}]},
        "GenericMessageEvent/reactions/0/count: '1' where number belongs",
    ),
    "no such tab": ("AppHomeOpenedEvent", {"tab": "attic"}, "AppHomeOpenedEvent/tab: 'attic' is none of home|messages"),
    "no such action": (
        "BlockAction",
        {"actions": [ACTION | {"type": "x"}]},
        "BlockAction/actions/0: 'x' may not stand here",
    ),
    "a date that is a number": (
        "BlockAction",
        {"actions": [ACTION | {"type": "datepicker", "selected_date": 1}]},
        "BlockAction/actions/0/selected_date: 1 where text belongs",
    ),
    "a person without an id": ("BlockAction", {"user": {"username": "x"}}, "BlockAction/user: id is missing"),
    "a block in a message": (
        "BlockAction",
        {"message": {"type": "message", "ts": "1", "blocks": [{"type": "x"}]}},
        "BlockAction/message/blocks/0: 'x' may not stand here",
    ),
    "a form without a title": (
        "ViewSubmitAction",
        {"view": VIEW | {"title": None}},
        "ViewSubmitAction/view/title: None where object belongs",
    ),
    "a value without a type": (
        "ViewSubmitAction",
        {"view": VIEW | {"state": {"values": {"b": {"t": {}}}}}},
        "ViewSubmitAction/view/state/values/b/t: type is missing",
    ),
    "values in one level": (
        "ViewSubmitAction",
        {"view": VIEW | {"state": {"values": {"b": "x"}}}},
        "ViewSubmitAction/view/state/values/b: 'x' where object belongs",
    ),
    "an uploaded file": (
        "ViewSubmitAction",
        {"view": VIEW | {"state": {"values": {"b": {"t": {"type": "file_input", "files": ["F1"]}}}}}},
        "ViewSubmitAction/view/state/values/b/t/files/0: 'F1' where object belongs",
    ),
    "closed without a word": (
        "ViewClosedAction",
        {"is_cleared": "no"},
        "ViewClosedAction/is_cleared: 'no' where flag belongs",
    ),
    "an answer that is neither": ("AuthTestResponse", {"ok": 1}, "AuthTestResponse/ok: 1 where flag belongs"),
    "a moment as a number": (
        "ChatPostMessageResponse",
        {"ts": 1.5},
        "ChatPostMessageResponse/ts: 1.5 where text belongs",
    ),
    "a block in an answer": (
        "ViewsOpenResponse",
        {"view": {"blocks": [header(TEXT)]}},
        "ViewsOpenResponse/view/blocks/0/text/type: 'mrkdwn' is none of plain_text",
    ),
    "a profile": (
        "UsersInfoResponse",
        {"user": {"profile": {"email": 1}}},
        "UsersInfoResponse/user/profile/email: 1 where text belongs",
    ),
    "a channel": (
        "ConversationsOpenResponse",
        {"channel": "D1"},
        "ConversationsOpenResponse/channel: 'D1' where object belongs",
    ),
}
COMMAND = {"command": "/note", "description": "x", "should_escape": True}
MANIFEST: dict[str, Any] = {
    "_metadata": {"major_version": 2},
    "display_information": {"name": "Callboard"},
    "features": {"bot_user": {"display_name": "x"}, "slash_commands": [COMMAND]},
    "oauth_config": {"scopes": {"bot": ["commands"]}},
    "settings": {"event_subscriptions": {"bot_events": ["message.im"], "request_url": "https://x.y"}},
}
BAD_MANIFESTS = {
    "no name": ({"display_information": {}}, "manifest/display_information: name is missing"),
    "a section that is none": ({"extras": {}}, "manifest: extras is unknown"),
    "another version": ({"_metadata": {"major_version": 3}}, "manifest/_metadata/major_version: 3 is none of 2"),
    "a long name": (
        {"display_information": {"name": "x" * 36}},
        "manifest/display_information/name: 36 characters, 35 allowed",
    ),
    "no name for the bot": (
        {"features": {"bot_user": {"display_name": ""}}},
        "manifest/features/bot_user/display_name: 0 characters, at least 1 needed",
    ),
    "51 commands": (
        {"features": {"slash_commands": [COMMAND] * 51}},
        "manifest/features/slash_commands: 51 items, 50 allowed",
    ),
    "no commands": (
        {"features": {"slash_commands": []}},
        "manifest/features/slash_commands: 0 items, at least 1 needed",
    ),
    "no address": (
        {"settings": {"event_subscriptions": {"request_url": "x.y"}}},
        "manifest/settings/event_subscriptions/request_url: 'x.y' is no address",
    ),
    "a shortcut somewhere else": (
        {"features": {"shortcuts": [{"name": "x", "type": "attic", "callback_id": "x", "description": "x"}]}},
        "manifest/features/shortcuts/0/type: 'attic' is none of message|global",
    ),
    "a long scope": (
        {"oauth_config": {"scopes": {"bot": ["x" * 51]}}},
        "manifest/oauth_config/scopes/bot/0: 51 characters, 50 allowed",
    ),
    "no such event": (
        {"settings": {"event_subscriptions": {"bot_events": ["full_moon"]}}},
        "there is no event full_moon",
    ),
    "an event twice": ({"settings": {"event_subscriptions": {"bot_events": ["message"] * 2}}}, "event message twice"),
    "a command without its scope": ({"oauth_config": {}}, "slash commands need the scope `commands`"),
    "a command without a slash": (
        {"features": {"slash_commands": [COMMAND | {"command": "note"}]}},
        "note: a command begins with /",
    ),
    "a command that leaves mentions": (
        {"features": {"slash_commands": [COMMAND | {"should_escape": False}]}},
        "/note: should_escape, or no mention can be resolved",
    ),
}


def test_the_tests_copy_of_slacks_published_rules_takes_what_is_sound():
    assert published.check_blocks(GOOD_BLOCKS) == []
    alert = {"type": "alert", "text": TEXT, "level": "info"}
    for view in (MODAL, HOME, MODAL | {"blocks": [DIVIDER] * 100}, MODAL | {"blocks": [alert]}):
        assert published.check_view(view) == []
    posted = {"token": "x", "channel": "C1", "text": "x", "blocks": json.dumps([DIVIDER])}
    assert published.check_call("chat.postMessage", posted) == []
    assert published.check_call("views.open", {"trigger_id": "1", "view": json.dumps(MODAL)}) == []
    assert published.check_manifest(MANIFEST) == []


@pytest.mark.parametrize(("blocks", "said"), BAD_BLOCKS.values(), ids=BAD_BLOCKS)
def test_the_tests_copy_of_slacks_published_rules_says_what_is_wrong_in_blocks(blocks, said):
    assert said in published.check_blocks(blocks)


@pytest.mark.parametrize(("view", "said"), BAD_VIEWS.values(), ids=BAD_VIEWS)
def test_the_tests_copy_of_slacks_published_rules_says_what_is_wrong_in_a_view(view, said):
    assert published.check_view(view) == [said]


@pytest.mark.parametrize(("method", "arguments", "said"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_the_tests_copy_of_slacks_published_rules_says_what_is_wrong_in_a_call(method, arguments, said):
    assert published.check_call(method, arguments) == [said]


@pytest.mark.parametrize("kind", COMING)
def test_the_tests_copy_of_slacks_published_rules_takes_more_keys_in_what_slack_sends(kind):
    assert published.check_incoming(kind, COMING[kind] | {"more": 1}) == []


@pytest.mark.parametrize("kind", COMING)
def test_the_tests_copy_of_slacks_published_rules_misses_keys_slack_always_sends(kind):
    shape = published.INCOMING.named[kind]
    needed = [key.removesuffix("!") for key in shape if key.endswith("!")]
    assert needed
    for key in needed:
        rest = {one: value for one, value in COMING[kind].items() if one != key}
        assert published.check_incoming(kind, rest) == [f"{kind}: {key} is missing"]


@pytest.mark.parametrize(("kind", "change", "said"), BAD_COMING.values(), ids=BAD_COMING)
def test_the_tests_copy_of_slacks_published_rules_says_what_is_wrong_in_a_payload(kind, change, said):
    assert said in published.check_incoming(kind, COMING[kind] | change)


@pytest.mark.parametrize(("change", "said"), BAD_MANIFESTS.values(), ids=BAD_MANIFESTS)
def test_the_tests_copy_of_slacks_published_rules_says_what_is_wrong_in_a_manifest(change, said):
    assert said in published.check_manifest(MANIFEST | change)


def test_the_tests_copy_of_slacks_published_rules_names_a_method_without_scope():
    assert published.missing_scopes(["chat.postMessage", "users.info"], ["chat:write"]) == [
        "users.info needs one of users:read"
    ]


@pytest.mark.parametrize(
    "shapes", [published.BLOCKS, published.MANIFEST, published.INCOMING], ids=["blocks", "manifest", "incoming"]
)
def test_the_tests_copy_of_slacks_published_rules_has_every_shape_it_names(shapes):
    kinds = [
        kind for shape in shapes.named.values() for kind in ([shape] if isinstance(shape, str) else shape.values())
    ]
    words = {word for kind in kinds if not kind.startswith(("=", "[=")) for word in re.findall("[A-Za-z]+", kind)}
    assert words <= {*shapes.named, *published.PLAIN}
