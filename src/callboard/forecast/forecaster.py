"""The forecaster: it reads a plan, has the runs made in a process of their own, and keeps what came of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog

from callboard.core import leases, looks
from callboard.core.db import Database, Tx
from callboard.core.workshop import Away, Respondent, Workshop
from callboard.forecast import service, store
from callboard.forecast.engine import network
from callboard.forecast.models import Course
from callboard.forecast.service import Claim
from callboard.forecast.survey import Survey, survey

log = structlog.get_logger()

LOOK_EVERY = 5.0
WITHIN = 10.0
"""Seconds of work for one plan."""
PROGRAM = str(Path(__file__).with_name("engine") / "program.py")
WORKSHOP = Workshop(PROGRAM, by_work=True)
"""One for all: what it costs is memory, and only from the first forecast on."""


class Forecaster:
    """Forecasts each plan that is due, one at a time. Replicas take turns. No transaction waits for the runs."""

    def __init__(self, db: Database, workshop: Respondent = WORKSHOP, *, runs: int | None = None) -> None:
        """Where days pass in a moment, fewer `runs` do; without a number there are as many as are worth their time."""
        self._db = db
        self._workshop = workshop
        self._runs = runs

    async def run(self) -> None:
        """Forecast until cancelled."""
        await looks.again(self.turn, LOOK_EVERY, "forecaster")

    async def turn(self) -> int:
        """Forecast what is due at this instant, and return how many plans that was."""
        due = await self._db.read(store.due)
        for number in due:
            await self._forecast(number)
        return len(due)

    async def _forecast(self, number: int) -> None:
        claim = await self._db.write(service.claim, number)
        if claim is not None:
            async with leases.held(self._db, Course, claim.number, claim.fence):
                await self._made(claim)

    async def _made(self, claim: Claim) -> None:
        try:
            at, found = await self._db.read(_survey, claim)
            question = {"network": network.written(found.network), "runs": self._runs}
            answer = await self._workshop.ask(question, WITHIN)
            await self._db.write(service.keep, claim, at, found, answer)
            log.info("forecast.made", plan=claim.plan_id, gates=len(answer["outlooks"]))
        except (TimeoutError, Away) as away:
            log.warning("forecast.not_made", plan=claim.plan_id, why=type(away).__name__)
            await self._db.write(service.fail, claim)
        except Exception:
            log.exception("forecast.failed", plan=claim.plan_id)
            await self._db.write(service.fail, claim)


def _survey(tx: Tx, claim: Claim) -> tuple[datetime, Survey]:
    return tx.now, survey(tx, claim.plan_id)
