"""The connection to Slack: lost and found again, silent and replaced, absent from the start."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callboard.slack.app import Account, SlackApp
from callboard.slack.connection import Connection
from callboard.slack.identity import team_of
from callboard.slack.routes import Routes
from tests.slack.conftest import until

DATABASES = ("sqlite",)  # what is asked of Slack


@pytest.fixture
def way():
    return "socket"


@pytest.fixture
def ping_every():
    return 0.5


async def works(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board mongo")
    return outcome.ok


async def test_a_socket_mode_connection_that_breaks_is_made_again(bot):
    await bot.sandbox.sockets.cut()
    await bot.sandbox.connected()
    assert await works(bot)


async def test_a_socket_mode_connection_that_slack_wants_renewed_is_renewed(bot):
    await bot.sandbox.sockets.disconnect()
    await bot.sandbox.connected()
    await until(lambda: bot.app.trouble() == "")
    assert await works(bot)


async def test_a_socket_mode_connection_that_slack_wants_renewed_brings_the_answers_to_what_came_before(bot):
    asking = asyncio.create_task(bot.sandbox.command("olga", "ops", "/board wait"))
    await until(lambda: bot.app._once._running)
    (before,) = bot.sandbox.sockets.connections
    await bot.sandbox.sockets.disconnect("warning")
    await until(lambda: set(bot.sandbox.sockets.connections) - {before})
    bot.gate.set()
    assert (await asking).ok
    await until(lambda: before not in bot.sandbox.sockets.connections)


async def test_a_socket_mode_connection_that_a_stopping_bot_closes_has_brought_the_answers_to_what_came(bot):
    asking = asyncio.create_task(bot.sandbox.command("olga", "ops", "/board wait"))
    await until(lambda: bot.app._once._running)
    leaving = asyncio.create_task(bot.app.leave())
    await until(lambda: bot.app.connection.connected is False)
    bot.gate.set()
    assert (await asking).ok
    await leaving
    await until(lambda: not bot.sandbox.sockets.connections)


class TestConnectionsThatBringNothing:
    @pytest.fixture
    def renew_after(self):
        return 0.3

    async def test_a_silent_socket_mode_connection_is_replaced_although_it_answers_pings(self, bot):
        bot.sandbox.sockets.stall()
        await until(
            lambda: bot.sandbox.sockets.connections and not any(c.stalled for c in bot.sandbox.sockets.connections)
        )
        assert await works(bot)


async def test_a_socket_mode_connection_that_answers_no_pings_is_replaced(db):
    opened = []

    async def link(request):
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        opened.append(socket)
        async for _ in socket:
            pass
        return socket

    async def open_connection(request):
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link"})

    mute = web.Application()
    mute.add_routes([web.get("/link", link), web.post("/api/apps.connections.open", open_connection)])
    async with TestServer(mute) as server:
        account = Account(bot_token="xoxb-1", app_token="xapp-1", api_url=str(server.make_url("/api")), ping_every=0.05)
        app = SlackApp(db, account, Routes())
        await app.start()
        await until(lambda: len(opened) > 1)
        await app.stop()


async def test_the_slack_connection_learns_who_the_bot_is_once_and_no_request_waits_for_it(bot):
    asked = len(bot.sandbox.record.calls("auth.test"))
    await works(bot)
    assert len(bot.sandbox.record.calls("auth.test")) == asked == 1


async def test_the_slack_app_starts_and_stops_while_slack_is_away(db):
    account = Account(bot_token="xoxb-1", app_token="xapp-1", api_url="http://127.0.0.1:9/api")
    app = SlackApp(db, account, Routes())
    await app.start()
    await until(lambda: "ClientConnectorError" in app.trouble())
    async with asyncio.timeout(2):
        await app.stop()


async def test_the_slack_connection_asks_who_the_bot_is_until_slack_answers(bot):
    bot.app.identity.known = None
    bot.sandbox.fault("auth.test", "error", code="internal_error", times=2)
    await bot.app.identity.learn(pause=0.01)
    assert bot.app.identity.known.bot_user_id == "U0BOT"


async def test_the_slack_connection_asks_on_when_others_say_who_the_bot_is(bot):
    for body in ("<html>", "null", '{"ok": true}', "{", "[]"):
        bot.sandbox.fault("auth.test", "foreign", body=body, content_type="application/json")
    bot.app.identity.known = None
    await bot.app.identity.learn(pause=0.001)
    assert bot.app.identity.known.bot_user_id == "U0BOT"
    bot.sandbox.fault("auth.test", "foreign", times=2)
    assert await asyncio.to_thread(team_of, bot.sandbox.spec.bot_token, bot.sandbox.api_url) == ""


async def test_the_slack_connection_tries_again_at_once_after_one_that_held_whatever_failed_before(bot):
    connection = bot.app.connection
    bot.sandbox.fault("apps.connections.open", "error", code="internal_error", times=2)
    await bot.sandbox.sockets.cut()
    await until(lambda: connection.pause >= 1)
    await bot.sandbox.connected()
    await asyncio.sleep(bot.app.account.ping_every * 1.2)
    await bot.sandbox.sockets.cut()
    await bot.sandbox.connected()
    assert connection.pause == 0


async def test_the_slack_connection_opens_another_before_it_closes_the_one_that_slack_will_end(bot):
    (old,) = bot.sandbox.sockets.connections
    assert bot.sandbox.sockets.most == 1
    await bot.sandbox.sockets.disconnect("warning")
    await until(lambda: bot.sandbox.sockets.connections and old not in bot.sandbox.sockets.connections)
    assert bot.sandbox.sockets.most == 2
    assert await works(bot)


async def test_the_slack_connection_says_that_socket_mode_is_switched_off(bot):
    bot.sandbox.fault("apps.connections.open", "error", code="link_disabled", times=100)
    await bot.sandbox.sockets.disconnect("link_disabled")
    await until(lambda: "link_disabled" in bot.app.trouble())
    assert "Switch it on under Socket Mode" in bot.app.trouble()
    assert not (await bot.app.signs()).connected


async def test_the_slack_connection_leaves_nothing_open_when_it_is_stopped_before_slack_answers():
    made, asked = [], asyncio.Event()

    class Watched(Connection):
        def _client(self):
            made.append(super()._client())
            return made[-1]

    async def nothing(_client, _request): ...

    async def answer(_request):
        asked.set()
        await asyncio.Event().wait()

    other = web.Application()
    other.add_routes([web.post("/api/apps.connections.open", answer)])
    async with TestServer(other) as server:
        connection = Watched(nothing, "xapp-1", str(server.make_url("/api/")), 1.0, 300.0)
        running = asyncio.create_task(connection.run())
        await asked.wait()
        running.cancel()
        await asyncio.wait([running])
        assert [client.aiohttp_client_session.closed for client in made] == [True]


@pytest.mark.parametrize("body", ["{broken", "<html>", "[]", "{}", '{"ok": true}', "null"])
async def test_the_slack_connection_learns_who_the_bot_is_after_an_answer_that_is_not_slacks(db, body):
    answers = [body, json.dumps({"ok": True, "team_id": "T1", "team": "T", "user_id": "UBOT", "url": "https://t/"})]

    async def answer(_request):
        return web.Response(text=answers.pop(0) if len(answers) > 1 else answers[0], content_type="application/json")

    other = web.Application()
    other.add_routes([web.post("/api/auth.test", answer)])
    async with TestServer(other) as server:
        app = SlackApp(
            db, Account(bot_token="xoxb-1", signing_secret="s", api_url=str(server.make_url("/api"))), Routes()
        )
        await app.api.open()
        assert (await app.signs()).trouble
        answers.insert(0, body)
        await app.identity.learn(pause=0.01)
        await app.stop()
    assert app.identity.known
    assert app.identity.known.team_id == "T1"


async def test_the_pulse_knows_within_one_look_that_a_token_was_revoked_and_that_it_is_good_again(bot):
    bot.sandbox.fault("auth.test", "error", code="token_revoked", times=1)
    bot.app.api.error = "asked anew"
    assert "token_revoked, the token was revoked. Reinstall the app" in (await bot.app.signs()).trouble
    assert (await bot.app.signs()).trouble == ""
    bot.sandbox.spec.scopes.remove("chat:write")
    bot.app.api.error = "asked anew"
    assert "lacks chat:write" in (await bot.app.signs()).trouble
