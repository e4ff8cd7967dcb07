"""Socket Mode, watched: a connection that has gone quiet is replaced, and closing takes a bounded time."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger()

PING_EVERY = 5.0
CONNECT_WITHIN = 30.0
CLOSE_WITHIN = 3.0


class Connection:
    """Keeps one Socket Mode connection open for as long as `run` runs."""

    def __init__(self, app: AsyncApp, app_token: str, base_url: str, *, ping_every: float = PING_EVERY) -> None:
        """`ping_every` in seconds; after three without an answer the connection counts as gone."""
        self._app = app
        self._app_token = app_token
        self._base_url = base_url
        self._ping_every = ping_every
        self._client: SocketModeClient | None = None
        self.connected = False

    async def run(self) -> None:
        """Connect, watch, and connect anew, until cancelled."""
        pause = 0.0
        while True:
            began = time.monotonic()
            try:
                await self._once()
            except Exception as error:  # noqa: BLE001 - whatever it was, the remedy is another connection
                log.warning("slack.socket_failed", error=f"{type(error).__name__}: {error}")
            finally:
                self.connected = False
                await self._close()
            held = time.monotonic() - began > CONNECT_WITHIN
            pause = 0.0 if held else min(pause * 2 + 1, CONNECT_WITHIN)
            await asyncio.sleep(pause)

    async def _once(self) -> None:
        web = AsyncWebClient(base_url=self._base_url, retry_handlers=[], timeout=int(CONNECT_WITHIN))
        client = self._client = SocketModeClient(
            app_token=self._app_token, web_client=web, auto_reconnect_enabled=False, ping_interval=self._ping_every,
            logger=logging.getLogger("callboard.socket"),
        )  # fmt: skip
        client.socket_mode_request_listeners.append(self._handle)
        async with asyncio.timeout(CONNECT_WITHIN):
            await client.connect()  # type: ignore[no-untyped-call]
        log.info("slack.socket_open")
        self.connected = True
        await self._watch(client)

    async def _watch(self, client: SocketModeClient) -> None:
        """Return when the connection is gone: closed, or silent for three pings."""
        answered, since = client.last_ping_pong_time, time.monotonic()
        while client.current_session is not None and not client.current_session.closed:
            await asyncio.sleep(self._ping_every / 2)
            if client.last_ping_pong_time != answered:
                answered, since = client.last_ping_pong_time, time.monotonic()
            if time.monotonic() - since > self._ping_every * 3:
                log.warning("slack.socket_stale", silent_for=round(time.monotonic() - since, 1))
                return
        log.info("slack.socket_closed")

    async def _handle(self, client: Any, request: SocketModeRequest) -> None:
        answer = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, answer, time.monotonic())

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await client.close()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - it is given up anyway
            log.warning("slack.socket_not_closed", error=f"{type(error).__name__}: {error}")
