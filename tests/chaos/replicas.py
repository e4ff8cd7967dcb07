"""`callboard serve`, several times: killed, frozen and started again, each with a wire of its own to Slack."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from callboard.cli.main import main as callboard
from tests.chaos.wires import Wire
from tests.serving.house import NURSERY, Process, put_output

MOST_PAGES, AS_MANY_AS_THERE_ARE = 2**32 - 2, 1


def _serve(log: Path, environment: dict[str, str], flag: str) -> None:
    """As it is installed. On SQLite the disk is full while there is a `flag`."""
    os.environ.clear()
    os.environ.update(environment)
    put_output(log)
    if flag:
        _mind(Path(flag))
    callboard(["serve", "--host", "127.0.0.1"])


def _mind(flag: Path) -> None:
    limited: dict[int, bool] = {}

    @event.listens_for(Engine, "begin")
    def limit(connection: Any) -> None:
        raw, full = connection.connection.dbapi_connection, flag.exists()
        if limited.get(id(raw), False) != full:
            raw.execute(f"PRAGMA max_page_count = {AS_MANY_AS_THERE_ARE if full else MOST_PAGES}").fetchall()
            limited[id(raw)] = full


class Replica(Process):
    """One process, and its wire to Slack."""

    def __init__(self, number: int, log: Path, environment: dict[str, str], slack: Wire, flag: str = "") -> None:
        super().__init__(number, log, environment)
        self.number, self.slack, self._flag = number, slack, flag
        self.is_frozen = False

    async def start(self) -> None:
        """Begin; return before it listens."""
        self._running = NURSERY.Process(target=_serve, args=(self._log, self._environment, self._flag), daemon=True)
        await asyncio.to_thread(self._running.start)

    async def kill(self) -> None:
        self.is_frozen = False
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
