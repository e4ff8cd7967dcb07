"""The bot's connection to Slack: who it is there, and a Socket Mode connection that is replaced when it goes quiet."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from callboard.core.errors import Refused
from callboard.slack.web_api import WebApi

log = structlog.get_logger()

PING_EVERY = 5.0
RENEW_AFTER = 300.0
CONNECT_WITHIN = 30.0
CLOSE_WITHIN = 3.0
LONGEST_PAUSE = 30.0


class Identity(AsyncAuthorize):
    """Who the bot is, by `auth.test`: learned once, so that no request waits for it."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self.known: AuthorizeResult | None = None
        self.error = "no answer yet"
        self._answered = asyncio.Event()

    async def learn(self, pause: float = 1.0) -> None:
        """Ask until Slack answers, less and less often; every failure is logged."""
        while not await self._asked():
            log.warning("slack.auth_failed", error=self.error, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def learned(self) -> AuthorizeResult:
        """Wait until Slack has answered."""
        while self.known is None:
            await self._answered.wait()
        return self.known

    async def __call__(self, *, enterprise_id: str | None, team_id: str | None, **_: Any) -> AuthorizeResult:
        """Answer Bolt."""
        return self.known or AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=self._api.client.token
        )

    async def _asked(self) -> bool:
        try:
            answer = await self._api.call("auth.test", {})
        except SlackApiError as error:
            self.error = str(error.response.get("error") or error.response.status_code)
            return False
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.error = f"{type(error).__name__}: {error}"
            return False
        if not answer.get("team_id"):
            self.error = "an answer that is not from Slack"
            return False
        self.known = AuthorizeResult.from_auth_test_response(
            auth_test_response=answer, bot_token=self._api.client.token
        )
        self.error = ""
        self._answered.set()
        log.info("slack.authorized", workspace=self.known.team_id, bot=self.known.bot_user_id)
        return True


def team_of(token: str, api_url: str) -> str:
    """The workspace's id; empty without a token, or while Slack is unreachable: the bot learns it when it starts."""
    if not token:
        return ""
    base_url = api_url if api_url.endswith("/") else f"{api_url}/"
    try:
        return str(WebClient(token, base_url=base_url, timeout=5).auth_test()["team_id"] or "")
    except SlackApiError as error:
        code = str(error.response.get("error") or "")
        if not code.isidentifier():  # a sentence of slack_sdk about what somebody else answered
            return ""
        raise Refused(f"Slack does not accept SLACK_BOT_TOKEN: {code}.") from error
    except (OSError, ValueError, AttributeError):  # slack_sdk stumbles over what is not Slack's
        return ""


@dataclass(eq=False)
class Connection:
    """Keeps one Socket Mode connection open for as long as `run` runs.

    In seconds. Another is opened after three pings without an answer, or when nothing came for `renew_after`: there are
    connections that answer pings and bring nothing.
    """

    app: AsyncApp
    app_token: str
    base_url: str
    ping_every: float
    renew_after: float
    connected: bool = False
    heard_at: float = 0.0

    async def run(self) -> None:
        """Connect, watch, and connect anew, until cancelled. The new connection opens before the old one closes."""
        client, pause = None, 0.0
        try:
            while True:
                former, client = client, self._client()
                opened = await self._opened(client)
                began = time.monotonic()
                self.connected = opened
                await _shut(former)
                if opened:
                    await self._watch(client)
                held = self.connected or time.monotonic() - began > CONNECT_WITHIN
                pause = 0.0 if held else min(pause * 2 + 1, CONNECT_WITHIN)
                await asyncio.sleep(pause)
        finally:
            self.connected = False
            await _shut(client)

    def _client(self) -> SocketModeClient:
        web = AsyncWebClient(base_url=self.base_url, retry_handlers=[], timeout=int(CONNECT_WITHIN))
        client = SocketModeClient(
            app_token=self.app_token, web_client=web, auto_reconnect_enabled=False, ping_interval=self.ping_every,
            logger=logging.getLogger("callboard.socket"),
        )  # fmt: skip
        client.socket_mode_request_listeners.append(self._handle)
        client.on_message_listeners.append(self._heard)
        return client

    async def _opened(self, client: SocketModeClient) -> bool:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                client.wss_uri = await client.issue_new_wss_url()
                await client.connect()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - whatever it was, the remedy is another connection
            log.warning("slack.socket_failed", error=f"{type(error).__name__}: {error}")
            return False
        log.info("slack.socket_open")
        return True

    async def _watch(self, client: SocketModeClient) -> None:
        """Return when the connection is gone, or brings nothing any more."""
        answered = client.last_ping_pong_time
        answered_at = self.heard_at = time.monotonic()
        why = "closed"
        while client.current_session is not None and not client.current_session.closed:
            await asyncio.sleep(self.ping_every / 2)
            now = time.monotonic()
            if client.last_ping_pong_time != answered:
                answered, answered_at = client.last_ping_pong_time, now
            if now - answered_at > self.ping_every * 3:
                why = "pings are not answered"
                break
            if now - self.heard_at > self.renew_after:
                why = "nothing came for a while"
                break
        self.connected = why.startswith("nothing")
        log.info("slack.socket_replaced", why=why)

    async def _heard(self, _message: Any) -> None:
        self.heard_at = time.monotonic()

    async def _handle(self, client: Any, request: SocketModeRequest) -> None:
        answer = await run_async_bolt_app(self.app, request)
        await send_async_response(client, request, answer, time.monotonic())


async def _shut(client: SocketModeClient | None) -> None:
    if client is None:
        return
    try:
        async with asyncio.timeout(CLOSE_WITHIN):
            await client.close()  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - it is given up anyway
        log.warning("slack.socket_not_closed", error=f"{type(error).__name__}: {error}")
