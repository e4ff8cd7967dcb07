"""A Socket Mode connection that is replaced when it goes quiet. A bot that takes HTTP does without it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from callboard.core.resolver import proxy_of
from callboard.slack.pulse import KEYS, refusal
from callboard.slack.web_api import slack_client

log = structlog.get_logger()

CONNECT_WITHIN = 30.0
CLOSE_WITHIN = 3.0
ANSWER_WITHIN = 3.0
"""Slack waits so long for an answer; whoever closes a connection first gives those that are under way."""
LONGEST_PAUSE = 30.0
# Why Slack ends a connection; `link_disabled` is a state that somebody has to mend.
REASONS = {
    "warning": "Slack asked for another one",
    "refresh_requested": "Slack asked for another one",
    "too_many_websockets": "the app has more than 10 connections open; stop copies of Callboard that should not run",
}  # fmt: skip


class Client(SocketModeClient):
    """Leaves it to `Connection` to open another when Slack says that this one ends."""

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - as slack_sdk has it
        """Do nothing."""


@dataclass(eq=False)
class Connection:
    """Keeps one Socket Mode connection open for as long as `run` runs.

    `take(client, request)` answers what comes. Times are in seconds: another is opened after three pings without an
    answer, or when nothing came for `renew_after`. There are connections that answer pings and bring nothing.
    """

    take: Callable[[Any, SocketModeRequest], Awaitable[None]]
    app_token: str
    base_url: str
    ping_every: float
    renew_after: float
    connected: bool = False
    heard_at: float = 0.0
    error: str = "it was not opened yet"
    """Why no connection was opened, or why the last one ended."""
    pause: float = 0.0
    """Seconds until the next try, after a connection that did not hold."""
    _ends: asyncio.Event = field(default_factory=asyncio.Event)
    _answering: set[asyncio.Task[Any]] = field(default_factory=set)

    def trouble(self) -> str:
        """Why nothing arrives from Slack, in a sentence; empty when it does."""
        if self.connected:
            return ""
        if self.error in KEYS:
            return refusal(self.error, "SLACK_APP_TOKEN")
        return f"Socket Mode is not connected: {self.error}. I go on trying."

    async def run(self) -> None:
        """Connect, watch, and connect anew, until cancelled. The new connection opens before the old one closes."""
        client: SocketModeClient | None = None
        made: list[SocketModeClient | None] = []
        try:
            while True:
                made.append(new := self._client())
                opened = await self._opened(new)
                former, client = (new, client) if not opened and _lives(client) else (client, new)
                self.connected = _lives(client)
                await self._close(former)
                made = [client]
                began = time.monotonic()
                if self.connected:
                    await self._watch(client)
                held = opened and time.monotonic() - began > self.ping_every
                await asyncio.sleep(self.pause)
                self.pause = 0.0 if held else min(self.pause * 2 + 1, LONGEST_PAUSE)
        finally:
            self.connected = False
            for each in made:
                await self._close(each)

    def _client(self) -> SocketModeClient:
        web = slack_client(self.base_url, timeout=int(CONNECT_WITHIN))
        client = Client(
            app_token=self.app_token, web_client=web, auto_reconnect_enabled=False, ping_interval=self.ping_every,
            logger=logging.getLogger("callboard.socket"),
        )  # fmt: skip
        client.socket_mode_request_listeners.append(self._handle)
        client.on_message_listeners.append(self._heard)
        client.on_close_listeners.append(self._closed)
        return client

    async def _opened(self, client: SocketModeClient) -> bool:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                client.wss_uri = await client.issue_new_wss_url()
                client.proxy = proxy_of(client.wss_uri)
                await client.connect()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - whatever it was, the remedy is another connection
            code = str(error.response.get("error") or "") if isinstance(error, SlackApiError) else ""
            self.error = code if code.isidentifier() else str(error) or type(error).__name__
            log.warning("slack.socket_failed", error=self.error)
            return False
        self._ends.clear()
        log.info("slack.socket_open")
        return True

    async def _watch(self, client: SocketModeClient | None) -> None:
        """Return when the connection is gone, or will soon be, or brings nothing any more."""
        answered = client.last_ping_pong_time if client else None
        answered_at = self.heard_at = time.monotonic()
        self.error = "it was closed"
        while client and _lives(client) and not await self._ending():
            now = time.monotonic()
            if client.last_ping_pong_time != answered:
                answered, answered_at = client.last_ping_pong_time, now
            if now - answered_at > self.ping_every * 3:
                self.error, self.connected = "pings are not answered", False
                break
            if now - self.heard_at > self.renew_after:
                self.error = "nothing came for a while"
                break
        self.connected = self.connected and _lives(client)
        log.info("slack.socket_replaced", why=self.error)

    async def _ending(self) -> bool:
        """Wait a little; whether Slack has said meanwhile that the connection ends."""
        try:
            async with asyncio.timeout(self.ping_every / 2):
                await self._ends.wait()
        except TimeoutError:
            return False
        self._ends.clear()
        return True

    async def _close(self, client: SocketModeClient | None) -> None:
        """Close a connection; one that lives brings the answers to what came first."""
        if _lives(client) and self._answering:
            await asyncio.wait(set(self._answering), timeout=ANSWER_WITHIN)
        await _shut(client)

    async def _heard(self, message: Any) -> None:
        self.heard_at = time.monotonic()
        if '"disconnect"' in str(message.data)[:200]:
            frame = json.loads(message.data)
            if frame.get("type") == "disconnect":
                reason = str(frame.get("reason") or "")
                self.error = REASONS.get(reason, reason)
                self._ends.set()

    async def _closed(self, _message: Any) -> None:
        self._ends.set()

    async def _handle(self, client: Any, request: SocketModeRequest) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the client makes one for each message
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        await self.take(client, request)


def _lives(client: SocketModeClient | None) -> bool:
    return client is not None and client.current_session is not None and not client.current_session.closed


async def _shut(client: SocketModeClient | None) -> None:
    if client is None:
        return
    try:
        async with asyncio.timeout(CLOSE_WITHIN):
            await client.close()  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - it is given up anyway
        log.warning("slack.socket_not_closed", error=f"{type(error).__name__}: {error}")
    finally:  # also what it leaves when the other end does not let go
        for task in filter(None, (client.message_processor, client.current_session_monitor, client.message_receiver)):
            task.cancel()
        await client.aiohttp_client_session.close()
