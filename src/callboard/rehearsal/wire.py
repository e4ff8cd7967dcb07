"""The bot and the stand-in for Slack joined without sockets: what is sent and checked is the same."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from slack_sdk.socket_mode.request import SocketModeRequest
from starlette.datastructures import Headers
from starlette.websockets import WebSocketState

from callboard.app import scopes
from callboard.forecast.engine import program
from callboard.web import tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from slack_sdk.socket_mode.response import SocketModeResponse
    from starlette.types import ASGIApp, Message

    from callboard.app.bot import App
    from callboard.slack.app import SlackApp
    from slack_standin.socket_mode import Connection

ADDRESS = "http://stand-in"
LASTS = tokens.LONGEST
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass
class Answer:
    """What came back from the Web API, as `aiohttp` has it."""

    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def content(self) -> Answer:
        return self

    async def iter_any(self) -> AsyncIterator[bytes]:
        yield self.body

    async def read(self) -> bytes:
        return self.body

    async def text(self) -> str:
        return self.body.decode()


class Session:
    """Carries requests to the stand-in's application; the part of `aiohttp.ClientSession` that the bot uses."""

    def __init__(self, asgi: ASGIApp) -> None:
        self._asgi = asgi

    @asynccontextmanager
    async def post(
        self, url: str, *, headers: Mapping[str, str] | None = None, json: Any = None, data: Any = None, **_: Any
    ) -> AsyncIterator[Answer]:  # fmt: skip
        kind, body = _written(json, data)
        yield await self.ask("POST", url, {**(headers or {}), "content-type": kind}, body)

    @asynccontextmanager
    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[Answer]:
        yield await self.ask("GET", url, headers or {}, b"")

    async def close(self) -> None:
        """Nothing is open."""

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Bring one request to the application."""
        parts, answer = urlsplit(url), Answer()
        scope = {
            "type": "http", "method": method, "scheme": parts.scheme, "path": parts.path, "root_path": "",
            "http_version": "1.1", "raw_path": parts.path.encode(), "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
            "server": (parts.hostname, 80), "client": ("127.0.0.1", 0),
        }  # fmt: skip

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], Headers(raw=message["headers"])
            else:
                answer.body += message.get("body", b"")

        await self._asgi(scope, receive, send)
        return answer


class Programs:
    """What asks the bot over HTTP. Each program has the token of somebody, for all that they may do."""

    def __init__(self, app: App, plan_id: int, plan: str) -> None:
        self._app, self._plan_id, self._plan = app, plan_id, plan
        self._tokens: dict[str, str] = {}

    async def ask(self, who: str, method: str, path: str, body: Any = None) -> Answer:
        if who not in self._tokens:
            wanted = tokens.Wanted(self._plan, who, scopes(), LASTS)
            self._tokens[who] = self._app.db.transact(tokens.issue, self._plan_id, wanted, "rehearsal")
        headers = {"authorization": f"Bearer {self._tokens[who]}", "host": "callboard", "content-type": JSON}
        written = b"" if body is None else json.dumps(body, default=str).encode()
        return await Session(self._app.web).ask(method, f"http://callboard{path}", headers, written)


class Socket:
    """A Socket Mode connection without a socket: both its ends."""

    application_state = WebSocketState.DISCONNECTED
    logger = type("Silent", (), {"level": 50, "info": staticmethod(lambda _text: None)})

    def __init__(self, app: SlackApp) -> None:
        self.stand_in: Connection
        self._app = app
        self._taken: set[asyncio.Task[None]] = set()

    async def send_json(self, envelope: dict[str, Any]) -> None:
        """Bring an envelope to the bot, as it would arrive."""
        arrived = SocketModeRequest.from_dict(json.loads(json.dumps(envelope)))
        assert arrived is not None  # noqa: S101 - it is an envelope
        task = asyncio.create_task(self._app.take(self, arrived))
        self._taken.add(task)
        task.add_done_callback(self._taken.discard)

    async def send_socket_mode_response(self, response: SocketModeResponse) -> None:
        """Bring the acknowledgement back."""
        self.stand_in.heard(json.loads(json.dumps(response.to_dict())))


class Study:
    """Where forecasts are computed: in this process, for whoever waits anyway, and with no limit that ends one."""

    async def ask(self, question: Any, within: float) -> Any:  # noqa: ARG002
        """The answer that a workshop would give."""
        return json.loads(json.dumps(program.answer(question)))


def _written(as_json: Any, data: Any) -> tuple[str, bytes]:
    if as_json is not None:
        return JSON, json.dumps(as_json).encode()
    return (FORM, urlencode(data).encode()) if isinstance(data, dict) else ("application/octet-stream", data)
