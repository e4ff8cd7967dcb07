"""What is taken of limits at all replicas: each tells the others once a second, so that a limit is one for all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog
from sqlalchemy import BigInteger, delete
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, SQLModel

from callboard.core.db import Database, Tx
from callboard.web.limits import MINUTE, Buckets

EVERY = 1.0
KEPT = 2
"""Minutes."""
AWAY = 15.0
log = structlog.get_logger()


class Spent(SQLModel, table=True):
    """How much of one limit was taken in one minute, by whichever replica."""

    __tablename__ = "spent"

    minute: int = Field(primary_key=True, sa_type=BigInteger)
    key: str = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)


SPENT = Spent.__table__  # type: ignore[attr-defined]


class Exchange:
    """Tells what was taken here, and takes as much as others told. No request waits for it."""

    def __init__(self, db: Database, buckets: Mapping[str, Buckets]) -> None:
        self._db = db
        self._buckets = buckets
        self._minute = 0
        self._known: dict[str, int] = {}
        for each in buckets.values():
            each.share()

    async def run(self) -> None:
        """Go on for ever; a database that is away changes nothing of what is counted here."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.turn()
            except DBAPIError as error:
                log.warning("limits.not_shared", error=type(error).__name__)
                await asyncio.sleep(AWAY)

    async def turn(self) -> None:
        """Exchange once."""
        own = {f"{kind}:{key}": n for kind, each in self._buckets.items() for key, n in each.taken().items()}
        if not own:
            return
        minute, every = await self._db.write(_told, own, self._minute)
        if minute != self._minute:
            self._minute, self._known = minute, {}
        for key, count in every.items():
            kind, _, rest = key.partition(":")
            self._buckets[kind].charge(rest, count - self._known.get(key, 0) - own[key])
            self._known[key] = count


def _told(tx: Tx, own: Mapping[str, int], minute: int) -> tuple[int, dict[str, int]]:
    """Add what was taken; the minute, and what everybody took in it."""
    now = int(tx.now.timestamp() // MINUTE)
    if now != minute:
        tx.connection.execute(delete(SPENT).where(SPENT.c.minute < now - KEPT))
    new = tx.insert(SPENT).values([{"minute": now, "key": key, "count": own[key]} for key in sorted(own)])
    count = SPENT.c["count"]
    added = new.on_conflict_do_update(index_elements=["minute", "key"], set_={"count": count + new.excluded["count"]})
    return now, {
        row.key: row.total for row in tx.connection.execute(added.returning(SPENT.c.key, count.label("total")))
    }
