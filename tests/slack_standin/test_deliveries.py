"""How payloads travel: signed, counted, in three seconds, over several sockets; and what can be made of that."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp
import httpx
import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from slack_standin import Sandbox
from slack_standin.delivery import Courier
from slack_standin.socket_mode import Connection, Sockets
from tests.slack_standin.bot import Bot


def test_the_sandbox_by_default_waits_three_seconds_for_an_app_and_sends_events_three_more_times(spec):
    slack = Sandbox(spec)
    assert (slack.courier.ack_within, slack.courier.retries, slack.triggers.lifetime) == (3.0, [0.0, 60.0, 300.0], 3.0)


async def test_a_delivery_of_the_stand_in_over_http_that_comes_again_says_its_number_and_reason(slack, http_bot):
    heard = []

    @http_bot.app.event("message")
    async def said(request):
        heard.append([request.headers.get(f"x-slack-retry-{name}") for name in ("num", "reason")])
        if len(heard) == 1:
            raise RuntimeError("not yet")

    slack.say("olga", "ops", "hello")
    await slack.until(lambda: len(slack.record.of("ack")) == 2)
    assert heard == [[None, None], [["1"], ["http_error"]]]


async def test_socket_mode_in_the_stand_in_numbers_an_event_that_comes_again_and_says_why(slack, socket_bot):
    frames = []

    async def listening(_client, message, _raw):
        frames.append(message)

    socket_bot.socket.client.message_listeners.append(listening)
    slack.courier.ack_within = 3
    slack.disturb("dropped")
    slack.say("olga", "ops", "hello")
    await slack.until(lambda: len(slack.record.of("ack")) == 2)
    told = next(one for one in frames if one["type"] == "events_api")
    assert (told["retry_attempt"], told["retry_reason"]) == (1, "timeout")
    assert told["accepts_response_payload"] is False


async def test_a_delivery_of_the_stand_in_does_not_come_again_to_an_app_that_declines_that(slack):
    from fastapi import FastAPI, Response

    from slack_standin.server import Server

    web = FastAPI()

    @web.post("/")
    async def busy():
        return Response(status_code=500, headers={"X-Slack-No-Retry": "1"})

    server = Server(web)
    slack.courier.request_url = await server.start("127.0.0.1", 0)
    slack.say("olga", "ops", "hello")
    slack.say("olga", "ops", "again")
    await slack.until(lambda: len(slack.record.of("ack")) == 2)
    await server.stop()
    assert [one["arguments"]["retry"] for one in slack.record.of("ack")] == [0, 0]


async def test_a_delivery_of_the_stand_in_goes_only_to_a_request_url_that_repeats_the_challenge(slack, http_bot):
    url = slack.courier.request_url
    async with httpx.AsyncClient(base_url=f"{slack.url}/sandbox") as control:
        assert (await control.post("/settings", json={"request_url": url})).status_code == 200
        assert (await control.post("/settings", json={"request_url": f"{url}/no"})).status_code == 409
        assert slack.courier.request_url == url
        assert (await control.post("/settings", json={"request_url": None})).status_code == 200


async def test_a_delivery_that_the_stand_in_duplicates_arrives_twice_and_answers_once(slack, bot):
    heard = []

    @bot.app.command("/note")
    async def note(ack, command):
        heard.append(command["trigger_id"])
        await ack("noted")

    slack.disturb("duplicated", only="slash_commands")
    assert (await slack.command("olga", "ops", "/note once")).ok
    assert len(heard) == 2
    assert len(set(heard)) == 1
    assert len(slack.ephemerals("olga", "ops")) == 1
    assert slack.record.of("fault")[0]["arguments"]["kind"] == "duplicated"


async def test_a_delivery_that_the_stand_in_drops_fails_a_command_and_repeats_an_event(slack, bot):
    heard = []

    @bot.app.event("message")
    async def said(event):
        heard.append(event["text"])

    slack.disturb("dropped", 2)
    assert "operation_timeout" in (await slack.command("olga", "ops", "/note x")).text
    slack.say("olga", "ops", "hello")
    await slack.until(lambda: heard)
    assert [one["arguments"]["kind"] for one in slack.record.of("fault")] == ["dropped", "dropped"]


async def test_a_delivery_that_the_stand_in_reorders_arrives_after_the_next_event(slack, bot):
    heard = []

    @bot.app.event("message")
    async def said(event):
        heard.append(event["text"])

    slack.disturb("reordered")
    slack.say("olga", "ops", "first")
    slack.say("olga", "ops", "second")
    await slack.until(lambda: len(heard) == 2)
    assert heard == ["second", "first"]


async def test_deliveries_held_back_by_the_stand_in_go_out_when_disturbances_are_lifted(slack, bot):
    heard = []

    @bot.app.event("message")
    async def said(event):
        heard.append(event["text"])

    slack.disturb("reordered", 5)
    slack.say("olga", "ops", "alone")
    await slack.until(lambda: slack.record.of("fault"))
    async with httpx.AsyncClient(base_url=f"{slack.url}/sandbox") as control:
        assert (await control.post("/disturb", json={"kind": "upside down"})).status_code == 422
        await control.delete("/disturb")
    await slack.until(lambda: heard)


async def test_event_payloads_of_the_stand_in_need_a_scope_and_the_bot_in_the_channel(slack, client):
    slack.spec.scopes.remove("channels:history")
    slack.spec.scopes.remove("reactions:read")
    ts = slack.say("olga", "ops", "unheard").ts
    slack.react("olga", "ops", ts, "eyes")
    slack.say("olga", "dm", "heard")
    slack.say("olga", "elsewhere", "hello @bot")
    await slack.until(lambda: slack.courier.deliveries)
    assert [one.payload["event"].get("text") for one in slack.courier.deliveries] == ["heard"]


async def test_the_sandbox_takes_away_people_channels_and_tokens_as_slack_would(slack):
    kinds = ["member_left_channel", "channel_archive", "user_change", "tokens_revoked"]
    slack.spec.events.extend(kinds)
    slack.courier.retries = []
    slack.remove("pa", "ops")
    slack.archive("ops")
    slack.deactivate("pa")
    slack.revoke()
    await slack.until(lambda: len(slack.courier.deliveries) == len(kinds))
    assert [one.payload["event"]["type"] for one in slack.courier.deliveries] == kinds
    made = [one["arguments"]["kind"] for one in slack.record.of("fault")]
    assert made == ["member removed", "archived", "deactivated", "revoked"]


async def test_socket_mode_in_the_stand_in_says_hello_and_turns_the_eleventh_socket_away(slack, client):
    async with aiohttp.ClientSession() as http:

        async def opened():
            answer = await Bot.app_client(slack).apps_connections_open(app_token=slack.spec.app_token)
            return await http.ws_connect(answer["url"])

        sockets = [await opened() for _ in range(10)]
        assert [(await one.receive_json())["num_connections"] for one in sockets] == list(range(1, 11))
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await opened()
        for one in sockets:
            await one.close()


async def test_socket_mode_in_the_stand_in_opens_one_socket_for_each_ticket(slack):
    answer = await Bot.app_client(slack).apps_connections_open(app_token=slack.spec.app_token)
    async with aiohttp.ClientSession() as http:
        first = await http.ws_connect(answer["url"])
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(answer["url"])
        await first.close()


async def test_socket_mode_in_the_stand_in_stays_open_after_a_warning_and_not_after_a_refresh(slack):
    answer = await Bot.app_client(slack).apps_connections_open(app_token=slack.spec.app_token)
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(answer["url"])
        assert (await socket.receive_json())["type"] == "hello"
        await slack.sockets.disconnect("warning")
        assert (await socket.receive_json())["reason"] == "warning"
        assert len(slack.sockets.connections) == 1
        async with httpx.AsyncClient(base_url=f"{slack.url}/sandbox") as control:
            await control.post("/sockets/disconnect", json={"reason": "link_disabled"})
        assert (await socket.receive_json())["reason"] == "link_disabled"
        assert (await socket.receive()).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
    assert [one["arguments"]["kind"] for one in slack.record.of("fault")] == [
        "disconnect: warning",
        "disconnect: link_disabled",
    ]


async def test_socket_mode_in_the_stand_in_takes_an_app_back_after_a_refresh_and_a_cut(slack, socket_bot):
    @socket_bot.app.command("/note")
    async def note(ack):
        await ack("noted")

    for trouble in (slack.sockets.disconnect, slack.sockets.cut):
        await slack.connected()
        before = slack.sockets.connections[0]
        await trouble()
        await slack.until(lambda before=before: [one for one in slack.sockets.connections if one is not before])
        tries = list[bool]()
        while not any(tries) and len(tries) < 3:  # slack_sdk may answer by the connection that it is closing
            await slack.connected()
            tries.append((await slack.command("olga", "ops", "/note x")).ok)
        assert any(tries)


async def test_a_delivery_of_the_stand_in_is_signed_as_slack_signs_secret_and_moment(slack, spec):
    courier: Courier = slack.courier
    first = courier._signature(b"x")
    spec.signing_secret = "another"
    second = courier._signature(b"x")
    assert first["X-Slack-Signature"] != second["X-Slack-Signature"]
    assert first["X-Slack-Signature"].startswith("v0=")


async def test_a_delivery_acknowledged_with_broken_json_is_a_failure_in_the_stand_in(slack):
    from fastapi import FastAPI, Response

    from slack_standin.server import Server

    web = FastAPI()

    @web.post("/")
    async def broken():
        return Response("{", media_type="application/json")

    server = Server(web)
    slack.courier.request_url = await server.start("127.0.0.1", 0)
    assert "dispatch_failed" in (await slack.command("olga", "ops", "/note x")).text
    await server.stop()


async def test_people_in_the_stand_in_see_what_failed_of_a_command_click_or_shortcut(slack, bot):
    never = asyncio.Event()

    @bot.app.action("go")
    @bot.app.shortcut("note_this")
    async def late(ack):
        await never.wait()

    blocks = [
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
        }
    ]
    ts = (await bot.client.chat_postMessage(channel="COPS", text="x", blocks=blocks))["ts"]
    slack.courier.ack_within = 0.2
    assert (await slack.click("olga", "ops", ts, "go")).failure == 'This app did not respond ("operation_timeout").'
    shortcut = await slack.shortcut("olga", "note_this", "ops", ts)
    assert shortcut.failure == 'The shortcut failed with the error "operation_timeout".'
    never.set()


class Leaving:
    """A socket whose client is gone, which nobody has heard of yet."""

    application_state = WebSocketState.CONNECTED

    async def send_json(self, _frame):
        raise WebSocketDisconnect(1006)

    async def close(self, _code):
        raise WebSocketDisconnect(1006)


@pytest.mark.parametrize("end", ["cut", "disconnect", "close"])
async def test_socket_mode_in_the_stand_in_ends_a_socket_that_its_client_leaves_at_that_moment(end):
    sockets, gone = Sockets("A0", lambda: None, lambda _: None), cast("WebSocket", Leaving())
    sockets.connections.extend([Connection(gone), Connection(gone)])
    await getattr(sockets, end)()
    assert not sockets.connections
