"""Keeps the workspace in a file across restarts: one JSON snapshot, replaced whole, soon after each change."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

from slack_standin.clock import AnyClock, SandboxClock
from slack_standin.state import State

SOON = 0.5


def load(path: Path | None) -> State | None:
    """The state kept at `path`; None when there is none."""
    if path is None or not path.exists():
        return None
    return State.model_validate_json(path.read_text())


def forget(path: Path | None) -> None:
    """Begin anew: what is kept at `path` is gone."""
    if path is not None:
        path.unlink(missing_ok=True)


class Snapshot:
    """Writes the state half a second after the first change since the last writing, and at the end."""

    def __init__(self, path: Path, state: State, clock: AnyClock) -> None:
        self._path = path
        self._state = state
        self._clock = clock
        self._pending: asyncio.TimerHandle | None = None
        self.written = asyncio.Event()

    def soon(self) -> None:
        """Something has changed."""
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SOON, self.write)

    def write(self) -> None:
        """Write now, atomically: a crash leaves the old snapshot or the new one."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if isinstance(self._clock, SandboxClock):
            self._state.clock, self._state.rate = self._clock.now().isoformat(), self._clock.rate
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        with draft.open("w") as file:
            file.write(self._state.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self.written.set()


def resume(clock: AnyClock, state: State) -> None:
    """Set the clock to where the snapshot left it."""
    if isinstance(clock, SandboxClock) and state.clock:
        clock.set(datetime.fromisoformat(state.clock), state.rate)
