"""Serves the sandbox on a port of its own, inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import uvicorn

Scope = MutableMapping[str, Any]
GRACE = 1.0
# Longer than clients keep a connection: who hangs up while the next request is on its way loses it.
IDLE = 75
App = Callable[[Scope, Any, Any], Awaitable[None]]


def with_hang_up(app: App) -> App:
    """Let a response cut its connection: `scope["sandbox.hang_up"]`."""

    async def connected(scope: Scope, receive: Any, send: Any) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope["sandbox.hang_up"] = transport.abort
        await app(scope, receive, send)

    return connected


class _Uvicorn(uvicorn.Server):
    """Says when it listens, leaves signals to the program that it runs in, and does not dawdle at the end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def leave(self) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if under_way := set(self.server_state.tasks):
            _, left = await asyncio.wait(under_way, timeout=GRACE)
            for task in left:
                task.cancel()


class Server:
    """One listening port."""

    def __init__(self, app: App) -> None:
        self._uvicorn = _Uvicorn(
            uvicorn.Config(with_hang_up(app), log_level="error", lifespan="off", timeout_keep_alive=IDLE)
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen (port 0 takes a free one) and return the address, `http://host:port`."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        self._serving = asyncio.create_task(self._uvicorn.serve([listener]))
        ready = asyncio.create_task(self._uvicorn.ready.wait())
        await asyncio.wait({self._serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 (compared, not bound)
        return f"http://{shown}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and let go of every connection; what is being answered has a second for it."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            await self._uvicorn.leave()
