"""A sign of life, sent outward every minute while this process is ready: whoever gets it pages when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp
import structlog

from callboard.core.errors import Refused
from callboard.core.hosts import Hosts
from callboard.core.resolver import proxy_of

log = structlog.get_logger()
EVERY = 60.0
WITHIN = aiohttp.ClientTimeout(total=10)
GOOD = 300
"""From this status on an answer says that the sign was not taken."""


class LifeSign:
    """Asks for one address with GET. `trouble` says why this process is not ready; then no sign is sent."""

    def __init__(
        self, url: str, hosts: Hosts, trouble: Callable[[], Awaitable[str]], sent: Callable[[bool], None]
    ) -> None:
        """`sent` is told whether each sign was taken."""
        self._url = url
        self._hosts = hosts
        self._trouble = trouble
        self._sent = sent

    async def run(self) -> None:
        """Send until cancelled."""
        while self._url:
            await self.beat()
            await asyncio.sleep(EVERY)

    async def beat(self) -> None:
        """Send one sign, if this process is ready. That it fails disturbs nobody: whoever misses it hears of that."""
        if trouble := await self._trouble():
            log.warning("lifesign.withheld", why=trouble)
            return
        why = await attempt(self._url, self._hosts)
        self._sent(not why)
        if why:
            log.warning("lifesign.failed", why=why)


async def attempt(url: str, hosts: Hosts) -> str:
    """Why an address takes no sign of life, in a sentence; empty where it does. The address itself is a secret."""
    host = urlsplit(url).hostname or ""
    try:
        if not (proxy := proxy_of(url)):
            await asyncio.to_thread(hosts.addresses, host)
        async with (
            aiohttp.ClientSession(timeout=WITHIN, proxy=proxy) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return f"{host} answers {answer.status}." if answer.status >= GOOD else ""
    except Refused as refused:
        return refused.sentence
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return f"{host} does not answer: {type(error).__name__}."
