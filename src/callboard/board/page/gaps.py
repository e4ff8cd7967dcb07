"""Pictures that are kept while a board is open, where so much happened that whoever looks back would wait long."""

from __future__ import annotations

import asyncio

import structlog

from callboard.board.picture import album, fill
from callboard.core.db import Database
from callboard.core.write_queue import Patience

log = structlog.get_logger()


class Gaps:
    """Those between the kept pictures of each plan."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._filling: dict[int, asyncio.Task[None]] = {}

    async def look(self, *plan_ids: int) -> None:
        """Fill those that there are, one by one and after whoever waits for an answer."""
        for plan_id in plan_ids:
            if plan_id not in self._filling and await self._db.read(album.gap, plan_id) is not None:
                self._filling[plan_id] = asyncio.create_task(self._fill(plan_id))

    async def _fill(self, plan_id: int) -> None:
        try:
            while await self._db.write_behind(Patience.SENT, fill, plan_id):
                pass
        except Exception:
            log.exception("board.gap_not_filled")
        finally:
            self._filling.pop(plan_id, None)
