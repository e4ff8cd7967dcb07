"""Slack, put together: what the composition root starts, serves and stops."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from slack_sdk.signature import Clock, SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from callboard.core.clock import SystemClock
from callboard.core.db import Database
from callboard.slack.clients import Alone, Client, Clients, heard_last
from callboard.slack.dispatch import Dispatch, Observe
from callboard.slack.idempotency import Once
from callboard.slack.identity import Identity
from callboard.slack.parser import IsPlanKey
from callboard.slack.pulse import Pulse
from callboard.slack.requests import UNKNOWN, UNREADABLE
from callboard.slack.routes import Routes
from callboard.slack.web_api import Errands, Lookup

if TYPE_CHECKING:
    from slack_sdk.socket_mode.request import SocketModeRequest

    from callboard.slack.bolt import Bolt
    from callboard.slack.connection import Connection

SIGNED = ("x-slack-request-timestamp", "x-slack-signature")
STAMP, SIGNATURE = re.compile("[0-9]{1,12}"), re.compile("v0=[0-9a-f]{64}")
VALID_FOR = 300
CLOSED = "Slack is connected by Socket Mode here; set SLACK_SIGNING_SECRET to take HTTP."
FORGED = "This request is not signed by Slack, or is older than five minutes."
FINISH_WITHIN = 5.0
PING_EVERY = 5.0
RENEW_AFTER = 300.0
PATIENCE = 2.0


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
        called: Callable[[str], None] = lambda _outcome: None, clients: Clients | None = None,
    ) -> None:  # fmt: skip
        """`is_plan_key(tx, workspace, word)` knows the plans' keys.

        `observe(name, outcome, seconds)` counts answers, `called(outcome)` calls of Slack's Web API. `clients` are
        those of each workspace; without them there is one, by the token of the account.
        """
        self.account = account
        self._db = db
        self.api = Pulse(account.bot_token, account.api_url, db.clock.now, called)
        self.identity = Identity(self.api)
        own = Client(self.api, db)
        self.sender, self.lookup = own.sender, own.lookup
        self.is_alone = clients is None
        self.clients: Clients = clients or Alone(own, self.identity)
        self.connection: Connection | None = None
        self._once = Once(db)
        self._errands = Errands()
        dispatch = Dispatch(
            db=db, routes=routes, api=self.api, clients=self.clients, once=self._once, errands=self._errands,
            is_plan_key=is_plan_key, observe=observe, prefix=account.prefix, patience=account.patience,
        )  # fmt: skip
        self._dispatch = dispatch
        self._tasks: list[asyncio.Task[None]] = []

    @cached_property
    def _bolt(self) -> Bolt:
        """Imported and made when Slack first asks for something: whoever only watches the time needs none."""
        from callboard.slack.bolt import Bolt

        return Bolt(self._dispatch, self.account.bot_token, self.api.base_url)

    def lookup_of(self, workspace: str) -> Lookup | None:
        """Who finds people and channels of a workspace; None where Callboard is not installed."""
        client = self.clients.of(workspace)
        return client.lookup if client else None

    async def start(self) -> None:
        """Open connections and learn who the bot is, in the background: Slack being down stops nothing here."""
        await self.api.open()
        if self.is_alone:
            self._tasks.append(asyncio.create_task(self.identity.learn()))
        if self.account.app_token:
            from callboard.slack.connection import Connection

            self.connection = Connection(
                self.take, self.account.app_token, self.api.base_url, ping_every=self.account.ping_every,
                renew_after=self.account.renew_after,
            )  # fmt: skip
            self._tasks.append(asyncio.create_task(self.connection.run()))

    async def leave(self) -> None:
        """Take nothing more by Socket Mode, so that Slack sends it to others; what came is answered first."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Take nothing new, finish what was begun, close."""
        await self.leave()
        await self._once.finish()
        await self._errands.finish(FINISH_WITHIN)
        await self.clients.close()
        await self.api.close()

    async def take(self, client: Any, request: SocketModeRequest) -> None:
        """Answer what Slack delivers by Socket Mode, whatever the client is that brings it."""
        if self._is_unheard(request):
            from slack_sdk.socket_mode.response import SocketModeResponse

            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        else:
            await self._bolt.take(client, request)

    def _is_unheard(self, request: SocketModeRequest) -> bool:
        """Whether nobody wants an event: most tell of what the bot itself has posted, and need no Bolt."""
        if request.type != "events_api":
            return False
        with suppress(*UNREADABLE):
            return not self._dispatch.wants(request.payload["event"])
        return False

    async def idle(self) -> None:
        """Wait until nothing is under way that was begun for an answer."""
        await self._once.finish()
        await self._errands.finish(FINISH_WITHIN)

    async def look(self, request: Request) -> Response | None:
        """Refuse `POST /slack/events` that nobody could have signed: 404 without a secret, 401 by its headers."""
        if not self.account.signing_secret:
            return PlainTextResponse(CLOSED, 404)
        stamp, signature = (request.headers.get(name, "") for name in SIGNED)
        if not STAMP.fullmatch(stamp) or not SIGNATURE.fullmatch(signature):
            return PlainTextResponse(FORGED, 401)
        return PlainTextResponse(FORGED, 401) if self._age(int(stamp)) > VALID_FOR else None

    def _age(self, signed_at: int) -> float:
        """Seconds, by this machine's time or by Slack's as last heard: somebody may just have set the machine's."""
        slacks = self._db.clock.now() - timedelta(seconds=heard_last(self.clients, self.api).skew or 0)
        return min(abs(now.timestamp() - signed_at) for now in (SystemClock().now(), slacks))

    async def serve(self, request: Request) -> Response:
        """Answer what `look` has let in: 401 when its signature is wrong."""
        headers: dict[str, Any] = dict(request.headers)
        verifier = SignatureVerifier(self.account.signing_secret, Then(float(headers[SIGNED[0]])))
        try:
            body = (await request.body()).decode()
            is_signed = verifier.is_valid_request(body, headers)
        except UNREADABLE:
            return PlainTextResponse(UNKNOWN, 400)
        return await self._bolt.serve(body, headers) if is_signed else PlainTextResponse(FORGED, 401)

    def trouble(self) -> str:
        """Why the bot is not connected to Slack, as last known; empty when it is."""
        if self.is_alone and self.identity.known is None:
            return f"The bot cannot log in to Slack: {self.identity.error}"
        return self.connection.trouble() if self.connection else ""

    async def signs(self) -> Signs:
        """How Slack is, for whoever watches. Asks Slack when nothing was heard for some seconds."""
        every = self.clients.every()
        told = await asyncio.gather(*(client.api.trouble() for client in every.values()))
        workspaces = dict(zip(every, told, strict=True))
        # A token that one workspace has taken back is no trouble of the others.
        vital = [why for team, why in workspaces.items() if self.is_alone or not every[team].api.is_barred]
        trouble = vital[0] if vital and all(vital) else self.trouble()
        connected = self.connection.connected if self.connection else None
        heard = heard_last(self.clients, self.api)
        return Signs(trouble, connected, heard.age, heard.skew, {} if self.is_alone else workspaces)


class Then(Clock):
    """For requests whose age was looked at already."""

    def __init__(self, at: float) -> None:
        self._at = at

    def now(self) -> float:
        return self._at


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
    workspaces: Mapping[str, str] = field(default_factory=dict)
    """What is wrong in each workspace, where there are several; nothing where it works."""
