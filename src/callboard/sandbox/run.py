"""Runs a sandbox until it is told to stop: what `callboard sandbox` and `callboard demo` call."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from callboard.sandbox.clock import SandboxClock
from callboard.sandbox.sandbox import Sandbox
from callboard.sandbox.snapshot import forget
from callboard.sandbox.spec import WorkspaceSpec


async def start(
    spec: WorkspaceSpec,
    host: str = "127.0.0.1",
    port: int = 0,
    state_file: Path | None = None,
    *,
    fresh: bool = False,
    clock: SandboxClock | None = None,
    next_due: Callable[[], Awaitable[datetime | None]] | None = None,
) -> Sandbox:
    """A sandbox that listens. `fresh` forgets what `state_file` keeps; the caller closes it."""
    if fresh:
        forget(state_file)
    sandbox = Sandbox(spec, clock, state_file=state_file, next_due=next_due)
    await sandbox.serve(host, port)
    return sandbox


async def run(
    spec: WorkspaceSpec,
    host: str = "127.0.0.1",
    port: int = 8044,
    state_file: Path | None = None,
    *,
    fresh: bool = False,
) -> None:
    """Listen until cancelled."""
    sandbox = await start(spec, host, port, state_file, fresh=fresh)
    try:
        await asyncio.Event().wait()
    finally:
        await sandbox.close()
