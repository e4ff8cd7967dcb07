"""Slack, put together: what the composition root starts, serves and stops."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from callboard.core.db import Database
from callboard.slack.answers import Body
from callboard.slack.connection import PING_EVERY, RENEW_AFTER, Connection, Identity
from callboard.slack.dispatch import Dispatch, Observe
from callboard.slack.idempotency import Once
from callboard.slack.parser import IsPlanKey
from callboard.slack.pulse import Pulse
from callboard.slack.routes import Routes
from callboard.slack.sender import Sender
from callboard.slack.web_api import Errands, Lookup

LARGEST = 2_000_000
FINISH_WITHIN = 5.0
PATIENCE = 2.0
ANY = re.compile("")
Listener = Callable[[dict[str, Any]], Awaitable[BoltResponse]]


def build(dispatch: Dispatch, identity: Identity, base_url: str, signing_secret: str) -> AsyncApp:
    """Make the Bolt app. It answers when the listener has, and each listener when its transaction is committed."""
    app = AsyncApp(
        name="callboard", logger=logging.getLogger("callboard.bolt"), process_before_response=True,
        signing_secret=signing_secret, client=AsyncWebClient(base_url=base_url, retry_handlers=[]), authorize=identity,
        attaching_function_token_enabled=False, attaching_conversation_kwargs_enabled=False,
    )  # fmt: skip
    app.command(ANY)(_answering(dispatch.command))
    app.block_action(ANY)(_answering(dispatch.action))
    app.view_submission(ANY)(_answering(dispatch.submission))
    app.view_closed(ANY)(_answering(dispatch.closed))
    app.shortcut(ANY)(_answering(dispatch.shortcut))
    app.event(ANY)(_hearing(dispatch.event))
    return app


async def serve(app: AsyncApp, request: Request) -> Response:
    """Answer one HTTP request: 401 when its signature is wrong or over 5 minutes old."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return Response("larger than anything Slack sends", 413)
    try:
        incoming = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
    except (ValueError, TypeError, AttributeError, KeyError):
        return Response("not what Slack sends", 400)
    answer = await app.async_dispatch(incoming)
    return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())


def _answering(answer: Callable[[Mapping[str, Any]], Awaitable[Body]]) -> Listener:
    async def listener(body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200, body=await answer(body) or "")

    return listener


def _hearing(hear: Callable[[Mapping[str, Any]], Awaitable[bool]]) -> Listener:
    async def listener(body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200 if await hear(body) else 503, body="")

    return listener


@dataclass(frozen=True, kw_only=True)
class Account:
    """How Slack is reached. With `app_token` by Socket Mode, with `signing_secret` also by HTTP; times in seconds.

    `prefix` stands before every slash word; after `patience` a person is told that it takes longer.
    """

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    api_url: str = "https://slack.com/api/"
    prefix: str = ""
    patience: float = PATIENCE
    ping_every: float = PING_EVERY
    renew_after: float = RENEW_AFTER


class SlackApp:
    """Slack on one side, verbs on the other. `sender` goes into the courier, `lookup` to who links people."""

    def __init__(
        self, db: Database, account: Account, routes: Routes, *,
        is_plan_key: IsPlanKey = lambda _tx, _workspace, _word: False,
        observe: Observe = lambda _name, _outcome, _seconds: None,
    ) -> None:  # fmt: skip
        """`is_plan_key(tx, workspace, word)` knows the plans' keys; `observe(name, outcome, seconds)` counts."""
        self.account = account
        self.api = Pulse(account.bot_token, account.api_url, db.clock.now)
        self.sender = Sender(self.api, db)
        self.lookup = Lookup(self.api)
        self.identity = Identity(self.api)
        self.connection: Connection | None = None
        self._once = Once(db)
        self._errands = Errands()
        dispatch = Dispatch(
            db=db, routes=routes, api=self.api, once=self._once, errands=self._errands, is_plan_key=is_plan_key,
            observe=observe, prefix=account.prefix, patience=account.patience,
        )  # fmt: skip
        self._bolt = build(dispatch, self.identity, self.api.base_url, account.signing_secret)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open connections and learn who the bot is, in the background: Slack being down stops nothing here."""
        await self.api.open()
        self._tasks.append(asyncio.create_task(self.identity.learn()))
        if self.account.app_token:
            self.connection = Connection(
                self._bolt, self.account.app_token, self.api.base_url, ping_every=self.account.ping_every,
                renew_after=self.account.renew_after,
            )  # fmt: skip
            self._tasks.append(asyncio.create_task(self.connection.run()))

    async def stop(self) -> None:
        """Take nothing new, finish what was begun, close."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._once.finish()
        await self._errands.finish(FINISH_WITHIN)
        await self.api.close()

    async def serve(self, request: Request) -> Response:
        """Answer `POST /slack/events`; 404 where no signing secret is set, since nothing could be verified."""
        if not self.account.signing_secret:
            return Response("Slack is connected by Socket Mode here; set SLACK_SIGNING_SECRET to take HTTP.", 404)
        return await serve(self._bolt, request)

    def trouble(self) -> str:
        """Why the bot is not connected to Slack, as last known; empty when it is."""
        if self.identity.known is None:
            return f"The bot cannot log in to Slack: {self.identity.error}"
        return self.connection.trouble() if self.connection else ""

    async def signs(self) -> Signs:
        """How Slack is, for whoever watches. Asks Slack when nothing was heard for some seconds."""
        trouble = await self.api.trouble() or self.trouble()
        connected = self.connection.connected if self.connection else None
        return Signs(trouble, connected, self.api.age, self.api.skew)


@dataclass(frozen=True)
class Signs:
    """How Slack is at this moment: why it cannot be talked to, empty when it can.

    `connected` is None without Socket Mode; `age` in real seconds since Slack last accepted a call; `skew` in seconds
    by which our clock is ahead.
    """

    trouble: str
    connected: bool | None
    age: float | None
    skew: float | None
