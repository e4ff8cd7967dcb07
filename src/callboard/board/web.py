"""The board over HTTP: a link of one use that begins a session, the page, what is behind its numbers, its events."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Header, HTTPException
from fastapi.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callboard.board import page
from callboard.board.entry import Reader, Wrong, opened, reader, refused
from callboard.board.page import Drawing
from callboard.board.page.stream import AGAIN, Boards
from callboard.core.db import Database
from callboard.core.errors import Refused
from callboard.web import PUBLIC_URL, problems, sessions
from callboard.web.door import Door
from callboard.web.headers import PAGE_POLICY
from callboard.web.limits import Buckets, Callers

log = structlog.get_logger()
COOKIE = "callboard_board"
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY.replace("form-action 'none'", "form-action 'self'"),
    "X-Robots-Tag": "noindex, nofollow",
}
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
UNHELD = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Of events: whoever stands between keeps none back."""
ANEW = "Open it from Slack: type /plan board there."
REFUSED = {
    "tampered with": "This link is not mine, or a part of it is missing.",
    "expired": "This link was not used within an hour, and is too old now.",
    "used before": "This link was used already. Each link opens the board once, for one person.",
    "left the plan": "The person this link was for is not in the plan any more.",
}
LINES_A_MINUTE, MOST_LINES = 0.1, 5
"""How often one plan's timeline says that links were refused for one reason."""
LAST_ID = re.compile("[0-9]{1,18}")
OUT = "Only people of the plan see its board, and you are not signed in."
HTML = "text/html; charset=utf-8"
door = Door("/board/", says=problems.say, longest=1_000, always=True)
"""Pages stay open, and must not take the places of others; `Boards` has room for so many."""


class Pages:
    """What browsers ask for, below `/board/`."""

    def __init__(self, db: Database, callers: Callers) -> None:
        self._db = db
        self._callers = callers
        self._boards = Boards(db)
        self._lines = Buckets(LINES_A_MINUTE, MOST_LINES)
        self._cookie: dict[str, Any] = {
            "httponly": True, "samesite": "lax", "secure": db.registry.of(PUBLIC_URL).startswith("https://"),
        }  # fmt: skip

    async def files(self, file: str) -> Response:
        """Answer with the style or a script."""
        if file not in page.FILES:
            return _sheet("There is nothing here.", HTTPStatus.NOT_FOUND)
        return Response((page.HERE / file).read_bytes(), headers=FOREVER, media_type=page.FILES[file])

    async def offer(self, plan: str, token: str) -> Response:
        """Show a button: programs that follow links use none up."""
        action = f"/board/{quote(plan, '')}/open/{quote(token, '')}"
        return _page(page.sheet("The board", ("One click opens it.",), button="Open the board", action=action))

    async def use(self, plan: str, token: str, request: Request) -> Response:
        """Begin a session."""
        if barred := self._callers.barred(request):
            answer = _sheet(barred.detail, HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers.update(barred.headers)
            return answer
        try:
            secret = await self._db.write(opened, plan, token, request.cookies.get(COOKIE, ""))
        except Wrong as wrong:
            self._callers.was_wrong(request)
            log.warning("board.link_refused", why=wrong.why, plan=plan)
            if wrong.plan is not None and not self._lines.wait(f"{wrong.plan} {wrong.why}"):
                await self._db.write(refused, wrong)
            return _sheet(REFUSED[wrong.why], HTTPStatus.GONE)
        answer = RedirectResponse(f"/board/{plan}", HTTPStatus.SEE_OTHER, HEADERS)
        answer.set_cookie(COOKIE, secret, int(sessions.LASTS.total_seconds()), path=f"/board/{plan}", **self._cookie)
        return answer

    async def leave(self, plan: str, request: Request) -> Response:
        """End the session."""
        if who := await self._looks(request, plan):
            await self._db.write(sessions.end, who.session)
        answer = _sheet("You left the board.")
        answer.delete_cookie(COOKIE, path=f"/board/{quote(plan, '')}", **self._cookie)
        return answer

    async def events(
        self, plan: str, request: Request, after: int = 0, version: str = "",
        last_event_id: Annotated[str, Header()] = "",
    ) -> Response:  # fmt: skip
        """Tell what changes, from the entry on that the page has seen. A server that stops waits for no such answer."""
        who = await self._looks(request, plan)
        if who is None:
            raise HTTPException(HTTPStatus.FORBIDDEN, OUT)
        if self._boards.is_full:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "Too many boards are open.", {"Retry-After": "10"})
        request.state.endless = True
        seen = int(last_event_id) if LAST_ID.fullmatch(last_event_id) else after
        told = self._boards.events(who, seen) if version == page.version() else [AGAIN]
        return EventSourceResponse(told, headers=UNHELD)

    async def rows(self, plan: str, request: Request, of: str = "", at: str = "") -> Response:
        """Show what a number was counted from."""
        drawing = await self._drawing(request, plan, at)
        html = drawing if isinstance(drawing, Response) else page.rows(drawing, of)
        if isinstance(html, Response):
            return html
        if not html:
            return _page(page.sheet("The board", ("This number counts nothing now.",), back=plan), HTTPStatus.NOT_FOUND)
        return _packed(gzip.compress(html.encode(), 5)) if _unpacks(request) else _page(html)

    async def board(self, plan: str, request: Request, at: str = "") -> Response:
        """Show the board as it is, or as it was at an instant."""
        drawing = await self._drawing(request, plan, at)
        if isinstance(drawing, Response):
            return drawing
        return _packed(drawing.packed) if _unpacks(request) else _page(drawing.html)

    async def _drawing(self, request: Request, plan: str, at: str) -> Drawing | Response:
        """The board that is asked for, or why there is none for whoever asks."""
        who = await self._looks(request, plan)
        if who is None:
            return _sheet(OUT, HTTPStatus.FORBIDDEN)
        try:
            now = await self._boards.now(who.plan_id, acts=who.acts)
            if not at or (moment := _moment(at, now.picture.zone)) >= self._db.clock.now():
                return now
            return await self._boards.then(who.plan_id, moment)
        except (Refused, ValueError) as wrong:
            return _page(page.sheet("The board", (str(wrong),), back=plan), HTTPStatus.NOT_FOUND)

    async def _looks(self, request: Request, plan: str) -> Reader | None:
        """Who looks; None for whoever is not let in."""
        secret = request.cookies.get(COOKIE, "")
        if not secret or self._callers.barred(request):
            return None
        known = await self._db.read(reader, plan, secret)
        if known is None:
            self._callers.was_wrong(request)
            return None
        who, is_old = known
        if is_old:
            await self._db.write(sessions.touch, [who.session])
        return who


def router(db: Database, callers: Callers) -> APIRouter:
    """Everything below `/board/`."""
    routes, pages = APIRouter(include_in_schema=False), Pages(db, callers)
    for method, path, answer in (
        ("GET", "-/{file}", pages.files), ("GET", "{plan}/open/{token}", pages.offer),
        ("POST", "{plan}/open/{token}", pages.use), ("POST", "{plan}/leave", pages.leave),
        ("GET", "{plan}/rows", pages.rows), ("GET", "{plan}/events", pages.events), ("GET", "{plan}", pages.board),
    ):  # fmt: skip
        routes.add_api_route(f"/board/{path}", answer, methods=[method], response_class=Response, response_model=None)
    return routes


def _moment(written: str, zone: str) -> datetime:
    """The minute that somebody asks for, in the plan's zone where none is named. Raises ValueError."""
    try:
        wanted = datetime.fromisoformat(written)
        aware = wanted if wanted.tzinfo else wanted.replace(tzinfo=ZoneInfo(zone))
        return aware.astimezone(UTC).replace(second=0, microsecond=0)
    except (ValueError, OverflowError):
        raise ValueError(f"{written[:30]} is not a time. Write one such as 2025-11-13T14:05.") from None


def _unpacks(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _packed(content: bytes) -> Response:
    return Response(content, HTTPStatus.OK, {**HEADERS, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}, HTML)


def _page(html: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(html, status, HEADERS, HTML)


def _sheet(sentence: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return _page(page.sheet("The board", (sentence, ANEW)), status)
