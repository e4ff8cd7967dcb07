"""Guests, and people of other workspaces whom the stand-in shows as Slack does."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from slack_standin import NotPossibleError
from slack_standin.state import User


@pytest.fixture
def eve(slack):
    """Somebody of another workspace, in no channel with the bot yet."""
    slack.workspace.state.users["UEVE"] = User(name="eve", team_id="TOTHER", email="eve@example.com")
    return "UEVE"


async def refused(call, **arguments):
    with pytest.raises(SlackApiError) as raised:
        await call(**arguments)
    return raised.value.response["error"]


async def test_people_of_another_workspace_are_strangers_to_the_stand_in_until_they_share_a_channel(slack, client, eve):
    user = (await client.users_info(user=eve))["user"]
    assert (user["team_id"], user["is_stranger"], "email" in user["profile"]) == ("TOTHER", True, False)
    assert await refused(client.chat_postMessage, channel=eve, text="hello") == "channel_not_found"
    assert await refused(client.conversations_open, users=eve) == "user_not_visible"
    assert await refused(client.users_lookupByEmail, email="eve@example.com") == "users_not_found"
    assert await refused(client.conversations_invite, channel="COPS", users=eve) == "org_user_not_in_team"
    slack.workspace.join(slack.workspace.conversation("ops"), eve)
    assert (await client.users_info(user=eve))["user"]["is_stranger"] is False
    assert (await client.chat_postMessage(channel=eve, text="hello"))["ok"]
    shared = (await client.conversations_info(channel="COPS"))["channel"]
    assert shared["is_ext_shared"]
    assert shared["connected_team_ids"] == ["TOTHER"]


async def test_people_of_another_workspace_have_no_commands_and_shortcuts_in_the_stand_in(slack, eve):
    slack.workspace.join(slack.workspace.conversation("ops"), eve)
    assert "is not a valid command" in (await slack.command("eve", "ops", "/anything")).failure
    with pytest.raises(NotPossibleError, match="not installed"):
        await slack.shortcut("eve", "anything")


async def test_events_of_the_stand_in_name_the_workspace_of_whoever_acts_in_a_shared_channel(slack, eve):
    slack.workspace.join(slack.workspace.conversation("ops"), eve)
    slack.say("eve", "ops", "hello")
    sent = slack.courier.deliveries[-1].payload
    assert (sent["team_id"], sent["event"]["user_team"], sent["is_ext_shared_channel"]) == ("T0SANDBOX", "TOTHER", True)


async def test_guests_of_the_stand_in_are_in_the_channels_they_are_invited_to(slack, client):
    slack.workspace.state.users["UGIL"] = User(name="gil", is_ultra_restricted=True)
    user = (await client.users_info(user="UGIL"))["user"]
    assert (user["is_restricted"], user["is_ultra_restricted"]) == (True, True)
    await client.conversations_invite(channel="COPS", users="UGIL")
    assert await refused(client.conversations_invite, channel="CLEADS", users="UGIL") == "ura_max_channels"
