"""A part of the program that looks for work of its own again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


async def again(turn: Callable[[], Awaitable[object]], every: float, part: str) -> None:
    """Take a turn every so many seconds until cancelled. One that fails keeps no other from coming.

    It is logged once, until a turn goes well again.
    """
    went_well = True
    while True:
        try:
            await turn()
            went_well = True
        except Exception:
            if went_well:
                log.exception("part.failed", part=part)
            went_well = False
        await asyncio.sleep(every)
