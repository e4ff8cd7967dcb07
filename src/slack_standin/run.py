"""Runs a sandbox until it is told to stop: what `callboard sandbox` and `callboard demo` call."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from slack_standin.clock import SandboxClock
from slack_standin.sandbox import Sandbox
from slack_standin.snapshot import forget
from slack_standin.spec import WorkspaceSpec


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
