"""Work under a lease, and whoever is stopped within."""

from __future__ import annotations

import asyncio

import pytest

from callboard.core.workshop import Workshop
from callboard.forecast import service, store
from callboard.forecast.forecaster import Forecaster


class Endless(Workshop):
    """Answers nothing, ever."""

    def __init__(self):
        super().__init__("")
        self.asked = asyncio.Event()

    async def ask(self, question, within):
        self.asked.set()
        await asyncio.Event().wait()


async def test_a_lease_is_given_back_by_whoever_is_stopped_at_work_so_that_others_take_over_at_once(world):
    db, workshop = world.app.db, Endless()
    await db.write(service.ask, 1)
    due = await db.read(store.due)
    assert due
    working = asyncio.create_task(Forecaster(db, workshop).turn())
    await workshop.asked.wait()
    assert await db.read(store.due) == []
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await db.read(store.due) == due
