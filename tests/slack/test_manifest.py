"""The app manifest is what the code needs, and what Slack takes."""

from __future__ import annotations

import pytest

from callboard.slack import manifest
from callboard.slack.answers import Done
from callboard.slack.grammar import Command
from callboard.slack.routes import Hears, Interaction, Routes
from tests.contract import published

ROUTES = Routes(
    [Command("blocker", "Says what is in the way", examples=("mongo refuses TLS",))],
    [
        Interaction(
            "shortcut", "blocker.raise", lambda _tx, _request: Done(), title="Raise a blocker", description="x" * 200
        )
    ],
    [Hears("message", lambda *_: None), Hears("app_home_opened", lambda *_: None)],
)
USED = [
    "auth.test", "chat.postMessage", "chat.update", "conversations.history", "conversations.list", "conversations.open",
    "conversations.replies", "users.info", "users.lookupByEmail", "views.open", "views.push", "views.update",
]  # fmt: skip


@pytest.mark.parametrize("url", ["", "https://callboard.example.com/slack/events"])
def test_slack_takes_the_app_manifest_as_it_is(url):
    assert published.check_manifest(manifest.build(ROUTES, url=url)) == []


def test_the_app_manifest_has_a_scope_for_every_method_that_is_called():
    granted = manifest.build(ROUTES)["oauth_config"]["scopes"]["bot"]
    assert published.missing_scopes(USED, granted) == []


def test_the_app_manifest_gives_commands_the_prefix_and_has_mentions_resolved():
    command = manifest.build(ROUTES, prefix="cb-")["features"]["slash_commands"][0]
    assert command["command"] == "/cb-blocker"
    assert command["should_escape"] is True


def test_the_app_manifest_for_http_sends_everything_to_one_address():
    url = "https://callboard.example.com/slack/events"
    made = manifest.build(ROUTES, url=url)
    settings = made["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"]["request_url"] == settings["interactivity"]["request_url"] == url
    assert made["features"]["slash_commands"][0]["url"] == url


def test_the_app_manifest_asks_for_the_events_that_somebody_hears():
    events = manifest.build(ROUTES)["settings"]["event_subscriptions"]["bot_events"]
    assert {
        "app_home_opened",
        "app_mention",
        "message.channels",
        "message.groups",
        "message.im",
        "tokens_revoked",
    } <= set(events)
    assert "member_joined_channel" not in events


def test_the_app_manifest_refuses_more_commands_than_slack_allows():
    with pytest.raises(ValueError, match="51 commands"):
        manifest.build(Routes(Command(f"c{number}", "x") for number in range(51)))


def test_the_routes_of_slack_refuse_a_button_or_command_that_two_capabilities_declare():
    with pytest.raises(ValueError, match="blocker is declared twice"):
        Routes([Command("blocker", "one"), Command("blocker", "another")])
