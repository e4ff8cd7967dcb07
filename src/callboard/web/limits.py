"""How much one token may ask, and how often one address may be wrong: counted here, and told to other replicas."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request

from callboard.core.db import Database
from callboard.web import tokens
from callboard.web.problems import Problem

MINUTE = 60.0
BURST = 10.0
"""Seconds whose worth of requests may come at once."""
REMEMBERED = 10_000
GUESSES = 30
"""Wrong tokens a minute from one address."""
NETWORK = 64
"""Bits that addresses of one IPv6 network share."""


class Buckets:
    """A bucket for each key that fills by `a_minute` up to `most`."""

    def __init__(self, a_minute: float, most: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self.rate = a_minute / MINUTE
        self.most = max(most, 1.0)
        self._seconds = seconds
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._taken: Counter[str] | None = None

    def wait(self, key: str, *, take: bool = True) -> int:
        """Take one; or give the seconds until there is one, and take nothing."""
        left = self._filled(key)
        if left < 1:
            return math.ceil((1 - left) / self.rate)
        self._left[key] = (left - take, self._seconds())
        if take and self._taken is not None:
            self._taken[key] += 1
        return 0

    def give(self, key: str) -> None:
        """Give one back."""
        if key in self._left:
            self._left[key] = (min(self._filled(key) + 1, self.most), self._seconds())

    def share(self) -> None:
        """Count from now on what is taken here, for whoever tells it to others."""
        self._taken = Counter()

    def taken(self) -> Counter[str]:
        """What was taken here since this was asked last."""
        taken, self._taken = self._taken or Counter(), Counter()
        return taken

    def charge(self, key: str, count: int) -> None:
        """Take what was taken elsewhere; no more than there is."""
        if count > 0:
            self._left[key] = (max(self._filled(key) - count, 0), self._seconds())

    def _filled(self, key: str) -> float:
        now = self._seconds()
        left, then = self._left.pop(key, (self.most, now))
        left = min(self.most, left + (now - then) * self.rate)
        self._left[key] = (left, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return left


class Limits(Buckets):
    """How many requests a minute one token may send."""

    def __init__(self, a_minute: int, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__(a_minute, a_minute / MINUTE * BURST, seconds)

    def take(self, token: str) -> None:
        """Count one request. Raises Problem with 429 and when to come again."""
        if wait := self.wait(token):
            sentence = (
                f"This token has sent more than {self.rate * MINUTE:.0f} requests a minute: wait {wait} s. "
                "Give each worker a token of its own."
            )
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "limited", sentence, {"Retry-After": str(wait)})


class Callers:
    """Which tokens are known here, and how often each address has been wrong.

    A token that was right before is let in, however many wrong ones come from its address, and makes up for one.
    """

    def __init__(self, db: Database, seconds: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._met: OrderedDict[str, None] = OrderedDict()
        self.wrong = Buckets(GUESSES, GUESSES, seconds)

    async def unknown(self, request: Request, secret: str) -> Problem | None:
        """Why nobody has this token; None for one that was issued, whatever has become of it."""
        digest = tokens.digest(secret)
        if digest not in self._met:
            if refused := self.barred(request):
                return refused
            if not await self._db.read(tokens.was_issued, digest):
                self.was_wrong(request)
                return tokens.unknown()
        self.wrong.give(_network(request))
        self._met[digest] = None
        self._met.move_to_end(digest)
        if len(self._met) > REMEMBERED:
            self._met.popitem(last=False)
        return None

    def barred(self, request: Request) -> Problem | None:
        """Refuse an address that has been wrong too often, before anybody looks."""
        wait = self.wrong.wait(_network(request), take=False)
        if not wait:
            return None
        sentence = f"Too many wrong credentials came from this address: wait {wait} s."
        return Problem(HTTPStatus.TOO_MANY_REQUESTS, "guessed", sentence, {"Retry-After": str(wait)})

    def was_wrong(self, request: Request) -> None:
        self.wrong.wait(_network(request))


def _network(request: Request) -> str:
    """Where a request comes from; one network for all IPv6 addresses that one machine may have."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, NETWORK), strict=False))  # noqa: PLR2004
