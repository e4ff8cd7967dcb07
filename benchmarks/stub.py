"""A Web API that accepts everything at once; the `ts` of a message is the instant at which it was accepted.

Runs in a process of its own: `PORT=... python -m benchmarks.stub`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from typing import Any, cast
from urllib.parse import parse_qsl

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
WORKSPACE = {"team_id": "T0BENCH", "team": "Bench", "user": "callboard", "user_id": "U0BOT", "bot_id": "B0BOT"}


class WebApi(asyncio.Protocol):
    """One connection of whoever calls."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            head, separator, rest = self._received.partition(b"\r\n\r\n")
            found = LENGTH.search(head)
            length = int(found[1]) if found else 0
            if not separator or len(rest) < length:
                return
            self._received = rest[length:]
            method = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
            said = json.dumps({"ok": True, **answer(method, rest[:length])}).encode()
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)
            )


def answer(method: str, body: bytes) -> dict[str, Any]:
    """What Slack would say."""
    match method:
        case "auth.test":
            return {**WORKSPACE, "url": "https://bench.slack.com/"}
        case "chat.postMessage":
            channel = arguments(body)["channel"]
            return {"channel": f"D{channel[1:]}" if channel.startswith("U") else channel, "ts": f"{time.time():.6f}"}
        case "chat.update":
            given = arguments(body)
            return {"channel": given["channel"], "ts": given["ts"]}
        case "users.info":
            return {"user": {"id": arguments(body)["user"], "team_id": WORKSPACE["team_id"]}}
        case "conversations.list" | "conversations.history" | "conversations.replies":
            return {"channels": [], "messages": []}
    return {}


def arguments(body: bytes) -> dict[str, Any]:
    """What a method was called with, as JSON or as a form."""
    given: dict[str, Any] = json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
    return given


async def serve(port: int) -> None:
    """Answer until stopped."""
    server = await asyncio.get_running_loop().create_server(WebApi, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(os.environ["PORT"])))
