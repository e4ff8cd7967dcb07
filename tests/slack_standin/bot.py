"""A small bot of the tests' own, on an unmodified Bolt, and what it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI, Request
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Sandbox
from slack_standin.server import Server


class Moment:
    """Plan time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 25, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Bot:
    """Bolt on one side, a way to call the Web API without retries on the other."""

    def __init__(self, slack: Sandbox) -> None:
        spec = slack.spec
        self.slack = slack
        self.client = AsyncWebClient(token=spec.bot_token, base_url=slack.api_url, retry_handlers=[])
        self.app = AsyncApp(client=self.client, signing_secret=spec.signing_secret, process_before_response=True)
        self.socket: AsyncSocketModeHandler | None = None
        self._server: Server | None = None

    @staticmethod
    def app_client(slack: Sandbox) -> AsyncWebClient:
        """What opens sockets."""
        return AsyncWebClient(base_url=slack.api_url, retry_handlers=[])

    async def over(self, way: str) -> Bot:
        await (self._connect() if way == "socket" else self._listen())
        return self

    async def _connect(self) -> None:
        self.socket = AsyncSocketModeHandler(self.app, self.slack.spec.app_token)
        self.socket.client.web_client.base_url = self.slack.api_url
        await self.socket.connect_async()
        await self.slack.connected()

    async def _listen(self) -> None:
        handler = AsyncSlackRequestHandler(self.app)
        web = FastAPI()

        @web.post("/slack/events")
        async def events(request: Request):
            return await handler.handle(request)

        self._server = Server(web)
        self.slack.courier.request_url = f"{await self._server.start('127.0.0.1', 0)}/slack/events"

    async def leaves(self) -> None:
        if self.socket is not None:
            await self.socket.close_async()
        if self._server is not None:
            await self._server.stop()


async def opened(slack, bot, view):
    """Olga types a command and has the modal open."""

    @bot.app.command("/note")
    async def note(ack, command, client):
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=view)

    await slack.command("olga", "ops", "/note")
    return (await slack.until(lambda: slack.views("olga")))[-1]


async def refused(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def posted(client, channel="COPS", text="x"):
    """`ok`, or the seconds that Slack wants the app to wait."""
    try:
        await client.chat_postMessage(channel=channel, text=text)
    except SlackApiError as error:
        response = error.response
        return int(response.headers["Retry-After"]) if response.status_code == 429 else response["error"]
    return "ok"
