"""A Web API that accepts everything at once; the `ts` of a message is the instant at which it was accepted.

Runs in a process of its own: `PORT=... python -m benchmarks.stub`; with `SLACK_LIMITS=1` it keeps to Slack's limits.
Whoever has an id that begins with `U0GONE` has left the workspace. `homes.published` says how often each Home was.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl

import uvloop

from slack_standin import RateLimits
from slack_standin.methods import METHODS
from slack_standin.rate_limits_and_faults import Meter

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
CALLS: Counter[str] = Counter()
"""How often Homes were published, by whose they are."""
METER = Meter(RateLimits() if os.environ.get("SLACK_LIMITS") else RateLimits.off())
LIMITED = {"ok": False, "error": "ratelimited"}
WORKSPACE = {"team_id": "T0BENCH", "team": "Bench", "user": "callboard", "user_id": "U0BOT", "bot_id": "B0BOT"}

NOTHING: dict[str, Any] = {"channels": [], "messages": []}
VIEW = {"view": {"id": "V0BENCH"}}
ALIKE: dict[str, dict[str, Any]] = {
    "auth.test": {**WORKSPACE, "url": "https://bench.slack.com/"},
    "views.open": VIEW, "views.push": VIEW, "views.update": VIEW,
    "conversations.list": NOTHING, "conversations.history": NOTHING, "conversations.replies": NOTHING,
}  # fmt: skip
"""What is answered whatever was asked."""


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
            wait = patience(method, rest[:length])
            said = json.dumps({"ok": True, **answer(method, rest[:length])} if not wait else LIMITED).encode()
            status = b"429 Too Many Requests\r\nRetry-After: %d" % wait if wait else b"200 OK"
            head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(said))
            self._transport.write(head + said)


def patience(method: str, body: bytes) -> int:
    """How many seconds Slack would have the bot wait; 0 for none."""
    if not METER.limits.enforced or method not in METHODS:
        return 0
    channel = arguments(body).get("channel", "") if method == "chat.postMessage" else ""
    return METER.wait(method, METHODS[method].tier, channel, datetime.now(UTC))


def answer(method: str, body: bytes) -> dict[str, Any]:
    """What Slack would say."""
    match method:
        case "chat.postMessage":
            channel = arguments(body)["channel"]
            place = f"D{channel[1:]}" if channel.startswith("U") else channel
            gone = {"ok": False, "error": "user_disabled"} if channel.startswith("U0GONE") else {}
            return {"channel": place, "ts": f"{time.time():.6f}", **gone}
        case "chat.update":
            given = arguments(body)
            return {"channel": given["channel"], "ts": given["ts"]}
        case "views.publish":
            CALLS[arguments(body)["user_id"]] += 1
            return VIEW
        case "homes.published":
            return {"calls": CALLS}
        case "users.info":
            return {"user": {"id": arguments(body)["user"], "team_id": WORKSPACE["team_id"]}}
    return ALIKE.get(method, {})


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
