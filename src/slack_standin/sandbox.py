"""The sandbox as a program holds it: a stand-in for Slack that listens on a port of its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Self

from slack_standin.asgi import build
from slack_standin.clock import SandboxClock
from slack_standin.limits import RateLimits
from slack_standin.server import Server
from slack_standin.spec import WorkspaceSpec
from slack_standin.standin import RETRIES, StandIn


class Sandbox(StandIn):
    """A stand-in for Slack. What people do and see is in the inherited methods; `asgi` is the web application."""

    def __init__(
        self,
        spec: WorkspaceSpec,
        clock: SandboxClock | Callable[[], datetime] | None = None,
        *,
        limits: RateLimits | None = None,
        state_file: Path | None = None,
        next_due: Callable[[], Awaitable[datetime | None]] | None = None,
        ack_within: float = 3.0,
        retries: tuple[float, ...] = RETRIES,
        trigger_lifetime: float = 3.0,
    ) -> None:
        super().__init__(
            spec,
            clock,
            limits=limits,
            state_file=state_file,
            next_due=next_due,
            ack_within=ack_within,
            retries=retries,
            trigger_lifetime=trigger_lifetime,
        )
        self.url = ""
        self.asgi = build(self)
        self._server: Server | None = None

    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; port 0 takes a free one. Returns the address, also at `url`."""
        self._server = Server(self.asgi)
        self.url = await self._server.start(host, port)
        self.replies.base_url = self.url
        return self.url

    @property
    def api_url(self) -> str:
        """What `SLACK_API_URL` is to be."""
        return f"{self.url}/api/"

    async def close(self) -> None:
        """Stop listening, give up deliveries, write the snapshot."""
        self.feed.close()
        await self.sockets.close()
        if self._server is not None:
            await self._server.stop()
            self._server = None
        await self.courier.close()
        if self.snapshot is not None:
            self.snapshot.write()

    async def __aenter__(self) -> Self:
        await self.serve()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
