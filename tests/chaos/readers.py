"""Programs that read by the API, again and again: they ask more often than people, and wait for less."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.chaos import company
from tests.chaos.crew import Board
from tests.chaos.history import FAIL, INVOKE, OK, Recorder

WITHIN = aiohttp.ClientTimeout(total=3)
FIRST = 10_000
"""The number of the first reader's process; people have lower ones."""
PAGE, PAUSE = 20, 0.3


class Reader:
    """Reads what people change. What it saw goes into the history: a state, or how often something was changed."""

    def __init__(self, url: str, token: str, recorder: Recorder, board: Board, place: int, seed: int) -> None:
        self._base = f"{url}/api/v1/plans/{company.PLAN_KEY}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._recorder, self._board = recorder, board
        self._chance = random.Random(f"{seed} reader {place}")
        self._name, self._process = f"reader {place}", FIRST + place

    async def work(self, goes_on: Callable[[], bool], pause: float) -> None:
        """Read one thing after the other."""
        connector = aiohttp.TCPConnector(limit=1)
        async with aiohttp.ClientSession(headers=self._headers, timeout=WITHIN, connector=connector) as session:
            while goes_on():
                await asyncio.sleep(self._chance.uniform(0, 2 * pause))
                await self._read(session)

    async def _read(self, session: aiohttp.ClientSession) -> None:
        match self._chance.randrange(10):
            case 0:
                await self._ask(session, "read blockers", f"/blockers?limit={PAGE}", _blockers)
            case 1 | 2 | 3:
                key = self._chance.choice(company.tasks(self._chance.randrange(company.TEAMS)))
                await self._ask(session, "read task", f"/tasks/{key}", lambda task: {task["key"]: task["changes"]})
            case _:
                if found := self._board.blocker(self._chance):
                    await self._ask(session, "read blocker", f"/blockers/{found[0]}", _blocker)

    async def _ask(
        self, session: aiohttp.ClientSession, f: str, path: str, sees: Callable[[Any], dict[Any, Any]]
    ) -> None:  # fmt: skip
        value = {"by": self._name}
        self._recorder.add(self._process, INVOKE, f, value)
        try:
            async with session.get(self._base + path) as answer:
                said = await answer.json() if answer.ok else None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            said = None
        if said is None:
            self._recorder.add(self._process, FAIL, f, value | {"never": True})  # to read nothing changes nothing
            await asyncio.sleep(PAUSE)
        else:
            self._recorder.add(self._process, OK, f, value | {"sees": sees(said)})


def _blocker(blocker: dict[str, Any]) -> dict[str, str]:
    return {str(blocker["number"]): blocker["state"]}


def _blockers(page: dict[str, Any]) -> dict[str, str]:
    return {str(blocker["number"]): blocker["state"] for blocker in page["items"]}
