"""The connection to Slack: lost and found again, silent and replaced, absent from the start."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callboard.slack.app import Account, SlackApp
from callboard.slack.connection import team_of
from callboard.slack.routes import Routes
from tests.slack.conftest import until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
    await until(lambda: not bot.app.connection.connected)
    await bot.sandbox.connected()
    assert await works(bot)


async def test_a_socket_mode_connection_that_slack_wants_renewed_is_renewed(bot):
    await bot.sandbox.sockets.disconnect()
    await bot.sandbox.connected()
    await until(lambda: bot.app.trouble() == "")
    assert await works(bot)


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
