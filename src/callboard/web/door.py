"""The door: who asks is looked at before a body is read, then how long it is; whatever fails is answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.core.engine import is_out_of_order, trouble

log = structlog.get_logger()

LONGEST = 1_000_000
"""Bytes of a body."""
SMALL = 65_536
"""Bytes that a body may always have; all that is beyond shares the room of its door."""
ROOM = 64_000_000
MOST_AT_ONCE = 200
"""Requests that are answered at the same time, beside those that are always let in."""
FAULT = "Something went wrong on my side; nothing was changed. Please report it."
AWAY = "My database is away. I can't tell whether that was done: ask again with the same Idempotency-Key, or look."
NUL = re.compile(rb"%00|\x00")

Look = Callable[[Request], Awaitable[Response | None]]
Says = Callable[[int, str], Response]


async def anybody(_: Request) -> Response | None:
    return None


def plainly(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)


@dataclass(frozen=True)
class Door:
    """How requests to the addresses below a path are met.

    `look` refuses by the address and the headers alone; `says` puts a refusal. A body has at most `longest` bytes.
    With `always` they are let in, however many others are being answered.
    """

    path: str
    look: Look = anybody
    says: Says = plainly
    longest: int = 0
    always: bool = False


class Doors:
    """Lets in what may come in: an application in front of the one that answers."""

    def __init__(self, app: ASGIApp, doors: Iterable[Door], room: int = ROOM) -> None:
        self._app = app
        self._doors = (*doors, Door("/"))
        self._room = room
        self._inside = 0
        self._held: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        door = next((door for door in self._doors if scope["path"].startswith(door.path)), self._doors[-1])
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._meet(door, scope, receive, sent)
        except ClientDisconnect:
            log.info("web.hung_up", path=scope["path"])
        except Exception as error:
            log.exception("web.failed", path=scope["path"])
            if begun:
                raise
            await door.says(*_fault(error))(scope, receive, send)

    async def _meet(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if refusal := await door.look(request) or _unusable(door, request):
            await refusal(scope, receive, send)
            return
        body, held = bytearray(), 0
        try:
            async for chunk in _chunks(door, receive):
                more = max(len(body) + len(chunk) - SMALL, 0) - held
                crowded = more > 0 and self._held[door.path] + more > self._room
                if crowded or len(body) + len(chunk) > door.longest:
                    await (_busy(door) if crowded else _too_long(door))(scope, receive, send)
                    return
                body += chunk
                held += more
                self._held[door.path] += more
            await self._let_in(door, scope, _again(bytes(body), receive), send)
        finally:
            self._held[door.path] -= held

    async def _let_in(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        if not door.always and self._inside >= MOST_AT_ONCE:
            await _busy(door)(scope, receive, send)
            return
        self._inside += not door.always
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= not door.always


async def _chunks(door: Door, receive: Receive) -> AsyncIterator[bytes]:
    """What comes, piece by piece; nothing is read where no body belongs."""
    more = door.longest > 0
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read, and after it whatever comes."""
    left = [body]

    async def given() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return given


def _unusable(door: Door, request: Request) -> Response | None:
    """Refuse what nothing here could read, by its headers and its address."""
    if NUL.search(request.scope["query_string"]) or "\x00" in request.scope["path"]:
        return door.says(HTTPStatus.BAD_REQUEST, "This address holds the character U+0000, which no name here has.")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        return door.says(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as it is, without Content-Encoding.")
    length = request.headers.get("content-length", "0")
    if door.longest and not (re.fullmatch("[0-9]{1,18}", length) and int(length) <= door.longest):
        return _too_long(door)
    return None


def _too_long(door: Door) -> Response:
    sentence = f"A body here has at most {door.longest:,} bytes: send less at once."
    return door.says(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)


def _fault(error: Exception) -> tuple[int, str]:
    if why := trouble(error) or (AWAY if is_out_of_order(error) else ""):
        return HTTPStatus.SERVICE_UNAVAILABLE, why
    return HTTPStatus.INTERNAL_SERVER_ERROR, FAULT


def _busy(door: Door) -> Response:
    answer = door.says(HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests at this moment. Try again in a second.")
    answer.headers["Retry-After"] = "1"
    return answer
