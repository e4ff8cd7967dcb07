"""`callboard serve`, several times: killed, frozen and started again, each with a wire of its own to Slack."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import signal
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event
from sqlalchemy.engine import Engine

from callboard.cli import server
from tests.chaos.clocks import Machines, Servers, Steps, Tale
from tests.chaos.wires import Wire
from tests.serving.house import NURSERY, PRELOADED, Process, put_output

MOST_PAGES, AS_MANY_AS_THERE_ARE = 2**32 - 2, 1
READY_WITHIN = 300.0


def _serve(number: int, log: Path, environment: dict[str, str], steps: Steps, flag: str) -> None:
    """As it is installed, by a clock that may be set. On SQLite the disk is full while there is a `flag`."""
    os.environ.clear()
    os.environ.update(environment)
    put_output(log)
    faulthandler.register(signal.SIGUSR1)  # for whoever wonders what it does
    if flag:
        _mind(Path(flag))
    server.run("127.0.0.1", (Machines if flag else Servers)(steps, Tale(log.parent, number, steps)))


def _mind(flag: Path) -> None:
    limited: dict[int, bool] = {}

    @event.listens_for(Engine, "begin")
    def limit(connection: Any) -> None:
        raw, full = connection.connection.dbapi_connection, flag.exists()
        if limited.get(id(raw), False) != full:
            raw.execute(f"PRAGMA max_page_count = {AS_MANY_AS_THERE_ARE if full else MOST_PAGES}").fetchall()
            limited[id(raw)] = full


NURSERY.set_forkserver_preload([*PRELOADED, "callboard.app.bot", "tests.chaos.report"])


class Replica(Process):
    """One process, and its wire to Slack."""

    def __init__(
        self, number: int, log: Path, environment: dict[str, str], slack: Wire, steps: Steps, flag: str = ""
    ) -> None:  # fmt: skip
        super().__init__(number, log, environment)
        self.number, self.slack, self.steps, self._flag = number, slack, steps, flag
        self.is_frozen = False
        self._was_ready = False
        self._beginning: asyncio.Task[None] | None = None

    @property
    def serves(self) -> bool:
        """Whether it lives and was ready since it was started."""
        return self.alive and not self.is_frozen and self._was_ready

    async def start(self) -> None:
        """Begin; return before it listens."""
        given = (self.number, self._log, self._environment, self.steps, self._flag)
        self._running = NURSERY.Process(target=_serve, args=given, daemon=True)
        await asyncio.to_thread(self._running.start)
        self._beginning = asyncio.create_task(self._begun())

    async def _begun(self) -> None:
        with contextlib.suppress(AssertionError):  # whoever needs it, waits as well
            await self.ready(READY_WITHIN)
            self._was_ready = True

    @staticmethod
    async def _asked(http: httpx.AsyncClient, path: str) -> tuple[int, str]:
        """A clock that somebody has set is nothing to wait for."""
        status, why = await Process._asked(http, path)
        return (200, "") if why.endswith("use NTP") else (status, why)

    async def kill(self) -> None:
        self.is_frozen = self._was_ready = False
        if self._beginning:
            self._beginning.cancel()
        await super().kill()

    def freeze(self) -> None:
        """Stand still in the middle of whatever it does."""
        self._signal(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self) -> None:
        if self.is_frozen:
            self._signal(signal.SIGCONT)
        self.is_frozen = False

    def _signal(self, which: signal.Signals) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._running.pid, which)
