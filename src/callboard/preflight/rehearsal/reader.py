"""The reader has a plan read by a process of its own; no transaction and no page waits for that."""

from __future__ import annotations

import structlog

from callboard.core import leases, looks
from callboard.core.db import Database
from callboard.core.workshop import Away
from callboard.preflight.rehearsal import service, store
from callboard.preflight.rehearsal.models import FINDER, Rehearsal
from callboard.preflight.rehearsal.service import Claim

log = structlog.get_logger()

LOOK_EVERY = 2.0
TOO_LONG = "This plan takes too long to read. Whoever runs Callboard can do it: `callboard rehearse`."
AWAY = "I can't look just now. Try again in a minute: `/plan rehearse`."
NOBODY = "I can't look at plans here. Whoever runs Callboard can: `callboard rehearse`."


class Reader:
    """Looks for rehearsals that wait. Replicas take each once."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self) -> None:
        """Look until cancelled."""
        await looks.again(self.turn, LOOK_EVERY, "reader")

    async def turn(self) -> int:
        """Read every plan that waits for it, and return how many those were."""
        waiting = await self._db.read(store.waiting)
        for number in waiting:
            if claimed := await self._db.write(service.claim, number):
                async with leases.held(self._db, Rehearsal, claimed.number, claimed.fence):
                    await self._read(claimed)
        return len(waiting)

    async def _read(self, claimed: Claim) -> None:
        finder = self._db.registry.of(FINDER)
        if finder is None:
            await self._db.write(service.give_up, claimed, NOBODY)
            return
        try:
            found = await finder(claimed.question)
        except (TimeoutError, Away) as failed:
            await self._db.write(service.give_up, claimed, AWAY if isinstance(failed, Away) else TOO_LONG)
        except Exception:
            log.exception("rehearsal.failed", number=claimed.number)
            await self._db.write(service.give_up, claimed, AWAY)
        else:
            await self._db.write(service.found, claimed, found)
