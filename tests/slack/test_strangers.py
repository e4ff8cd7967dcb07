"""People of other workspaces, who act in channels that workspaces share."""

from __future__ import annotations

import pytest

from callboard.slack import requests

DATABASES = ("sqlite",)
BOT = {"enterprise_id": None, "team_id": "T1", "user_id": "UBOT", "is_bot": True}


def click(user_team, **body):
    return requests.action(
        {"actions": [{"action_id": "ack:1"}], "user": {"id": "U1", "team_id": user_team}, "team": {"id": "T1"}, **body}
    )


def heard(event, **body):
    whole = {"team_id": "T2", "event": {"user": "U1", **event}, "authorizations": [BOT], "is_ext_shared_channel": True}
    return requests.event({**whole, **body})


def test_requests_of_another_workspaces_person_are_a_strangers_in_the_apps_workspace():
    request = click("T2")
    assert (request.workspace, request.user) == ("T1", "T2/U1")
    view = {"view": {"app_installed_team_id": "T1", "private_metadata": ""}, "team": {"id": "T2"}}
    request = click("T2", **view)
    assert (request.workspace, request.user) == ("T1", "T2/U1")
    assert click("T1").user == "U1"


@pytest.mark.parametrize("field", ["user_team", "source_team", "team"])
def test_requests_of_another_workspaces_event_are_of_the_workspace_that_the_app_is_in(field):
    workspace, event = heard({field: "T2"})
    assert (workspace, event["user"]) == ("T1", "T2/U1")
    workspace, event = heard({field: "T1"})
    assert (workspace, event["user"]) == ("T1", "U1")


def test_requests_of_an_organisations_workspaces_share_their_ids():
    grid = {"authorizations": [{**BOT, "enterprise_id": "E1"}]}
    assert heard({"team": "E1"}, **grid)[1]["user"] == "U1"
    assert heard({"team": "T3"}, **grid, is_ext_shared_channel=False)[1]["user"] == "U1"
    assert heard({"team": "T3"}, **grid)[1]["user"] == "T3/U1"
    request = click("E1", enterprise={"id": "E1"})
    assert (request.workspace, request.user) == ("T1", "U1")
    assert click("T4", enterprise={"id": "E1"}).user == "T4/U1"


async def test_requests_of_a_stranger_with_somebodys_id_are_not_theirs(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    card, spec = world.card(), world.slack.spec
    button = next(each for block in card.blocks if block["type"] == "actions" for each in block["elements"])
    await world.slack.courier.send(
        "interactive",
        {
            "type": "block_actions", "user": {"id": "UOLGA", "team_id": "TOTHER", "username": "olga"},
            "team": {"id": spec.team_id}, "api_app_id": spec.app_id, "trigger_id": "1.1", "response_url": "",
            "channel": {"id": card.channel, "name": "omega"}, "message": {"ts": card.ts, "text": ""},
            "container": {"type": "message", "message_ts": card.ts, "channel_id": card.channel},
            "actions": [{**button, "action_ts": "1.1"}],
        },
    )  # fmt: skip
    await world.settled()
    assert world.row("blocker", 1).state == "open"
