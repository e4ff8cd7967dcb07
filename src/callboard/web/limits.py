"""How many requests a token may send: so many a minute, with some to spare for a burst."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.web.problems import Problem

MINUTE = 60.0
BURST = 10.0
"""Seconds whose worth of requests may come at once."""
REMEMBERED = 10_000


class Limits:
    """A bucket for each token that fills by `a_minute`. Each process counts for itself."""

    def __init__(self, a_minute: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = a_minute / MINUTE
        self._most = max(self._rate * BURST, 1.0)
        self._seconds = seconds
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, token: str) -> None:
        """Count one request. Raises Problem with 429 and when to come again."""
        now = self._seconds()
        left, then = self._left.pop(token, (self._most, now))
        left = min(self._most, left + (now - then) * self._rate)
        self._left[token] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        if left < 1:
            wait = math.ceil((1 - left) / self._rate)
            sentence = (
                f"This token has sent more than {self._rate * MINUTE:.0f} requests a minute: wait {wait} s. "
                "Give each worker a token of its own."
            )
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "limited", sentence, {"Retry-After": str(wait)})


API = "/api/"
MOST = 1_000_000


class Limited:
    """Passes on whatever says that its body has at most a million bytes, or is not for the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the place of the application where nobody should read on."""
        problem = _too_long(scope) if scope["type"] == "http" and scope["path"].startswith(API) else None
        await (problem.answer() if problem else self._app)(scope, receive, send)


def _too_long(scope: Scope) -> Problem | None:
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers:
        return Problem(HTTPStatus.LENGTH_REQUIRED, "no-length", "Send the body in one piece, with its Content-Length.")
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > MOST:
        return Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long", f"A body has at most {MOST:,} bytes: send less at once."
        )
    return None
